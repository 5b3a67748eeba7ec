//! The lobby of Forged Alliance Forever: what clients, games and the server say to each other.
//!
//! # Where things are
//!
//! - [`Message`]: a lobby message, a JSON object with a `command`; routed by that without a tree of it.
//! - [`qdatastream`] and [`simple_json`]: the two framings of the lobby over TCP.
//! - [`gpgnet`]: what the game says to its adapter and hears from it, as binary or inside of lobby
//!   messages; typed commands of both directions.
//! - [`json_rpc`]: what clients and adapters say to each other; [`ice`]: what adapters send to each other.
//! - [`replay`]: how a replay stream begins.
//!
//! Streams in pieces are cut into frames by [`FrameDecoder`](crate::wire::FrameDecoder), with the framing of
//! the module at hand.
//!
//! ```
//! use lobbywire_core::faf::{Message, Mode, simple_json};
//! use lobbywire_core::wire::FrameDecoder;
//!
//! let mut lines = FrameDecoder::new(simple_json::Lines::new(Mode::Strict), [0; 1024]);
//! lines.push(b"{\"command\":\"ask_session\",\"user_agent\":\"me\"}\n{\"comm");
//! let line = lines.next_frame().unwrap()?;
//! let message = simple_json::read(line, Mode::Strict, &mut [])?.unwrap();
//! assert_eq!(message.command(), "ask_session");
//! assert!(lines.next_frame().is_none());
//! # Ok::<(), lobbywire_core::wire::Error>(())
//! ```
//!
//! # Sources
//!
//! The server is FAForever's 1.15.0, whose decoder was fed with what stands in this crate's tests. What its
//! Python accepts by accident, [`Mode::Strict`] refuses.

mod encoding;
mod legacy;
mod message;
mod write;

pub mod gpgnet;
pub mod ice;
pub mod json_rpc;
#[cfg(feature = "laws")]
pub mod laws;
pub mod qdatastream;
pub mod replay;
pub mod simple_json;

pub use message::{Message, MessagePlaces};
pub use write::{Body, WriteError};

use crate::wire::JsonSyntax;

/// How much of what the server of FAForever takes is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Mode {
    /// What is well-formed, and nothing else.
    #[default]
    Strict,
    /// What the server takes, which is read as it reads it: strings behind the first one, `NaN`, half
    /// surrogate pairs, UTF-16 where UTF-8 should be, a last line without its end.
    Lenient,
}

impl Mode {
    /// What is JSON in this mode.
    pub const fn json(self) -> JsonSyntax {
        match self {
            Self::Strict => JsonSyntax::STRICT,
            Self::Lenient => JsonSyntax::PYTHON,
        }
    }

    /// Whether it is [`Lenient`](Self::Lenient).
    pub const fn is_lenient(self) -> bool {
        matches!(self, Self::Lenient)
    }
}

/// The most bytes of a block or line that the server takes, 10 MiB, and so the usual limit here.
pub const LARGEST_FRAME: usize = 10 << 20;
