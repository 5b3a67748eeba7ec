//! ULEB128: seven bits per byte, least significant first; the top bit is set if more bytes follow.

use super::reader::parse::{self, Parsed};
use super::{ErrorKind, Fault, Full, Sink};

/// The longest encoding of 32 bits, in bytes.
const MAX_BYTES: u32 = 5;

pub(crate) fn uleb128(input: &[u8]) -> Parsed<'_, u32> {
    let mut value = 0u32;
    let mut rest = input;
    for index in 0..MAX_BYTES {
        let (after, byte) = parse::le_u8(rest)?;
        rest = after;
        let bits = u32::from(byte & 0x7f);
        let shift = index.saturating_mul(7);
        let shifted = bits.checked_shl(shift).unwrap_or(0);
        if shifted.checked_shr(shift) != Some(bits) {
            return Err(nom::Err::Error(Fault::new(ErrorKind::Uleb128, input)));
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            return Ok((rest, value));
        }
    }
    Err(nom::Err::Error(Fault::new(ErrorKind::Uleb128, input)))
}

/// Reads a ULEB128 of at most 5 bytes and 32 bits at the start of `input`. Returns the value and its length
/// in bytes.
///
/// # Errors
/// [`ErrorKind::Truncated`] if the input ends inside it, [`ErrorKind::Uleb128`] if it is too long or too large.
///
/// ```
/// use lobbywire_core::wire::read_uleb128;
///
/// assert_eq!(read_uleb128(&[0xac, 0x02, 0xff]), Ok((300, 2)));
/// assert!(read_uleb128(&[0xff; 9]).is_err());
/// ```
pub fn read_uleb128(input: &[u8]) -> Result<(u32, usize), super::Error> {
    match uleb128(input) {
        Ok((rest, value)) => Ok((value, input.len().saturating_sub(rest.len()))),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault.in_payload(input.len())),
        Err(nom::Err::Incomplete(_)) => Err(super::Error::new(ErrorKind::Truncated, input.len())),
    }
}

/// Writes `value` in the shortest form.
///
/// # Errors
/// [`Full`] if the sink is full.
#[inline]
pub fn write_uleb128(out: &mut impl Sink, value: u32) -> Result<(), Full> {
    let mut left = value;
    loop {
        let [low, ..] = left.to_le_bytes();
        left >>= 7;
        if left == 0 {
            return out.put_array([low & 0x7f]);
        }
        out.put_array([low | 0x80])?;
    }
}

/// The length of the output of [`write_uleb128`]: 1 to 5 bytes.
pub fn uleb128_len(value: u32) -> usize {
    let mut counter = super::Counter::default();
    // Counting cannot fail within the address space.
    let _ = write_uleb128(&mut counter, value);
    counter.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Error, SliceSink};

    #[test]
    fn every_length_round_trips() {
        for shift in 0..32 {
            for value in [1u32 << shift, (1u32 << shift) - 1, u32::MAX >> shift] {
                let mut buffer = [0xee; 6];
                let mut sink = SliceSink::new(&mut buffer);
                write_uleb128(&mut sink, value).unwrap();
                let written = 6 - sink.room();
                assert_eq!(written, uleb128_len(value));
                assert_eq!(read_uleb128(&buffer), Ok((value, written)), "{value}");
                for end in 0..written {
                    assert_eq!(
                        read_uleb128(&buffer[..end]),
                        Err(Error::new(ErrorKind::Truncated, end)),
                        "{value} cut at {end}"
                    );
                }
            }
        }
    }

    #[test]
    fn too_long_and_too_large_values_are_rejected() {
        let at_start = Err(Error::new(ErrorKind::Uleb128, 0));
        assert_eq!(read_uleb128(&[0x80; 100]), at_start);
        assert_eq!(read_uleb128(&[0xff, 0xff, 0xff, 0xff, 0x1f]), at_start);
        assert_eq!(read_uleb128(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok((u32::MAX, 5)));
    }

    /// The meaning of the bytes, computed without shifts and without a bound.
    fn meaning(bytes: &[u8]) -> Result<(u32, usize), Error> {
        let (mut value, mut place) = (0u64, 1u64);
        for (index, byte) in bytes.iter().take(5).enumerate() {
            value += u64::from(byte % 128) * place;
            place *= 128;
            if *byte < 128 {
                let too_large = Error::new(ErrorKind::Uleb128, 0);
                return u32::try_from(value).map(|value| (value, index + 1)).map_err(|_| too_large);
            }
        }
        let kind = if bytes.len() < 5 { ErrorKind::Truncated } else { ErrorKind::Uleb128 };
        Err(Error::new(kind, if kind == ErrorKind::Truncated { bytes.len() } else { 0 }))
    }

    #[test]
    #[ignore = "every number of 32 bits takes seconds: ci/exhaustive.sh"]
    fn every_number_round_trips_in_the_shortest_form() {
        for value in 0..=u32::MAX {
            let mut buffer = [0xee; 6];
            let mut sink = SliceSink::new(&mut buffer);
            write_uleb128(&mut sink, value).unwrap();
            let written = 6 - sink.room();
            let bits = u32::BITS - value.leading_zeros();
            assert_eq!(written, bits.div_ceil(7).max(1) as usize, "{value}");
            assert_eq!(written, uleb128_len(value), "{value}");
            assert_eq!(read_uleb128(&buffer), Ok((value, written)), "{value}");
        }
    }

    #[test]
    #[ignore = "every input of four bytes takes seconds: ci/exhaustive.sh"]
    fn every_input_of_up_to_four_bytes_is_decoded_correctly() {
        for len in 0..=4 {
            for number in 0..1u64 << (8 * len) {
                let bytes = &number.to_le_bytes()[..len];
                assert_eq!(read_uleb128(bytes), meaning(bytes), "{bytes:x?}");
            }
        }
    }

    /// A fifth byte after four with their top bits set. Each group of seven bits goes to a separate position,
    /// so all values of the fifth byte, combined with each single bit, none, all and every other bit of each
    /// group, cover all inputs.
    #[test]
    fn every_fifth_byte_is_decoded_correctly() {
        const GROUPS: [u8; 11] = [0, 1, 2, 4, 8, 16, 32, 64, 0x7f, 0x55, 0x2a];
        for [a, b] in GROUPS.map(|a| GROUPS.map(|b| [a, b])).as_flattened() {
            for [c, d] in GROUPS.map(|c| GROUPS.map(|d| [c, d])).as_flattened() {
                for fifth in 0..=u8::MAX {
                    let bytes = [a | 0x80, b | 0x80, c | 0x80, d | 0x80, fifth, 0xff];
                    assert_eq!(read_uleb128(&bytes), meaning(&bytes), "{bytes:x?}");
                }
            }
        }
    }
}
