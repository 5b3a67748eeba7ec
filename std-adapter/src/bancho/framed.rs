//! The codec as one of `tokio_util`.

use super::read_buffer::ends_inside_a_frame;
use super::{Codec, Encode, FrameError, Received, SharedFrames};
use bytes::BytesMut;
use std::io;
use tokio_util::codec::{Decoder, Encoder};

impl Decoder for Codec {
    /// Damage is an item: the stream goes on.
    type Item = Result<Received, FrameError>;
    type Error = io::Error;

    fn decode(&mut self, received: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        Ok(self.next_packet(received))
    }

    fn decode_eof(&mut self, received: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        match self.next_packet(received) {
            None if !self.is_between_frames(received) => Err(ends_inside_a_frame()),
            item => Ok(item),
        }
    }
}

/// Any packet, by value or by reference, leniently.
impl<P: Encode> Encoder<P> for Codec {
    type Error = io::Error;

    fn encode(&mut self, packet: P, out: &mut BytesMut) -> io::Result<()> {
        self.write(&packet, out).map(drop).map_err(io::Error::other)
    }
}

/// Frames that are written already.
impl Encoder<SharedFrames> for Codec {
    type Error = io::Error;

    fn encode(&mut self, frames: SharedFrames, out: &mut BytesMut) -> io::Result<()> {
        self.write_frames(&frames, out).map_err(io::Error::other)
    }
}
