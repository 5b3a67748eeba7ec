//! Typed frames and packets from a stream that arrives in pieces.

use super::dialect::Dialect;
use super::frame::{Frame, Limits, allowed_scratch};
use super::framing::BanchoFraming;
use super::packet_id::Side;
use super::packet_iter::AnyPacket;
use super::version::Version;
use crate::wire::{self, Error, Inflater};

/// Splits a stream into [`Frame`]s, in a fixed buffer that the caller provides: an array, a slice, a `Vec`.
///
/// This is a [`wire::FrameDecoder`] with [`BanchoFraming`] that also parses headers and packets. A frame
/// must fit into the buffer with its header. A larger one, or one above the limits, is an error as soon as
/// its header is complete; its bytes are skipped without being stored, and the next frame follows.
///
/// ```
/// use lobbywire_core::bancho::{FrameDecoder, Side, Version};
///
/// let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 512]);
/// assert_eq!(decoder.missing(), 7, "a header");
/// assert_eq!(decoder.push(&[16, 0, 0, 4, 0, 0, 0, 2]), 8, "a header and one of four payload bytes");
/// assert!(decoder.next_frame().is_none());
/// assert_eq!(decoder.missing(), 3);
/// decoder.push(&[0, 0, 0]);
/// assert_eq!(decoder.next_frame().unwrap().unwrap().body, [2, 0, 0, 0]);
/// assert!(decoder.next_frame().is_none());
/// ```
#[derive(Clone, Debug)]
pub struct FrameDecoder<B, V = Version> {
    pub(super) frames: wire::FrameDecoder<BanchoFraming<V>, B>,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// A decoder for what `side` sends in this version, with its default [`Limits`].
    pub fn new(version: V, side: Side, buffer: B) -> Self {
        Self { frames: wire::FrameDecoder::new(BanchoFraming::new(version, side), buffer) }
    }

    /// Replaces the limits. The size of the buffer limits frames too.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        let framing = BanchoFraming { limits, ..*self.frames.framing() };
        self.frames.set_framing(framing);
        self
    }

    /// The version of the client.
    pub fn version(&self) -> V {
        self.frames.framing().version
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.frames.framing().limits
    }

    /// How many bytes must be received before [`next_frame`](Self::next_frame) can return something; 0 if it
    /// already can.
    ///
    /// Until a header is complete, this is what the header lacks; call again afterwards.
    pub fn missing(&self) -> usize {
        let (to_skip, bytes) = (self.frames.bytes_to_skip(), self.frames.buffered());
        let next = bytes.get(to_skip..).unwrap_or_default();
        let missing = self.frames.framing().missing(next, self.frames.capacity());
        to_skip.saturating_sub(bytes.len()).saturating_add(missing)
    }

    /// Whether the stream may end here: no incomplete frame is buffered.
    pub fn is_between_frames(&self) -> bool {
        self.frames.is_between_frames()
    }

    /// Whether bytes of a rejected frame have yet to be received and skipped.
    pub fn is_skipping(&self) -> bool {
        self.frames.is_skipping()
    }

    /// How many bytes of the stream have been consumed, including skipped ones.
    pub fn position(&self) -> u64 {
        self.frames.position()
    }

    /// The position in the stream at which the last frame or error started.
    pub fn frame_position(&self) -> u64 {
        self.frames.frame_position()
    }

    /// Free space to read into; call [`filled`](Self::filled) afterwards. It is empty only while the buffer
    /// holds a complete frame.
    pub fn room(&mut self) -> &mut [u8] {
        self.frames.room()
    }

    /// Adds the first `count` bytes of [`room`](Self::room) to the received bytes.
    pub fn filled(&mut self, count: usize) {
        self.frames.filled(count);
    }

    /// Copies as much of `bytes` into the buffer as fits, and returns that length. If it is not all of them,
    /// take frames and push the rest.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.frames.push(bytes)
    }

    /// The next frame; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`ErrorKind::FrameTooLarge`](crate::wire::ErrorKind::FrameTooLarge), with offset 0: the frame at
    /// [`frame_position`](Self::frame_position) was rejected. Call again for the next one.
    pub fn next_frame(&mut self) -> Option<Result<Frame<'_>, Error>> {
        let framing = *self.frames.framing();
        match self.frames.next_frame()? {
            Ok(bytes) => framing.frame(bytes).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// The wire id of the next frame, once its header is complete; `None` while a rejected frame is skipped.
    pub fn next_id(&self) -> Option<u16> {
        if self.is_skipping() { None } else { self.frames.framing().wire_id(self.frames.buffered()) }
    }

    /// The next packet, inflated into `scratch` if it is compressed; `None` if more bytes are needed.
    ///
    /// # Errors
    /// One packet is rejected or malformed; call again for the next one. The offset is relative to the start
    /// of the frame, see [`frame_position`](Self::frame_position).
    pub fn next_packet<'p, P: AnyPacket<'p>>(
        &'p mut self,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Option<Result<P, Error>> {
        let framing = *self.frames.framing();
        Some(self.next_frame()?.and_then(|frame| read_packet(&framing, frame, inflater, scratch)))
    }
}

/// Decodes the packet in `frame`, inflated into `scratch` if it is compressed.
pub(super) fn read_packet<'p, P: AnyPacket<'p>, V: Dialect>(
    framing: &BanchoFraming<V>,
    frame: Frame<'p>,
    inflater: &mut Inflater,
    scratch: &'p mut [u8],
) -> Result<P, Error> {
    let BanchoFraming { version, limits } = framing;
    let scratch = allowed_scratch(*version, limits, frame.wire_id, scratch);
    let payload = frame.payload(inflater, scratch)?;
    P::decode_any(*version, frame.wire_id, payload, frame.header_len())
}
