//! SignalR, the way hubs and their clients talk: a handshake, then messages, in MessagePack or in JSON.
//!
//! # Where things are
//!
//! - [`HandshakeRequest`] and [`HandshakeResponse`] are the first that either side says, always as JSON.
//! - [`Frames`] and [`Records`] cut a stream into messages, for
//!   [`FrameDecoder`](crate::wire::FrameDecoder): lengths in front of them for MessagePack, a byte `1e` behind
//!   them for JSON and for handshakes.
//! - [`Message`] is any message, in either [`Encoding`]. What it carries is not read before it is asked for:
//!   it is passed on byte for byte, or read as [`Value`]s.
//!
//! ```
//! use lobbywire_core::signalr::{Encoding, Frames, Message};
//! use lobbywire_core::wire::FrameDecoder;
//!
//! let mut frames = FrameDecoder::new(Frames::new(), [0; 1024]);
//! frames.push(b"\x1a\x96\x01\x80\xa1\x31\xb1StartWatchingUser\x91\x02\x90");
//! let frame = frames.next_frame().unwrap()?;
//! match Message::read(frame, Encoding::MessagePack)? {
//!     Message::Invocation(call) => assert_eq!((call.target, call.arguments.len()), ("StartWatchingUser".into(), 1)),
//!     other => println!("{other:?}"),
//! }
//! # Ok::<(), lobbywire_core::wire::Error>(())
//! ```
//!
//! # Sources
//!
//! ASP.NET Core's SignalR of .NET 8 to 10 and its client in JavaScript, 10.0; hub protocol versions 1 and 2.

mod framing;
mod handshake;
mod json;
#[cfg(feature = "laws")]
pub mod laws;
mod message;
mod messagepack;
mod value;

pub use framing::{Frames, LARGEST_FRAME, RECORD_END, Records};
pub use handshake::{HandshakeRequest, HandshakeResponse};
pub use message::{
    CancelInvocation, Close, Completion, CompletionResult, Invocation, Message, StreamInvocation, StreamItem,
    WriteError, WriteInvocation,
};
pub use value::{Arguments, Headers, StreamIds, Text, Value};

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Encoding {
    /// Arrays of MessagePack, each with its length in front of it; the spectator's, multiplayer's and
    /// metadata's hubs of osu!lazer.
    MessagePack,
    /// Objects of JSON, each with a byte `1e` behind it; the referee's hub.
    Json,
}

impl Encoding {
    /// The name that a handshake has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessagePack => "messagepack",
            Self::Json => "json",
        }
    }
}
