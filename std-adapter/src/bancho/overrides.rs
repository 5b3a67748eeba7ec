//! Layouts of one's own, in place of the library's.

use super::received::Origin;
use super::{
    Decode, Dialect, PacketId, PacketInfo, PacketKind, PayloadReader, PayloadWriter, ReadPayload, Version,
    WritePayload,
};
use crate::wire::{Error, Full};
use std::any::Any;
use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::sync::Arc;

/// How some packets are written or read in some versions, in place of the library's layouts: for
/// clients that were changed, and for servers that know better. It is what chio's `patch` is meant to
/// do (as of 1.1.20 that sets what chio's writers never look at, and changes no bytes).
///
/// It is made once and given to what writes and reads: a [`Connection`](super::Connection), a
/// [`Codec`](super::Codec), an [`Outbox`](super::Outbox), a [`Broadcast`](super::Broadcast). Cloning it
/// copies no layouts. Nothing is global: another connection may have others, or none, and then pays
/// nothing.
///
/// ```
/// use lobbywire::bancho::forms::{F32, S32, U16, U32, U64, UserStatusLayout};
/// use lobbywire::bancho::{Outbox, Overrides, Version, server, types::UserInfo};
///
/// // chio's example: the performance points of b20120723 have no sign.
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
/// # What an override decides
///
/// - The payload, and nothing else. Header, id and compression are those of the version.
/// - It is given the packet as it was to be written, and not what [`compat`](super::compat) makes of it
///   for the version, and the packet goes out as this one frame. In chio too a patched function stands in
///   the place of the one that knows those rules; and they are there for the layout and the client that
///   were replaced. What is wanted of them can be called:
///   [`compat::total_score`](super::compat::total_score),
///   [`UserInfo::signed_id`](super::types::UserInfo::signed_id).
/// - Where another packet is told as this one, such as a presence as stats before b1788, it is written by
///   the override too.
/// - A packet that the version does not know, it knows by an override: written under the id that the
///   packet has there, and read from it.
/// - An override is taken to carry everything, also by
///   [`write_strict`](super::Outbox::write_strict).
/// - It holds in the builds that it was made for, and in no others.
///
/// Several may be made for a packet; the last one that is for a version holds there.
///
/// Protocol version and number of slots are overridden in the [`Version`] itself:
/// [`with_protocol`](Version::with_protocol), [`with_slots`](Version::with_slots).
///
/// # Packets of one's own
///
/// need no override: a type that implements [`Encode`](super::Encode) is written wherever packets are,
/// one that implements [`Decode`] is given by [`Received::get`](super::Received::get), and what has only
/// an id is [`Unknown`](super::Unknown).
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
    /// In the order in which they were made.
    layouts: Arc<Vec<Layout>>,
}

/// How one packet is written, or how it is read.
#[derive(Clone)]
struct Layout {
    info: &'static PacketInfo,
    builds: Builds,
    reads: bool,
    /// A [`Box`] of [`WritePayload`] or of [`ReadPayload`] for the packet.
    function: Arc<dyn Any + Send + Sync>,
}

impl Overrides {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the payload of packet `P` in these builds so.
    ///
    /// The function may be called twice for one packet, the second time with more room; what it gives as
    /// [`Full`] says that there was too little.
    #[must_use]
    pub fn write<P: PacketKind>(
        self,
        builds: impl Into<Builds>,
        write: impl Fn(&P::In<'_>, &mut PayloadWriter<'_>) -> Result<(), Full> + Send + Sync + 'static,
    ) -> Self {
        let write: Box<WritePayload<P>> = Box::new(write);
        self.with::<P>(builds.into(), false, Arc::new(write))
    }

