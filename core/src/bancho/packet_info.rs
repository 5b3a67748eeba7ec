//! Static information about packets.

use super::dialect::Dialect;
use super::layout::Origin;
use super::packet_id::{PacketId, Side};
use super::version::Version;

/// A row of the table of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketInfo {
    /// The packet's name in chio.
    pub name: &'static str,
    /// The side that sends the packet.
    pub side: Side,
    /// The packet's id.
    pub id: PacketId,
    /// The build number of the first class that has the packet.
    pub first: u32,
    /// The build number of the first class without the packet; `u32::MAX` if all later ones have it.
    pub gone: u32,
    /// The build number of the first class for which a server sends the packet or a replacement
    /// ([`compat`](super::compat)). Without a replacement, this is [`first`](Self::first).
    pub replaced_since: u32,
    /// The origin on which the packet's layout depends.
    pub(crate) origin: Origin,
}

impl PacketInfo {
    /// Creates the row of a custom packet, which all versions have.
    ///
    /// ```
    /// use lobbywire_core::bancho::{PacketId, PacketInfo, Side, Version};
    ///
    /// const INFO: PacketInfo = PacketInfo::new("ExampleSeason", Side::Server, PacketId(200)).since(20130801);
    /// assert!(INFO.is_known_by(Version::LATEST) && !INFO.is_known_by(Version::OLDEST));
    /// ```
    pub const fn new(name: &'static str, side: Side, id: PacketId) -> Self {
        Self { name, side, id, first: 0, gone: u32::MAX, replaced_since: 0, origin: Origin::of(side) }
    }

    /// Returns the row for a packet that was added in the class of `build`.
    #[must_use]
    pub const fn since(self, build: u32) -> Self {
        let first = Version::from_build(build).build();
        Self { first, replaced_since: first, ..self }
    }

    /// Returns the row for a packet that was removed in the class of `build`.
    #[must_use]
    pub const fn until(self, build: u32) -> Self {
        Self { gone: Version::from_build(build).build(), ..self }
    }

    /// Returns whether a version has the packet.
    #[inline(always)]
    pub fn is_known_by<V: Dialect>(&self, version: V) -> bool {
        version.since(self.first) && !version.since(self.gone)
    }

    /// Returns whether a server sends the packet or a replacement to clients of a version.
    #[inline]
    pub fn is_sent_to<V: Dialect>(&self, version: V) -> bool {
        version.since(self.replaced_since) && !version.since(self.gone)
    }
}

/// A packet type of [`client`](super::client) or [`server`](super::server), independent of the lifetime
/// of its data: `server::Message<'static>` represents `server::Message<'_>`.
///
/// Functions that read or write packets of any lifetime use it as a type parameter.
pub trait PacketKind: 'static {
    /// The packet with data of lifetime `'a`.
    type In<'a>;

    /// The packet's row in the table.
    const INFO: &'static PacketInfo;
}
