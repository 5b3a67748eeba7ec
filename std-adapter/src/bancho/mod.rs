//! osu! Bancho on streams: all of [`lobbywire_core::bancho`], and what needs a heap or an operating
//! system.
//!
//! # Where things are
//!
//! - [`Connection`] reads and writes packets over anything of tokio that reads and writes;
//!   [`blocking::Connection`] over anything of the standard library. [`Codec`] makes a `Stream` and a
//!   `Sink` of it, with `tokio_util::codec::Framed`, and takes packets from an HTTP body.
//! - [`Received`] is what they read: a frame, owned, whose packet [`client`](Received::client) or
//!   [`server`](Received::server) gives. A frame that can't be read is a [`FrameError`]: one packet is
//!   lost, not the stream.
//! - [`Batch`] is what [`Codec::next_batch`] gives to those who read little of what they pass on: whole frames in one
//!   piece.
//! - [`owned`]: packets that own what they carry, to be kept and changed; with the feature `serde` as JSON
//!   too.
//! - [`Outbox`] is what they write into: frames in a buffer that grows, really compressed.
//! - [`Broadcast`] writes a packet once for each distinct layout among its receivers; [`SharedFrames`] is
//!   what it gives.
//! - [`Overrides`] replace how packets are written and read in some versions.
//! - [`Bridge`] stands between a client and a server of different versions, with a memory of the users.
//! - [`Options`] says how much a peer may make us keep.

#[cfg(feature = "tokio")]
mod connection;
#[cfg(feature = "tokio")]
mod framed;

mod batch;
mod bridge;
mod broadcast;
mod codec;
mod connection_macro;
mod gzip;
mod options;
mod outbox;
mod overrides;
mod read_buffer;
mod received;
#[cfg(feature = "serde")]
mod received_json;
mod users;
mod version_span;

pub mod blocking;
#[cfg(feature = "laws")]
pub mod laws;
pub mod owned;

pub use lobbywire_core::bancho::*;

pub use batch::Batch;
#[cfg(feature = "tokio")]
pub use batch::BatchCodec;
pub use bridge::Bridge;
pub use broadcast::{Broadcast, SharedFrames};
pub use codec::Codec;
#[cfg(feature = "tokio")]
pub use connection::{Connection, Reader, Writer};
pub use gzip::Gzip;
pub use options::Options;
pub use outbox::Outbox;
pub use overrides::{Builds, Overridden, Overrides};
pub use owned::{AsBorrowed, IntoOwned};
pub use received::{FrameError, Received};
#[cfg(feature = "serde")]
pub use received_json::to_json;
pub use users::MemoryLimits;

/// Why a connection returned no packet.
pub type ReadError = crate::ReadError<FrameError>;

/// Why a packet was not sent.
pub type SendError = crate::SendError<WriteError>;
