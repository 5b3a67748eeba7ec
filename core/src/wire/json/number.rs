//! Floats in the format of Python's `repr`.

use crate::wire::{Full, Sink};
use core::fmt::{self, Write};

/// A text of at most 32 bytes on the stack.
struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl Digits {
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len.saturating_add(text.len());
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        crate::wire::copy(place, text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Writes the shortest digits that parse as the same number, as Python does: with a fraction (`1.0`); with an
/// exponent of at least two digits from `1e+16` on and below `0.0001`; and `NaN`, `Infinity`, `-Infinity`.
pub(super) fn write_float(out: &mut impl Sink, number: f64) -> Result<(), Full> {
    if number.is_nan() {
        return out.put(b"NaN");
    }
    if number.is_sign_negative() {
        out.put(b"-")?;
    }
    if number.is_infinite() {
        return out.put(b"Infinity");
    }
    if let Some(short) = short(number.abs()) {
        return out.put(short.as_bytes());
    }
    write_any(out, number)
}

/// Fast path for numbers with few digits and no exponent, which is the common case.
///
/// The result has at most 15 digits and a decimal point: an integer divided by a power of ten. Both are
/// exact, so the number is the one closest to the quotient. No two numbers of up to 15 digits are closest to
/// the same `f64`, so no shorter one exists.
fn short(number: f64) -> Option<Backward> {
    if number < 0.0001 && number != 0.0 {
        return None;
    }
    let powers = [1e1, 1e2, 1e3, 1e4, 1e5, 1e6].into_iter();
    for (places, power) in (1..).zip(powers).take_while(|(_, power)| number * power < 1e15) {
        // The closest integer. Both conversions are exact below 2^53.
        #[allow(clippy::as_conversions)] // there is no other conversion
        let digits = (number * power + 0.5) as u64;
        #[allow(clippy::as_conversions)]
        if digits as f64 / power == number {
            let mut shown = Backward::default();
            shown.digits(digits, places);
            return Some(shown);
        }
    }
    None
}

/// As [`write_float`], for any finite number, without its sign.
fn write_any(out: &mut impl Sink, number: f64) -> Result<(), Full> {
    // Rust's shortest digits, which are Python's too: `1.25e-7`.
    let mut shown = Digits { bytes: [0; 32], len: 0 };
    write!(shown, "{:e}", number.abs()).map_err(|_| Full)?;
    to_even(&mut shown, number);
    let (mantissa, exponent) = match shown.as_bytes().iter().position(|byte| *byte == b'e') {
        Some(at) => shown.as_bytes().split_at_checked(at).unwrap_or_default(),
        None => (shown.as_bytes(), &[][..]),
    };
    let exponent = core::str::from_utf8(exponent.get(1..).unwrap_or_default()).unwrap_or_default();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, more) = match mantissa {
        [first, b'.', more @ ..] => (*first, more),
        [first, ..] => (*first, &[][..]),
        [] => (b'0', &[][..]),
    };
    match exponent {
        -4..=-1 => {
            out.put(b"0.")?;
            zeros(out, exponent.unsigned_abs().saturating_sub(1))?;
            out.put(&[first])?;
            out.put(more)
        }
        0..=15 => {
            let places = usize::try_from(exponent).unwrap_or(0);
            out.put(&[first])?;
            match more.split_at_checked(places) {
                Some((whole, fraction)) => {
                    out.put(whole)?;
                    out.put(b".")?;
                    out.put(if fraction.is_empty() { b"0" } else { fraction })
                }
                None => {
                    out.put(more)?;
                    zeros(out, u32::try_from(places.saturating_sub(more.len())).unwrap_or(0))?;
                    out.put(b".0")
                }
            }
        }
        _ => {
            out.put(&[first])?;
            if !more.is_empty() {
                out.put(b".")?;
                out.put(more)?;
            }
            let mut shown = Digits { bytes: [0; 32], len: 0 };
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(shown, "e{sign}{:02}", exponent.unsigned_abs()).map_err(|_| Full)?;
            out.put(shown.as_bytes())
        }
    }
}

/// If a number is exactly in the middle of two equally short ones, Python prints the even one and Rust the
/// larger one: `1125899906842624.2` of …24.25.
fn to_even(shown: &mut Digits, number: f64) {
    let bytes = shown.as_bytes();
    let Some(end) = bytes.iter().position(|byte| *byte == b'e') else { return };
    let exponent = bytes.get(end.saturating_add(1)..).and_then(|digits| core::str::from_utf8(digits).ok());
    let exponent: i64 = exponent.and_then(|digits| digits.parse().ok()).unwrap_or(0);
    // The digits after the first one; a part of them is the fraction.
    let more = end.saturating_sub(2);
    let places = i64::try_from(more).unwrap_or(0).saturating_sub(exponent);
    // A number in the middle has one more decimal place, a 5. Integers printed with fewer digits than they have
    // cannot be in the middle.
    let bits = number.to_bits();
    let (mantissa, scale) = (bits & ((1 << 52) - 1), bits >> 52 & 0x7ff);
    let (mantissa, scale) = if scale == 0 { (mantissa, 1) } else { (mantissa | 1 << 52, scale) };
    let power = i64::try_from(scale).unwrap_or(0).saturating_sub(1075);
    if places < 1
        || power.saturating_add(mantissa.trailing_zeros().into()) != places.saturating_add(1).saturating_neg()
    {
        return;
    }
    let mut exact = Digits { bytes: [0; 32], len: 0 };
    if write!(exact, "{:.*e}", more.saturating_add(1), number.abs()).is_err() {
        return;
    }
    let last = end.saturating_sub(1);
    let is_rounded_down = exact.bytes.get(last) == shown.bytes.get(last);
    let mut even = Digits { bytes: shown.bytes, len: shown.len };
    if let Some(digit) = even.bytes.get_mut(last).filter(|digit| **digit % 2 == 1) {
        // Neither digit is a 0, which would not be printed.
        *digit = if is_rounded_down { digit.saturating_add(1) } else { digit.saturating_sub(1) };
    }
    // Below a power of two numbers are denser, so the other digits may belong to another number.
    let text = core::str::from_utf8(even.as_bytes()).ok();
    if text.and_then(|text| text.parse().ok()) == Some(number.abs()) {
        *shown = even;
    }
}

fn zeros(out: &mut impl Sink, count: u32) -> Result<(), Full> {
    (0..count).try_for_each(|_| out.put(b"0"))
}

/// Writes an integer.
pub(super) fn write_int(out: &mut impl Sink, number: i64) -> Result<(), Full> {
    let mut shown = Backward::default();
    shown.digits(number.unsigned_abs(), 0);
    if number < 0 {
        shown.put(b'-');
    }
    out.put(shown.as_bytes())
}

/// A text of limited size that is written from its end.
struct Backward {
    bytes: [u8; 24],
    start: usize,
}

impl Default for Backward {
    fn default() -> Self {
        Self { bytes: [0; 24], start: 24 }
    }
}

impl Backward {
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn put(&mut self, byte: u8) {
        if let Some(start) = self.start.checked_sub(1)
            && let Some(place) = self.bytes.get_mut(start)
        {
            *place = byte;
            self.start = start;
        }
    }

    /// Writes the digits of a number, with this many after a decimal point and at least one before it.
    fn digits(&mut self, mut number: u64, places: u32) {
        let mut place = 0u32;
        while number > 0 || place <= places {
            if place == places && places > 0 {
                self.put(b'.');
            }
            let digit = u8::try_from(number % 10).unwrap_or(0);
            self.put(b'0'.saturating_add(digit));
            number /= 10;
            place = place.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SliceSink;
    use std::string::String;

    fn shown(number: f64) -> String {
        let mut buffer = [0; 40];
        let mut sink = SliceSink::new(&mut buffer);
        write_float(&mut sink, number).unwrap();
        let len = 40 - sink.room();
        String::from_utf8(buffer[..len].to_vec()).unwrap()
    }

    #[test]
    fn short_numbers_match_the_shortest_format() {
        let mut seed = 1u64;
        let mut is_short = [0; 2];
        for _ in 0..if cfg!(miri) { 200 } else { 200_000 } {
            seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let power = [0.1, 1.0, 10.0, 1e2, 1e3, 1e5, 1e8, 1e11][(seed >> 61) as usize];
            let near = (seed >> 11 >> (seed >> 3 & 31)) as f64 / power;
            for number in [near, near.next_up(), near.next_down().abs()] {
                let (mut buffer, expected) = ([0; 40], short(number));
                let mut sink = SliceSink::new(&mut buffer);
                write_any(&mut sink, number).unwrap();
                let len = 40 - sink.room();
                is_short[usize::from(expected.is_some())] += 1;
                if let Some(expected) = expected {
                    assert_eq!(&buffer[..len], expected.as_bytes(), "{number}");
                }
            }
        }
        assert!(is_short.into_iter().min() > Some(20), "{is_short:?}");
    }

    #[test]
    fn integers_keep_all_digits() {
        for number in [0, 7, -7, 10, 99, 100, -100, i64::MAX, i64::MIN] {
            let mut buffer = [0; 20];
            let mut sink = SliceSink::new(&mut buffer);
            write_int(&mut sink, number).unwrap();
            let len = 20 - sink.room();
            assert_eq!(buffer[..len], *std::format!("{number}").as_bytes());
        }
    }

    #[test]
    fn floats_look_as_in_python() {
        // Output of `repr` in CPython 3.11.
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (123456.789, "123456.789"),
            (100.0, "100.0"),
            (1e15, "1000000000000000.0"),
            (1.25e15, "1250000000000000.0"),
            (9007199254740993.0, "9007199254740992.0"),
            (1e16, "1e+16"),
            (1.5e16, "1.5e+16"),
            (0.0001, "0.0001"),
            (0.00012, "0.00012"),
            (0.00001, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (1e100, "1e+100"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (-2.5e-10, "-2.5e-10"),
            // Two candidates are equally close; the even one is printed.
            (7207720651816765.0 / 4.0, "1801930162954191.2"),
            (7207720651816767.0 / 4.0, "1801930162954191.8"),
            (4503599627370497.0 / 4.0, "1125899906842624.2"),
            (-406424564886673.0 / 16.0, "-25401535305417.062"),
            (981723962004045.0 / 8.0, "122715495250505.62"),
            (1.0 / 16777216.0, "5.960464477539063e-08"),
            (0.5, "0.5"),
            (2.5, "2.5"),
            (0.125, "0.125"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(shown(number), text);
        }
    }
}
