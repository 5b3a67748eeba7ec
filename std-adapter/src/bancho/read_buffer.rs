//! What has come and was not taken yet.

use super::{Codec, FrameError, Options, Overrides, Received};
use bytes::BytesMut;
use std::io;

/// How much is read at once.
const READ: usize = 4 << 10;

/// A buffer that has grown beyond this is given back once it is empty.
pub(crate) const KEPT: usize = 64 << 10;

/// A codec with its buffer. Everything that a read has given is here, so a read that is dropped or fails
/// loses nothing.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    pub(crate) codec: Codec,
    pub(crate) buffer: BytesMut,
    /// How many packets were given since the stream was read, or others had their turn.
    given: usize,
}

impl ReadBuffer {
    pub(crate) fn new(codec: Codec) -> Self {
        Self { codec, buffer: BytesMut::new(), given: 0 }
    }

    pub(crate) fn with_options(self, options: Options) -> Self {
        Self { codec: self.codec.with_options(options), ..self }
    }

    pub(crate) fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { codec: self.codec.with_overrides(overrides), ..self }
    }

    /// The next packet that is there.
    pub(crate) fn next(&mut self) -> Option<Result<Received, FrameError>> {
        let item = self.codec.next_packet(&mut self.buffer)?;
        self.given += 1;
        Some(item)
    }

    /// Whether it is the turn of others, who then have it.
    #[cfg(feature = "tokio")]
    pub(crate) fn gives_way(&mut self) -> bool {
        let is_due = self.given >= self.codec.options().packets_per_read.max(1);
        if is_due {
            self.given = 0;
        }
        is_due
    }

    /// Makes room behind what is there: as much again, so that a long frame is moved seldom, but never
    /// as much as it claims.
    pub(crate) fn make_room(&mut self) {
        self.given = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
        let room = self.buffer.capacity().saturating_sub(self.buffer.len());
        if room < READ / 4 {
            self.buffer.reserve(READ.max(self.buffer.len()));
        }
    }

    /// What the end of the stream means.
    pub(crate) fn end(&self) -> io::Result<()> {
        if self.codec.is_between_frames(&self.buffer) { Ok(()) } else { Err(ends_inside_a_frame()) }
    }
}

/// What readers say of a stream that ends where it must not.
pub(crate) fn ends_inside_a_frame() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ends inside a frame")
}
