//! The game modes.

use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{U8, downgraded_form};
use crate::bancho::number::open_enum;

open_enum! {
    /// A game mode, one byte.
    ///
    /// Clients before b20121028 lack mania and receive [`Mode::OSU`] instead.
    ///
    /// ```
    /// use lobbywire_core::bancho::Mode;
    ///
    /// assert_eq!(Mode::from_alias("ctb"), Some(Mode::CATCH));
    /// assert_eq!(Mode::CATCH.alias(), Some("fruits"));
    /// assert_eq!(Mode::CATCH.formatted(), Some("CatchTheBeat"));
    /// ```
    #[derive(Default)]
    Mode: u8 {
        /// osu!, also called standard.
        OSU = 0 Osu,
        /// osu!taiko.
        TAIKO = 1 Taiko,
        /// osu!catch.
        CATCH = 2 CatchTheBeat,
        /// osu!mania, since 2012.
        MANIA = 3 OsuMania,
    }
}

impl Mode {
    /// The first layout all of whose builds know [`MANIA`](Self::MANIA): its replies to requests for beatmap information
    /// have a grade in mania.
    const KNOWN_SINCE: [u32; 1] = [20121028];

    /// Returns the mode that a version receives instead of one that it does not know.
    #[inline]
    pub(crate) fn downgrade<V: Dialect>(self, version: V) -> Self {
        let [mania] = Self::KNOWN_SINCE;
        if self == Self::MANIA && !version.since(mania) { Self::OSU } else { self }
    }

    /// The short name that URLs use: `osu`, `taiko`, `fruits` or `mania`; `None` for an unknown mode.
    pub const fn alias(self) -> Option<&'static str> {
        match self {
            Self::OSU => Some("osu"),
            Self::TAIKO => Some("taiko"),
            Self::CATCH => Some("fruits"),
            Self::MANIA => Some("mania"),
            _ => None,
        }
    }

    /// The mode with a short name: `osu` or `std`, `taiko`, `fruits`, `ctb` or `catch`, `mania`.
    ///
    /// Unlike chio's `from_alias`, this ignores case.
    pub fn from_alias(alias: &str) -> Option<Self> {
        const ALIASES: [(&str, Mode); 7] = [
            ("std", Mode::OSU),
            ("osu", Mode::OSU),
            ("taiko", Mode::TAIKO),
            ("fruits", Mode::CATCH),
            ("ctb", Mode::CATCH),
            ("catch", Mode::CATCH),
            ("mania", Mode::MANIA),
        ];
        let (_, mode) = ALIASES.iter().find(|(known, _)| known.eq_ignore_ascii_case(alias))?;
        Some(*mode)
    }

    /// The display name, as in chio: `osu!`, `Taiko`, `CatchTheBeat` or `osu!mania`; `None` for an unknown mode.
    pub const fn formatted(self) -> Option<&'static str> {
        match self {
            Self::OSU => Some("osu!"),
            Self::TAIKO => Some("Taiko"),
            Self::CATCH => Some("CatchTheBeat"),
            Self::MANIA => Some("osu!mania"),
            _ => None,
        }
    }
}

downgraded_form! {
    /// One byte, unsigned. Servers replace a [`Mode`] that the version does not know.
    ModeByte as U8 for Mode, |mode, version| mode.downgrade(version), known since Mode::KNOWN_SINCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_equal_chio_and_aliases_are_found() {
        let modes = [
            (Mode(0), "Osu", "osu", "osu!"),
            (Mode(1), "Taiko", "taiko", "Taiko"),
            (Mode(2), "CatchTheBeat", "fruits", "CatchTheBeat"),
            (Mode(3), "OsuMania", "mania", "osu!mania"),
        ];
        for (mode, name, alias, formatted) in modes {
            assert_eq!(mode.name(), Some(name));
            assert_eq!(mode.alias(), Some(alias));
            assert_eq!(mode.formatted(), Some(formatted));
            assert_eq!(Mode::from_alias(alias), Some(mode));
        }
        assert_eq!(Mode::default(), Mode::OSU);
    }

    #[test]
    fn unknown_aliases_and_modes_have_no_name() {
        assert_eq!(Mode::from_alias("std"), Some(Mode::OSU));
        assert_eq!(Mode::from_alias("ctb"), Some(Mode::CATCH));
        assert_eq!(Mode::from_alias("Catch"), Some(Mode::CATCH));
        for alias in ["", "osu!", "standard", "osumania"] {
            assert_eq!(Mode::from_alias(alias), None, "{alias}");
        }
        for mode in [Mode(4), Mode(255)] {
            assert_eq!((mode.name(), mode.alias(), mode.formatted()), (None, None, None));
        }
    }
}
