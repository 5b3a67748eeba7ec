//! Encodes and decodes messages in buffers, in either framing.

use super::qdatastream::Blocks;
use super::simple_json::Lines;
use super::{Body, Error, LARGEST_FRAME, Mode, Received, WriteError, qdatastream, simple_json};
use crate::wire::{self, Deframed, Deframer, End, Skip, SliceSink};
use bytes::{Buf, BytesMut};
use std::fmt;

/// How messages are framed in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Length-prefixed blocks of UTF-16 strings: port 8001 of the server.
    QDataStream,
    /// One JSON object a line: port 8002 of the server, and its WebSockets.
    SimpleJson,
}

/// Limits and mode of a connection or [`Codec`].
///
/// Memory is bounded by these limits whatever the peer sends: buffers grow with received bytes, never by a
/// claimed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The largest message on the wire, in bytes. Default: 10 MiB, the server's own limit. 64 KiB is enough
    /// before login.
    pub limit: usize,
    /// Whether to accept only well-formed messages of the declared types, or everything that FAF's server accepts: see
    /// [`Mode`]. Default: strict.
    pub mode: Mode,
    /// The most bytes in the send buffer. Default: 16 MiB. Messages that do not fit are refused.
    pub write_buffer: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: LARGEST_FRAME, mode: Mode::Strict, write_buffer: 16 << 20 }
    }
}

/// The deframer of either framing.
#[derive(Clone, Debug)]
enum Frames {
    Blocks(Blocks),
    Lines(Lines),
}

impl wire::Framing for Frames {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed<Error> {
        match self {
            Self::Blocks(blocks) => blocks.deframe(bytes, seen),
            Self::Lines(lines) => lines.deframe(bytes, seen),
        }
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        match self {
            Self::Blocks(blocks) => blocks.give_up(bytes, needed),
            Self::Lines(lines) => lines.give_up(bytes, needed),
        }
    }

    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        match self {
            Self::Blocks(blocks) => blocks.end(bytes),
            Self::Lines(lines) => lines.end(bytes),
        }
    }
}

/// Decodes messages from a buffer and encodes messages into one.
///
/// ```
/// use lobbywire::faf::{Codec, Framing, Message};
///
/// let mut codec = Codec::new(Framing::SimpleJson);
/// let mut buffer = b"{\"command\":\"ping\"}\n{\"comm"[..].into();
/// assert_eq!(codec.next_message(&mut buffer).unwrap()?.command(), "ping");
/// assert!(codec.next_message(&mut buffer).is_none());
/// # Ok::<(), lobbywire::faf::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Codec {
    framing: Framing,
    options: Options,
    deframer: Deframer<Frames>,
    /// The position in the stream of the buffer's first byte.
    position: u64,
    scratch: Vec<u8>,
}

impl Codec {
    /// Creates a codec with the default options.
    pub fn new(framing: Framing) -> Self {
        Self::with_options(framing, Options::default())
    }

    /// Creates a codec with these options.
    pub fn with_options(framing: Framing, options: Options) -> Self {
        let Options { limit, mode, .. } = options;
        let frames = match framing {
            Framing::QDataStream => Frames::Blocks(Blocks { limit, mode }),
            Framing::SimpleJson => Frames::Lines(Lines { limit, mode }),
        };
        Self { framing, options, deframer: Deframer::new(frames), position: 0, scratch: Vec::new() }
    }

    /// Returns the framing.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many bytes of the stream have been consumed, including skipped ones.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream may end here, that is, no message is incomplete.
    pub fn is_between_messages(&self, received: &BytesMut) -> bool {
        self.deframer.is_between_frames(received)
    }

    /// Removes the next message from the start of `received`; `None` if bytes are missing. The lenient mode
    /// skips empty lines.
    ///
    /// # Errors
    /// A message that is malformed or too large. It is removed, or skipped as its bytes arrive; the next call
    /// continues after it.
    pub fn next_message(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        loop {
            let count = self.deframer.skip(received);
            self.take(received, count);
            let at = self.position;
            let len = match self.deframer.next(received, usize::MAX)? {
                Ok(len) => len,
                Err(error) => return Some(Err(FrameError { error, position: at })),
            };
            let message = self.message(received.get(..len).unwrap_or_default(), at);
            self.take(received, len);
            if let Some(message) = message.transpose() {
                return Some(message);
            }
        }
    }

