//! Bancho's framing, for [`Deframer`](crate::wire::Deframer) and [`FrameDecoder`](crate::wire::FrameDecoder).

use super::dialect::Dialect;
use super::frame::{Frame, Header, Limits, refusal};
use super::packet_id::Side;
use super::version::Version;
use crate::wire::{Deframed, Error, Framing, Skip};

/// Splits a stream of one side into frames.
///
/// A payload above the limits is rejected with [`ErrorKind::FrameTooLarge`] once its header is complete;
/// its bytes are skipped, and the next frame follows.
///
/// [`FrameDecoder`](super::FrameDecoder) returns typed [`Frame`]s. Use the framing itself to split a buffer
/// of your own:
///
/// ```
/// use lobbywire_core::bancho::{BanchoFraming, Side, Version};
/// use lobbywire_core::wire::Deframer;
///
/// let mut received = &[4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0][..];
/// let mut deframer = Deframer::new(BanchoFraming::new(Version::LATEST, Side::Client));
/// assert_eq!(deframer.next(received, 1024), Some(Ok(7)));
/// received = &received[7..];
/// assert_eq!(deframer.next(received, 1024), None);
/// assert_eq!(deframer.needed(), 7);
/// ```
///
/// [`ErrorKind::FrameTooLarge`]: crate::wire::ErrorKind::FrameTooLarge
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanchoFraming<V = Version> {
    /// The version of the client.
    pub version: V,
    /// The payload sizes that are accepted. Only those on the wire apply here, not the inflated ones.
    pub limits: Limits,
}

impl<V: Dialect> BanchoFraming<V> {
    /// The frames that `side` sends, with its default [`Limits`].
    pub fn new(version: V, side: Side) -> Self {
        Self { version, limits: Limits::from(side) }
    }

    /// The packet id on the wire of the frame at the start of `bytes`; `None` if its header is incomplete.
    pub fn wire_id(&self, bytes: &[u8]) -> Option<u16> {
        Header::read(self.version, bytes).ok().map(|(header, _)| header.id)
    }

    /// Parses one complete frame, as split off by a deframer; `None` if it is shorter than a header.
    #[inline]
    pub fn frame<'a>(&self, bytes: &'a [u8]) -> Option<Frame<'a>> {
        let (header, body) = Header::read(self.version, bytes).ok()?;
        Some(Frame { wire_id: header.id, is_compressed: header.is_compressed, body, bytes })
    }

    /// How many bytes are missing before the frame at the start of `bytes` can be returned or rejected, in a
    /// buffer of `capacity` bytes.
    pub(crate) fn missing(&self, bytes: &[u8], capacity: usize) -> usize {
        match Header::read(self.version, bytes) {
            Err(missing) => missing,
            Ok((header, _)) if refusal(self.version, &self.limits, &header).is_some() => 0,
            Ok((header, _)) if self.frame_len(&header) > capacity => 0,
            Ok((header, body)) => header.payload_len.saturating_sub(body.len()),
        }
    }

    #[inline(always)]
    fn frame_len(&self, header: &Header) -> usize {
        header.payload_len.saturating_add(self.version.header_len())
    }
}

impl<V: Dialect> Framing for BanchoFraming<V> {
    type Error = Error;

    #[inline]
    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
        let (header, body) = match Header::read(self.version, bytes) {
            Ok(read) => read,
            Err(missing) => return Deframed::Missing(missing),
        };
        let len = self.frame_len(&header);
        if let Some(kind) = refusal(self.version, &self.limits, &header) {
            return Deframed::Refused(Error::new(kind, 0), Skip::Bytes(len));
        }
        match header.payload_len.checked_sub(body.len()) {
            None | Some(0) => Deframed::Frame(len),
            Some(missing) => Deframed::Missing(missing),
        }
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        // A buffer that is smaller than a header cannot hold any frame.
        if self.wire_id(bytes).is_some() { Skip::Bytes(needed) } else { Skip::Rest }
    }
}
