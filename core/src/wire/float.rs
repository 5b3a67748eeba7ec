//! Floats that are narrower in the encoding than in a packet, and floats that are not JSON numbers.

use core::fmt;

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

/// A float that is not a JSON number, as the JSON of this project writes it: `{"$float": "Infinity"}`.
///
/// The text is `Infinity`, `-Infinity`, `NaN` for the default NaN, or the bits of another NaN, such as
/// `0x7ff8000000000001`.
///
/// ```
/// use lobbywire_core::wire::NonFinite;
///
/// assert_eq!(NonFinite::new(f64::NEG_INFINITY).unwrap().to_string(), "-Infinity");
/// assert_eq!(NonFinite::parse("Infinity").unwrap().get(), f64::INFINITY);
/// assert_eq!(NonFinite::new(1.5), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonFinite(f64);

impl NonFinite {
    /// The key of the JSON object.
    pub const KEY: &'static str = "$float";

    /// Wraps an infinity or a NaN; `None` for other floats.
    pub fn new(value: f64) -> Option<Self> {
        if value.is_finite() { None } else { Some(Self(value)) }
    }

    /// As [`new`](Self::new). Keeps the sign and payload of a NaN, which a conversion to `f64` may change.
    pub fn new_f32(value: f32) -> Option<Self> {
        Self::new(widen_float(value))
    }

    /// Parses the text.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Infinity" => Some(Self(f64::INFINITY)),
            "-Infinity" => Some(Self(f64::NEG_INFINITY)),
            "NaN" => Some(Self(f64::NAN)),
            _ => {
                let value = f64::from_bits(u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()?);
                value.is_nan().then_some(Self(value))
            }
        }
    }

    /// The float.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The float, as the argument of [`new_f32`](Self::new_f32).
    pub fn get_f32(self) -> f32 {
        narrow_float(self.0)
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("Infinity"),
            f64::NEG_INFINITY => f.write_str("-Infinity"),
            value if value.to_bits() == f64::NAN.to_bits() => f.write_str("NaN"),
            value => write!(f, "{:#018x}", value.to_bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn non_finite_floats_round_trip_as_text() {
        for (bits, text) in [
            (f64::INFINITY.to_bits(), "Infinity"),
            (f64::NEG_INFINITY.to_bits(), "-Infinity"),
            (f64::NAN.to_bits(), "NaN"),
            (0xfff8_0000_0000_0000, "0xfff8000000000000"),
            (0x7ff0_0000_0000_0001, "0x7ff0000000000001"),
        ] {
            assert_eq!(NonFinite::new(f64::from_bits(bits)).unwrap().to_string(), text);
            assert_eq!(NonFinite::parse(text).unwrap().get().to_bits(), bits);
        }
        for text in ["inf", "nan", "0x0", "0x3ff8000000000000", "7ff8000000000001", ""] {
            assert_eq!(NonFinite::parse(text), None, "{text}");
        }
    }

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