    /// Returns what is left at the end of the stream: a last line without a line feed, or an error.
    pub fn finish(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        let count = self.deframer.skip(received);
        self.take(received, count);
        let (at, last) = (self.position, self.deframer.finish(received));
        let message = match last {
            None => None,
            Some(Ok(_)) => self.message(received, at).transpose(),
            Some(Err(error)) => Some(Err(FrameError { error, position: at })),
        };
        self.take(received, usize::MAX);
        message
    }

    /// Removes bytes from the start of `received`.
    fn take(&mut self, received: &mut BytesMut, count: usize) {
        let count = count.min(received.len());
        received.advance(count);
        self.position = self.position.saturating_add(count as u64);
    }

    fn message(&mut self, frame: &[u8], position: u64) -> Result<Option<Received>, FrameError> {
        loop {
            let read = match self.framing {
                Framing::QDataStream => {
                    qdatastream::read(frame, self.options.mode, &mut self.scratch).map(|read| {
                        let mut received = Received::new(&read.message, self.options.mode);
                        received.is_truncated = read.is_truncated;
                        Some(received)
                    })
                }
                Framing::SimpleJson => simple_json::read(frame, self.options.mode, &mut self.scratch)
                    .map(|message| message.map(|message| Received::new(&message, self.options.mode))),
            };
            match read {
                // Five times the frame is always enough, but rarely needed.
                Err(error) if error.kind == wire::ErrorKind::ScratchTooSmall.into() => {
                    let len = (2 * self.scratch.len()).max(frame.len() + 64);
                    self.scratch.resize(len, 0);
                }
                read => {
                    if self.scratch.len() > KEPT {
                        self.scratch = Vec::new();
                    }
                    return read.map_err(|error| FrameError { error, position });
                }
            }
        }
    }

    /// Appends an encoded message to `out`.
    ///
    /// # Errors
    /// Any [`WriteError`]: [`Full`](WriteError::Full) if `out` would exceed [`Options::write_buffer`]. `out` is
    /// unchanged on error.
    pub fn write(&self, body: &impl Body, out: &mut BytesMut) -> Result<(), WriteError> {
        let before = out.len();
        let most = self.options.write_buffer.saturating_sub(before);
        // Writing to a slice is much faster than to a growing sink. Retry with a larger slice if it is too
        // small.
        let mut room = most.min(512);
        loop {
            out.resize(before + room, 0);
            let mut sink = SliceSink::new(&mut out[before..]);
            let done = match self.framing {
                Framing::QDataStream => qdatastream::write(&mut sink, body, self.options.mode),
                Framing::SimpleJson => simple_json::write(&mut sink, body),
            };
            let left = sink.room();
            match done {
                Ok(()) => {
                    out.truncate(out.len() - left);
                    return Ok(());
                }
                Err(WriteError::Full) if room < most => room = most.min(8 * room),
                Err(error) => {
                    out.truncate(before);
                    return Err(error);
                }
            }
        }
    }
}

/// Buffers with a larger capacity are released when they are nearly empty.
const KEPT: usize = 64 << 10;

/// A malformed message. Only this message is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// The kind of error, and its offset in the message.
    pub error: Error,
    /// The position of the message in the stream.
    pub position: u64,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position.saturating_add(self.error.offset.into());
        write!(f, "{} (byte {at} of the stream)", self.error.kind.message())
    }
}

impl std::error::Error for FrameError {}

/// Releases a large buffer that is mostly unused.
#[cfg(feature = "tokio")]
pub(super) fn shrink(buffer: &mut BytesMut) {
    if buffer.len() > KEPT / 4 {
        return;
    }
    // Capacity before the start only counts again after it is reclaimed.
    let _ = buffer.try_reclaim(buffer.capacity() - buffer.len() + 1);
    if buffer.capacity() > KEPT {
        *buffer = BytesMut::from(&buffer[..]);
    }
}
