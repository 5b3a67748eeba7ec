//! How much a peer may make us keep.

use super::{Limits, Side};

/// Limits and switches of a connection.
///
/// What a connection keeps is bounded by them, whatever the peer sends: a buffer of at most
/// [`read_buffer`](Self::read_buffer), one of at most [`write_buffer`](Self::write_buffer), and the one
/// packet that is being inflated. Buffers grow with the bytes that have come, never by a length that
/// is only claimed, and a large one is given back once it is empty.
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
    /// How large a packet may be that is read, on the wire and inflated. Larger ones are
    /// [`FrameError`](super::FrameError), and passed over.
    pub limits: Limits,
    /// The most bytes of received frames that wait for the rest of one. A larger frame is refused,
    /// also where the limits would let it through.
    pub read_buffer: usize,
    /// The most bytes that wait to be sent. What does not fit is not written:
    /// [`WriteError::Full`](super::WriteError::Full).
    pub write_buffer: usize,
    /// How many packets that have come together a [`Connection`](super::Connection) gives one after
    /// the other, before it lets other tasks run once: so nobody keeps a whole thread busy with
    /// small packets. At least one.
    pub packets_per_read: usize,
    /// Whether payloads are compressed, in the versions that do (chio's `disable_compression`, the
    /// other way round). Without it, versions from b334 on are sent plain payloads, and those before,
    /// which can't be, payloads that are stored in gzip as they are.
    pub compresses: bool,
}

impl Options {
    /// For a server: what clients may send is [`Limits::FROM_CLIENT`].
    pub const fn server() -> Self {
        Self::reading(Side::Client)
    }

    /// For a client: what servers may send is [`Limits::FROM_SERVER`].
    pub const fn client() -> Self {
        Self::reading(Side::Server)
    }

    /// For one who reads what this side sends.
    pub const fn reading(side: Side) -> Self {
        let limits = Limits::from(side);
        Self {
            limits,
            read_buffer: limits.largest_frame(),
            write_buffer: 4 << 20,
            packets_per_read: 128,
            compresses: true,
        }
    }
}
