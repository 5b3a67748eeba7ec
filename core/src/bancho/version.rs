//! The table of client versions.
//!
//! Two numbers decide the layout of a packet: the client's build and the negotiated protocol version.
//! [`Version`] carries both.

use core::fmt;
use core::str::FromStr;

/// A class of client builds that share all packet layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Class {
    /// The number in the name of the class: build 20130815 belongs to `b20130801`.
    pub build: u32,
    /// The first build of the class. It equals [`build`](Self::build), except in `b20130131`: chio
    /// assigns builds from 20130121 on to that class.
    pub first: u32,
    /// The protocol version that a server announces to these builds (packet 75); 0 before b489.
    pub protocol: u8,
}

const fn class(build: u32, first: u32, protocol: u8) -> Class {
    Class { build, first, protocol }
}

/// All classes, oldest first. A class ends where the next one begins.
///
/// These are chio's 75 client classes. The rows of the packet layouts define what changed in each of
/// them.
pub const CLASSES: &[Class] = &[
    class(282, 282, 0),
    class(291, 291, 0),
    class(294, 294, 0),
    class(296, 296, 0),
    class(298, 298, 0),
    class(312, 312, 0),
    class(320, 320, 0),
    class(323, 323, 0),
    class(334, 334, 0),
    class(338, 338, 0),
    class(340, 340, 0),
    class(342, 342, 0),
    class(349, 349, 0),
    class(354, 354, 0),
    class(365, 365, 0),
    class(374, 374, 0),
    class(388, 388, 0),
    class(402, 402, 0),
    class(425, 425, 0),
    class(452, 452, 0),
    class(470, 470, 0),
    class(487, 487, 0),
    class(489, 489, 1),
    class(490, 490, 1),
    class(504, 504, 2),
    class(535, 535, 3),
    class(558, 558, 4),
    class(591, 591, 4),
    class(613, 613, 4),
    class(634, 634, 4),
    class(659, 659, 4),
    class(695, 695, 4),
    class(1183, 1183, 5),
    class(1365, 1365, 5),
    class(1600, 1600, 5),
    class(1788, 1788, 6),
    class(1796, 1796, 6),
    class(1797, 1797, 7),
    class(1800, 1800, 7),
    class(1817, 1817, 7),
    class(1820, 1820, 7),
    class(20120518, 20120518, 7),
    class(20120703, 20120703, 7),
    class(20120723, 20120723, 8),
    class(20120725, 20120725, 9),
    class(20120806, 20120806, 10),
    class(20120818, 20120818, 11),
    class(20121023, 20121023, 11),
    class(20121028, 20121028, 12),
    class(20121203, 20121203, 13),
    class(20121207, 20121207, 13),
    class(20121211, 20121211, 13),
    class(20121212, 20121212, 13),
    class(20121221, 20121221, 13),
    class(20121224, 20121224, 13),
    class(20121225, 20121225, 15),
    class(20130118, 20130118, 16),
    class(20130131, 20130121, 16),
    class(20130209, 20130209, 16),
    class(20130303, 20130303, 17),
    class(20130418, 20130418, 18),
    class(20130509, 20130509, 18),
    class(20130604, 20130604, 18),
    class(20130801, 20130801, 18),
    class(20140528, 20140528, 18),
    class(20140716, 20140716, 18),
    class(20140731, 20140731, 18),
    class(20141104, 20141104, 18),
    class(20150826, 20150826, 18),
    class(20150915, 20150915, 19),
    class(20151106, 20151106, 19),
    class(20151107, 20151107, 19),
    class(20160404, 20160404, 19),
    class(20161101, 20161101, 19),
    class(20250306, 20250306, 19),
];

/// The first build with the long frame header: 7 bytes, with a compression flag, instead of 6.
///
/// The same build replaced the bit sets of a match's slots with arrays, which allow more than 8 slots.
pub(crate) const LONG_HEADER: u32 = 334;

/// The first build to which payloads are sent uncompressed and which requests the stats of users itself.
pub(crate) const UNCOMPRESSED: u32 = 1800;

/// The largest number of slots in a match of any version.
pub const MAX_SLOTS: usize = 16;

/// The largest number of slots that the bit sets of a match before [`LONG_HEADER`] hold.
const MAX_SLOT_BITS: u8 = 8;

/// The first build that displays links in chat messages in the form that servers receive them in.
pub(crate) const UNFORMATTED_LINKS: u32 = 20121225;

/// How a version compresses payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Compression {
    /// Every payload is gzip, even an empty one. The header has no flag. Before b334.
    Always,
    /// A flag in the header marks compressed payloads. Writers compress payloads longer than 150 bytes.
    /// From b334 to b1799.
    ByFlag,
    /// Writers do not compress. Readers still honour the flag. From b1800 on.
    Never,
}

impl Compression {
    /// The mode's stable name: `always`, `flag` or `never`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::ByFlag => "flag",
            Self::Never => "never",
        }
    }
}