    /// Reads the payload of packet `P` in these builds so.
    ///
    /// An error is that of the packet, as any other: [`FrameError`](super::FrameError) has its kind and offset.
    ///
    /// ```
    /// use lobbywire::bancho::forms::{Str, U8};
    /// use lobbywire::bancho::{Codec, Overrides, Version, client};
    ///
    /// // A client whose private messages say nothing but whom they are for, and what.
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
        let info = <P::In<'static> as Decode<'static>>::INFO;
        Arc::make_mut(&mut self.layouts).push(Layout { info, builds, reads, function });
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.layouts.is_empty()
    }

    /// The version with these layouts, for what is generic over [`Dialect`]: a
    /// [`FrameWriter`](super::FrameWriter), [`client::packets`](super::client::packets), a
    /// [`Transcoder`](super::Transcoder).
    pub fn in_version(&self, version: Version) -> Overridden<'_> {
        Overridden { version, overrides: self }
    }

    /// The version with these layouts, where any of them writes in it.
    pub(crate) fn writing_in(&self, version: Version) -> Option<Overridden<'_>> {
        let any = self.layouts.iter().any(|layout| !layout.reads && layout.builds.contain(version));
        any.then(|| self.in_version(version))
    }

    /// The packet that one of them reads from this frame.
    pub(crate) fn reading(&self, from: Origin) -> Option<&'static PacketInfo> {
        let id = PacketId::from_wire(from.version, from.id)?;
        let is_it = |layout: &&Layout| {
            let info = layout.info;
            layout.reads && info.side == from.side && info.id == id && layout.builds.contain(from.version)
        };
        self.layouts.iter().find(is_it).map(|layout| layout.info)
    }

    /// These, where any of them reads this frame.
    pub(crate) fn if_reading(&self, from: Origin) -> Option<Self> {
        self.reading(from).map(|_| self.clone())
    }

    fn function<F: 'static>(&self, version: Version) -> Option<&F> {
        let layouts = self.layouts.iter().rev().filter(|layout| layout.builds.contain(version));
        layouts.filter_map(|layout| layout.function.downcast_ref()).next()
    }

    /// These, or `None` where there are none, so that nobody looks for one.
    pub(crate) fn if_any(&self) -> Option<Self> {
        if self.is_empty() { None } else { Some(self.clone()) }
    }
}

/// Whether they are the same ones: made together, not merely alike.
impl PartialEq for Overrides {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.layouts, &other.layouts)
    }
}

impl Eq for Overrides {}

/// Names what is overridden, and in which builds.
impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.layouts.iter().map(|layout| {
            let verb = if layout.reads { "read" } else { "write" };
            (verb, layout.info.name, layout.builds)
        });
        f.debug_list().entries(names).finish()
    }
}

/// A version in which [`Overrides`] hold.
#[derive(Clone, Copy, Debug)]
pub struct Overridden<'o> {
    version: Version,
    overrides: &'o Overrides,
}

impl Dialect for Overridden<'_> {
    const IS_FIXED: bool = false;
    const HAS_OVERRIDES: bool = true;

    fn version(self) -> Version {
        self.version
    }

    fn override_encoder<P: PacketKind>(&self) -> Option<&WritePayload<P>> {
        self.overrides.function::<Box<WritePayload<P>>>(self.version).map(|write| &**write)
    }

    fn override_decoder<P: PacketKind>(&self) -> Option<&ReadPayload<P>> {
        self.overrides.function::<Box<ReadPayload<P>>>(self.version).map(|read| &**read)
    }
}

/// The builds that an override is for: a build number, a range of them, or a [`Version`].
///
/// Builds of one [class](super::CLASSES) speak alike: where one of them is meant, all are.
///
/// ```
/// use lobbywire::bancho::Builds;
///
/// // b20120724 speaks as b20120723 does.
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

    /// Whether the version is one of them; its protocol version and slots don't matter.
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

    /// The classes that are meant.
    fn classes(builds: impl Into<Builds>) -> Vec<u32> {
        let builds = builds.into();
        Version::all().filter(|version| builds.contain(*version)).map(Version::build).collect()
    }

    #[test]
    fn builds_mean_the_classes_that_have_one_of_them() {
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
    fn empty_ranges_mean_none() {
        assert!(classes(..0).is_empty());
        assert!(classes(300..300).is_empty());
        assert!(classes(400..=300).is_empty());
    }
}
