//! The mods of a play.

use core::fmt;
use core::str::FromStr;

use crate::bancho::number::flags;

flags! {
    /// The mods of a play, a set of 31 bits.
    ///
    /// Encoded as 32 bits from b20120818 on, and as the lower 16 before, up to [`KEY4`](Self::KEY4). Bits without a
    /// name are kept.
    ///
    /// As text, mods are pairs of letters, the lowest bit first, and `NM` for none:
    ///
    /// ```
    /// use lobbywire_core::bancho::Mods;
    ///
    /// let mods = Mods::HIDDEN | Mods::HARD_ROCK;
    /// assert_eq!(mods.to_string(), "HDHR");
    /// assert_eq!("hrhd".parse(), Ok(mods));
    /// assert_eq!(Mods::from_acronyms("HD??HR"), mods);
    /// ```
    Mods: u32 {
        /// NF: the player cannot fail.
        NO_FAIL = 0 NoFail,
        /// EZ: larger circles, more time and extra lives.
        EASY = 1 Easy,
        /// NV: no background video. Later clients use the bit for a touch screen.
        NO_VIDEO = 2 NoVideo,
        /// HD: objects fade out before they must be hit.
        HIDDEN = 3 Hidden,
        /// HR: smaller circles, less time.
        HARD_ROCK = 4 HardRock,
        /// SD: the player fails at the first miss.
        SUDDEN_DEATH = 5 SuddenDeath,
        /// DT: 150 % of the speed.
        DOUBLE_TIME = 6 DoubleTime,
        /// RX: the player only aims, and does not tap.
        RELAX = 7 Relax,
        /// HT: 75 % of the speed.
        HALF_TIME = 8 HalfTime,
        /// NC: the speed of `DOUBLE_TIME`, at a higher pitch. Clients set `DOUBLE_TIME`, too. Old clients use the bit
        /// for taiko.
        NIGHTCORE = 9 Nightcore,
        /// FL: only the area around the cursor is visible.
        FLASHLIGHT = 10 Flashlight,
        /// AT: the game plays automatically.
        AUTOPLAY = 11 Autoplay,
        /// SO: spinners spin automatically.
        SPUN_OUT = 12 SpunOut,
        /// AP: the cursor moves automatically.
        AUTOPILOT = 13 Autopilot,
        /// PF: the player fails at the first hit that is not perfect. Clients set `SUDDEN_DEATH`, too.
        PERFECT = 14 Perfect,
        /// K4: mania with 4 keys.
        KEY4 = 15 Key4,
        /// K5: mania with 5 keys.
        KEY5 = 16 Key5,
        /// K6: mania with 6 keys.
        KEY6 = 17 Key6,
        /// K7: mania with 7 keys.
        KEY7 = 18 Key7,
        /// K8: mania with 8 keys.
        KEY8 = 19 Key8,
        /// FI: mania, notes fade in.
        FADE_IN = 20 FadeIn,
        /// RD: mania, notes are in random columns.
        RANDOM = 21 Random,
        /// CN: only the video is shown.
        CINEMA = 22 Cinema,
        /// TP: target practice.
        TARGET = 23 Target,
        /// K9: mania with 9 keys.
        KEY9 = 24 Key9,
        /// CP: mania for two players at one keyboard.
        KEY_COOP = 25 KeyCoop,
        /// K1: mania with 1 key.
        KEY1 = 26 Key1,
        /// K3: mania with 3 keys.
        KEY3 = 27 Key3,
        /// K2: mania with 2 keys.
        KEY2 = 28 Key2,
        /// V2: the score is computed with ScoreV2.
        SCORE_V2 = 29 ScoreV2,
        /// MR: the beatmap is mirrored.
        MIRROR = 30 Mirror,
    }

    /// The mods that change mania's number of keys (chio's `KeyMod`).
    const KEY_MODS = KEY1 | KEY2 | KEY3 | KEY4 | KEY5 | KEY6 | KEY7 | KEY8 | KEY9 | KEY_COOP;

    /// The mods that change the speed (chio's `SpeedMods`). In a match, all players have the same.
    const SPEED_MODS = DOUBLE_TIME | HALF_TIME | NIGHTCORE;

    /// The mods that a player may choose in a match with free mods (chio's `FreeModAllowed`).
    const FREE_MOD_ALLOWED = NO_FAIL | EASY | HIDDEN | HARD_ROCK | SUDDEN_DEATH | FLASHLIGHT
        | FADE_IN | RELAX | AUTOPILOT | SPUN_OUT | KEY_MODS;
}