/// A client version: the class of its build, the protocol version, and the number of slots in a match.
///
/// The build decides most layouts. Some fields also require a protocol version, which the server
/// announces and may lower ([`with_protocol`](Self::with_protocol)). The size of a `Version` is 8 bytes.
///
/// ```
/// use lobbywire_core::bancho::Version;
///
/// // A build between two known ones uses the layouts of the older one.
/// let version = Version::from_build(20130815);
/// assert_eq!((version.build(), version.protocol(), version.slots()), (20130801, 18, 8));
/// assert_eq!("b20130815.3cuttingedge".parse(), Ok(version));
/// assert_eq!(version.to_string(), "b20130801");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Version {
    build: u32,
    protocol: u8,
    /// 0 if the build and the protocol version decide.
    slots: u8,
    /// See [`Version::with_chat_links_as_they_are`]; false from b20121225 on.
    keeps_chat_links: bool,
}

impl Version {
    /// The oldest version, `b282` of 2008.
    pub const OLDEST: Self = Self::from_build(0);

    /// The newest known version, `b20250306`.
    pub const LATEST: Self = Self::from_build(u32::MAX);

    /// Returns the version of a build: the newest class that starts at or before it.
    ///
    /// All numbers resolve as in chio's `select_client`; numbers below 282 are `b282`.
    pub const fn from_build(build: u32) -> Self {
        let mut classes = CLASSES;
        while let [rest @ .., class] = classes {
            if class.first <= build || rest.is_empty() {
                return Self {
                    build: class.build,
                    protocol: class.protocol,
                    slots: 0,
                    keeps_chat_links: false,
                };
            }
            classes = rest;
        }
        Self { build: 282, protocol: 0, slots: 0, keeps_chat_links: false }
    }

    /// Returns all known versions, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        CLASSES.iter().map(|class| Self::from_build(class.first))
    }

    /// Returns the same build with another protocol version, as announced by a server.
    ///
    /// Fields that require a newer protocol version are neither written nor expected.
    #[must_use]
    pub const fn with_protocol(self, protocol: u8) -> Self {
        Self { protocol, ..self }
    }

    /// Returns the same build with another number of slots in a match, clamped to 1 to 16 (1 to 8 before
    /// b334).
    #[must_use]
    pub const fn with_slots(self, slots: u8) -> Self {
        let most = if self.build < LONG_HEADER { MAX_SLOT_BITS } else { 16 };
        let slots = if slots < 1 {
            1
        } else if slots > most {
            most
        } else {
            slots
        };
        Self { slots, ..self }
    }

    /// The same build, but servers send links in chat messages as they are, instead of in the form that clients
    /// before b20121225 display (chio's `format_chat_links = False`). Later builds display links as they are.
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameWriter, Version, server};
    ///
    /// let message = server::Message::new("BanchoBot", "[https://osu.ppy.sh osu!]", "#osu");
    /// let sent = |version| {
    ///     let mut buffer = [0; 64];
    ///     let mut out = FrameWriter::new(version, &mut buffer);
    ///     out.write(&message).unwrap();
    ///     String::from_utf8_lossy(out.written()).into_owned()
    /// };
    /// let version = Version::from_build(394);
    /// assert!(sent(version).contains("(osu!)[https://osu.ppy.sh]"));
    /// assert!(sent(version.with_chat_links_as_they_are()).contains("[https://osu.ppy.sh osu!]"));
    /// ```
    #[must_use]
    pub const fn with_chat_links_as_they_are(self) -> Self {
        Self { keeps_chat_links: self.build < UNFORMATTED_LINKS, ..self }
    }

    /// Whether servers write links in chat messages as `(text)[url]`: before b20121225, unless
    /// [`with_chat_links_as_they_are`](Self::with_chat_links_as_they_are) turned that off.
    #[inline(always)]
    pub const fn formats_chat_links(self) -> bool {
        self.build < UNFORMATTED_LINKS && !self.keeps_chat_links
    }

    /// Returns the number of the build's class, such as 20130801. See [`CLASSES`].
    #[inline(always)]
    pub const fn build(self) -> u32 {
        self.build
    }

    /// Returns the protocol version, 0 to 19 unless [overridden](Self::with_protocol).
    #[inline(always)]
    pub const fn protocol(self) -> u8 {
        self.protocol
    }

    /// Returns the number of slots in an encoded match: 8; 16 from b20150915 on, and from b20140528 on
    /// with protocol version 19; or the number set by [`with_slots`](Self::with_slots).
    #[inline(always)]
    pub const fn slots(self) -> usize {
        match self.slots {
            0 if self.build >= 20150915 => 16,
            0 if self.build >= 20140528 && self.protocol >= 19 => 16,
            0 => 8,
            #[allow(clippy::as_conversions)] // u8 to usize, and `from` is not const
            slots => slots as usize,
        }
    }

    /// Returns the first build of the class.
    pub fn first_build(self) -> u32 {
        CLASSES.iter().find(|class| class.build == self.build).map_or(self.build, |class| class.first)
    }

    /// Returns the last build of the class, or `None` for the newest class.
    pub fn last_build(self) -> Option<u32> {
        let next = CLASSES.iter().find(|class| class.build > self.build)?;
        Some(next.first.saturating_sub(1))
    }

    /// Returns the length of a frame's header in bytes: 6 before b334, 7 from then on.
    #[inline(always)]
    pub const fn header_len(self) -> usize {
        if self.build < LONG_HEADER { 6 } else { 7 }
    }

    /// Returns how payloads are compressed.
    #[inline(always)]
    pub const fn compression(self) -> Compression {
        match self.build {
            0..LONG_HEADER => Compression::Always,
            LONG_HEADER..UNCOMPRESSED => Compression::ByFlag,
            _ => Compression::Never,
        }
    }

    /// Returns whether a server must send the stats of a user to all clients after each change, because
    /// clients do not request them. Before b1800; chio's `requires_status_updates`.
    pub const fn requires_status_updates(self) -> bool {
        self.build < UNCOMPRESSED
    }

    /// Returns the channels that a client joins without a request. Clients before b320 have no others.
    pub const fn autojoin_channels(self) -> [&'static str; 2] {
        ["#osu", "#announce"]
    }
}

