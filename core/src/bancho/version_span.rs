//! Recording on which versions an encoding depends.

use super::dialect::Dialect;
use super::version::Version;
use core::cell::Cell;
use core::ops::Range;

/// A set of versions with the same answers to all predicates that were queried while a packet was written.
/// The frames are the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionSpan {
    first_build: u32,
    /// The first build with another answer.
    end_build: u32,
    first_protocol: u8,
    /// The first protocol version with another answer; 256 if there is none.
    end_protocol: u16,
    /// The number of slots, if queried.
    slots: Option<usize>,
    /// The format of links in chat messages, if queried.
    formats_chat_links: Option<bool>,
    /// The form of the header, if queried.
    has_long_header: Option<bool>,
    /// The compression of long payloads, if queried.
    compresses_long_payloads: Option<bool>,
    /// The version, if queried as a whole.
    only: Option<Version>,
}

impl VersionSpan {
    /// All versions.
    pub const EVERY: Self = Self {
        first_build: 0,
        end_build: u32::MAX,
        first_protocol: 0,
        end_protocol: 256,
        slots: None,
        formats_chat_links: None,
        has_long_header: None,
        compresses_long_payloads: None,
        only: None,
    };

    /// Returns the span of a single version.
    pub const fn only(version: Version) -> Self {
        Self { only: Some(version), ..Self::EVERY }
    }

    /// Returns whether the frames are the same for `version`.
    pub fn contains(&self, version: Version) -> bool {
        self.contains_payload(version)
            && self.has_long_header.is_none_or(|is_long| is_long == version.has_long_header())
            && self
                .compresses_long_payloads
                .is_none_or(|compresses| compresses == version.compresses_long_payloads())
    }

    /// Returns whether the ids and uncompressed payloads are the same for `version`.
    pub fn contains_payload(&self, version: Version) -> bool {
        let (builds, protocols): (Range<u32>, Range<u16>) =
            (self.first_build..self.end_build, self.first_protocol.into()..self.end_protocol);
        builds.contains(&version.build())
            && protocols.contains(&version.protocol().into())
            && self.slots.is_none_or(|slots| slots == version.slots())
            && self.formats_chat_links.is_none_or(|formats| formats == version.formats_chat_links())
            && self.only.is_none_or(|only| only == version)
    }
}

/// A version that records the queried predicates in a [`VersionSpan`].
#[derive(Clone, Copy, Debug)]
pub struct VersionProbe<'s> {
    version: Version,
    span: &'s Cell<VersionSpan>,
}

impl<'s> VersionProbe<'s> {
    /// Creates a probe that answers as `version` and narrows `span` to the versions with the same answers.
    pub fn new(version: Version, span: &'s Cell<VersionSpan>) -> Self {
        Self { version, span }
    }

    fn narrow(self, to: impl FnOnce(&mut VersionSpan)) {
        let mut span = self.span.get();
        to(&mut span);
        self.span.set(span);
    }
}

impl Dialect for VersionProbe<'_> {
    const IS_FIXED: bool = false;

    fn version(self) -> Version {
        self.narrow(|span| span.only = Some(self.version));
        self.version
    }

    fn since(self, build: u32) -> bool {
        let is_since = self.version.build() >= build;
        self.narrow(|span| {
            if is_since {
                span.first_build = span.first_build.max(build);
            } else {
                span.end_build = span.end_build.min(build);
            }
        });
        is_since
    }

    fn since_protocol(self, build: u32, protocol: u8) -> bool {
        // The protocol version matters only if the build is new enough.
        self.since(build) && {
            let is_since = self.version.protocol() >= protocol;
            self.narrow(|span| {
                if is_since {
                    span.first_protocol = span.first_protocol.max(protocol);
                } else {
                    span.end_protocol = span.end_protocol.min(protocol.into());
                }
            });
            is_since
        }
    }

    fn slots(self) -> usize {
        let slots = self.version.slots();
        self.narrow(|span| span.slots = Some(slots));
        slots
    }

    fn formats_chat_links(self) -> bool {
        let formats = self.version.formats_chat_links();
        self.narrow(|span| span.formats_chat_links = Some(formats));
        formats
    }

    fn has_long_header(self) -> bool {
        let is_long = self.version.has_long_header();
        self.narrow(|span| span.has_long_header = Some(is_long));
        is_long
    }

    fn compresses_long_payloads(self) -> bool {
        let compresses = self.version.compresses_long_payloads();
        self.narrow(|span| span.compresses_long_payloads = Some(compresses));
        compresses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// All versions, also with other protocol versions and numbers of slots.
    fn versions() -> impl Iterator<Item = Version> {
        Version::all().flat_map(|version| {
            let others = [
                version.with_protocol(0),
                version.with_protocol(19),
                version.with_slots(16),
                version.with_chat_links_as_they_are(),
            ];
            [version].into_iter().chain(others)
        })
    }

    /// Checks that all versions of a span have the same answers.
    fn check(ask: impl Fn(VersionProbe<'_>) -> usize) {
        for version in versions() {
            let span = Cell::new(VersionSpan::EVERY);
            let answer = ask(VersionProbe::new(version, &span));
            assert!(span.get().contains(version));
            for other in versions().filter(|other| span.get().contains(*other)) {
                let own = Cell::new(VersionSpan::EVERY);
                assert_eq!(
                    ask(VersionProbe::new(other, &own)),
                    answer,
                    "{other:?} in the span of {version:?}"
                );
            }
        }
    }

    #[test]
    fn versions_of_a_span_have_the_same_answers() {
        check(|probe| probe.since(1788).into());
        check(|probe| probe.since_protocol(20121225, 15).into());
        check(|probe| usize::from(probe.since(334)) + 2 * usize::from(probe.since_protocol(489, 1)));
        check(|probe| if probe.since_protocol(20120818, 11) { probe.slots() } else { probe.header_len() });
        check(|probe| probe.formats_chat_links().into());
        check(|probe| usize::try_from(probe.version().build()).unwrap());
    }

    #[test]
    fn spans_are_as_wide_as_the_queries_allow() {
        let span = Cell::new(VersionSpan::EVERY);
        let probe = VersionProbe::new(Version::from_build(394), &span);
        assert!(probe.since(334) && !probe.since(1788) && !probe.since_protocol(20121225, 15));
        let builds: Vec<_> = Version::all().filter(|version| span.get().contains(*version)).collect();
        assert_eq!(builds.first().map(|version| version.build()), Some(334));
        assert_eq!(builds.last().map(|version| version.build()), Some(1600));
        assert!(span.get().contains(Version::from_build(1600).with_protocol(0).with_slots(16)));
        assert_eq!(probe.slots(), 8);
        assert!(!span.get().contains(Version::from_build(1600).with_slots(16)));
    }
}
