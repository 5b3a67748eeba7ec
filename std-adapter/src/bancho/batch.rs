//! Frames that came together, in one piece.

use super::{Codec, FrameError, Frames, Limits, Side, Version};
use bytes::{Bytes, BytesMut};

/// Whole frames that came together: one piece of memory for all of them, which nothing else was done with than to
/// look at their headers.
///
/// For what passes much on and reads little of it: a [`Received`](super::Received) for each frame takes twice the
/// time.
///
/// ```
/// use lobbywire::bancho::{Codec, Version};
///
/// let mut received = b"\x04\0\0\0\0\0\0\x03\0\0\0\0\0\0\x10\0\0"[..].into();
/// let batch = Codec::server(Version::LATEST).next_batch(&mut received).unwrap()?;
/// assert!(batch.frames().map(|frame| frame.id).eq([4, 3]));
/// assert_eq!(&received[..], b"\x10\0\0", "bytes of it are missing");
/// # Ok::<(), lobbywire::bancho::FrameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    version: Version,
    side: Side,
    limits: Limits,
    position: u64,
    bytes: Bytes,
}

impl Batch {
    /// The version that was spoken when it was taken. What is behind a packet that changes it is in this batch too.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Who has sent it.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Where in the stream the first frame starts.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// All of it, as it was on the wire.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The frames, of which there is one at least. What is compressed is so yet: [`Frame::payload`] inflates it.
    ///
    /// [`Frame::payload`]: super::Frame::payload
    pub fn frames(&self) -> impl Iterator<Item = super::Frame<'_>> {
        // They were all read before.
        Frames::new(self.version, self.side, &self.bytes).with_limits(self.limits).map_while(Result::ok)
    }
}

impl Codec {
    /// Takes all whole frames from the start of `received`; `None` where bytes are missing of the first.
    ///
    /// # Errors
    /// Inside, a frame that is above the limits, which is passed over as it comes. The frames before it come first.
    pub fn next_batch(&mut self, received: &mut BytesMut) -> Option<Result<Batch, FrameError>> {
        self.pass_over(received);
        let (version, side, limits, position) = (self.version(), self.side(), self.limits(), self.position());
        let frames = Frames::new(version, side, received).with_limits(limits).map_while(Result::ok);
        let len = frames.map(|frame| frame.bytes.len()).sum();
        if len == 0 {
            // Bytes of the first one are missing, or it is refused.
            return self.next_packet(received).and_then(Result::err).map(Err);
        }
        self.move_on(len);
        Some(Ok(Batch { version, side, limits, position, bytes: received.split_to(len).freeze() }))
    }

    /// The same codec for `tokio_util`'s `Framed`, whose items are batches.
    #[cfg(feature = "tokio")]
    pub fn in_batches(self) -> BatchCodec {
        BatchCodec(self)
    }
}

/// A [`Codec`] that gives [`Batch`]es.
#[cfg(feature = "tokio")]
#[derive(Debug)]
pub struct BatchCodec(Codec);

#[cfg(feature = "tokio")]
impl BatchCodec {
    /// The codec, to be told another version.
    pub fn codec_mut(&mut self) -> &mut Codec {
        &mut self.0
    }
}

#[cfg(feature = "tokio")]
impl tokio_util::codec::Decoder for BatchCodec {
    /// Damage is an item: the stream goes on.
    type Item = Result<Batch, FrameError>;
    type Error = std::io::Error;

    fn decode(&mut self, received: &mut BytesMut) -> std::io::Result<Option<Self::Item>> {
        Ok(self.0.next_batch(received))
    }

    fn decode_eof(&mut self, received: &mut BytesMut) -> std::io::Result<Option<Self::Item>> {
        match self.0.next_batch(received) {
            None if !self.0.is_between_frames(received) => Err(super::read_buffer::ends_inside_a_frame()),
            item => Ok(item),
        }
    }
}

/// Whatever a [`Codec`] writes.
#[cfg(feature = "tokio")]
impl<T> tokio_util::codec::Encoder<T> for BatchCodec
where
    Codec: tokio_util::codec::Encoder<T, Error = std::io::Error>,
{
    type Error = std::io::Error;

    fn encode(&mut self, item: T, out: &mut BytesMut) -> std::io::Result<()> {
        self.0.encode(item, out)
    }
}
