//! osu! Bancho: every client version from 2008 to 2025, in both directions.
//!
//! # Where things are
//!
//! - [`Version`]: the version of a client. [`CLASSES`] is the table of all versions.
//! - [`client`] and [`server`]: the packets of each side. Names are those of chio without the prefixes `Osu`
//!   and `Bancho`. [`types`] contains their contents.
//! - [`FrameWriter`] writes packets as frames. [`client::packets`] and [`server::packets`] read packets from a
//!   slice, [`FrameDecoder`] from a stream. [`Frames`] splits a slice into frames.
//! - [`PayloadWriter`] and [`PayloadReader`]: custom layouts. [`PayloadOverrides`] use them in place of the
//!   layouts of this crate.
//! - [`login`]: the data that a client sends before the first packet.
//! - [`compat`]: downgrade rules for older clients.
//! - [`Transcoder`]: conversion of packets between versions.
//! - [`explain`]: the location of an error in a packet.
//!
//! # Sources
//!
//! The layouts are those of chio, byte for byte, except where real clients or other servers prove it wrong. The
//! exceptions and their reasons are listed in the repository's `ci/oracle/differences.py`.

mod any_text;
mod change;
mod country;
mod decoder;
mod dialect;
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
mod overrides;
mod packet;
mod packet_id;
mod packet_info;
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
mod version_span;
mod writer;

pub mod compat;
#[cfg(test)]
mod exhaustive;
pub mod forms;
#[cfg(feature = "serde")]
#[doc(hidden)] // for the owned packets, which have the same JSON
pub mod json;
#[cfg(feature = "laws")]
pub mod laws;
pub mod login;

#[doc(hidden)]
pub use any_text::map_text;
pub use any_text::repair_text;
pub use change::{Change, ChangeKind};
pub use country::{COUNTRIES, Country, country, country_by_name, country_index};
pub use decoder::FrameDecoder;
pub use dialect::{Dialect, Fixed};
pub use frame::{Frame, Frames, Limits};
pub use framing::BanchoFraming;
#[doc(hidden)]
pub use list::BorrowElement;
pub use list::{Iter, List};
pub use mode::Mode;
pub use mods::{Mods, UnknownAcronym};
pub use overrides::{NoOverrides, PayloadOverrides};
#[doc(hidden)]
pub use packet::KindVisitor;
pub use packet::{Decode, Encode, Unknown};
pub use packet_id::{PacketId, Side};
pub use packet_info::{PacketInfo, PacketKind};
pub use packet_iter::{AnyPacket, Packets};
pub use packets::{all_packets, client, packet_by_name, server};
pub use payload::{PayloadReader, PayloadWriter};
pub use results::Md5Hex;
pub use trace::{FieldPath, explain, explain_lossy};
pub use transcode::{TranscodeError, Transcoder};
pub use version::{CLASSES, Class, Compression, MAX_SLOTS, NotAVersion, Version};
#[doc(hidden)] // for caches of frames in the adapter
pub use version_span::{VersionProbe, VersionSpan};
pub use writer::{FrameWriter, WriteError};
