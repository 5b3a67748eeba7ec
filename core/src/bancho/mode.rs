//! The game modes.

use crate::bancho::number::open_enum;

open_enum! {
    /// A game mode, one byte.
    ///
    /// Clients of before 2012 know no mania, and have to be sent [`Mode::OSU`] instead.
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
    /// The short name that web addresses use: `osu`, `taiko`, `fruits` or `mania`; `None` for a mode
    /// that is not known.
    pub const fn alias(self) -> Option<&'static str> {
        match self {
            Self::OSU => Some("osu"),
            Self::TAIKO => Some("taiko"),
            Self::CATCH => Some("fruits"),
            Self::MANIA => Some("mania"),
            _ => None,
        }
    }

    /// The mode that a short name means: `osu` or `std`, `taiko`, `fruits`, `ctb` or `catch`, `mania`.
    ///
    /// Capitals count as small letters here, where chio's `from_alias` knows none of them.
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

    /// The name to show to a person, as chio has it: `osu!`, `Taiko`, `CatchTheBeat` or `osu!mania`;
    /// `None` for a mode that is not known.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_chios_and_aliases_lead_back() {
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
    fn other_aliases_and_other_modes() {
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
