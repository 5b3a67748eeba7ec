//! The read buffer of a connection.

use super::{Codec, FrameError, Options, Overrides, Received};
use bytes::BytesMut;
use std::io;

/// How many bytes to read at once.
const READ: usize = 4 << 10;

/// A larger buffer is freed when it is empty.
pub(crate) const KEPT: usize = 64 << 10;

/// A codec with its buffer. It holds all state of reading, so a read that is cancelled or fails loses no bytes.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    pub(crate) codec: Codec,
    pub(crate) buffer: BytesMut,
    /// How many packets were returned since the stream was read or other tasks ran.
    count: usize,
}

impl ReadBuffer {
    pub(crate) fn new(codec: Codec) -> Self {
        Self { codec, buffer: BytesMut::new(), count: 0 }
    }

    pub(crate) fn with_options(self, options: Options) -> Self {
        Self { codec: self.codec.with_options(options), ..self }
    }

    pub(crate) fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { codec: self.codec.with_overrides(overrides), ..self }
    }

    /// The next complete packet in the buffer.
    pub(crate) fn next(&mut self) -> Option<Result<Received, FrameError>> {
        let item = self.codec.next_packet(&mut self.buffer)?;
        self.count += 1;
        Some(item)
    }

    /// Whether other tasks should run before the next packet. Restarts the count if so.
    #[cfg(feature = "tokio")]
    pub(crate) fn should_yield(&mut self) -> bool {
        let is_due = self.count >= self.codec.options().packets_per_read.max(1);
        if is_due {
            self.count = 0;
        }
        is_due
    }

    /// Reserves space for the next read. The buffer doubles, so that a long frame is rarely moved; it never
    /// grows by a length that is only announced.
    pub(crate) fn reserve(&mut self) {
        self.count = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
        let room = self.buffer.capacity().saturating_sub(self.buffer.len());
        if room < READ / 4 {
            self.buffer.reserve(READ.max(self.buffer.len()));
        }
    }

    /// The result of reading at the end of the stream.
    pub(crate) fn end(&self) -> io::Result<()> {
        if self.codec.is_between_frames(&self.buffer) { Ok(()) } else { Err(unexpected_eof()) }
    }
}

/// The error for a stream that ends inside a frame.
pub(crate) fn unexpected_eof() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ends inside a frame")
}
