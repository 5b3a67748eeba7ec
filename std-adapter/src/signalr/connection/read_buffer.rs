//! Splits received bytes into messages.

use super::transport::{Incoming, Received};
use crate::signalr::{Encoding, FrameError, Frames, Records};
use crate::wire::{Deframed, Deframer, Error, Framing, Location, Skip};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::StreamExt;
use std::io;

/// The framing of either encoding.
#[derive(Clone, Debug)]
enum AnyFraming {
    Frames(Frames),
    Records(Records),
}

impl Framing for AnyFraming {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        match self {
            Self::Frames(frames) => frames.deframe(bytes, seen),
            Self::Records(records) => records.deframe(bytes, seen),
        }
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        match self {
            Self::Frames(frames) => frames.give_up(bytes, needed),
            Self::Records(records) => records.give_up(bytes, needed),
        }
    }
}

/// Why the handshake was not received.
#[derive(Debug)]
pub(crate) enum HandshakeFailure {
    Malformed(Error),
    Lost(io::Error),
}

/// Received bytes that are not read yet.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    buffer: BytesMut,
    deframer: Deframer<AnyFraming>,
    limit: usize,
    index: u64,
}

impl ReadBuffer {
    /// A buffer for messages of at most `limit` bytes, starting with a handshake.
    pub(crate) fn new(limit: usize) -> Self {
        let deframer = Deframer::new(AnyFraming::Records(Records { limit }));
        Self { buffer: BytesMut::new(), deframer, limit, index: 0 }
    }

    /// Ends the handshake: what follows are messages. They may have arrived with the handshake.
    pub(crate) fn begin(&mut self, encoding: Encoding) {
        let limit = self.limit;
        self.deframer = Deframer::new(match encoding {
            Encoding::MessagePack => AnyFraming::Frames(Frames { limit }),
            Encoding::Json => AnyFraming::Records(Records { limit }),
        });
        self.index = 0;
    }

    /// Continues on a new socket, and drops the incomplete message of the last one.
    pub(super) fn resume(&mut self, encoding: Encoding) {
        let index = self.index;
        self.buffer.clear();
        self.begin(encoding);
        self.index = index;
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        if self.buffer.is_empty() {
            // Usually a chunk is whole messages. They are not copied.
            self.buffer = bytes.try_into_mut().unwrap_or_else(|bytes| BytesMut::from(&*bytes));
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// The next message.
    pub(super) fn next(&mut self) -> Option<Result<Bytes, FrameError>> {
        let skipped = self.deframer.skip(&self.buffer);
        self.buffer.advance(skipped);
        let next = self.deframer.next(&self.buffer, usize::MAX)?;
        let index = self.index;
        self.index = index.saturating_add(1);
        Some(match next {
            Ok(len) => Ok(self.buffer.split_to(len).freeze()),
            Err(error) => {
                let location = Location { record: "Message", field: "" };
                Err(FrameError { index, error, location, is_last: self.deframer.is_lost() })
            }
        })
    }

    /// The index of the message that [`next`](Self::next) returned last.
    pub(super) fn last_index(&self) -> u64 {
        self.index.saturating_sub(1)
    }

    /// Receives the record of the handshake.
    pub(crate) async fn handshake(&mut self, incoming: &mut Incoming) -> Result<Bytes, HandshakeFailure> {
        loop {
            if let Some(record) = self.next() {
                return record.map_err(|malformed| HandshakeFailure::Malformed(malformed.error));
            }
            match incoming.next().await {
                Some(Received::Bytes(bytes)) => self.push(bytes),
                Some(Received::Lost(error)) => return Err(HandshakeFailure::Lost(error)),
                Some(Received::Closed) | None => {
                    return Err(HandshakeFailure::Lost(io::ErrorKind::UnexpectedEof.into()));
                }
            }
        }
    }
}
