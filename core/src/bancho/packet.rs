//! The traits of packets, and packets without a known layout.

use super::change::ChangeKind;
use super::dialect::{Dialect, Predicate, use_latest_fast_path};
use super::overrides::PayloadOverrides;
use super::packet_id::{PacketId, Side};
use super::packet_info::{PacketInfo, PacketKind};
use super::writer::{FrameWriter, WriteError};
use crate::wire::{Counter, Error, Fault, Full, Observer, Reader, Sink};

/// A packet that can be written.
///
/// It is implemented by all packets of [`client`](super::client) and [`server`](super::server) and by
/// the enums of all packets of a side. Implement it for custom packets.
pub trait Encode {
    /// Returns the packet's row in the table.
    fn packet_info(&self) -> &'static PacketInfo;

    /// Returns the wire id, or `None` if the version does not have the packet.
    #[inline(always)]
    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
        let info = self.packet_info();
        if info.is_known_by(version) { info.id.on_wire(version) } else { None }
    }

    /// Writes the payload in the layout of the version, uncompressed and without a header. Numbers
    /// saturate, flag bits are masked, and fields that the version lacks are omitted.
    ///
    /// # Errors
    /// [`Full`] if the payload does not fit into the sink.
    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full>;

    /// Returns the number of bytes that [`encode`](Self::encode) writes.
    fn encoded_len<V: Dialect>(&self, version: V) -> usize {
        let mut counter = Counter::default();
        // A counter is full only beyond the address space.
        let _ = self.encode(version, &mut counter);
        counter.0
    }

    /// Returns the first field whose value the version cannot represent; `""` if the packet is a single
    /// value. The default implementation returns `None`.
    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
        let _ = version;
        None
    }

    /// Reports each field whose value the version cannot represent. Names are those of
    /// [`first_unrepresentable`](Self::first_unrepresentable).
    #[inline]
    fn visit_unrepresentable<V: Dialect>(
        &self,
        version: V,
        report: &mut dyn FnMut(&'static str, ChangeKind),
    ) {
        if let Some(field) = self.first_unrepresentable(version) {
            report(field, ChangeKind::Narrowed);
        }
    }

    /// Writes the packet leniently, or its replacement in the version. Returns the number of frames
    /// written. [`FrameWriter::write`] calls this method.
    ///
    /// # Errors
    /// [`Full`] if a frame does not fit into the buffer. Earlier frames of the packet are kept.
    #[inline]
    fn send<V: Dialect, O: PayloadOverrides>(&self, out: &mut FrameWriter<'_, V, O>) -> Result<usize, Full> {
        send_unchanged(self, out)
    }

    /// Calls `visitor` with the packet and its kind. Returns `None` for custom packets, which have none.
    #[doc(hidden)]
    #[inline(always)]
    fn visit_kind<T: KindVisitor>(&self, visitor: T) -> Option<T::Output> {
        let _ = visitor;
        None
    }
}

/// A function for packets of any [kind](PacketKind).
#[doc(hidden)]
pub trait KindVisitor {
    type Output;

    fn visit<P: PacketKind>(self, packet: &P::In<'_>) -> Self::Output;
}

/// Writes a packet as one frame, or nothing if the version does not have it.
#[inline(always)]
pub(crate) fn send_unchanged<P: Encode + ?Sized, V: Dialect, O: PayloadOverrides>(
    packet: &P,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if O::ACTIVE
        && let Some(sent) = send_overridden(packet, out)
    {
        return sent.map(|()| 1);
    }
    let Some(id) = packet.wire_id(out.version()) else {
        return Ok(0);
    };
    out.frame(id, |version, sink| packet.encode(version, sink))?;
    Ok(1)
}

/// Writes an overridden packet as one frame. Returns `None` if the packet is not overridden.
pub(crate) fn send_overridden<P: Encode + ?Sized, V: Dialect, O: PayloadOverrides>(
    packet: &P,
    out: &mut FrameWriter<'_, V, O>,
) -> Option<Result<(), Full>> {
    struct Send<'w, 'b, V, O>(&'w mut FrameWriter<'b, V, O>);

    impl<V: Dialect, O: PayloadOverrides> KindVisitor for Send<'_, '_, V, O> {
        type Output = Option<Result<(), Full>>;

        fn visit<P: PacketKind>(self, packet: &P::In<'_>) -> Self::Output {
            self.0.overridden_frame::<P>(packet)
        }
    }

    packet.visit_kind(Send(out)).flatten()
}

/// Returns whether `overrides` writes the packet in a version.
pub(crate) fn is_overridden<V: Dialect, O: PayloadOverrides>(
    packet: &impl Encode,
    version: V,
    overrides: O,
) -> bool {
    struct IsOverridden<V, O>(V, O);

    impl<V: Dialect, O: PayloadOverrides> KindVisitor for IsOverridden<V, O> {
        type Output = bool;

        fn visit<P: PacketKind>(self, _: &P::In<'_>) -> bool {
            self.1.encodes::<P>(self.0.version())
        }
    }

    O::ACTIVE && packet.visit_kind(IsOverridden(version, overrides)) == Some(true)
}

impl<V: Dialect, O: PayloadOverrides> FrameWriter<'_, V, O> {
    /// Writes a packet leniently. Returns the number of frames written; 0 means that this version has no
    /// such packet.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    #[inline]
    pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
        if !O::ACTIVE && use_latest_fast_path(self.version()) {
            return self.with_latest(|latest| latest.write(packet));
        }
        let before = self.mark();
        let frames = packet.send(self);
        if frames.is_err() {
            self.rewind(before);
        }
        Ok(frames?)
    }

    /// Writes a packet as one frame if the version can represent all its fields.
    ///
    /// # Errors
    /// Any [`WriteError`].
    pub fn write_strict(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        let info = packet.packet_info();
        if is_overridden(packet, self.version(), self.overrides()) {
            return self.write_frame(packet);
        }
        if packet.wire_id(self.version()).is_none() {
            return Err(WriteError::UnknownPacket { packet: info.name });
        }
        match packet.first_unrepresentable(self.version()) {
            Some(field) => Err(WriteError::Unrepresentable { packet: info.name, field }),
            None => self.write_frame(packet),
        }
    }

    /// Writes a packet as one frame, never as one of the replacements that [`write`](Self::write)
    /// writes. Use it to forward a packet that was read in the same version.
    ///
    /// # Errors
    /// [`WriteError::Full`] and [`WriteError::UnknownPacket`].
    #[inline]
    pub fn write_frame(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        match send_unchanged(packet, self)? {
            0 => Err(WriteError::UnknownPacket { packet: packet.packet_info().name }),
            _ => Ok(()),
        }
    }
}

