//! The versions of the client, and the two axes that decide a layout.

use super::packet::PacketKind;
use super::payload::{ReadPayload, WritePayload};
use core::fmt;
use core::str::FromStr;

/// One class of client builds that speak alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// The number in the class's name: 20130815 builds speak as `b20130801`.
    pub build: u32,
    /// The first build that belongs here; the class's own number but for `b20130131`, which chio's
    /// lookup reaches from 20130121 on.
    pub first: u32,
    /// The protocol version that a server announces to these builds (packet 75), 0 before b487.
    pub protocol: u8,
}

const fn class(build: u32, first: u32, protocol: u8) -> Class {
    Class { build, first, protocol }
}

/// Every class, oldest first. A class ends where the next begins.
///
/// The numbers are chio's 75 client classes; what each of them changed stands in the rows of the
/// layouts, and nowhere else.
pub const CLASSES: [Class; 75] = [
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

/// The most slots that a match can have in any version.
pub const MAX_SLOTS: usize = 16;

/// The most slots of a match whose slots are bits of a byte, before b334.
const MAX_SLOT_BITS: u8 = 8;

/// The first build that displays links in chat messages in the form that servers receive them in.
pub(crate) const LINKS_AS_THEY_ARE: u32 = 20121225;

/// How a version compresses payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Compression {
    /// Every payload is gzip, even an empty one; the header has no flag (before b334).
    Always,
    /// A flag in the header says so; writers compress payloads of more than 150 bytes (before
    /// b1800).
    ByFlag,
    /// Writers never compress; readers still honour the flag (from b1800 on).
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

/// A client version: the build's class, the protocol version, and the number of slots of a match.
///
/// Eight bytes, `Copy`, compared on every gated field. The build decides most layouts; some fields
/// also want a protocol version, which the server announces and may lower
/// ([`with_protocol`](Self::with_protocol)).
///
/// ```
/// use lobbywire_core::bancho::Version;
///
/// // A build between two known ones speaks as the older of them.
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
    /// 0 stands for what build and protocol version say.
    slots: u8,
    /// See [`Version::with_chat_links_as_they_are`]; false from b20121225 on.
    keeps_chat_links: bool,
}

impl Version {
    /// The oldest version, `b282` of 2008.
    pub const OLDEST: Self = Self::from_build(0);

    /// The newest version that is known, `b20250306`.
    pub const LATEST: Self = Self::from_build(u32::MAX);

    /// The version that a build speaks: the newest class that starts at or below it.
    ///
    /// Every number resolves as in chio's `select_client`; numbers below 282 are `b282`.
    pub const fn from_build(build: u32) -> Self {
        let mut classes: &[Class] = &CLASSES;
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

    /// Every known version, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        CLASSES.iter().map(|class| Self::from_build(class.first))
    }

    /// The same build with another protocol version, as a server may announce it.
    ///
    /// Fields that want a newer protocol are then neither written nor expected.
    #[must_use]
    pub const fn with_protocol(self, protocol: u8) -> Self {
        Self { protocol, ..self }
    }

    /// The same build with another number of slots in a match, 1 to 16 (8 before b334); numbers
    /// outside are brought to the nearest.
    #[must_use]
    pub const fn with_slots(self, slots: u8) -> Self {
        let most = if self.build < 334 { MAX_SLOT_BITS } else { 16 };
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
        Self { keeps_chat_links: self.build < LINKS_AS_THEY_ARE, ..self }
    }

    /// Whether servers write links in chat messages as `(text)[url]`: before b20121225, unless
    /// [`with_chat_links_as_they_are`](Self::with_chat_links_as_they_are) turned that off.
    #[inline(always)]
    pub const fn formats_chat_links(self) -> bool {
        self.build < LINKS_AS_THEY_ARE && !self.keeps_chat_links
    }

    /// The number of the build's class, such as 20130801; see [`CLASSES`].
    #[inline(always)]
    pub const fn build(self) -> u32 {
        self.build
    }

    /// The protocol version, 0 to 19.
    #[inline(always)]
    pub const fn protocol(self) -> u8 {
        self.protocol
    }

    /// How many slots a match has on the wire: 8; 16 from b20150915 on, and from b20140528 on with
    /// protocol 19; or what [`with_slots`](Self::with_slots) said.
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

    /// The first build of the class.
    pub fn first_build(self) -> u32 {
        CLASSES.iter().find(|class| class.build == self.build).map_or(self.build, |class| class.first)
    }

    /// The last build of the class; `None` for the newest, which has no end yet.
    pub fn last_build(self) -> Option<u32> {
        let next = CLASSES.iter().find(|class| class.build > self.build)?;
        Some(next.first.saturating_sub(1))
    }

    /// How long a frame's header is: 6 bytes before b334, then 7.
    #[inline(always)]
    pub const fn header_len(self) -> usize {
        if self.build < 334 { 6 } else { 7 }
    }

    /// How payloads are compressed.
    #[inline(always)]
    pub const fn compression(self) -> Compression {
        match self.build {
            0..334 => Compression::Always,
            334..1800 => Compression::ByFlag,
            _ => Compression::Never,
        }
    }

