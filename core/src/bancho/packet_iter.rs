//! Iterating over the packets in a slice of frames.

use super::dialect::{Dialect, Fixed, Latest, use_latest_fast_path};
use super::frame::{Frame, Frames, Limits, allowed_scratch};
use super::overrides::{NoOverrides, PayloadOverrides};
use super::packet_id::Side;
use super::version::Version;
use crate::wire::{Error, Inflater};
use core::marker::PhantomData;

/// The enum over all packets of a side: [`client::Packet`](super::client::Packet) or
/// [`server::Packet`](super::server::Packet).
pub trait AnyPacket<'a>: Sized {
    /// Who sends these packets.
    const SIDE: Side;

    /// Decodes the payload of the packet with this wire id.
    ///
    /// # Errors
    /// The payload is malformed. The offset is relative to `base` bytes before the payload.
    #[inline(always)]
    fn decode_any<V: Dialect>(
        version: V,
        wire_id: u16,
        payload: &'a [u8],
        base: usize,
    ) -> Result<Self, Error> {
        Self::decode_any_with(version, NoOverrides, wire_id, payload, base)
    }

    /// As [`decode_any`](Self::decode_any), but reads payloads in the layouts of `overrides`.
    ///
    /// # Errors
    /// As [`decode_any`](Self::decode_any).
    fn decode_any_with<V: Dialect, O: PayloadOverrides>(
        version: V,
        overrides: O,
        wire_id: u16,
        payload: &'a [u8],
        base: usize,
    ) -> Result<Self, Error>;
}

/// Iterates over the packets in a slice of frames.
///
/// A malformed payload is an error that loses one packet; iteration continues with the next frame. The
/// offset of an error is relative to the start of the slice. Inside a compressed payload, it is the start of
/// the payload plus the offset in the inflated bytes.
///
/// ```
/// use lobbywire_core::bancho::{Version, client};
/// use lobbywire_core::wire::Inflater;
///
/// // A client of 2008 compresses everything.
/// let pong = [
///     4, 0, 20, 0, 0, 0, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
/// ];
/// let (mut inflater, mut scratch) = (Inflater::new(), [0; 4096]);
/// let mut packets =
///     client::packets(Version::from_build(282), &pong).with_scratch(&mut inflater, &mut scratch);
/// assert_eq!(packets.next(), Some(Ok(client::Packet::Pong(client::Pong))));
/// ```
#[derive(Debug)]
pub struct Packets<'a, 's, P, V = Version, O = NoOverrides> {
    overrides: O,
    frames: Frames<'a, V>,
    limits: Limits,
    inflater: Option<&'s mut Inflater>,
    scratch: &'s mut [u8],
    packets: PhantomData<P>,
}

impl<'a, P, V: Dialect> Packets<'a, 'a, P, V>
where
    P: AnyPacket<'a>,
{
    pub(crate) fn new(version: V, bytes: &'a [u8], limits: Limits) -> Self {
        Self {
            overrides: NoOverrides,
            frames: Frames::new(version, P::SIDE, bytes),
            limits,
            inflater: None,
            scratch: &mut [],
            packets: PhantomData,
        }
    }
}

impl<'a, P, V: Dialect, O: PayloadOverrides> Packets<'a, 'a, P, V, O>
where
    P: AnyPacket<'a>,
{
    /// Reads some payloads in other layouts.
    #[must_use]
    pub fn with_overrides<Q: PayloadOverrides>(self, overrides: Q) -> Packets<'a, 'a, P, V, Q> {
        let Self { frames, limits, inflater, scratch, packets, .. } = self;
        Packets { overrides, frames, limits, inflater, scratch, packets }
    }

    /// Replaces the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { frames: self.frames.with_limits(limits), limits, ..self }
    }

    /// Inflates compressed payloads into `scratch`, one after another. It must be large enough for all of
    /// them together.
    #[must_use]
    pub fn with_scratch(self, inflater: &'a mut Inflater, scratch: &'a mut [u8]) -> Self {
        Self { inflater: Some(inflater), scratch, ..self }
    }
}

impl<'a, P: AnyPacket<'a>, V: Dialect, O: PayloadOverrides> Iterator for Packets<'a, 'a, P, V, O> {
    type Item = Result<P, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.frames.next_fast_path() {
            Some(frame) if !frame.is_compressed => self.read(&frame, frame.body),
            Some(frame) => self.next_slow_path(Ok(frame)),
            None => {
                let frame = self.frames.next()?;
                self.next_slow_path(frame)
            }
        }
    }
}

impl<'a, P: AnyPacket<'a>, V: Dialect, O: PayloadOverrides> Packets<'a, 'a, P, V, O> {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read(&self, frame: &Frame<'a>, payload: &'a [u8]) -> Option<Result<P, Error>> {
        let version = self.frames.version();
        let base = self.frames.offset().saturating_sub(frame.body.len());
        // Each branch builds the item itself: joining the branches would copy the whole packet.
        if !O::ACTIVE && use_latest_fast_path(version) {
            return Some(P::decode_any::<Latest>(Fixed, frame.wire_id, payload, base));
        }
        Some(P::decode_any_with(version, self.overrides, frame.wire_id, payload, base))
    }

    /// Errors, and frames that are compressed or large. Kept out of the fast path, because a
    /// `Result<Frame>` would be taken apart and joined byte by byte there.
    #[cold]
    #[inline(never)]
    fn next_slow_path(&mut self, frame: Result<Frame<'a>, Error>) -> Option<Result<P, Error>> {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return Some(Err(error)),
        };
        match self.inflate(&frame) {
            Ok(payload) => self.read(&frame, payload),
            Err(error) => Some(Err(error.after(self.frames.offset().saturating_sub(frame.bytes.len())))),
        }
    }
}

impl<'a, P, V: Dialect, O> Packets<'a, 'a, P, V, O> {
    /// The payload, inflated if it is compressed.
    fn inflate(&mut self, frame: &Frame<'a>) -> Result<&'a [u8], Error> {
        let compressed = match frame.plain_payload() {
            Ok(payload) => return Ok(payload),
            Err(error) => error,
        };
        let inflater = self.inflater.as_deref_mut().ok_or(compressed)?;
        let allowed = allowed_scratch(self.frames.version(), &self.limits, frame.wire_id, self.scratch);
        let len = frame.payload(inflater, allowed)?.len();
        let (payload, rest) =
            core::mem::take(&mut self.scratch).split_at_mut_checked(len).ok_or(compressed)?;
        self.scratch = rest;
        Ok(payload)
    }
}
