//! ULEB128: seven bits a byte, least significant first, the top bit says that more follow.

use super::reader::parse::{self, Parsed};
use super::{ErrorKind, Fault, Full, Sink};

/// The most bytes that 32 bits take.
const MAX_BYTES: u32 = 5;

pub(crate) fn uleb128(input: &[u8]) -> Parsed<'_, u32> {
    let mut value = 0u32;
    let mut rest = input;
    for index in 0..MAX_BYTES {
        let (behind, byte) = parse::le_u8(rest)?;
        rest = behind;
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

/// Reads a ULEB128 of at most 5 bytes and 32 bits from the start of `input`: the value, and how
/// many bytes it takes.
///
/// # Errors
/// [`ErrorKind::Truncated`] where the input ends inside it, [`ErrorKind::Uleb128`] where it is too
/// long or too large.
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

/// Writes `value` in as few bytes as it needs.
///
/// # Errors
/// [`Full`] where the sink has no room.
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

/// How many bytes [`write_uleb128`] writes for `value`: 1 to 5.
pub fn uleb128_len(value: u32) -> usize {
    let mut counter = super::Counter::default();
    // A counter only fills up beyond the address space.
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
    fn what_is_too_long_or_too_large_is_refused() {
        let at_start = Err(Error::new(ErrorKind::Uleb128, 0));
        assert_eq!(read_uleb128(&[0x80; 100]), at_start);
        assert_eq!(read_uleb128(&[0xff, 0xff, 0xff, 0xff, 0x1f]), at_start);
        assert_eq!(read_uleb128(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok((u32::MAX, 5)));
    }
}
