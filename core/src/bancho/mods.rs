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
    /// As text, mods are pairs of letters, the lowest bit first, and `NM` for none. Clients set DT with NC and SD with PF,
    /// and show only NC and PF. So does the text; see [`with_implied`](Self::with_implied).
    ///
    /// ```
    /// use lobbywire_core::bancho::Mods;
    ///
    /// let mods = Mods::HIDDEN | Mods::HARD_ROCK;
    /// assert_eq!(mods.to_string(), "HDHR");
    /// assert_eq!("+hr, hd".parse(), Ok(mods));
    /// assert_eq!("4KNC".parse(), Ok(Mods::KEY4 | Mods::NIGHTCORE | Mods::DOUBLE_TIME));
    /// assert_eq!("HDxx".parse::<Mods>().unwrap_err().offset, 2);
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

/// Other acronyms, which lazer and the website use. Stable plays ten keys as two stages of five.
static ALIASES: [(Mods, &str); 15] = [
    (Mods::empty(), NONE),
    (Mods::NO_VIDEO, "TD"),
    (Mods::KEY1, "1K"),
    (Mods::KEY2, "2K"),
    (Mods::KEY3, "3K"),
    (Mods::KEY4, "4K"),
    (Mods::KEY5, "5K"),
    (Mods::KEY6, "6K"),
    (Mods::KEY7, "7K"),
    (Mods::KEY8, "8K"),
    (Mods::KEY9, "9K"),
    (Mods::KEY5.union(Mods::KEY_COOP), "10K"),
    (Mods::KEY_COOP, "DS"),
    (Mods::KEY_COOP, "COOP"),
    (Mods::SCORE_V2, "SV2"),
];

impl Mods {
    /// The mods with those that clients set, too: DT with NC, and SD with PF. Send these to clients.
    ///
    /// ```
    /// use lobbywire_core::bancho::Mods;
    ///
    /// assert_eq!(Mods::NIGHTCORE.with_implied().bits(), 576);
    /// assert_eq!(Mods::PERFECT.with_implied().bits(), 16416);
    /// ```
    #[must_use]
    pub const fn with_implied(self) -> Self {
        self.union(self.implied())
    }

    /// The mods that clients set because of others.
    const fn implied(self) -> Self {
        let double_time = if self.contains(Self::NIGHTCORE) { Self::DOUBLE_TIME } else { Self::empty() };
        let sudden_death = if self.contains(Self::PERFECT) { Self::SUDDEN_DEATH } else { Self::empty() };
        double_time.union(sudden_death)
    }

    /// The letters of the mods that are set, lowest bit first, without DT beside NC and SD beside PF. Bits without a name
    /// are omitted.
    pub fn acronyms(self) -> impl DoubleEndedIterator<Item = &'static str> + Clone {
        let shown = self.difference(self.implied());
        ACRONYMS.iter().filter(move |(bit, _)| shown.contains(*bit)).map(|(_, acronym)| *acronym)
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
    /// The [acronyms](Self::acronyms) of the mods without a separator, `NM` for no mods. chio's `short` has DT beside NC
    /// and SD beside PF.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str(NONE);
        }
        self.acronyms().try_for_each(|acronym| f.write_str(acronym))
    }
}

/// A text that is not the acronym of a mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnknownAcronym {
    /// The offset of the unknown acronym in the text, in bytes.
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

    /// Parses acronyms in any case. Blanks, `+` and `,` may separate them, and `NM` or an empty text is no mods.
    ///
    /// Besides the acronyms of [`Mods::acronyms`], it accepts those of lazer and the website: `1K` to `10K` (ten keys are
    /// `KEY5` and `KEY_COOP`), `DS` and `coop` for `KEY_COOP`, `TD` for the bit of `NO_VIDEO`, `SV2`. It adds the mods that
    /// clients [set, too](Mods::with_implied).
    ///
    /// # Errors
    /// The offset of the first unknown acronym. chio's `from_string` ignores it, and knows no separators.
    fn from_str(text: &str) -> Result<Self, UnknownAcronym> {
        let (mut mods, mut rest) = (Self::empty(), text);
        loop {
            rest = rest.trim_start_matches(|c: char| c == '+' || c == ',' || c.is_whitespace());
            if rest.is_empty() {
                return Ok(mods.with_implied());
            }
            let offset = text.len().saturating_sub(rest.len());
            let (found, after) = split_acronym(rest).ok_or(UnknownAcronym { offset })?;
            mods |= found;
            rest = after;
        }
    }
}

/// Splits an acronym from the start of a text.
fn split_acronym(text: &str) -> Option<(Mods, &str)> {
    ALIASES.iter().chain(&ACRONYMS).find_map(|(mods, acronym)| {
        let (head, after) = text.split_at_checked(acronym.len())?;
        head.eq_ignore_ascii_case(acronym).then_some((*mods, after))
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
            assert_eq!(acronym.parse(), Ok(mods.with_implied()));
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
    fn texts_equal_those_of_clients() {
        for (bits, text) in [
            (0, "NM"),
            (24, "HDHR"),
            (64, "DT"),
            // Clients set DT with NC and SD with PF, and show one of them.
            (512, "NC"),
            (576, "NC"),
            (16_384, "PF"),
            (16_416, "PF"),
            (0x7fff_ffff, "NFEZNVHDHRRXHTNCFLATSOAPPFK4K5K6K7K8FIRDCNTPK9CPK1K3K2V2MR"),
            (0x8000_0000, ""),
            (0x8000_0008, "HD"),
        ] {
            let mods = Mods::from_bits_retain(bits);
            assert_eq!(mods.to_string(), text);
            assert_eq!(mods.acronyms().collect::<String>(), if bits == 0 { "" } else { text });
            let named = Mods::from_bits_retain(bits & 0x7fff_ffff);
            assert_eq!(text.parse(), Ok(named.with_implied()));
        }
    }

    #[test]
    fn separators_and_the_acronyms_of_lazer_are_accepted() {
        for (text, bits) in [
            ("", 0),
            (" + ,", 0),
            ("nm", 0),
            ("NMhd", 8),
            ("hrHD", 24),
            ("HDHDHD", 8),
            ("NC", 576),
            ("dtnc", 576),
            ("PF", 16_416),
            ("+HDDT", 72),
            ("HD DT", 72),
            ("HD,DT", 72),
            ("HD, +DT\t", 72),
            ("4KHD", 1 << 15 | 8),
            ("1K2K3K", 1 << 26 | 1 << 28 | 1 << 27),
            ("5k6k7k8k9k", 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 24),
            ("10KMR", 1 << 16 | 1 << 25 | 1 << 30),
            ("7Kcoop", 1 << 18 | 1 << 25),
            ("DSTDSV2", 1 << 25 | 1 << 2 | 1 << 29),
        ] {
            assert_eq!(text.parse(), Ok(Mods::from_bits_retain(bits)), "{text}");
        }
    }

    #[test]
    fn the_first_unknown_acronym_is_an_error() {
        for (text, offset) in [
            ("x", 0),
            ("HDH", 2),
            ("HDüöXX", 2),
            ("HD, HR;", 6),
            ("HD+xxHR", 3),
            ("11K", 0),
            ("üHD", 0),
            ("H D", 0),
        ] {
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
