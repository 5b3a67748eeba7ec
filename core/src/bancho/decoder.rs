//! Frames from a stream whose pieces end anywhere.

use super::frame::{Frame, Header, Limits, allowed_scratch, refusal};
use super::packet_id::Side;
use super::packet_iter::AnyPacket;
use super::version::{Dialect, Version};
use crate::wire::{Error, ErrorKind, Inflater, Window};

/// Takes bytes in any pieces and gives frames, in a fixed buffer of the caller: an array, a slice, a
/// `Vec`.
///
/// A frame has to fit into the buffer with its header. One that is larger, or above the limits, is an
/// error as soon as its header is there; its bytes are then passed over as they come, without being
/// kept, and the next frame follows. No byte is looked at twice.
///
/// ```
/// use lobbywire_core::bancho::{FrameDecoder, Side, Version};
///
/// let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 512]);
/// assert_eq!(decoder.missing(), 7, "a header");
/// assert_eq!(decoder.push(&[16, 0, 0, 4, 0, 0, 0, 2]), 8, "and a byte of a payload of four");
/// assert!(decoder.next_frame().is_none());
/// assert_eq!(decoder.missing(), 3);
/// decoder.push(&[0, 0, 0]);
/// assert_eq!(decoder.next_frame().unwrap().unwrap().body, [2, 0, 0, 0]);
/// assert!(decoder.next_frame().is_none());
/// ```
#[derive(Clone, Debug)]
pub struct FrameDecoder<B, V = Version> {
    version: V,
    limits: Limits,
    window: Window<B>,
    /// Where the frame that was given last stands in the stream.
    frame_position: u64,
    /// The header of the frame at the start, once it is there and lets the frame through.
    header: Option<Header>,
    /// How many bytes to pass over of a frame that was refused.
    to_skip: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// Reads what `side` sends in this version, in this buffer.
    pub fn new(version: V, side: Side, buffer: B) -> Self {
        Self {
            version,
            limits: Limits::from(side),
            window: Window::new(buffer),
            frame_position: 0,
            header: None,
            to_skip: 0,
        }
    }

    /// The same with other limits. The buffer's size is a limit of its own.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The version that is spoken.
    pub fn version(&self) -> V {
        self.version
    }

    /// The limits that are kept.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many bytes have to come before the next call of [`next_frame`](Self::next_frame) can give
    /// anything; 0 where it can already.
    ///
    /// Before a header is there, nobody knows more than what that lacks; ask again then.
    pub fn missing(&self) -> usize {
        let needed = match self.coming() {
            Some(header) if self.is_refused(&header) => 0,
            Some(header) => self.frame_len(&header),
            None => self.version.header_len(),
        };
        self.to_skip.saturating_add(needed).saturating_sub(self.window.len())
    }

    /// Whether the stream may end here: no frame has begun.
    pub fn is_between_frames(&self) -> bool {
        self.window.is_empty() && self.to_skip == 0
    }

    /// Whether bytes of a frame that was refused are still to come and to be passed over.
    pub fn is_passing_over(&self) -> bool {
        self.to_skip > 0
    }

    /// How many bytes of the stream the frames so far took, those that were passed over too.
    pub fn position(&self) -> u64 {
        self.window.position()
    }

    /// Where in the stream the frame or the error that was given last started.
    pub fn frame_position(&self) -> u64 {
        self.frame_position
    }

    /// Free room to read into; say [`filled`](Self::filled) then. It is empty only while the buffer
    /// holds a whole frame.
    pub fn room(&mut self) -> &mut [u8] {
        self.skip();
        let needed = self.needed();
        self.window.room(needed)
    }

    /// Says that the first `count` bytes of [`room`](Self::room) are filled.
    pub fn filled(&mut self, count: usize) {
        self.window.filled(count);
    }

    /// Takes as much of `bytes` as there is room for, and says how much that was. Where it is not
    /// all, take frames and push the rest.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.skip();
        let needed = self.needed();
        self.window.push(bytes, needed)
    }

    /// The next frame, or an error where the next frame is refused; `None` where bytes are missing.
    ///
    /// Errors are of the kind [`ErrorKind::FrameTooLarge`], at the start of the frame: offset 0, see
    /// [`frame_position`](Self::frame_position).
    pub fn next_frame(&mut self) -> Option<Result<Frame<'_>, Error>> {
        self.skip();
        if self.to_skip > 0 {
            return None;
        }
        let header = match self.header {
            Some(header) => header,
            None => {
                let (header, _) = Header::read(self.version, self.window.bytes()).ok()?;
                self.frame_position = self.window.position();
                if self.is_refused(&header) {
                    self.to_skip = self.frame_len(&header);
                    self.skip();
                    return Some(Err(Error::new(ErrorKind::FrameTooLarge, 0)));
                }
                self.header = Some(header);
                header
            }
        };
        let len = self.frame_len(&header);
        if self.window.len() < len {
            return None;
        }
        self.header = None;
        let bytes = self.window.take(len);
        let body = bytes.get(self.version.header_len()..).unwrap_or_default();
        Some(Ok(Frame { id: header.id, is_compressed: header.is_compressed, body, bytes }))
    }

    /// The id on the wire of the frame that is coming, once its header is there.
    pub fn next_id(&self) -> Option<u16> {
        if self.to_skip > 0 {
            return None;
        }
        Header::read(self.version, self.window.bytes()).ok().map(|(header, _)| header.id)
    }

    /// The next packet, inflated into `scratch` where it is compressed; `None` where bytes are
    /// missing.
    ///
    /// An error loses one packet, and the next call goes on behind it. Its offset counts from the
    /// start of the frame, see [`frame_position`](Self::frame_position).
    pub fn next_packet<'p, P: AnyPacket<'p>>(
        &'p mut self,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Option<Result<P, Error>> {
        let (version, limits) = (self.version, self.limits);
        let frame = match self.next_frame()? {
            Ok(frame) => frame,
            Err(error) => return Some(Err(error)),
        };
        let scratch = allowed_scratch(version, &limits, frame.id, scratch);
        let payload = frame.payload(inflater, scratch);
        let base = frame.header_len();
        Some(payload.and_then(|payload| P::decode_any(version, frame.id, payload, base)))
    }

    /// The header of the frame that is coming, looked at before or not.
    fn coming(&self) -> Option<Header> {
        let input = self.window.bytes().get(self.to_skip..).unwrap_or_default();
        self.header.or_else(|| Header::read(self.version, input).ok().map(|(header, _)| header))
    }

    fn is_refused(&self, header: &Header) -> bool {
        self.frame_len(header) > self.window.capacity()
            || refusal(self.version, &self.limits, header).is_some()
    }

    fn frame_len(&self, header: &Header) -> usize {
        header.payload_len.saturating_add(self.version.header_len())
    }

    /// How many bytes the frame that is coming has in all, as far as that is known.
    fn needed(&self) -> usize {
        match &self.header {
            Some(header) => self.frame_len(header),
            None => self.version.header_len(),
        }
    }

    /// Passes over what has come of a refused frame.
    fn skip(&mut self) {
        let count = self.to_skip.min(self.window.len());
        self.to_skip = self.to_skip.saturating_sub(count);
        self.window.take(count);
    }
}
