//! Messages out of a buffer that fills, in either framing.

use super::qdatastream::Blocks;
use super::simple_json::Lines;
use super::{Body, LARGEST_FRAME, Mode, Received, WriteError, qdatastream, simple_json};
use crate::wire::{self, Deframed, Deframer, End, Error, Skip, SliceSink};
use bytes::BytesMut;
use std::fmt;

/// How messages are told apart in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Blocks of strings: the server's port 8001.
    QDataStream,
    /// Lines of JSON: port 8002, and over WebSocket.
    SimpleJson,
}

/// What a peer may send, and how it is read.
///
/// What a connection keeps is bounded by the limit, whatever the peer sends: buffers grow with the bytes that
/// have come, never by a length that is only claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The most bytes of a message on the wire: 10 MiB, as the server's. Before a login 64 KiB would do.
    pub limit: usize,
    /// How much of what the server takes is taken.
    pub mode: Mode,
    /// The most bytes that wait to be sent. What does not fit is not written.
    pub write_buffer: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: LARGEST_FRAME, mode: Mode::Strict, write_buffer: 16 << 20 }
    }
}

/// Either framing.
#[derive(Clone, Debug)]
enum Frames {
    Blocks(Blocks),
    Lines(Lines),
}

impl wire::Framing for Frames {
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
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

/// Takes messages from a buffer and writes messages to one.
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
    /// Where the bytes at the buffer's start stand in the stream.
    position: u64,
    scratch: Vec<u8>,
}

impl Codec {
    /// Reads and writes in this framing.
    pub fn new(framing: Framing) -> Self {
        Self::with_options(framing, Options::default())
    }

    /// The same with other options.
    pub fn with_options(framing: Framing, options: Options) -> Self {
        let Options { limit, mode, .. } = options;
        let frames = match framing {
            Framing::QDataStream => Frames::Blocks(Blocks { limit, mode }),
            Framing::SimpleJson => Frames::Lines(Lines { limit, mode }),
        };
        Self { framing, options, deframer: Deframer::new(frames), position: 0, scratch: Vec::new() }
    }

    /// The framing.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The options that are kept to.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many bytes of the stream the messages so far took, those that were passed over too.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream may end here: nothing of a message is still to come.
    pub fn is_between_messages(&self, received: &BytesMut) -> bool {
        self.deframer.is_between_frames(received)
    }

    /// Takes the next message from the start of `received`; `None` where bytes are missing. Empty lines are
    /// passed over in the lenient mode.
    ///
    /// # Errors
    /// Inside, a message that is above the limit or is none: it is taken too, or passed over as it comes, and
    /// the next call goes on behind it.
    pub fn next_message(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        loop {
            let count = self.deframer.pass_over(received);
            self.take(received, count);
            let at = self.position;
            let frame = match self.deframer.next(received, usize::MAX)? {
                Ok(len) => self.take(received, len),
                Err(error) => return Some(Err(FrameError { error, position: at })),
            };
            if let Some(message) = self.message(&frame, at).transpose() {
                return Some(message);
            }
        }
    }

    /// What is left at the end of the stream: a last line that needs no end, or an error.
    pub fn finish(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        let count = self.deframer.pass_over(received);
        self.take(received, count);
        let (at, last) = (self.position, self.deframer.finish(received));
        let left = self.take(received, usize::MAX);
        match last? {
            Ok(_) => self.message(&left, at).transpose(),
            Err(error) => Some(Err(FrameError { error, position: at })),
        }
    }

    fn take(&mut self, received: &mut BytesMut, count: usize) -> BytesMut {
        let frame = received.split_to(count.min(received.len()));
        self.position = self.position.saturating_add(frame.len() as u64);
        frame
    }

    fn message(&mut self, frame: &[u8], position: u64) -> Result<Option<Received>, FrameError> {
        loop {
            let read = match self.framing {
                Framing::QDataStream => {
                    qdatastream::read(frame, self.options.mode, &mut self.scratch).map(|read| {
                        let mut received = Received::new(&read.message);
                        received.is_cut = read.is_cut;
                        Some(received)
                    })
                }
                Framing::SimpleJson => simple_json::read(frame, self.options.mode, &mut self.scratch)
                    .map(|message| message.as_ref().map(Received::new)),
            };
            match read {
                // Five times the frame is always enough, and seldom needed.
                Err(error) if error.kind == wire::ErrorKind::ScratchTooSmall => {
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

    /// Writes a message behind what is in `out`.
    ///
    /// # Errors
    /// Any [`WriteError`]: [`Full`](WriteError::Full) where more than [`Options::write_buffer`] would then be
    /// in `out`, which stays as it was.
    pub fn write(&self, body: &impl Body, out: &mut BytesMut) -> Result<(), WriteError> {
        let before = out.len();
        let most = self.options.write_buffer.saturating_sub(before);
        // Once more with more room where it was not enough: a slice is written many times as fast as what grows.
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

/// A buffer that has grown beyond this is given back.
const KEPT: usize = 64 << 10;

/// A message that can't be read; the next one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// What is wrong, and at which byte of the message.
    pub error: Error,
    /// Where in the stream the message starts.
    pub position: u64,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position.saturating_add(self.error.offset.into());
        write!(f, "{} (byte {at} of the stream)", self.error.kind.message())
    }
}

impl std::error::Error for FrameError {}

/// Gives a large buffer back of which little is in use.
#[cfg(feature = "tokio")]
pub(super) fn shrink(buffer: &mut BytesMut) {
    if buffer.len() > KEPT / 4 {
        return;
    }
    // What was taken off does not count as its capacity, until it is got back.
    let _ = buffer.try_reclaim(buffer.capacity() - buffer.len() + 1);
    if buffer.capacity() > KEPT {
        *buffer = BytesMut::from(&buffer[..]);
    }
}
