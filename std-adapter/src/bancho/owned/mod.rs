//! Packets that own what they carry: the twins of [`client`](super::client), [`server`](super::server)
//! and [`types`](super::types).
//!
//! Every packet and every structure has a twin of the same name and with the same fields, in which
//! strings are `String`s and lists are `Vec`s; what borrows nothing is its own twin. They are what a
//! program keeps: `Clone`, `Send`, `Sync` and `'static`. [`IntoOwned::into_owned`] makes one,
//! [`AsBorrowed::as_borrowed`] lends the packet that it is the twin of, and nothing is lost on either
//! way. Owned packets are written like borrowed ones, by everything that takes an
//! [`Encode`](super::Encode).
//!
//! ```
//! use lobbywire::bancho::{IntoOwned, Outbox, Version, owned, server};
//!
//! // A room that the server keeps, and changes.
//! let mut room = owned::Match { id: 7, name: "lobby".to_owned(), ..Default::default() };
//! room.name.push_str(" of peppy");
//!
//! let mut out = Outbox::new(Version::from_build(20140127));
//! out.write(&owned::server::MatchUpdate(room))?;
//!
//! // A line that is kept beyond the buffer that it came in.
//! let line = server::Message::new("peppy", "hi", "#osu").into_owned();
//! assert_eq!(line.sender, "peppy");
//! # Ok::<(), lobbywire::bancho::WriteError>(())
//! ```
//!
//! # As JSON
//!
//! With the feature `serde`, they and the borrowed packets are serialized in the shape of the tool, and
//! they are read from it: a packet is `{"packet": NAME, "data": VALUE}`, structures are objects with
//! chio's field names, enumerations and flags are numbers. Fields that are missing or `null` have their
//! defaults, numbers that are too large or too small are brought to the nearest that fits, and unknown
//! fields are passed over. Formats that don't name their fields can't be read.
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