impl Default for Version {
    /// [`Version::LATEST`].
    fn default() -> Self {
        Self::LATEST
    }
}

impl fmt::Display for Version {
    /// Writes the name of the class: `b` and its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", self.build)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{} (protocol {}, {} slots)", self.build, self.protocol, self.slots())
    }
}

/// The error for a text that is not a client version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a client version: expected a build number such as 282, b394a or b20130815.3cuttingedge",
        )
    }
}

impl core::error::Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Parses a build number with or without a leading `b`. The text after the digits (letter, name,
    /// revision, stream) is ignored, because it never changes the wire format.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let digits = text.strip_prefix('b').unwrap_or(text);
        let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        let suffix_is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let build = digits.get(..end).and_then(|digits| digits.parse().ok());
        match build {
            Some(build) if suffix_is_printable => Ok(Self::from_build(build)),
            _ => Err(NotAVersion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn classes_ascend_and_contain_their_own_build() {
        assert!(
            CLASSES.is_sorted_by(|a, b| a.build < b.build && a.first < b.first && a.protocol <= b.protocol)
        );
        for class in CLASSES {
            assert_eq!(Version::from_build(class.first).build(), class.build);
            assert_eq!(Version::from_build(class.build).build(), class.build);
        }
        assert_eq!(Version::all().len(), 75);
    }

    #[test]
    fn builds_between_classes_belong_to_the_older_class() {
        let cases = [
            (0, 282),
            (290, 282),
            (1797, 1797),
            (1798, 1797),
            (2000, 1820),
            (20120517, 1820),
            (20130120, 20130118),
            (20130121, 20130131),
            (20130130, 20130131),
            (20130815, 20130801),
            (20250305, 20161101),
            (u32::MAX, 20250306),
        ];
        for (build, class) in cases {
            assert_eq!(Version::from_build(build).build(), class, "{build}");
        }
    }

    #[test]
    fn classes_cover_all_builds_without_gaps() {
        let mut next = 282;
        for version in Version::all() {
            assert_eq!(version.first_build(), next);
            next = version.last_build().map_or(0, |last| last + 1);
        }
        assert_eq!((next, Version::LATEST.last_build()), (0, None));
        assert_eq!(Version::from_build(1797).last_build(), Some(1799));
    }

    #[test]
    fn slots_follow_build_and_protocol_and_can_be_overridden() {
        assert_eq!(Version::from_build(20140127).slots(), 8);
        assert_eq!(Version::from_build(20140528).slots(), 8);
        assert_eq!(Version::from_build(20140528).with_protocol(19).slots(), 16);
        assert_eq!(Version::from_build(20150915).with_protocol(0).slots(), 16);
        assert_eq!(Version::from_build(20140127).with_slots(16).slots(), 16);
        assert_eq!(Version::LATEST.with_slots(0).slots(), 1);
        assert_eq!(Version::LATEST.with_slots(99).slots(), MAX_SLOTS);
        assert_eq!(Version::from_build(300).with_slots(16).slots(), 8);
    }

    #[test]
    fn text_after_the_build_number_is_ignored() {
        for (text, name) in [
            ("282", "b282"),
            ("b394a", "b388"),
            ("b20140909.11cuttingedge", "b20140731"),
            ("b20250306.2", "b20250306"),
            ("b20121003shine.test", "b20120818"),
            ("0", "b282"),
        ] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), name, "{text}");
        }
        for text in ["", "b", "beta", "-1", "99999999999", "b1 2"] {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text}");
        }
    }

    #[test]
    fn versions_are_8_bytes() {
        assert_eq!(size_of::<Version>(), 8);
    }
}
