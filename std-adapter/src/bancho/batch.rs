//! Batches of frames that were received together.

#[cfg(feature = "tokio")]
use super::SendError;
use super::{Codec, FrameError, Frames, Limits, Side, Version};
use bytes::{Bytes, BytesMut};

/// Complete frames in one buffer. Only their headers have been parsed.
///
/// Use it to forward many frames and decode few. A [`Received`](super::Received) per frame takes twice the time.
///
/// ```
/// use lobbywire::bancho::{Codec, Version};
///
/// let mut received = b"\x04\0\0\0\0\0\0\x03\0\0\0\0\0\0\x10\0\0"[..].into();
/// let batch = Codec::server(Version::LATEST).next_batch(&mut received).unwrap()?;
/// assert!(batch.frames().map(|frame| frame.wire_id).eq([4, 3]));
/// assert_eq!(&received[..], b"\x10\0\0", "an incomplete frame stays");
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
    /// The version when the batch was taken. Frames after a packet that changes the version are in it too.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The side that sent the frames.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The position in the stream of the first frame.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// All frames, as they were received.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The frames; at least one. Compressed payloads stay so: [`Frame::payload`] inflates them.
    ///
    /// [`Frame::payload`]: super::Frame::payload
    pub fn frames(&self) -> impl Iterator<Item = super::Frame<'_>> {
        // Errors do not occur: all headers were parsed before.
        Frames::new(self.version, self.side, &self.bytes).with_limits(self.limits).map_while(Result::ok)
    }
}

impl Codec {
    /// Removes all complete frames from the start of `received`; `None` if the first is incomplete.
    ///
    /// # Errors
    /// The first frame exceeds the limits. It is skipped as its bytes arrive. Frames before a rejected one are
    /// returned first.
    pub fn next_batch(&mut self, received: &mut BytesMut) -> Option<Result<Batch, FrameError>> {
        self.skip(received);
        let framing = *self.deframer.framing();
        let (version, limits, side, position) =
            (framing.version, framing.limits, self.side(), self.position());
        let frames = Frames::new(version, side, received).with_limits(limits).map_while(Result::ok);
        let len = frames.map(|frame| frame.bytes.len()).sum();
        if len == 0 {
            return self.next_packet(received).and_then(Result::err).map(Err);
        }
        // The deframer starts at a new frame.
        self.deframer.set_framing(framing);
        self.advance(len);
        Some(Ok(Batch { version, side, limits, position, bytes: received.split_to(len).freeze() }))
    }

    /// The codec for `tokio_util`'s `Framed` whose items are batches.
    #[cfg(feature = "tokio")]
    pub fn in_batches(self) -> BatchCodec {
        BatchCodec(self)
    }
}

/// A [`Codec`] whose items are [`Batch`]es.
#[cfg(feature = "tokio")]
#[derive(Debug)]
pub struct BatchCodec(Codec);

#[cfg(feature = "tokio")]
impl BatchCodec {
    /// The codec, to change its version for instance.
    pub fn codec_mut(&mut self) -> &mut Codec {
        &mut self.0
    }
}

/// As for [`Codec`], a rejected frame is an item.
#[cfg(feature = "tokio")]
impl tokio_util::codec::Decoder for BatchCodec {
    type Item = Result<Batch, FrameError>;
    type Error = std::io::Error;

    fn decode(&mut self, received: &mut BytesMut) -> std::io::Result<Option<Self::Item>> {
        Ok(self.0.next_batch(received))
    }

    fn decode_eof(&mut self, received: &mut BytesMut) -> std::io::Result<Option<Self::Item>> {
        match self.0.next_batch(received) {
            None if !self.0.is_between_frames(received) => Err(super::read_buffer::unexpected_eof()),
            item => Ok(item),
        }
    }
}

/// Encodes the same items as [`Codec`].
#[cfg(feature = "tokio")]
impl<T> tokio_util::codec::Encoder<T> for BatchCodec
where
    Codec: tokio_util::codec::Encoder<T, Error = SendError>,
{
    type Error = SendError;

    fn encode(&mut self, item: T, out: &mut BytesMut) -> Result<(), SendError> {
        self.0.encode(item, out)
    }
}