    /// Whether a server has to push a user's stats to everybody on each change, because the client
    /// doesn't ask for them (before b1800; chio's `requires_status_updates`).
    pub const fn requires_status_updates(self) -> bool {
        self.build < 1800
    }

    /// The channels that a client joins by itself. Clients before b320 know no others.
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
    /// The name of the class: `b` and its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", self.build)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{} (protocol {}, {} slots)", self.build, self.protocol, self.slots())
    }
}

/// The text names no client version.
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

    /// A build number with or without a leading `b`; what follows the digits (letter, name,
    /// revision, stream) never changes the wire format and is passed over.
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

/// What a layout asks about the version.
///
/// [`Version`] answers at run time, for servers that speak to many clients. [`Fixed`] answers at
/// compile time: everything that other versions need folds away, for firmware that speaks one.
/// Do not match a run-time version into many `Fixed` ones, which multiplies the code by them.
///
/// Nothing else of the version is known to what writes packets. A dialect of one's own that notes the
/// questions knows which other versions are sent the same bytes: all that answer them alike.
pub trait Dialect: Copy {
    /// Whether the version is known when compiling.
    const IS_FIXED: bool;

    /// Whether [`override_encoder`](Self::override_encoder) and [`override_decoder`](Self::override_decoder) may give
    /// anything. Where this is false, nobody asks, and what would ask folds away.
    const HAS_OVERRIDES: bool = false;

    /// The version that is spoken, for what the other questions don't tell. A packet that asks this
    /// when it is written is good for no other version, as far as anybody can see.
    fn version(self) -> Version;

    /// Whether [`Fixed`] to the newest version may do the work, whose code for that is the shortest;
    /// nothing more is then asked here. Not where code is to be small, since that is an instance more.
    #[inline(always)]
    fn use_latest_fast_path(self) -> bool {
        !cfg!(feature = "small")
            && !Self::IS_FIXED
            && !Self::HAS_OVERRIDES
            && self.version() == Version::LATEST
    }

    /// Whether the build is this one or newer.
    #[inline(always)]
    fn since(self, build: u32) -> bool {
        self.version().build >= build
    }

    /// Whether the build is this one or newer and the protocol version at least this.
    #[inline(always)]
    fn since_protocol(self, build: u32, protocol: u8) -> bool {
        self.version().build >= build && self.version().protocol >= protocol
    }

    /// What writes the payload of a packet in place of this crate's layout, in this version.
    ///
    /// A packet that has one is known by the version, and it is sent as this one frame, whatever
    /// [`compat`](super::compat) would have made of it. It is taken to carry everything.
    #[inline(always)]
    fn override_encoder<P: PacketKind>(&self) -> Option<&WritePayload<P>> {
        None
    }

    /// What reads the payload of a packet in place of this crate's layout, in this version.
    ///
    /// A packet that has one is known by the version. Observers are told nothing of its fields.
    #[inline(always)]
    fn override_decoder<P: PacketKind>(&self) -> Option<&ReadPayload<P>> {
        None
    }

    /// How many slots a match has; see [`Version::slots`].
    #[inline(always)]
    fn slots(self) -> usize {
        self.version().slots()
    }

    /// Whether servers format links in chat messages; see [`Version::formats_chat_links`].
    #[inline(always)]
    fn formats_chat_links(self) -> bool {
        self.version().formats_chat_links()
    }

    /// How long a frame's header is; see [`Version::header_len`].
    #[inline(always)]
    fn header_len(self) -> usize {
        if self.since(334) { 7 } else { 6 }
    }
}

impl Dialect for Version {
    const IS_FIXED: bool = false;

    #[inline(always)]
    fn version(self) -> Version {
        self
    }
}

/// One version, fixed when compiling: `Fixed::<20130801>`.
///
/// ```
/// use lobbywire_core::bancho::{Fixed, FrameWriter, server};
///
/// let mut buffer = [0u8; 16];
/// let mut out = FrameWriter::new(Fixed::<20130801>, &mut buffer);
/// out.write(&server::Ping)?;
/// assert_eq!(out.written(), [8, 0, 0, 0, 0, 0, 0]);
/// # Ok::<(), lobbywire_core::bancho::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed<const BUILD: u32>;

impl<const BUILD: u32> Fixed<BUILD> {
    const VERSION: Version = Version::from_build(BUILD);
}

impl<const BUILD: u32> Dialect for Fixed<BUILD> {
    const IS_FIXED: bool = true;

    #[inline(always)]
    fn version(self) -> Version {
        Self::VERSION
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn classes_ascend_and_every_class_is_its_own_first_build() {
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
    fn builds_between_classes_resolve_as_in_chio() {
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
    fn first_and_last_builds_meet_without_a_gap() {
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
    fn version_strings_select_by_their_number_alone() {
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
    fn a_version_is_small() {
        assert_eq!(size_of::<Version>(), 8);
        assert_eq!(size_of::<Fixed<282>>(), 0);
    }
}
