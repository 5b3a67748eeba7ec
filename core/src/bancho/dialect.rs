//! The predicates of a version on which layouts depend.

use super::version::{LONG_HEADER, UNCOMPRESSED, Version};

/// The version predicates on which frames and packet layouts depend.
///
/// [`Version`] implements them at run time, for servers with clients of many versions. [`Fixed`]
/// implements them at compile time, for firmware with one version: code for other versions is removed.
/// Do not dispatch from a [`Version`] to many [`Fixed`] versions, which multiplies the code size.
///
/// An implementation may record the calls. All versions with the same answers have the same encoding.
pub trait Dialect: Copy {
    /// Whether the version is known at compile time.
    const IS_FIXED: bool;

    /// Returns the version.
    ///
    /// The other methods are preferred: an encoder that calls this one depends on the entire version.
    fn version(self) -> Version;

    /// Returns whether the build is `build` or newer.
    #[inline(always)]
    fn since(self, build: u32) -> bool {
        self.version().build() >= build
    }

    /// Returns whether the build is `build` or newer and the protocol version is at least `protocol`.
    #[inline(always)]
    fn since_protocol(self, build: u32, protocol: u8) -> bool {
        self.version().build() >= build && self.version().protocol() >= protocol
    }

    /// Returns the number of slots in a match. See [`Version::slots`].
    #[inline(always)]
    fn slots(self) -> usize {
        self.version().slots()
    }

    /// Returns whether a match has the slot with this index. Servers do not send packets that name another
    /// slot. Negative indices are accepted, as in chio.
    #[inline(always)]
    fn has_slot(self, index: i64) -> bool {
        usize::try_from(index).map_or(index < 0, |index| index < self.slots())
    }

    /// Returns whether servers format links in chat messages. See [`Version::formats_chat_links`].
    #[inline(always)]
    fn formats_chat_links(self) -> bool {
        self.version().formats_chat_links()
    }

    /// Returns whether frames have the long header: 7 bytes, with a compression flag, instead of 6.
    #[inline(always)]
    fn has_long_header(self) -> bool {
        self.since(LONG_HEADER)
    }

    /// Returns the length of a frame's header in bytes. See [`Version::header_len`].
    #[inline(always)]
    fn header_len(self) -> usize {
        if self.has_long_header() { 7 } else { 6 }
    }

    /// Returns whether writers compress payloads whose length reaches the threshold. If the header is
    /// short, all payloads are compressed. See [`Compression`](super::Compression).
    #[inline(always)]
    fn compresses_long_payloads(self) -> bool {
        !self.since(UNCOMPRESSED)
    }
}

/// A predicate of [`Dialect`] on which an encoding depends, declared so that two versions can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// [`Dialect::since`].
    Since(u32),
    /// [`Dialect::since`], for a value that servers replace in older versions.
    KnownSince(u32),
    /// [`Dialect::since_protocol`].
    SinceProtocol(u32, u8),
    /// [`Dialect::slots`].
    Slots,
    /// [`Dialect::formats_chat_links`].
    FormatsChatLinks,
}

impl Predicate {
    /// Returns whether two versions have the same answer.
    #[inline]
    pub(crate) fn agrees<A: Dialect, B: Dialect>(self, one: A, other: B) -> bool {
        match self {
            Self::Since(build) | Self::KnownSince(build) => one.since(build) == other.since(build),
            Self::SinceProtocol(build, protocol) => {
                one.since_protocol(build, protocol) == other.since_protocol(build, protocol)
            }
            Self::Slots => one.slots() == other.slots(),
            Self::FormatsChatLinks => one.formats_chat_links() == other.formats_chat_links(),
        }
    }

    /// Returns whether a version may receive every value that was read from it: false if writers replace some.
    #[inline]
    pub(crate) fn keeps_values<V: Dialect>(self, version: V) -> bool {
        match self {
            Self::KnownSince(build) => version.since(build),
            _ => true,
        }
    }
}

impl Dialect for Version {
    const IS_FIXED: bool = false;

    #[inline(always)]
    fn version(self) -> Version {
        self
    }
}

/// A version fixed at compile time: `Fixed::<20130801>`.
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

/// [`Fixed`] to [`Version::LATEST`].
pub(crate) type Latest = Fixed<{ Version::LATEST.build() }>;

/// Returns whether to continue with [`Latest`] instead of a version known at run time only.
///
/// Most clients use the latest version, for which [`Latest`] has the shortest code. This is always `false`
/// with the feature `small`, because the additional instance is code, too.
#[inline(always)]
pub(crate) fn use_latest_fast_path<V: Dialect>(version: V) -> bool {
    !cfg!(feature = "small") && !V::IS_FIXED && version.version() == Version::LATEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_agree_with_the_version() {
        for version in Version::all() {
            assert_eq!(Dialect::header_len(version), version.header_len(), "{version}");
            assert_eq!(Dialect::slots(version), version.slots(), "{version}");
        }
        assert_eq!(size_of::<Fixed<282>>(), 0);
    }
}
