//! The lobby protocol of Forged Alliance Forever: everything in [`lobbywire_core::faf`], plus owned types and
//! streams.
//!
//! # Where things are
//!
//! - [`Connection`] reads and writes lobby messages over any tokio stream, in either framing. `WebSocket` (feature `websocket`) turns
//!   a WebSocket into such a stream. [`Codec`] works on buffers instead of streams.
//! - [`Received`] is a received message. [`Received::client`] and [`Received::server`] decode it into a typed
//!   [`client::Message`] or [`server::Message`]; unknown fields are kept.
//! - [`Json`] is any JSON value, in the form in which the lobby server writes it.
//! - [`gpgnet`]: commands between the game and its adapter, and the connection that carries them.
//! - [`json_rpc`]: calls and notifications between clients and ice adapters.
//!
//! New versions of this crate may add fields to messages: create them with `..Default::default()`, and match
//! them with `..`.
//!
//! ```
//! use lobbywire::faf::{Connection, Framing, client, server};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (near, far) = tokio::io::duplex(1024);
//! let (mut lobby, mut player) = (Connection::new(near, Framing::SimpleJson), Connection::new(far, Framing::SimpleJson));
//!
//! player.send(&client::AskSession { user_agent: Some("example".into()), ..Default::default() }).await?;
//! match lobby.read().await?.expect("the player is connected").client()? {
//!     client::Message::AskSession(asked) => println!("{:?}", asked.user_agent),
//!     other => println!("{}", other.command()),
//! }
//! lobby.send(&server::Session { session: 4294967294, ..Default::default() }).await?;
//! assert_eq!(player.read().await?.unwrap().text(), r#"{"command":"session","session":4294967294}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
#[cfg(feature = "tokio")]
mod connection;
mod decode;
mod json;
mod message_types;
mod messages;
mod received;
#[cfg(feature = "websocket")]
mod websocket;

pub mod gpgnet;
pub mod json_rpc;

pub use lobbywire_core::faf::*;

pub use codec::{Codec, FrameError, Framing, Options};
#[cfg(feature = "tokio")]
pub use connection::{Connection, Reader, Sender};
pub use json::{Json, Number, Secret, Urls};
pub use message_types::{Extra, Map};
pub use messages::{
    AvatarInfo, IceServer, PartyMember, Player, Queue, Rating, Team, Timeout, Veto, client, server,
};
pub use received::{DecodeError, Received, Unknown};
#[cfg(feature = "websocket")]
pub use websocket::WebSocket;

use lobbywire_core::faf::Message as BorrowedMessage;

/// Why a connection returned no message.
pub type ReadError = crate::ReadError<FrameError>;

/// Why a message was not sent.
pub type SendError = crate::SendError<WriteError>;

impl From<WriteError> for SendError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// A field that is always present, but whose value may be `null`.
pub type Nullable<T> = Option<T>;

/// The bare keyword that QDataStream uses instead of a JSON object for this command, if any.
fn keyword(command: &str, extra: &Extra, mode: Mode) -> Result<Option<&'static str>, WriteError> {
    let keyword = match command {
        "ping" => "PING",
        "pong" => "PONG",
        _ => return Ok(None),
    };
    if mode.is_lenient() || extra.is_empty() { Ok(Some(keyword)) } else { Err(WriteError::ExtraKeys) }
}
