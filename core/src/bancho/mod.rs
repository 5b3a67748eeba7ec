//! osu! Bancho: every client version from 2008 to 2025, in both directions.
//!
//! # Where things are
//!
//! - [`Version`]: which client one speaks to; [`CLASSES`] is the table of all.
//! - [`client`] and [`server`]: the packets, each a type of its own, named as in chio without the
//!   `Osu` or `Bancho` in front: the path says who sends it. [`types`] is what they carry.
//! - [`FrameWriter`] writes packets as frames. [`client::packets`] and [`server::packets`] read
//!   them from a slice, [`FrameDecoder`] from a stream in pieces, [`Frames`] only walks.
//! - [`PayloadWriter`] and [`PayloadReader`]: layouts by hand, for packets of one's own. A [`Dialect`]
//!   may have some in place of this crate's.
//! - [`login`]: what a client says before the first packet.
//! - [`compat`]: what old versions are told instead of what they don't know.
//! - [`explain`]: which field of a packet is damaged.
//!
//! # Sources
//!
//! The layouts are those of chio 1.1.20, to the byte, but where real clients or other servers prove
//! it wrong; those places are listed, with reasons, in the repository's `ci/oracle/differences.py`.

mod country;
mod decoder;
#[cfg(any(feature = "embedded-io-v0.7", feature = "embedded-io-async-v0.7"))]
mod embedded;
mod frame;
mod framing;
mod layout;
mod links;
mod list;
mod mode;
mod mods;
mod number;
mod packet;
mod packet_id;
mod packet_iter;
mod payload;
#[macro_use]
pub mod types;
#[macro_use]
mod packets;
mod results;
mod trace;
mod transcode;
mod version;
mod writer;

pub mod compat;
#[cfg(test)]
mod exhaustive;
pub mod forms;
#[cfg(feature = "serde")]
#[doc(hidden)] // for the twins that own, which have the same shape
pub mod json;
#[cfg(feature = "laws")]
pub mod laws;
pub mod login;

pub use country::{COUNTRIES, Country, country, country_by_name, country_index};
pub use decoder::FrameDecoder;
pub use frame::{Frame, Frames, Limits};
pub use framing::BanchoFraming;
#[doc(hidden)]
pub use list::BorrowElement;
pub use list::{Iter, List};
pub use mode::Mode;
pub use mods::{Mods, UnknownAcronym};
pub use packet::{Decode, Encode, PacketInfo, PacketKind, Unknown};
pub use packet_id::{PacketId, Side};
pub use packet_iter::{AnyPacket, Packets};
pub use packets::{all_packets, client, packet_by_name, server};
pub use payload::{PayloadReader, PayloadWriter, ReadPayload, WritePayload};
pub use results::Md5Hex;
pub use trace::{FieldPath, explain};
pub use transcode::{Loss, TranscodeError, Transcoder};
pub use version::{CLASSES, Class, Compression, Dialect, Fixed, MAX_SLOTS, NotAVersion, Version};
pub use writer::{FrameWriter, WriteError};
