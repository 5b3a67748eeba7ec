//! Owned versions of the packets in [`client`](super::client) and [`server`](super::server), and of the structs in
//! [`types`](super::types).
//!
//! Every packet and struct has an owned version with the same name and the same fields, in which strings are `String`s
//! and lists are `Vec`s. A type that borrows nothing is its own owned version. Owned packets are `Clone`, `Send`, `Sync`
//! and `'static`. [`IntoOwned::into_owned`] creates one, and [`AsBorrowed::as_borrowed`] borrows from one, without
//! losing anything. Everything that takes an [`Encode`](super::Encode) accepts owned packets.
//!
//! The structs are non-exhaustive, like the borrowed ones: see [Compatibility](lobbywire_core#compatibility).
//!
//! ```
//! use lobbywire::bancho::{IntoOwned, Outbox, Version, owned, server};
//!
//! // A match that the server stores and changes.
//! let mut room = owned::Match { id: 7, name: "lobby".to_owned(), ..Default::default() };
//! room.name.push_str(" of peppy");
//!
//! let mut out = Outbox::new(Version::from_build(20140127));
//! out.write(&owned::server::MatchUpdate(room))?;
//!
//! // A message that outlives the buffer it was received in.
//! let line = server::Message::new("peppy", "hi", "#osu").into_owned();
//! assert_eq!(line.sender, "peppy");
//! # Ok::<(), lobbywire::bancho::WriteError>(())
//! ```
//!
//! # As JSON
//!
//! With the feature `serde`, owned and borrowed packets serialize to the JSON of the command-line tool, and owned ones
//! deserialize from it. A packet is `{"packet": NAME, "data": VALUE}`, structs are objects with chio's field names,
//! enumerations and flags are numbers. Fields that are missing or `null` have their defaults, numbers saturate, and
//! unknown fields are ignored. Formats without field names are not supported.
//!
//! ```
//! # #[cfg(feature = "serde")] {
//! use lobbywire::bancho::owned::{self, server};
//!
//! let packet: server::Packet = serde_json::from_str(
//!     r##"{"packet": "BanchoMessage", "data": {"sender": "peppy", "content": "hi", "target": "#osu"}}"##,
//! )?;
//! let message = owned::Message {
//!     sender: "peppy".to_owned(), content: "hi".to_owned(), ..Default::default()
//! };
//! assert_eq!(packet, server::Message(message).into());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod owned_macro;
mod packets;
mod types;

#[cfg(feature = "serde")]
mod in_place;

pub use owned_macro::{AsBorrowed, IntoOwned};
pub use packets::{Unknown, client, server};
pub use types::{
    Avatar, BeatmapInfo, BeatmapInfoReply, BeatmapInfoRequest, Channel, Match, MatchJoin, Message,
    ReplayFrameBundle, ScoreFrame, TitleUpdate, UserInfo, UserPresence, UserQuit, UserStatus, UserUpdate,
    UsernameChange, Users,
};
