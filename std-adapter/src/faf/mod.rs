//! The lobby of Forged Alliance Forever on streams: all of [`lobbywire_core::faf`], and what needs a heap or an
//! operating system.
//!
//! # Where things are
//!
//! - [`Connection`] reads and writes lobby messages over anything of tokio that reads and writes, in either
//!   framing; [`WebSocket`] makes such a stream of a WebSocket. [`Codec`] takes messages from a buffer.
//! - [`Received`] is what they read, the text as it came; [`client::Message`] and [`server::Message`] are what it
//!   says, with names for its fields. What is not known here is kept.
//! - [`Json`] is a value of any form, as the server writes it.
//! - [`gpgnet`]: commands to and from the game, and the adapter's end of its connection.
//! - [`json_rpc`]: what clients and ice adapters say to each other.
//!
//! ```
//! use lobbywire::faf::{Connection, Framing, client, server};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (near, far) = tokio::io::duplex(1024);
//! let (mut lobby, mut player) = (Connection::new(near, Framing::SimpleJson), Connection::new(far, Framing::SimpleJson));
//!
//! player.send(&client::AskSession { user_agent: Some("example".into()), ..Default::default() }).await?;
//! match lobby.read().await?.expect("the player is there")?.client()? {
//!     client::Message::AskSession(asked) => println!("{:?}", asked.user_agent),
//!     other => println!("{}", other.command()),
//! }
//! lobby.send(&server::Session { session: 4294967294, ..Default::default() }).await?;
//! assert_eq!(player.read().await?.unwrap()?.text(), r#"{"command":"session","session":4294967294}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
#[cfg(feature = "tokio")]
mod connection;
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
pub use connection::{Connection, Reader, SendError, Sender};
pub use json::{Json, Number, Secret};
pub use message_types::{Extra, Map};
pub use messages::{
    AvatarInfo, IceServer, PartyMember, Player, Queue, Rating, Team, Timeout, Veto, client, server,
};
pub use received::{MessageError, Received, Unknown};
#[cfg(feature = "websocket")]
pub use websocket::WebSocket;

use lobbywire_core::faf::Message as BorrowedMessage;

/// A value that is `null` at times, where it is not simply missing.
pub type Nullable<T> = Option<T>;

/// The word of QDataStream that stands for a message with this command.
fn word(command: &str, extra: &Extra, mode: Mode) -> Result<Option<&'static str>, WriteError> {
    let word = match command {
        "ping" => "PING",
        "pong" => "PONG",
        _ => return Ok(None),
    };
    if mode.is_lenient() || extra.is_empty() { Ok(Some(word)) } else { Err(WriteError::ExtraKeys) }
}
