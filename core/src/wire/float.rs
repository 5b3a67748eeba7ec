//! Floats that are narrower in the encoding than in a packet.

const SIGN_SHIFT: u32 = 32;
const FRACTION_SHIFT: u32 = 29;
const FRACTION_32: u32 = 0x007f_ffff;
const INFINITY_64: u64 = 0x7ff0_0000_0000_0000;

/// Converts to `f64`. Unlike a plain conversion, it keeps the sign and payload of a NaN, so that decoded values
/// can be encoded unchanged.
#[inline]
pub(crate) fn widen_float(value: f32) -> f64 {
    if value.is_nan() {
        let bits = value.to_bits();
        let sign = u64::from(bits & (1 << 31)) << SIGN_SHIFT;
        let fraction = u64::from(bits & FRACTION_32) << FRACTION_SHIFT;
        return f64::from_bits(sign | INFINITY_64 | fraction);
    }
    f64::from(value)
}

/// Converts to the closest `f32`. The inverse of [`widen_float`].
#[inline]
pub(crate) fn narrow_float(value: f64) -> f32 {
    if value.is_nan() {
        let bits = value.to_bits();
        let sign = (bits >> SIGN_SHIFT) & (1 << 31);
        let fraction = (bits >> FRACTION_SHIFT) & u64::from(FRACTION_32);
        // A NaN whose payload is lost must not become an infinity.
        let fraction = if fraction == 0 { 0x0040_0000 } else { fraction };
        let [low @ .., _, _, _, _] = (sign | 0x7f80_0000 | fraction).to_le_bytes();
        return f32::from_le_bytes(low);
    }
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // rounding is intended
    let narrow = value as f32;
    narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_f32_survives_the_way_through_f64() {
        let kinds = [
            0u32,
            1,
            0x8000_0000,
            0x3f80_0000,
            0x7f7f_ffff,
            0x7f80_0000,
            0xff80_0000,
            0x7fc0_0000,
            0x7f80_0001,
            0xffa1_2345,
            0x7fff_ffff,
        ];
        for bits in kinds {
            assert_eq!(narrow_float(widen_float(f32::from_bits(bits))).to_bits(), bits, "{bits:08x}");
        }
        assert!(narrow_float(f64::from_bits(INFINITY_64 | 1)).is_nan());
        assert_eq!(narrow_float(0.1), 0.1f32);
    }

    #[test]
    #[ignore = "every f32 takes seconds: ci/exhaustive.sh"]
    fn every_f32_survives_the_way_through_f64_and_means_the_same_there() {
        for bits in 0..=u32::MAX {
            let value = f32::from_bits(bits);
            let wide = widen_float(value);
            assert_eq!(narrow_float(wide).to_bits(), bits, "{bits:08x}");
            if value.is_nan() {
                // Sign and payload are at the top, as in the other width.
                assert!(wide.is_nan() && wide.is_sign_negative() == value.is_sign_negative(), "{bits:08x}");
                assert_eq!(wide.to_bits() << 12, u64::from(bits) << 41, "{bits:08x}");
            } else {
                assert_eq!(wide.to_bits(), f64::from(value).to_bits(), "{bits:08x}");
            }
        }
    }

    /// NaN payload bits that are kept, with either sign, before bits that are dropped: all, none, and only the
    /// lowest or the highest.
    #[test]
    #[ignore = "every NaN takes seconds: ci/exhaustive.sh"]
    fn every_nan_stays_one_when_it_is_narrowed() {
        for kept in 0..=u64::from(FRACTION_32) {
            for cut in [0, 1, 1 << (FRACTION_SHIFT - 1), (1 << FRACTION_SHIFT) - 1] {
                for sign in [0, 1 << 63] {
                    let fraction = kept << FRACTION_SHIFT | cut;
                    if fraction == 0 {
                        continue;
                    }
                    let narrow = narrow_float(f64::from_bits(sign | INFINITY_64 | fraction));
                    assert!(narrow.is_nan() && narrow.is_sign_negative() == (sign != 0), "{fraction:x}");
                    let kept = if kept == 0 { 0x0040_0000 } else { kept };
                    assert_eq!(u64::from(narrow.to_bits() & FRACTION_32), kept, "{fraction:x}");
                }
            }
        }
    }
}
