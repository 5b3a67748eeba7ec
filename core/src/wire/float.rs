//! Floats that stand narrower on the wire than in a packet.

const SIGN_SHIFT: u32 = 32;
const FRACTION_SHIFT: u32 = 29;
const FRACTION_32: u32 = 0x007f_ffff;
const INFINITY_64: u64 = 0x7ff0_0000_0000_0000;

/// The same value as an `f64`; a NaN keeps its sign and payload bits, which a plain conversion may
/// not, so that what was read can be written again.
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

/// The nearest `f32`; the inverse of [`widen_float`] for what that gives.
#[inline]
pub(crate) fn narrow_float(value: f64) -> f32 {
    if value.is_nan() {
        let bits = value.to_bits();
        let sign = (bits >> SIGN_SHIFT) & (1 << 31);
        let fraction = (bits >> FRACTION_SHIFT) & u64::from(FRACTION_32);
        // A NaN whose bits are all below those kept must not become an infinity.
        let fraction = if fraction == 0 { 0x0040_0000 } else { fraction };
        let [low @ .., _, _, _, _] = (sign | 0x7f80_0000 | fraction).to_le_bytes();
        return f32::from_le_bytes(low);
    }
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // rounding is what is meant
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
}
