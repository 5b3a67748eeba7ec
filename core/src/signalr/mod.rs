//! The SignalR hub protocol: a handshake, then messages in MessagePack or JSON.
//!
//! - [`HandshakeRequest`] and [`HandshakeResponse`] are the first message of each end, always in JSON.
//! - [`Frames`] and [`Records`] split a stream into messages with a
//!   [`FrameDecoder`](crate::wire::FrameDecoder): `Frames` by the length before each MessagePack message,
//!   `Records` by the byte `1e` after each JSON message and each handshake.
//! - [`Message`] is a message in either [`Encoding`]. Arguments, results and items are borrowed as encoded
//!   [`Value`]s, which can be decoded or forwarded byte for byte.
//!
//! [`Message::read`] checks the message, but not its values: a malformed argument affects only its call, as in .NET.
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
//! ASP.NET Core SignalR of .NET 8 to 10, and its JavaScript client 10.0; hub protocol versions 1 and 2.

mod codec;
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
    WriteError,
};
pub use messagepack::WriteInvocation;
pub use value::{Arguments, Headers, StreamIds, Text, Value};

/// The encoding of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Encoding {
    /// MessagePack arrays, each after its length. osu!lazer's spectator, multiplayer and metadata hubs use it.
    MessagePack,
    /// JSON objects, each followed by the byte `1e`. osu!lazer's referee hub uses it.
    Json,
}

impl Encoding {
    /// The name of the encoding in a handshake: `messagepack` or `json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessagePack => "messagepack",
            Self::Json => "json",
        }
    }
}