/// The text for no mods.
const NONE: &str = "NM";

/// The single bits, lowest first, with their letters in chio.
static ACRONYMS: [(Mods, &str); 31] = [
    (Mods::NO_FAIL, "NF"),
    (Mods::EASY, "EZ"),
    (Mods::NO_VIDEO, "NV"),
    (Mods::HIDDEN, "HD"),
    (Mods::HARD_ROCK, "HR"),
    (Mods::SUDDEN_DEATH, "SD"),
    (Mods::DOUBLE_TIME, "DT"),
    (Mods::RELAX, "RX"),
    (Mods::HALF_TIME, "HT"),
    (Mods::NIGHTCORE, "NC"),
    (Mods::FLASHLIGHT, "FL"),
    (Mods::AUTOPLAY, "AT"),
    (Mods::SPUN_OUT, "SO"),
    (Mods::AUTOPILOT, "AP"),
    (Mods::PERFECT, "PF"),
    (Mods::KEY4, "K4"),
    (Mods::KEY5, "K5"),
    (Mods::KEY6, "K6"),
    (Mods::KEY7, "K7"),
    (Mods::KEY8, "K8"),
    (Mods::FADE_IN, "FI"),
    (Mods::RANDOM, "RD"),
    (Mods::CINEMA, "CN"),
    (Mods::TARGET, "TP"),
    (Mods::KEY9, "K9"),
    (Mods::KEY_COOP, "CP"),
    (Mods::KEY1, "K1"),
    (Mods::KEY3, "K3"),
    (Mods::KEY2, "K2"),
    (Mods::SCORE_V2, "V2"),
    (Mods::MIRROR, "MR"),
];

impl Mods {
    /// The letters of the mods that are set, lowest bit first. Bits without a name are omitted.
    pub fn acronyms(self) -> impl DoubleEndedIterator<Item = &'static str> + Clone {
        ACRONYMS.iter().filter(move |(bit, _)| self.contains(*bit)).map(|(_, acronym)| *acronym)
    }

    /// The mods in a text of pairs of letters, such as `HDHR`. Ignores case.
    ///
    /// Unknown pairs are ignored, as in chio's `from_string`; parsing ([`FromStr`]) rejects them. The text is split
    /// into pairs from its start: after a separator, the pairs are wrong.
    pub fn from_acronyms(text: &str) -> Self {
        pairs(text).filter_map(|(_, pair)| Self::from_acronym(pair)).collect()
    }

    fn from_acronym(pair: &str) -> Option<Self> {
        if pair.eq_ignore_ascii_case(NONE) {
            return Some(Self::empty());
        }
        let (mods, _) = ACRONYMS.iter().find(|(_, acronym)| acronym.eq_ignore_ascii_case(pair))?;
        Some(*mods)
    }

    /// The number of keys in mania that the mods select, 1 to 9.
    ///
    /// A client sets at most one of these mods. If several are set, this is the smallest number. With
    /// [`KEY_COOP`](Self::KEY_COOP), each of the two players has this many keys.
    pub fn key_count(self) -> Option<u8> {
        const KEYS: [(Mods, u8); 9] = [
            (Mods::KEY1, 1),
            (Mods::KEY2, 2),
            (Mods::KEY3, 3),
            (Mods::KEY4, 4),
            (Mods::KEY5, 5),
            (Mods::KEY6, 6),
            (Mods::KEY7, 7),
            (Mods::KEY8, 8),
            (Mods::KEY9, 9),
        ];
        KEYS.iter().find(|(key, _)| self.contains(*key)).map(|(_, count)| *count)
    }

    /// The speed of the beatmap: 1.5 with [`DOUBLE_TIME`](Self::DOUBLE_TIME) or
    /// [`NIGHTCORE`](Self::NIGHTCORE), 0.75 with [`HALF_TIME`](Self::HALF_TIME), else 1.0.
    ///
    /// A client never sets both. If both are set, the speed is 1.5.
    pub fn speed(self) -> f64 {
        if self.intersects(Self::DOUBLE_TIME.union(Self::NIGHTCORE)) {
            1.5
        } else if self.contains(Self::HALF_TIME) {
            0.75
        } else {
            1.0
        }
    }
}

impl fmt::Display for Mods {
    /// The acronyms of the mods without a separator, `NM` for no mods (chio's `short`). Bits without a name are
    /// omitted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str(NONE);
        }
        self.acronyms().try_for_each(|acronym| f.write_str(acronym))
    }
}

