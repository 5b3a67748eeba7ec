//! Custom layouts in place of those of the library.

use super::received::Origin;
use super::{PacketId, PacketInfo, PacketKind, PayloadOverrides, PayloadReader, PayloadWriter, Version};
use crate::wire::{Error, Full, Sink};
use std::any::Any;
use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::sync::Arc;

/// Custom layouts for some packets in some versions, in place of those of the library: for modified clients, and
/// for servers that know a layout better. This is the purpose of chio's `patch` (which in 1.1.20 sets an attribute
/// that chio's writers never use, and changes no bytes).
///
/// Create it once and pass it to each [`Connection`](super::Connection), [`Codec`](super::Codec),
/// [`Outbox`](super::Outbox) or [`Broadcast`](super::Broadcast). Clones share the layouts. There is no global
/// state: connections may have different overrides, and those without any have no cost.
///
/// For the generic types of the core, `&Overrides` implements [`PayloadOverrides`]: see
/// [`FrameWriter::with_overrides`](super::FrameWriter::with_overrides),
/// [`Packets::with_overrides`](super::Packets::with_overrides) and
/// [`Transcoder::with_overrides`](super::Transcoder::with_overrides).
///
/// ```
/// use lobbywire::bancho::forms::{F32, S32, U16, U32, U64, UserStatusLayout};
/// use lobbywire::bancho::{Outbox, Overrides, Version, server, types::UserInfo};
///
/// // chio's example: the performance points of b20120723 are unsigned.
/// let overrides = Overrides::new().write::<server::UserStats>(20120723, |user, out| {
///     out.write(S32, &user.id)?;
///     out.write(UserStatusLayout, &user.status)?;
///     out.write(U64, &user.stats.rscore)?;
///     out.write(F32, &user.stats.accuracy)?;
///     out.write(U32, &user.stats.playcount)?;
///     out.write(U64, &user.stats.tscore)?;
///     out.write(U32, &user.stats.rank)?;
///     out.write(U16, &user.stats.pp)
/// });
/// let mut out = Outbox::new(Version::from_build(20120723)).with_overrides(&overrides);
/// let mut user = UserInfo::default();
/// user.stats.pp = 40_000;
/// out.write(&server::UserStats::from(user))?;
/// assert!(out.waiting().ends_with(&40_000u16.to_le_bytes()));
/// # Ok::<(), lobbywire::bancho::WriteError>(())
/// ```
///
/// # Scope of an override
///
/// - It replaces the payload only. Header, id and compression are those of the version.
/// - It receives the original packet, without the downgrade rules of [`compat`](super::compat), and the packet is
///   sent as one frame. In chio, a patched function also replaces the one that applies the rules. An override
///   may call them: [`compat::total_score`](super::compat::total_score),
///   [`UserInfo::signed_id`](super::types::UserInfo::signed_id).
/// - It also writes packets that are the replacement of another, such as stats instead of a presence before
///   b1788.
/// - If the version does not have the packet, the override adds it, with the id that the packet has in this
///   version.
/// - [`write_strict`](super::Outbox::write_strict) assumes that an override represents all fields.
/// - It applies only to the given builds.
///
/// If a packet has several overrides for a version, the last one applies.
///
/// The [`Version`] itself overrides the protocol version ([`with_protocol`](Version::with_protocol)) and the
/// number of slots ([`with_slots`](Version::with_slots)).
///
/// # Custom packets
///
/// Custom packets need no override. Types that implement [`Encode`](super::Encode) can be written like other
/// packets, types that implement [`Decode`](super::Decode) are returned by
/// [`Received::get`](super::Received::get), and packets without a type are [`Unknown`](super::Unknown).
///
/// ```
/// use lobbywire::bancho::forms::{S32, Str};
/// use lobbywire::bancho::{
///     Codec, Decode, Dialect, Encode, PacketId, PacketInfo, PayloadReader, PayloadWriter, Side, Version,
/// };
/// use lobbywire::wire::{Error, Full, Sink};
///
/// #[derive(Debug, PartialEq)]
/// struct Season<'a> {
///     name: &'a str,
///     days_left: i32,
/// }
///
/// impl Encode for Season<'_> {
///     fn packet_info(&self) -> &'static PacketInfo {
///         Self::INFO
///     }
///
///     fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
///         let mut out = PayloadWriter::new(version.version(), Side::Server, out);
///         out.write(Str, &self.name)?;
///         out.write(S32, &self.days_left)
///     }
/// }
///
/// impl<'a> Decode<'a> for Season<'a> {
///     const INFO: &'static PacketInfo = &PacketInfo::new("ExampleSeason", Side::Server, PacketId(200));
///
///     fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error> {
///         let mut payload = PayloadReader::new(version.version(), Side::Server, payload);
///         Ok(Self { name: payload.read(Str)?, days_left: payload.read(S32)? })
///     }
/// }
///
/// let mut bytes = Default::default();
/// let autumn = Season { name: "autumn", days_left: 31 };
/// Codec::server(Version::LATEST).write(&autumn, &mut bytes)?;
///
/// let received = Codec::client(Version::LATEST).next_packet(&mut bytes).unwrap()?;
/// assert_eq!(received.get::<Season<'_>>().unwrap()?, autumn);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Overrides {
    /// In order of definition.
    layouts: Arc<Vec<Layout>>,
}

