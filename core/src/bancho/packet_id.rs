//! Packet ids and their numbers on the wire.

use super::dialect::Dialect;
use super::version::Version;
use core::fmt;

/// The side that sends a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// A game client; chio's names start with `Osu`.
    Client,
    /// A server; chio's names start with `Bancho`.
    Server,
}

impl Side {
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

/// The id of a packet, as it is on the wire from b1788 on.
///
/// Before, there were two more packets, which shifted the others; [`on_wire`](Self::on_wire) and
/// [`from_wire`](Self::from_wire) translate. The two have numbers of their own here, as in chio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketId(pub u16);

impl PacketId {
    /// `BanchoIrcJoin`, before b1788.
    pub const IRC_JOIN: Self = Self(0xffff);
    /// `OsuMatchChangeBeatmap`, from b323 to b339.
    pub const MATCH_CHANGE_BEATMAP: Self = Self(0xfffe);

    /// `BanchoCommandError` in chio's list. Nobody knows which version knows it, or what it carries:
    /// like the three that follow, it passes as [`Unknown`](super::Unknown).
    pub const COMMAND_ERROR: Self = Self(6);
    /// In the lists of other servers; from a server.
    pub const ALL_PLAYERS_LOADED: Self = Self(45);
    /// `BanchoUnauthorized` in chio's list.
    pub const UNAUTHORIZED: Self = Self(62);
    /// In the lists of other servers; from a client.
    pub const IRC_ONLY: Self = Self(84);

    /// The number on the wire in this version, or `None` where the packet has none.
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
            // The first eleven never moved.
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
            // One more behind the raw id of MatchChangeBeatmap.
            Self(id @ 50..) if version.since(334) => id.checked_add(2),
            Self(id) if version.since(334) => id.checked_add(1),
            Self(id @ 51..) if !version.since(323) => id.checked_add(1),
            Self(id) => Some(id),
        }
    }

    /// The packet that a number on the wire stands for in this version, or `None` where it can't
    /// stand for any.
    #[inline]
    pub fn from_wire<V: Dialect>(version: V, wire: u16) -> Option<Self> {
        let id = if version.since(1788) {
            Self(wire)
        } else {
            Self::from_wire_before_1788(version.version(), wire)?
        };
        // The two highest numbers have a meaning of their own here, and only here.
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

    /// Columns of the table in which the ids of every era stand: modern, and raw in b282, b323,
    /// b334 and b340.
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
                // Numbers next to a packet that shifts may stand for the same; those that a packet
                // is written with must come back.
                if let Some(written) = id.on_wire(version) {
                    assert_eq!(PacketId::from_wire(version, written), Some(id), "{wire} in {version}");
                }
            }
            for id in 0..=110 {
                // b282 to b322 and b323 to b339 have holes that no packet of theirs falls into.
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
