//! The results of a score frame: hits, accuracy, grade, checksum.

use core::fmt::{self, Write};

use md5::{Digest, Md5};

use crate::bancho::mode::Mode;
use crate::bancho::mods::Mods;
use crate::bancho::types::{Rank, ScoreFrame};

/// The health of a player who has failed.
const FAILED: u8 = 254;

impl ScoreFrame<'_> {
    /// Whether the player has not failed: health other than 254.
    pub fn passed(&self) -> bool {
        self.hp != FAILED
    }

    /// The total number of hits, including misses; in catch also missed droplets (katu), in mania also 320s and 200s
    /// (geki and katu).
    pub fn total_hits(&self, mode: Mode) -> u32 {
        let [n300, n100, n50, geki, katu, miss] = self.counts();
        let hits = n300.saturating_add(n100).saturating_add(n50).saturating_add(miss);
        match mode {
            Mode::CATCH => hits.saturating_add(katu),
            Mode::MANIA => hits.saturating_add(katu).saturating_add(geki),
            _ => hits,
        }
    }

    /// The accuracy, 0.0 to 1.0; 0.0 without hits and for an unknown mode. Bit for bit the same as in chio.
    pub fn accuracy(&self, mode: Mode) -> f64 {
        let hits = f64::from(self.total_hits(mode));
        if hits == 0.0 {
            return 0.0;
        }
        let [n300, n100, n50, geki, katu, _] = self.counts().map(f64::from);
        match mode {
            Mode::OSU => (n300 * 300.0 + n100 * 100.0 + n50 * 50.0) / (hits * 300.0),
            Mode::TAIKO => (n100 * 0.5 + n300) / hits,
            Mode::CATCH => (n300 + n100 + n50) / hits,
            Mode::MANIA => {
                (n50 * 50.0 + n100 * 100.0 + katu * 200.0 + (n300 + geki) * 300.0) / (hits * 300.0)
            }
            _ => 0.0,
        }
    }

    /// The grade, by the rules of chio: those of osu!, for every mode.
    ///
    /// The mode only determines what counts as a hit. In the client, grades in catch and mania depend on the
    /// accuracy; here, a mania play of only 320s is a [`Rank::D`]. Without hits chio divides by zero; this returns
    /// [`Rank::D`].
    pub fn rank(&self, mode: Mode, mods: Mods) -> Rank {
        let hits = f64::from(self.total_hits(mode));
        if hits == 0.0 {
            return Rank::D;
        }
        let share_300 = f64::from(self.total_300) / hits;
        let share_50 = f64::from(self.total_50) / hits;
        let no_miss = self.total_miss == 0;
        let silver = mods.intersects(Mods::HIDDEN.union(Mods::FLASHLIGHT));
        if share_300 == 1.0 {
            if silver { Rank::XH } else { Rank::X }
        } else if share_300 > 0.9 && share_50 <= 0.01 && no_miss {
            if silver { Rank::SH } else { Rank::S }
        } else if share_300 > 0.9 || (share_300 > 0.8 && no_miss) {
            Rank::A
        } else if share_300 > 0.8 || (share_300 > 0.7 && no_miss) {
            Rank::B
        } else if share_300 > 0.6 {
            Rank::C
        } else {
            Rank::D
        }
    }

    /// The checksum that a frame carries from b294 to b333, as chio computes it.
    ///
    /// The MD5 of a text: time, `True` or `False` for [`passed`](Self::passed), 300s, 50s, geki,
    /// katu, misses, current and highest combo, and health, in decimal without separators. 100s and the score are
    /// not included. No server is known to verify it.
    pub fn computed_checksum(&self) -> Md5Hex {
        let mut text = Md5Text(Md5::new());
        // An `Md5Text` never fails.
        let _ = write!(
            text,
            "{}{}{}{}{}{}{}{}{}{}",
            self.time,
            if self.passed() { "True" } else { "False" },
            self.total_300,
            self.total_50,
            self.total_geki,
            self.total_katu,
            self.total_miss,
            self.current_combo,
            self.max_combo,
            self.hp,
        );
        Md5Hex::new(text.0.finalize().into())
    }

    /// 300s, 100s, 50s, geki, katu and misses, wide enough to be added.
    fn counts(&self) -> [u32; 6] {
        let hits = [self.total_300, self.total_100, self.total_50];
        let [n300, n100, n50] = hits.map(u32::from);
        let [geki, katu, miss] = [self.total_geki, self.total_katu, self.total_miss].map(u32::from);
        [n300, n100, n50, geki, katu, miss]
    }
}

