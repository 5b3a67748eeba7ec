//! Limits of a connection.

use super::{Limits, Side};

/// How text that is not valid UTF-8 is decoded.
///
/// Raw bytes are available in both modes: [`Received::payload`](super::Received::payload) and
/// [`Received::frame`](super::Received::frame). Forwarded frames keep them, and so does a [`Bridge`](super::Bridge).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TextMode {
    /// As .NET, which the game is written in: each invalid part becomes U+FFFD, as in [`String::from_utf8_lossy`].
    #[default]
    Lossy,
    /// The packet is malformed: [`ErrorKind::Utf8`](crate::wire::ErrorKind::Utf8).
    Strict,
}

/// Limits and settings of a connection.
///
/// They bound the memory of a connection, whatever the peer sends: a read buffer, a send buffer, and the one
/// packet that is being inflated. Buffers grow with the received bytes and never by an announced length, and a
/// large buffer is freed when it is empty.
///
/// ```
/// use lobbywire::bancho::{Connection, Options, Version};
///
/// let mut options = Options::server();
/// options.limits.payload = 16 << 10;
/// options.compresses = false;
/// let (stream, _) = tokio::io::duplex(64);
/// let connection = Connection::server(stream, Version::LATEST).with_options(options);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The largest packets that are accepted, on the wire and inflated. A larger one is skipped and reported as a
    /// [`FrameError`](super::FrameError).
    pub limits: Limits,
    /// The size limit of the read buffer, in bytes. A larger frame is rejected, even if it is within
    /// [`limits`](Self::limits).
    pub read_buffer: usize,
    /// The size limit of the send buffer, in bytes. A packet that does not fit is not written:
    /// [`WriteError::Full`](super::WriteError::Full).
    pub write_buffer: usize,
    /// How many buffered packets a [`Connection`](super::Connection) returns before it lets other tasks run once,
    /// so that a peer with many small packets does not occupy a thread. At least 1.
    pub packets_per_read: usize,
    /// Whether text that is not valid UTF-8 is repaired or rejected. Default: [`TextMode::Lossy`]. Packets that
    /// [`Overrides`](super::Overrides) read are never repaired, because their layout is unknown; see
    /// [`PayloadReader::text_bytes`](super::PayloadReader::text_bytes).
    pub text: TextMode,
    /// Whether payloads are compressed, in the versions that support it: the opposite of chio's
    /// `disable_compression`. If not, payloads are plain from b334 on; before, they must be gzip and are stored
    /// uncompressed in it.
    pub compresses: bool,
}

impl Options {
    /// For a server, which accepts [`Limits::FROM_CLIENT`].
    pub const fn server() -> Self {
        Self::reading(Side::Client)
    }

    /// For a client, which accepts [`Limits::FROM_SERVER`].
    pub const fn client() -> Self {
        Self::reading(Side::Server)
    }

    /// For the peer that reads what `side` sends.
    pub const fn reading(side: Side) -> Self {
        let limits = Limits::from(side);
        Self {
            limits,
            read_buffer: limits.largest_frame(),
            write_buffer: 4 << 20,
            packets_per_read: 128,
            text: TextMode::Lossy,
            compresses: true,
        }
    }
}