/// Two letters that are not the acronym of a mod, or a single letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnknownAcronym {
    /// Their offset in the text, in bytes.
    pub offset: usize,
}

impl fmt::Display for UnknownAcronym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown mod acronym at byte {}", self.offset)
    }
}

impl core::error::Error for UnknownAcronym {}

impl FromStr for Mods {
    type Err = UnknownAcronym;

    /// Parses pairs of letters as [`Mods::from_acronyms`] does, each of which must be the acronym of a mod or `NM`.
    fn from_str(text: &str) -> Result<Self, UnknownAcronym> {
        pairs(text).map(|(offset, pair)| Self::from_acronym(pair).ok_or(UnknownAcronym { offset })).collect()
    }
}

/// Splits a text into pairs of characters, each with its byte offset. The last one may be a single character.
fn pairs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let offset = text.len().saturating_sub(rest.len());
        let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
        let (pair, after) = rest.split_at_checked(end)?;
        rest = after;
        (!pair.is_empty()).then_some((offset, pair))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    #[test]
    fn acronyms_and_names_are_in_the_order_of_the_bits() {
        assert_eq!(ACRONYMS.len(), Mods::NAMES.len());
        for (index, (mods, acronym)) in ACRONYMS.iter().enumerate() {
            assert_eq!(mods.bits(), 1 << index);
            assert_eq!(Mods::NAMES[index].0, 1 << index);
            assert_eq!(mods.to_string(), *acronym);
            assert_eq!(acronym.parse(), Ok(*mods));
        }
    }

    #[test]
    fn numbers_equal_chio() {
        assert_eq!(Mods::NAMES[29], (0x2000_0000, "ScoreV2"));
        assert_eq!(Mods::KEY_MODS.bits(), 521_109_504);
        assert_eq!(Mods::SPEED_MODS.bits(), 832);
        assert_eq!(Mods::FREE_MOD_ALLOWED.bits(), 522_171_579);
    }

    #[test]
    fn texts_equal_chio() {
        for (bits, text) in [
            (0, "NM"),
            (24, "HDHR"),
            (576, "DTNC"),
            (16_416, "SDPF"),
            (0x7fff_ffff, "NFEZNVHDHRSDDTRXHTNCFLATSOAPPFK4K5K6K7K8FIRDCNTPK9CPK1K3K2V2MR"),
            (0x8000_0000, ""),
            (0x8000_0008, "HD"),
        ] {
            let mods = Mods::from_bits_retain(bits);
            assert_eq!(mods.to_string(), text);
            assert_eq!(mods.acronyms().collect::<String>(), if bits == 0 { "" } else { text });
        }
    }

    #[test]
    fn lenient_parsing_skips_unknown_pairs() {
        for (text, bits) in [
            ("", 0),
            ("nm", 0),
            ("hrHD", 24),
            ("HDHDHD", 8),
            ("HD,HR", 8),
            ("HD, HR", 24),
            ("xxHRyyNMzzH", 16),
            ("üöHD", 8),
            ("üHD", 0),
            ("\u{1F600}\u{1F600}DT", 64),
        ] {
            assert_eq!(Mods::from_acronyms(text).bits(), bits, "{text}");
        }
    }

    #[test]
    fn strict_parsing_reports_the_first_unknown_pair() {
        assert_eq!("".parse(), Ok(Mods::empty()));
        assert_eq!("NMhd".parse(), Ok(Mods::HIDDEN));
        for (text, offset) in [("HD,HR", 2), ("x", 0), ("HDH", 2), ("HDüöXX", 2), ("HDHR  ", 4)] {
            assert_eq!(text.parse::<Mods>(), Err(UnknownAcronym { offset }), "{text}");
        }
    }

    #[test]
    fn mods_determine_keys_and_speed() {
        for keys in 1..=9 {
            let mods: Mods = std::format!("HDCPK{keys}").parse().unwrap();
            assert_eq!(mods.key_count(), Some(keys));
            assert!(Mods::KEY_MODS.contains(mods.difference(Mods::HIDDEN)));
        }
        assert_eq!((Mods::KEY_COOP | Mods::HIDDEN).key_count(), None);
        assert_eq!((Mods::KEY9 | Mods::KEY4).key_count(), Some(4));
        assert_eq!(Mods::empty().speed(), 1.0);
        assert_eq!(Mods::NIGHTCORE.speed(), 1.5);
        assert_eq!((Mods::DOUBLE_TIME | Mods::HIDDEN).speed(), 1.5);
        assert_eq!(Mods::HALF_TIME.speed(), 0.75);
    }
}