impl<P: Encode> Encode for &P {
    #[inline(always)]
    fn packet_info(&self) -> &'static PacketInfo {
        (**self).packet_info()
    }

    #[inline(always)]
    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
        (**self).wire_id(version)
    }

    #[inline(always)]
    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
        (**self).encode(version, out)
    }

    #[inline(always)]
    fn encoded_len<V: Dialect>(&self, version: V) -> usize {
        (**self).encoded_len(version)
    }

    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
        (**self).first_unrepresentable(version)
    }

    #[inline]
    fn visit_unrepresentable<V: Dialect>(
        &self,
        version: V,
        report: &mut dyn FnMut(&'static str, ChangeKind),
    ) {
        (**self).visit_unrepresentable(version, report);
    }

    #[inline(always)]
    fn send<V: Dialect, O: PayloadOverrides>(&self, out: &mut FrameWriter<'_, V, O>) -> Result<usize, Full> {
        (**self).send(out)
    }

    #[inline(always)]
    fn visit_kind<T: KindVisitor>(&self, visitor: T) -> Option<T::Output> {
        (**self).visit_kind(visitor)
    }
}

/// A packet that can be read.
pub trait Decode<'a>: Encode + Sized {
    /// The packet's row in the table.
    const INFO: &'static PacketInfo;

    /// Reads a payload, uncompressed and without its header. Bytes after the last field are ignored, as
    /// clients and servers do.
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error>;

    /// Reads a payload with the layout of `overrides` if it contains one for this packet, else like
    /// [`decode`](Self::decode).
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    #[inline(always)]
    fn decode_with<V: Dialect, O: PayloadOverrides>(
        version: V,
        overrides: O,
        payload: &'a [u8],
    ) -> Result<Self, Error> {
        let _ = overrides;
        Self::decode(version, payload)
    }

    /// Reads a payload and reports each field to `observer`. The default implementation reports none.
    ///
    /// # Errors
    /// As [`decode`](Self::decode). The fields before the malformed one have been reported.
    fn trace<V: Dialect, O: Observer>(version: V, payload: &'a [u8], observer: O) -> Result<Self, Error> {
        let _ = observer;
        Self::decode(version, payload)
    }
}

/// A packet's layout.
pub trait Layout<'a> {
    /// Reads a packet into `self`.
    fn read<V: Dialect, O: Observer>(&mut self, version: V, r: &mut Reader<'a, O>) -> Result<(), Fault>;

    /// Visits the version predicates on which the payload depends, and those of the packet's downgrade rule
    /// in [`compat`](super::compat).
    fn visit_predicates(visit: &mut impl FnMut(Predicate));

    /// Returns whether a payload may end before its last fields.
    #[cfg_attr(not(feature = "laws"), allow(dead_code))]
    fn has_optional_fields<V: Dialect>(version: V) -> bool;
}

/// A packet without a known layout: its id is in no table, or the version does not have the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unknown<'a> {
    /// The wire id. It may differ from the modern one; see [`PacketId`].
    pub wire_id: u16,
    /// The uncompressed payload.
    pub payload: &'a [u8],
}

impl Unknown<'_> {
    /// The row of packets that are in no table.
    pub const INFO: PacketInfo = PacketInfo::new("Unknown", Side::Client, PacketId(u16::MAX));
}

impl Encode for Unknown<'_> {
    fn packet_info(&self) -> &'static PacketInfo {
        &Self::INFO
    }

    fn wire_id<V: Dialect>(&self, _: V) -> Option<u16> {
        Some(self.wire_id)
    }

    fn encode<V: Dialect, S: Sink>(&self, _: V, out: &mut S) -> Result<(), Full> {
        out.put(self.payload)
    }

    fn first_unrepresentable<V: Dialect>(&self, _: V) -> Option<&'static str> {
        None
    }
}
