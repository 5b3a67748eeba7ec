//! For which versions the same bytes are good.

use super::{Dialect, Version};
use std::cell::Cell;
use std::ops::Range;

/// The versions that answer all questions alike that were asked while something was written: to each of
/// them it would have been written the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VersionSpan {
    first_build: u32,
    /// The first build that would have answered otherwise.
    end_build: u32,
    first_protocol: u8,
    /// The first protocol version that would have answered otherwise; 256 where none would.
    end_protocol: u16,
    /// How many slots a match has, where that was asked.
    slots: Option<usize>,
    /// Whether links in chat messages are formatted, where that was asked.
    formats_chat_links: Option<bool>,
    /// The one version, where it was asked as a whole.
    only: Option<Version>,
}

impl VersionSpan {
    /// All versions: nothing was asked.
    pub(crate) const EVERY: Self = Self {
        first_build: 0,
        end_build: u32::MAX,
        first_protocol: 0,
        end_protocol: 256,
        slots: None,
        formats_chat_links: None,
        only: None,
    };

    /// This version alone.
    pub(crate) const fn only(version: Version) -> Self {
        Self { only: Some(version), ..Self::EVERY }
    }

    /// Whether the version would have answered alike.
    pub(crate) fn contains(&self, version: Version) -> bool {
        let (builds, protocols): (Range<u32>, Range<u16>) =
            (self.first_build..self.end_build, self.first_protocol.into()..self.end_protocol);
        builds.contains(&version.build())
            && protocols.contains(&version.protocol().into())
            && self.slots.is_none_or(|slots| slots == version.slots())
            && self.formats_chat_links.is_none_or(|formats| formats == version.formats_chat_links())
            && self.only.is_none_or(|only| only == version)
    }
}

/// A version that notes what it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VersionProbe<'r> {
    version: Version,
    reach: &'r Cell<VersionSpan>,
}

impl<'r> VersionProbe<'r> {
    /// Answers as `version`, and narrows `reach` to the versions that answer alike.
    pub(crate) fn new(version: Version, reach: &'r Cell<VersionSpan>) -> Self {
        Self { version, reach }
    }

    fn narrow(self, to: impl FnOnce(&mut VersionSpan)) {
        let mut reach = self.reach.get();
        to(&mut reach);
        self.reach.set(reach);
    }
}

impl Dialect for VersionProbe<'_> {
    const IS_FIXED: bool = false;

    fn version(self) -> Version {
        self.narrow(|reach| reach.only = Some(self.version));
        self.version
    }

    /// Never: what is asked there is not seen here.
    fn use_latest_fast_path(self) -> bool {
        false
    }

    fn since(self, build: u32) -> bool {
        let is_since = self.version.build() >= build;
        self.narrow(|reach| {
            if is_since {
                reach.first_build = reach.first_build.max(build);
            } else {
                reach.end_build = reach.end_build.min(build);
            }
        });
        is_since
    }

    fn since_protocol(self, build: u32, protocol: u8) -> bool {
        // Where the build says no, the protocol version is not asked.
        self.since(build) && {
            let is_since = self.version.protocol() >= protocol;
            self.narrow(|reach| {
                if is_since {
                    reach.first_protocol = reach.first_protocol.max(protocol);
                } else {
                    reach.end_protocol = reach.end_protocol.min(protocol.into());
                }
            });
            is_since
        }
    }

    fn slots(self) -> usize {
        let slots = self.version.slots();
        self.narrow(|reach| reach.slots = Some(slots));
        slots
    }

    fn formats_chat_links(self) -> bool {
        let formats = self.version.formats_chat_links();
        self.narrow(|reach| reach.formats_chat_links = Some(formats));
        formats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All versions, with protocol versions and slots of their own and others'.
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

    /// Asks the same questions of every version, and checks that a reach has exactly those that answer
    /// alike.
    fn check(ask: impl Fn(VersionProbe<'_>) -> usize) {
        for version in versions() {
            let reach = Cell::new(VersionSpan::EVERY);
            let answer = ask(VersionProbe::new(version, &reach));
            assert!(reach.get().contains(version));
            for other in versions().filter(|other| reach.get().contains(*other)) {
                let own = Cell::new(VersionSpan::EVERY);
                assert_eq!(
                    ask(VersionProbe::new(other, &own)),
                    answer,
                    "{other:?} in the reach of {version:?}"
                );
            }
        }
    }

    #[test]
    fn every_version_in_a_reach_answers_alike() {
        check(|asked| asked.since(1788).into());
        check(|asked| asked.since_protocol(20121225, 15).into());
        check(|asked| usize::from(asked.since(334)) + 2 * usize::from(asked.since_protocol(489, 1)));
        check(|asked| if asked.since_protocol(20120818, 11) { asked.slots() } else { asked.header_len() });
        check(|asked| asked.formats_chat_links().into());
        check(|asked| usize::try_from(asked.version().build()).unwrap());
    }

    #[test]
    fn a_reach_is_no_narrower_than_the_questions() {
        let reach = Cell::new(VersionSpan::EVERY);
        let asked = VersionProbe::new(Version::from_build(394), &reach);
        assert!(asked.since(334) && !asked.since(1788) && !asked.since_protocol(20121225, 15));
        let builds: Vec<_> = Version::all().filter(|version| reach.get().contains(*version)).collect();
        assert_eq!(builds.first().map(|version| version.build()), Some(334));
        assert_eq!(builds.last().map(|version| version.build()), Some(1600));
        assert!(reach.get().contains(Version::from_build(1600).with_protocol(0).with_slots(16)));
        assert_eq!(asked.slots(), 8);
        assert!(!reach.get().contains(Version::from_build(1600).with_slots(16)));
    }
}
