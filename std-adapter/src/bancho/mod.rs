//! osu! Bancho on streams: re-exports [`lobbywire_core::bancho`], and adds what needs an allocator or an operating
//! system.
//!
//! # Overview
//!
//! - [`Connection`] reads and writes packets on tokio streams, [`blocking::Connection`] on streams of the standard
//!   library. [`Codec`] is a codec for `tokio_util::codec::Framed`, and also reads packets from an HTTP body.
//! - [`Received`] is a received frame. [`client`](Received::client) and [`server`](Received::server) decode its packet.
//!   A malformed frame is a [`FrameError`]: only that packet is lost.
//! - [`Batch`] holds several whole frames in one buffer, for proxies that decode few of them. [`Codec::next_batch`]
//!   returns it.
//! - [`owned`]: packets that own their data, with the feature `serde` also as JSON.
//! - [`Outbox`] encodes packets into a growable buffer, and compresses them.
//! - [`Broadcast`] encodes a packet once for each distinct layout among its receivers, as [`SharedFrames`].
//! - [`Overrides`] replace the payload layout of packets in some versions.
//! - [`Bridge`] translates between a client and a server of different versions, and keeps the state of the users.
//! - [`Options`] limits the memory that a peer can make a connection use.

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
pub use options::{Options, TextMode};
pub use outbox::Outbox;
pub use overrides::{Builds, Overrides};
pub use owned::{AsBorrowed, IntoOwned};
pub use received::{FrameError, Received};
#[cfg(feature = "serde")]
pub use received_json::to_json;
pub use users::MemoryLimits;

/// Why a connection returned no packet.
pub type ReadError = crate::ReadError<FrameError>;

/// Why a packet was not sent.
pub type SendError = crate::SendError<WriteError>;
