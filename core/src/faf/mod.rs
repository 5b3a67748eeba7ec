//! The lobby protocol of Forged Alliance Forever: messages between clients, games and the server.
//!
//! # Where things are
//!
//! - [`Message`]: a lobby message, a JSON object with a `command`. Routing one does not build a tree.
//! - [`qdatastream`] and [`simple_json`]: the two framings of the lobby over TCP.
//! - [`gpgnet`]: commands between the game, its adapter and the server, in the binary form or in lobby messages,
//!   with a type for each.
//! - [`json_rpc`]: the framing between clients and adapters; [`ice`]: the datagrams between adapters.
//! - [`replay`]: the start of a replay stream.
//!
//! [`FrameDecoder`](crate::wire::FrameDecoder) splits a stream into frames, with the framing type of each
//! module.
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
//! # Ok::<(), lobbywire_core::faf::Error>(())
//! ```
//!
//! # Sources
//!
//! The reference is version 1.15.0 of FAForever's server; the vectors in this crate's tests were produced by
//! its decoder. [`Mode::Strict`] rejects what its Python code accepts by accident.

mod encoding;
mod error;
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

pub use error::{Error, ErrorKind};
pub use message::{Message, MessageIndex};
pub use write::{Body, WriteError};

use crate::wire::JsonSyntax;

/// Whether to accept only well-formed input, or everything that FAF's server accepts.
///
/// Connections of the lobby are strict by default, connections of the game lenient.
///
/// # Typed messages
///
/// The messages of the crate `lobbywire`, `faf::client` and `faf::server`, have the declared types in the strict mode. In
/// the lenient mode they are converted as the server's Python code converts them:
///
/// | declared | also accepted |
/// |---|---|
/// | any | `null`: missing for optional fields, the default value (empty, 0, false) for required ones |
/// | string | a number or boolean: its JSON text |
/// | integer | digits in a string; a number with a fraction, which is removed; a boolean |
/// | number | a number in a string; a boolean; `NaN` and `Infinity` |
/// | boolean | any value: false for 0 and for empty strings, arrays and objects |
/// | `args` of GPGNet | a string: its characters; an object: its names |
///
/// A required field that is missing gets the default value in messages of the server, because older and newer servers
/// have other fields. In messages of clients it stays an error, as for the server. Values that cannot be converted are
/// errors in both modes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Mode {
    /// Accepts well-formed input only.
    #[default]
    Strict,
    /// Accepts what the server accepts, and decodes it as the server does: more than one string in a block,
    /// `NaN`, lone surrogates, UTF-16 instead of UTF-8, a last line without a line feed, objects without a
    /// `command`. GPGNet strings need not be valid UTF-8.
    Lenient,
}

impl Mode {
    /// Returns the JSON syntax of this mode.
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

/// The largest block or line that the server accepts, in bytes: 10 MiB. The default limit of the framings.
pub const LARGEST_FRAME: usize = 10 << 20;
