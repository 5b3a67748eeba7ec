//! The codec as one of `tokio_util`.

use super::read_buffer::unexpected_eof;
use super::{Codec, Encode, FrameError, Received, SendError, SharedFrames};
use bytes::BytesMut;
use std::io;
use tokio_util::codec::{Decoder, Encoder};

/// A malformed packet is an item, because `Framed` ends the stream after an error of the decoder. The error is
/// that of the stream, or [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if it ends inside a frame.
impl Decoder for Codec {
    type Item = Result<Received, FrameError>;
    type Error = io::Error;

    fn decode(&mut self, received: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        Ok(self.next_packet(received))
    }

    fn decode_eof(&mut self, received: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        match self.next_packet(received) {
            None if !self.is_between_frames(received) => Err(unexpected_eof()),
            item => Ok(item),
        }
    }
}

/// Writes any packet leniently, by value or by reference.
impl<P: Encode> Encoder<P> for Codec {
    type Error = SendError;

    fn encode(&mut self, packet: P, out: &mut BytesMut) -> Result<(), SendError> {
        self.write(&packet, out).map(drop).map_err(SendError::Write)
    }
}

/// Writes encoded frames.
impl Encoder<SharedFrames> for Codec {
    type Error = SendError;

    fn encode(&mut self, frames: SharedFrames, out: &mut BytesMut) -> Result<(), SendError> {
        self.write_frames(&frames, out).map_err(SendError::Write)
    }
}
