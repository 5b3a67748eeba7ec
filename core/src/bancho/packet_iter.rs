//! Packets from a slice of frames.

use super::frame::{Frames, Limits, allowed_scratch};
use super::packet_id::Side;
use super::version::{Dialect, Version};
use crate::wire::{Error, Inflater};
use core::marker::PhantomData;

/// The enum over all packets of a side: [`client::Packet`](super::client::Packet) or
/// [`server::Packet`](super::server::Packet).
pub trait AnyPacket<'a>: Sized {
    /// Who sends these packets.
    const SIDE: Side;

    /// Reads the payload of the packet that has this id on the wire.
    ///
    /// # Errors
    /// What is wrong with the payload, and at which byte, counted from `base` bytes before it.
    fn decode_any<V: Dialect>(version: V, id: u16, payload: &'a [u8], base: usize) -> Result<Self, Error>;
}

/// The packets in a slice of frames.
///
/// A damaged payload is an error and loses one packet; the next frame follows. The offset of an
/// error counts from the start of the slice; inside a compressed payload, inflated bytes are counted
/// from where the payload starts.
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
pub struct Packets<'a, 's, P, V = Version> {
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
            frames: Frames::new(version, P::SIDE, bytes),
            limits,
            inflater: None,
            scratch: &mut [],
            packets: PhantomData,
        }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { frames: self.frames.with_limits(limits), limits, ..self }
    }

    /// The same with a place in which compressed payloads are inflated, one behind the other: it has
    /// to hold all of them.
    #[must_use]
    pub fn with_scratch(self, inflater: &'a mut Inflater, scratch: &'a mut [u8]) -> Self {
        Self { inflater: Some(inflater), scratch, ..self }
    }
}

impl<'a, P: AnyPacket<'a>, V: Dialect> Iterator for Packets<'a, 'a, P, V> {
    type Item = Result<P, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.frames.offset();
        let frame = match self.frames.next()? {
            Ok(frame) => frame,
            Err(error) => return Some(Err(error)),
        };
        let version = self.frames.version();
        let payload = match frame.plain_payload() {
            Ok(payload) => payload,
            Err(error) => match self.inflate(&frame) {
                Some(Ok(payload)) => payload,
                Some(Err(error)) => return Some(Err(error.after(at))),
                None => return Some(Err(error.after(at))),
            },
        };
        let body_at = at.saturating_add(frame.header_len());
        Some(P::decode_any(version, frame.id, payload, body_at))
    }
}

impl<'a, P, V: Dialect> Packets<'a, 'a, P, V> {
    #[cold]
    fn inflate(&mut self, frame: &super::Frame<'a>) -> Option<Result<&'a [u8], Error>> {
        let inflater = self.inflater.as_deref_mut()?;
        let allowed = allowed_scratch(self.frames.version(), &self.limits, frame.id, self.scratch);
        let len = match frame.payload(inflater, allowed) {
            Ok(payload) => payload.len(),
            Err(error) => return Some(Err(error)),
        };
        let (payload, rest) = core::mem::take(&mut self.scratch).split_at_mut_checked(len)?;
        self.scratch = rest;
        Some(Ok(payload))
    }
}