/// A function that writes the payload of packet `P`.
type WritePayload<P> =
    dyn Fn(&<P as PacketKind>::In<'_>, &mut PayloadWriter<'_>) -> Result<(), Full> + Send + Sync;

/// A function that reads the payload of packet `P`.
type ReadPayload<P> =
    dyn for<'a> Fn(&mut PayloadReader<'a>) -> Result<<P as PacketKind>::In<'a>, Error> + Send + Sync;

/// The layout that writes or reads one packet.
#[derive(Clone)]
struct Layout {
    info: &'static PacketInfo,
    builds: Builds,
    reads: bool,
    /// A [`Box`] of [`WritePayload`] or [`ReadPayload`] for the packet.
    function: Arc<dyn Any + Send + Sync>,
}

impl Overrides {
    /// Creates an empty set of overrides.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function that writes the payload of packet `P` in the given builds.
    ///
    /// If it returns [`Full`], it is called again with a larger buffer.
    #[must_use]
    pub fn write<P: PacketKind>(
        self,
        builds: impl Into<Builds>,
        write: impl Fn(&P::In<'_>, &mut PayloadWriter<'_>) -> Result<(), Full> + Send + Sync + 'static,
    ) -> Self {
        let write: Box<WritePayload<P>> = Box::new(write);
        self.with::<P>(builds.into(), false, Arc::new(write))
    }

    /// Adds a function that reads the payload of packet `P` in the given builds.
    ///
    /// Errors are reported as [`FrameError`](super::FrameError) with their kind and offset.
    ///
    /// ```
    /// use lobbywire::bancho::forms::{Str, U8};
    /// use lobbywire::bancho::{Codec, Overrides, Version, client};
    ///
    /// // A client whose private messages contain only the target and the text.
    /// let overrides = Overrides::new().read::<client::PrivateMessage>(20130801.., |payload| {
    ///     let (target, content) = (payload.read(Str)?, payload.read(Str)?);
    ///     Ok(client::PrivateMessage::to(target, content))
    /// });
    /// let mut bytes = b"\x19\0\0\x0b\0\0\0\x0b\x05peppy\x0b\x02hi"[..].into();
    /// let mut codec = Codec::server(Version::LATEST).with_overrides(&overrides);
    /// let received = codec.next_packet(&mut bytes).unwrap()?;
    /// assert_eq!(received.client()?, client::PrivateMessage::to("peppy", "hi").into());
    /// # Ok::<(), lobbywire::bancho::FrameError>(())
    /// ```
    #[must_use]
    pub fn read<P: PacketKind>(
        self,
        builds: impl Into<Builds>,
        read: impl for<'a> Fn(&mut PayloadReader<'a>) -> Result<P::In<'a>, Error> + Send + Sync + 'static,
    ) -> Self {
        let read: Box<ReadPayload<P>> = Box::new(read);
        self.with::<P>(builds.into(), true, Arc::new(read))
    }

    fn with<P: PacketKind>(
        mut self,
        builds: Builds,
        reads: bool,
        function: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Arc::make_mut(&mut self.layouts).push(Layout { info: P::INFO, builds, reads, function });
        self
    }

    /// Returns whether there are no overrides.
    pub fn is_empty(&self) -> bool {
        self.layouts.is_empty()
    }

    /// Returns these overrides if any of them writes in this version.
    pub(crate) fn if_writing(&self, version: Version) -> Option<&Self> {
        let any = self.layouts.iter().any(|layout| !layout.reads && layout.builds.contain(version));
        any.then_some(self)
    }

    /// Returns the packet that one of the overrides reads from this frame.
    pub(crate) fn reading(&self, from: Origin) -> Option<&'static PacketInfo> {
        let id = PacketId::from_wire(from.version, from.id)?;
        let is_it = |layout: &&Layout| {
            let info = layout.info;
            layout.reads && info.side == from.side && info.id == id && layout.builds.contain(from.version)
        };
        self.layouts.iter().find(is_it).map(|layout| layout.info)
    }

    /// Returns these overrides if any of them reads this frame.
    pub(crate) fn if_reading(&self, from: Origin) -> Option<Self> {
        self.reading(from).map(|_| self.clone())
    }

    fn function<F: 'static>(&self, version: Version) -> Option<&F> {
        let layouts = self.layouts.iter().rev().filter(|layout| layout.builds.contain(version));
        layouts.filter_map(|layout| layout.function.downcast_ref()).next()
    }

    /// Returns these overrides, or `None` if the set is empty.
    pub(crate) fn if_any(&self) -> Option<Self> {
        if self.is_empty() { None } else { Some(self.clone()) }
    }
}

