//! What every packet can do, and the packets that are in no table.

use super::packet_id::{PacketId, Side};
use super::version::{Dialect, Version};
use super::writer::FrameWriter;
use crate::wire::{Counter, Error, Fault, Full, Observer, Reader, Sink};

/// A row in the table of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketInfo {
    /// The name in chio.
    pub name: &'static str,
    /// Who sends it.
    pub side: Side,
    /// The id, as it is from b1788 on.
    pub id: PacketId,
    /// The first class of builds that knows it.
    pub first: u32,
    /// The first class of builds that does not know it any more; `u32::MAX` where all do.
    pub gone: u32,
    /// The first class of builds for which a server that sends it has something else to send
    /// instead ([`compat`](super::compat)); [`first`](Self::first) where there is nothing.
    pub replaced_since: u32,
}

impl PacketInfo {
    /// The row of a packet of somebody's own, which every version knows. The id is as it is from
    /// b1788 on; see [`PacketId`].
    ///
    /// ```
    /// use lobbywire_core::bancho::{PacketId, PacketInfo, Side, Version};
    ///
    /// const INFO: PacketInfo = PacketInfo::new("ExampleSeason", Side::Server, PacketId(200)).since(20130801);
    /// assert!(INFO.is_known_by(Version::LATEST) && !INFO.is_known_by(Version::OLDEST));
    /// ```
    pub const fn new(name: &'static str, side: Side, id: PacketId) -> Self {
        Self { name, side, id, first: 0, gone: u32::MAX, replaced_since: 0 }
    }

    /// The same for a packet that versions know from this build's class on.
    #[must_use]
    pub const fn since(self, build: u32) -> Self {
        let first = Version::from_build(build).build();
        Self { first, replaced_since: first, ..self }
    }

    /// The same for a packet that versions do not know any more from this build's class on.
    #[must_use]
    pub const fn until(self, build: u32) -> Self {
        Self { gone: Version::from_build(build).build(), ..self }
    }

    /// Whether a version knows the packet.
    #[inline(always)]
    pub fn is_known_by<V: Dialect>(&self, version: V) -> bool {
        version.since(self.first) && !version.since(self.gone)
    }

    /// Whether a version knows the packet or what is sent instead.
    #[inline]
    pub fn is_sent_to<V: Dialect>(&self, version: V) -> bool {
        version.since(self.replaced_since) && !version.since(self.gone)
    }
}

/// A packet that can be written.
///
/// All packets of [`client`](super::client) and [`server`](super::server) are, and the enums over
/// them.
pub trait Encode {
    /// The packet's row in the table.
    fn packet_info(&self) -> &'static PacketInfo;

    /// The id on the wire, or `None` where the version does not know the packet.
    #[inline(always)]
    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
        let info = self.packet_info();
        if info.is_known_by(version) { info.id.on_wire(version) } else { None }
    }

    /// Writes the payload as the version lays it out, uncompressed and without a header. Numbers
    /// saturate, flags are cut, and fields that the version lacks are left out.
    ///
    /// # Errors
    /// [`Full`] where the sink has no room.
    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full>;

    /// How many bytes [`encode`](Self::encode) writes: the same encoder, counting.
    fn encoded_len<V: Dialect>(&self, version: V) -> usize {
        let mut counter = Counter::default();
        // A counter only fills up beyond the address space.
        let _ = self.encode(version, &mut counter);
        counter.0
    }

    /// The first field whose value the version can't carry as it is; `""` where the packet is one
    /// value. By itself none.
    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
        let _ = version;
        None
    }

    /// Reports every field whose value the version can't carry as it is, as [`first_unrepresentable`](Self::first_unrepresentable)
    /// names it.
    #[inline]
    fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str)) {
        if let Some(field) = self.first_unrepresentable(version) {
            report(field);
        }
    }

    /// Writes the packet leniently, or what stands for it in the version, and says how many frames
    /// that took. [`FrameWriter::write`] calls this.
    ///
    /// # Errors
    /// [`Full`]; frames that were written before stay.
    #[inline]
    fn send<V: Dialect>(&self, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
        match self.wire_id(out.version()) {
            Some(id) => {
                out.frame(id, |version, sink| self.encode(version, sink))?;
                Ok(1)
            }
            None => Ok(0),
        }
    }
}

/// By reference, a packet is written as it is by value.
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
    fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str)) {
        (**self).visit_unrepresentable(version, report);
    }

    #[inline(always)]
    fn send<V: Dialect>(&self, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
        (**self).send(out)
    }
}

/// A packet that can be read.
pub trait Decode<'a>: Encode + Sized {
    /// The packet's row in the table.
    const INFO: &'static PacketInfo;

    /// Reads a payload, uncompressed and without its header. Bytes behind what the version lays out
    /// are left alone, as clients and servers do.
    ///
    /// # Errors
    /// What is wrong with the payload, and at which of its bytes.
    fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error>;

    /// Reads a payload, and tells `observer` every field; by itself none.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); the observer has then seen the fields before the damaged one.
    fn trace<V: Dialect, O: Observer>(version: V, payload: &'a [u8], observer: O) -> Result<Self, Error> {
        let _ = observer;
        Self::decode(version, payload)
    }
}

/// One packet of [`client`](super::client) or [`server`](super::server) as a kind, whatever it
/// borrows from: `server::Message<'static>` stands for `server::Message` of every lifetime.
///
/// A function that reads or writes packets of any lifetime can so name what it is for.
pub trait PacketKind: 'static {
    /// The packet, borrowing for `'a`.
    type In<'a>: Decode<'a>;
}

/// A packet's layout.
pub trait Layout<'a> {
    /// Reads a packet into its place.
    fn read<V: Dialect, O: Observer>(&mut self, version: V, r: &mut Reader<'a, O>) -> Result<(), Fault>;

    /// Whether any such packet stands on the wire alike in two versions that know it.
    fn same_layout<A: Dialect, B: Dialect>(one: A, other: B) -> bool;
}

/// A packet that is in no table, or that the version does not know: it passes through untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unknown<'a> {
    /// The wire id. It may differ from the modern one; see [`PacketId`].
    pub wire_id: u16,
    /// The payload, inflated.
    pub payload: &'a [u8],
}

impl Unknown<'_> {
    /// The row that stands for packets without one.
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