/// Text that is hashed as it is written.
struct Md5Text(Md5);

impl Write for Md5Text {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.update(piece);
        Ok(())
    }
}

/// An MD5 digest as text: 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Md5Hex([u8; 32]);

impl Md5Hex {
    /// The digits of a digest.
    pub fn new(digest: [u8; 16]) -> Self {
        let mut digits = [b'0'; 32];
        for (byte, place) in digest.iter().zip(digits.as_chunks_mut().0) {
            *place = [hex_digit(byte >> 4), hex_digit(byte & 0xf)];
        }
        Self(digits)
    }

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        // Digits are ASCII.
        core::str::from_utf8(&self.0).unwrap_or("")
    }

    /// The digits as ASCII.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<str> for Md5Hex {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Md5Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Md5Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..10 => b'0'.wrapping_add(nibble),
        _ => b'a'.wrapping_sub(10).wrapping_add(nibble),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn frame(
        time: i32,
        [n300, n100, n50, geki, katu, miss]: [u16; 6],
        combos: [u16; 2],
        hp: u8,
    ) -> ScoreFrame<'static> {
        ScoreFrame {
            time,
            total_300: n300,
            total_100: n100,
            total_50: n50,
            total_geki: geki,
            total_katu: katu,
            total_miss: miss,
            max_combo: combos[0],
            current_combo: combos[1],
            hp,
            ..ScoreFrame::default()
        }
    }

    fn hits(counts: [u16; 6]) -> ScoreFrame<'static> {
        frame(0, counts, [0, 0], 200)
    }

    const MODES: [Mode; 4] = [Mode::OSU, Mode::TAIKO, Mode::CATCH, Mode::MANIA];

    #[test]
    fn hits_accuracy_and_grade_equal_chio() {
        type Expected = [(u32, u64, Rank); 4];
        let vectors: [([u16; 6], u32, Expected); 6] = [
            (
                [567, 101, 0, 0, 0, 0],
                0,
                [
                    (668, 0x3fec_c642_6d59_6bd1, Rank::A),
                    (668, 0x3fed_94b1_d203_10dd, Rank::A),
                    (668, 0x3ff0_0000_0000_0000, Rank::A),
                    (668, 0x3fec_c642_6d59_6bd1, Rank::A),
                ],
            ),
            (
                [0, 65535, 65535, 1, 1, 65535],
                0,
                [
                    (196_605, 0x3fc5_5555_5555_5555, Rank::D),
                    (196_605, 0x3fc5_5555_5555_5555, Rank::D),
                    (196_606, 0x3fe5_554e_38de_d095, Rank::D),
                    (196_607, 0x3fc5_558e_38f6_84c4, Rank::D),
                ],
            ),
            (
                [1600, 18, 0, 67, 0, 0],
                8,
                [
                    (1618, 0x3fef_c33e_56b4_5eef, Rank::SH),
                    (1618, 0x3fef_d26e_c107_4733, Rank::SH),
                    (1618, 0x3ff0_0000_0000_0000, Rank::SH),
                    (1685, 0x3fef_c5a8_cafa_1325, Rank::SH),
                ],
            ),
            (
                [148, 15, 0, 14, 0, 35],
                0,
                [
                    (198, 0x3fe8_ba2e_8ba2_e8ba, Rank::C),
                    (198, 0x3fe9_219d_bcc4_8677, Rank::C),
                    (198, 0x3fea_57eb_5029_5fad, Rank::C),
                    (212, 0x3fe9_3521_cfb2_b78c, Rank::C),
                ],
            ),
            (
                [565, 3, 332, 27, 16, 0],
                0,
                [
                    (900, 0x3fe6_1783_9a5b_c7df, Rank::C),
                    (900, 0x3fe4_2468_acf1_357a, Rank::C),
                    (916, 0x3fef_70e8_8626_023c, Rank::C),
                    (943, 0x3fe6_5cd8_17e3_c447, Rank::D),
                ],
            ),
            ([0; 6], 1032, [(0, 0, Rank::D); 4]),
        ];
        for (counts, mods, expected) in vectors {
            let frame = hits(counts);
            for (mode, (total, accuracy, rank)) in MODES.into_iter().zip(expected) {
                assert_eq!(frame.total_hits(mode), total, "{counts:?} {mode:?}");
                assert_eq!(frame.accuracy(mode).to_bits(), accuracy, "{counts:?} {mode:?}");
                assert_eq!(frame.rank(mode, Mods::from_bits_retain(mods)), rank, "{counts:?} {mode:?}");
            }
        }
    }

    #[test]
    fn grade_thresholds_equal_chio() {
        for (counts, mods, rank) in [
            ([10, 0, 0, 0, 0, 0], Mods::empty(), Rank::X),
            ([10, 0, 0, 0, 0, 0], Mods::FLASHLIGHT, Rank::XH),
            ([91, 8, 1, 0, 0, 0], Mods::HARD_ROCK, Rank::S),
            ([91, 8, 1, 0, 0, 0], Mods::HIDDEN | Mods::HARD_ROCK, Rank::SH),
            ([91, 7, 2, 0, 0, 0], Mods::empty(), Rank::A),
            ([91, 8, 0, 0, 0, 1], Mods::empty(), Rank::A),
            ([90, 10, 0, 0, 0, 0], Mods::empty(), Rank::A),
            ([90, 9, 0, 0, 0, 1], Mods::empty(), Rank::B),
            ([80, 20, 0, 0, 0, 0], Mods::empty(), Rank::B),
            ([80, 19, 0, 0, 0, 1], Mods::empty(), Rank::C),
            ([70, 30, 0, 0, 0, 0], Mods::empty(), Rank::C),
            ([60, 40, 0, 0, 0, 0], Mods::empty(), Rank::D),
        ] {
            assert_eq!(hits(counts).rank(Mode::OSU, mods), rank, "{counts:?}");
        }
    }

    #[test]
    fn an_unknown_mode_counts_hits_as_osu_and_has_no_accuracy() {
        let frame = hits([1, 2, 3, 4, 5, 6]);
        assert_eq!((frame.total_hits(Mode(4)), frame.accuracy(Mode(4))), (12, 0.0));
    }

    #[test]
    fn checksums_equal_chio() {
        for (frame, checksum) in [
            (
                frame(-2_147_483_648, [567, 101, 0, 0, 0, 0], [31170, 19067], 253),
                "fe455909306893ab4dda1331ae5a44f0",
            ),
            (
                frame(2_147_483_647, [300, 26, 21, 7, 0, 0], [26866, 29569], 0),
                "2f0043e8f5739eca73cabe79fb1d5b71",
            ),
            (
                frame(-2_147_483_648, [0, 65535, 65535, 1, 1, 65535], [32480, 28725], 254),
                "0027b990e9c9ffd1a1cb323fba6b8f3a",
            ),
            (frame(1, [159, 18, 0, 0, 0, 0], [49697, 54698], 255), "44492d550de2f52a63ba6ad2bcc4501b"),
            (
                frame(-424_801, [837, 3, 0, 0, 8, 547], [13515, 19010], 253),
                "25cd63073528e3afa3a2acfbe0d3dced",
            ),
        ] {
            assert_eq!(frame.computed_checksum().as_str(), checksum);
            // Neither 100s nor the score are part of it.
            let other = ScoreFrame { total_100: 9999, total_score: 7, ..frame };
            assert_eq!(other.computed_checksum(), frame.computed_checksum());
        }
    }

    #[test]
    fn only_254_has_failed() {
        for hp in 0..=u8::MAX {
            assert_eq!(frame(0, [0; 6], [0; 2], hp).passed(), hp != 254);
        }
    }

    #[test]
    fn digests_are_in_lower_case() {
        let digest =
            [0x00, 0x09, 0x0a, 0x0f, 0x90, 0x9a, 0xa9, 0xaf, 0xf0, 0xf9, 0xfa, 0xff, 0x12, 0x34, 0x56, 0x78];
        let hex = Md5Hex::new(digest);
        assert_eq!(hex.as_str(), "00090a0f909aa9aff0f9faff12345678");
        assert_eq!(hex.as_bytes(), hex.as_str().as_bytes());
        assert_eq!((hex.to_string(), std::format!("{hex:?}")), (hex.as_str().into(), hex.as_str().into()));
    }
}