/// Two sets are equal if one is a clone of the other.
impl PartialEq for Overrides {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.layouts, &other.layouts)
    }
}

impl Eq for Overrides {}

/// Lists the overridden packets and builds.
impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.layouts.iter().map(|layout| {
            let verb = if layout.reads { "read" } else { "write" };
            (verb, layout.info.name, layout.builds)
        });
        f.debug_list().entries(names).finish()
    }
}

impl PayloadOverrides for &Overrides {
    fn encodes<P: PacketKind>(self, version: Version) -> bool {
        self.function::<Box<WritePayload<P>>>(version).is_some()
    }

    fn decodes<P: PacketKind>(self, version: Version) -> bool {
        self.function::<Box<ReadPayload<P>>>(version).is_some()
    }

    fn encode<P: PacketKind>(
        self,
        version: Version,
        packet: &P::In<'_>,
        out: &mut impl Sink,
    ) -> Option<Result<(), Full>> {
        let write = self.function::<Box<WritePayload<P>>>(version)?;
        Some(write(packet, &mut PayloadWriter::for_packet(version, P::INFO, out)))
    }

    fn decode<'a, P: PacketKind>(
        self,
        version: Version,
        payload: &'a [u8],
    ) -> Option<Result<P::In<'a>, Error>> {
        let read = self.function::<Box<ReadPayload<P>>>(version)?;
        Some(read(&mut PayloadReader::for_packet(version, P::INFO, payload)))
    }
}

/// The builds of an override: a build number, a range of build numbers, or a [`Version`].
///
/// An override for one build applies to all builds of its [class](super::CLASSES).
///
/// ```
/// use lobbywire::bancho::Builds;
///
/// // b20120724 belongs to the class b20120723.
/// assert_eq!(Builds::from(20120724), Builds::from(20120723));
/// assert_eq!(Builds::from(20120723..20120726), Builds::from(20120723..=20120805));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builds {
    /// The numbers of the first and of the last class.
    first: u32,
    last: u32,
}

impl Builds {
    fn between(first: u32, last: u32) -> Self {
        if first > last {
            return Self { first: 1, last: 0 };
        }
        Self { first: Version::from_build(first).build(), last: Version::from_build(last).build() }
    }

    /// Returns whether the version belongs to these builds. Its protocol version and slots are ignored.
    pub fn contain(self, version: Version) -> bool {
        (self.first..=self.last).contains(&version.build())
    }
}

impl From<u32> for Builds {
    fn from(build: u32) -> Self {
        Self::between(build, build)
    }
}

impl From<Version> for Builds {
    fn from(version: Version) -> Self {
        Self { first: version.build(), last: version.build() }
    }
}

impl From<RangeFull> for Builds {
    fn from(_: RangeFull) -> Self {
        Self::between(0, u32::MAX)
    }
}

impl From<RangeFrom<u32>> for Builds {
    fn from(builds: RangeFrom<u32>) -> Self {
        Self::between(builds.start, u32::MAX)
    }
}

impl From<Range<u32>> for Builds {
    fn from(builds: Range<u32>) -> Self {
        match builds.end.checked_sub(1) {
            Some(last) => Self::between(builds.start, last),
            None => Self::between(1, 0),
        }
    }
}

impl From<RangeInclusive<u32>> for Builds {
    fn from(builds: RangeInclusive<u32>) -> Self {
        Self::between(*builds.start(), *builds.end())
    }
}

impl From<RangeTo<u32>> for Builds {
    fn from(builds: RangeTo<u32>) -> Self {
        Self::from(0..builds.end)
    }
}

impl From<RangeToInclusive<u32>> for Builds {
    fn from(builds: RangeToInclusive<u32>) -> Self {
        Self::between(0, builds.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the selected classes.
    fn classes(builds: impl Into<Builds>) -> Vec<u32> {
        let builds = builds.into();
        Version::all().filter(|version| builds.contain(*version)).map(Version::build).collect()
    }

    #[test]
    fn builds_select_their_classes() {
        assert_eq!(classes(20120723), [20120723]);
        assert_eq!(classes(20120724), [20120723]);
        assert_eq!(classes(20120723..20120725), [20120723]);
        assert_eq!(classes(20120724..=20120725), [20120723, 20120725]);
        // The class b20130131 starts before its number.
        assert_eq!(classes(20130121..20130131), [20130131]);
        assert_eq!(classes(Version::from_build(394).with_protocol(9)), [388]);
        assert_eq!(classes(..294), [282, 291]);
        assert_eq!(classes(..=294), [282, 291, 294]);
        assert_eq!(classes(20161101..), [20161101, 20250306]);
        assert_eq!(classes(..).len(), 75);
    }

    #[test]
    #[allow(clippy::reversed_empty_ranges)]
    fn empty_ranges_select_no_class() {
        assert!(classes(..0).is_empty());
        assert!(classes(300..300).is_empty());
        assert!(classes(400..=300).is_empty());
    }
}
