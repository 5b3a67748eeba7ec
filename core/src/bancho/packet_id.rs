//! Packet ids and their wire ids in each version.

use super::dialect::Dialect;
use super::version::Version;
use core::fmt;

/// The side that sends a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// A game client. chio's names of its packets start with `Osu`.
    Client,
    /// A server. chio's names of its packets start with `Bancho`.
    Server,
}

impl Side {
    /// Returns the other side of a connection.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// `client` or `server`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The id of a packet, which is its wire id from b1788 on.
///
/// Before b1788, two more packets shifted the wire ids of others; [`on_wire`](Self::on_wire) and
/// [`from_wire`](Self::from_wire) translate them. These two packets have the ids `0xffff` and `0xfffe` here, as in
/// chio; on the wire, the ids do not occur.
///
/// Each packet type has its id as a constant, such as `client::Message::ID`. [`Frames`](super::Frames) has an example of
/// routing by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketId(pub u16);

impl PacketId {
    /// `BanchoIrcJoin`, before b1788.
    pub const IRC_JOIN: Self = Self(0xffff);
    /// `OsuMatchChangeBeatmap`, from b323 to b339.
    pub const MATCH_CHANGE_BEATMAP: Self = Self(0xfffe);

    /// `BanchoCommandError` in chio's list. Its payload and its versions are not known: it decodes as
    /// [`Unknown`](super::Unknown), like the next three.
    pub const COMMAND_ERROR: Self = Self(6);
    /// Sent by a server, according to the packet lists of other servers.
    pub const ALL_PLAYERS_LOADED: Self = Self(45);
    /// `BanchoUnauthorized` in chio's list.
    pub const UNAUTHORIZED: Self = Self(62);
    /// Sent by a client, according to the packet lists of other servers.
    pub const IRC_ONLY: Self = Self(84);

    /// The wire id in this version, or `None` if the packet has none.
    ///
    /// ```
    /// use lobbywire_core::bancho::{PacketId, Version};
    ///
    /// let stats = PacketId(11);
    /// assert_eq!(stats.on_wire(Version::LATEST), Some(11));
    /// assert_eq!(stats.on_wire(Version::from_build(394)), Some(12));
    /// assert_eq!(PacketId::IRC_JOIN.on_wire(Version::from_build(394)), Some(11));
    /// assert_eq!(PacketId::IRC_JOIN.on_wire(Version::LATEST), None);
    /// ```
    #[inline]
    pub fn on_wire<V: Dialect>(self, version: V) -> Option<u16> {
        match self {
            // The first eleven are the same in all versions.
            Self(id @ 0..11) => Some(id),
            _ if version.since(1788) => Some(self.0).filter(|_| self < Self::MATCH_CHANGE_BEATMAP),
            _ => self.before_1788(version),
        }
    }

    fn before_1788<V: Dialect>(self, version: V) -> Option<u16> {
        match self {
            Self::IRC_JOIN => Some(11),
            Self::MATCH_CHANGE_BEATMAP if version.since(340) => None,
            Self::MATCH_CHANGE_BEATMAP if version.since(334) => Some(51),
            Self::MATCH_CHANGE_BEATMAP => Some(50).filter(|_| version.since(323)),
            Self(id @ 0..11) => Some(id),
            Self(id @ 11..45) => id.checked_add(1),
            Self(id) if version.since(340) => id.checked_add(1),
            // MatchChangeBeatmap has the wire id 51 here and shifts the ids after it once more.
            Self(id @ 50..) if version.since(334) => id.checked_add(2),
            Self(id) if version.since(334) => id.checked_add(1),
            Self(id @ 51..) if !version.since(323) => id.checked_add(1),
            Self(id) => Some(id),
        }
    }

    /// The packet id of a wire id in this version, or `None` if no packet can have this wire id.
    #[inline]
    pub fn from_wire<V: Dialect>(version: V, wire: u16) -> Option<Self> {
        let id = if version.since(1788) {
            Self(wire)
        } else {
            Self::from_wire_before_1788(version.version(), wire)?
        };
        // The two highest ids are used in this crate only, not on the wire.
        let is_invented = id >= Self::MATCH_CHANGE_BEATMAP && id.on_wire(version) != Some(wire);
        Some(id).filter(|_| !is_invented)
    }

    fn from_wire_before_1788(version: Version, wire: u16) -> Option<Self> {
        let build = version.build();
        Some(match (wire, build) {
            (11, _) => Self::IRC_JOIN,
            (50, 323..334) | (51, 334..340) => Self::MATCH_CHANGE_BEATMAP,
            (0..11, _) => Self(wire),
            (12..=45, ..334) => Self(wire.checked_sub(1)?),
            (51.., ..323) => Self(wire.checked_sub(1)?),
            (_, ..334) => Self(wire),
            (52.., 334..340) => Self(wire.checked_sub(2)?),
            _ => Self(wire.checked_sub(1)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packet id, and the wire ids in b282, b323, b334 and b340.
    const RAW: [(u16, [Option<u16>; 4]); 12] = [
        (10, [Some(10), Some(10), Some(10), Some(10)]),
        (11, [Some(12), Some(12), Some(12), Some(12)]),
        (44, [Some(45), Some(45), Some(45), Some(45)]),
        (46, [Some(46), Some(46), Some(47), Some(47)]),
        (49, [Some(49), Some(49), Some(50), Some(50)]),
        (50, [Some(50), Some(50), Some(52), Some(51)]),
        (51, [Some(52), Some(51), Some(53), Some(52)]),
        (58, [Some(59), Some(58), Some(60), Some(59)]),
        (63, [Some(64), Some(63), Some(65), Some(64)]),
        (82, [Some(83), Some(82), Some(84), Some(83)]),
        (0xffff, [Some(11), Some(11), Some(11), Some(11)]),
        (0xfffe, [None, Some(50), Some(51), None]),
    ];

    #[test]
    fn ids_of_every_era_are_those_of_the_table() {
        for (modern, raw) in RAW {
            for (raw, build) in raw.into_iter().zip([282, 323, 334, 340]) {
                assert_eq!(PacketId(modern).on_wire(Version::from_build(build)), raw, "{modern} in b{build}");
            }
            let latest = PacketId(modern).on_wire(Version::LATEST);
            assert_eq!(latest, if modern < 0xfffe { Some(modern) } else { None });
        }
    }

    #[test]
    fn every_number_on_the_wire_that_has_a_meaning_keeps_it_both_ways() {
        for version in Version::all() {
            for wire in 0..=u16::MAX {
                let Some(id) = PacketId::from_wire(version, wire) else { continue };
                // Two wire ids next to a shifting packet may have the same packet id. The one that is
                // written must be translated back.
                if let Some(written) = id.on_wire(version) {
                    assert_eq!(PacketId::from_wire(version, written), Some(id), "{wire} in {version}");
                }
            }
            for id in 0..=110 {
                // In b282 to b322 and b323 to b339, some ids are used by no packet.
                let is_hole = matches!((id, version.build()), (50, 282..323) | (45, ..334) | (50, 323..334));
                let wire = PacketId(id).on_wire(version).unwrap();
                if !is_hole {
                    assert_eq!(PacketId::from_wire(version, wire), Some(PacketId(id)), "{id} in {version}");
                }
            }
        }
    }

    #[test]
    fn the_invented_numbers_are_not_on_the_wire() {
        for version in Version::all() {
            for wire in [0xfffe, 0xffff] {
                let id = PacketId::from_wire(version, wire);
                assert!(id < Some(PacketId::MATCH_CHANGE_BEATMAP), "{wire} in {version}: {id:?}");
            }
        }
    }
}
