//! Validates JSON text.

use super::write::{is_written_float, written_escape};
use crate::wire::{Error, ErrorKind};
use core::ops::Range;

/// Which JSON is accepted.
///
/// Duplicate names in an object are always accepted; the last value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonSyntax {
    /// The deepest nesting of arrays and objects; at most 127.
    pub depth: u8,
    /// Whether `NaN`, `Infinity`, `-Infinity` and numbers beyond the range of `f64` are accepted.
    pub non_finite: bool,
    /// Whether lone surrogates (`\ud800` to `\udfff`) are accepted.
    pub lone_surrogates: bool,
}

impl JsonSyntax {
    /// Standard JSON, nested up to 64 deep.
    pub const STRICT: Self = Self { depth: 64, non_finite: false, lone_surrogates: false };

    /// Standard JSON in structure, with numbers and strings that may have no value: those of
    /// [`non_finite`](Self::non_finite) and [`lone_surrogates`](Self::lone_surrogates). A value that is not used cannot
    /// make the text invalid.
    pub const LENIENT: Self = Self { non_finite: true, lone_surrogates: true, ..Self::STRICT };

    /// What Python's `json.loads` accepts, nested up to 127 deep (Python: about a thousand).
    pub const PYTHON: Self = Self { depth: 127, non_finite: true, lone_surrogates: true };
}

/// The most digits of an integer that Python parses.
const LONGEST_INTEGER: usize = 4300;

/// The open arrays and objects, innermost last: one bit each, set for an object.
struct Nesting {
    bits: u128,
    depth: u8,
    most: u8,
}

impl Nesting {
    fn open(&mut self, is_object: bool) -> Option<()> {
        if self.depth >= self.most.min(127) {
            return None;
        }
        self.bits = self.bits << 1 | u128::from(is_object);
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    fn close(&mut self) {
        self.bits >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }

    fn is_in_object(&self) -> bool {
        self.depth > 0 && self.bits & 1 == 1
    }
}

/// Receives the members of the outermost object: the range of the name without quotes, whether it may contain
/// escapes, and the start of the value.
pub(super) trait Watch {
    fn member(&mut self, name: Range<usize>, may_have_escapes: bool, value: usize);
}

impl Watch for () {
    #[inline(always)]
    fn member(&mut self, _: Range<usize>, _: bool, _: usize) {}
}

/// An error and its offset.
type Scanned<T> = Result<T, (ErrorKind, usize)>;

/// A validated value.
pub(super) struct Valid {
    /// The range of the value in the text.
    pub(super) range: Range<usize>,
    /// Whether the text is in the form that [`write_json`](super::write_json) would write.
    pub(super) is_written: bool,
}

/// Checks that `text` is one value, surrounded by white space at most.
pub(super) fn scan(text: &str, syntax: JsonSyntax, watch: &mut impl Watch) -> Result<Valid, Error> {
    let bytes = text.as_bytes();
    let start = skip_white_space(bytes, 0);
    let mut scan = Scan { bytes, syntax, is_written: true };
    let done = scan.value(start, watch).and_then(|end| {
        let next = skip_white_space(bytes, end);
        let valid = Valid { range: start..end, is_written: scan.is_written };
        if next == bytes.len() { Ok(valid) } else { Err((ErrorKind::Json, next)) }
    });
    done.map_err(|(kind, at)| Error::new(kind, at))
}

/// The offset of the next byte that is not white space.
pub(super) fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at = at.wrapping_add(1);
    }
    at
}

/// The byte at this offset; 0, which is not valid in JSON, at the end.
#[inline(always)]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The state of a validation. Offsets exceed the end by at most the length of an escape, so adding to them
/// does not overflow.
struct Scan<'t> {
    bytes: &'t [u8],
    syntax: JsonSyntax,
    is_written: bool,
}

impl Scan<'_> {
    /// The offset of the next byte that is not white space. The fast path is no white space.
    #[inline(always)]
    fn white_space(&mut self, at: usize) -> usize {
        if byte(self.bytes, at) > b' ' { at } else { self.some_white_space(at) }
    }

    #[inline(never)]
    fn some_white_space(&mut self, at: usize) -> usize {
        self.is_written = false;
        skip_white_space(self.bytes, at)
    }

    /// Validates the value at `at` and returns its end. Does not recurse.
    fn value(&mut self, mut at: usize, watch: &mut impl Watch) -> Scanned<usize> {
        let mut nesting = Nesting { bits: 0, depth: 0, most: self.syntax.depth };
        loop {
            // The start of a value.
            match byte(self.bytes, at) {
                b'"' => at = self.string(at)?.0,
                b'{' => {
                    nesting.open(true).ok_or((ErrorKind::TooDeep, at))?;
                    at = self.white_space(at.wrapping_add(1));
                    if byte(self.bytes, at) != b'}' {
                        at = self.name(at, nesting.depth, watch)?;
                        continue;
                    }
                    at = at.wrapping_add(1);
                    nesting.close();
                }
                b'[' => {
                    nesting.open(false).ok_or((ErrorKind::TooDeep, at))?;
                    at = self.white_space(at.wrapping_add(1));
                    if byte(self.bytes, at) != b']' {
                        continue;
                    }
                    at = at.wrapping_add(1);
                    nesting.close();
                }
                first => at = self.scalar(first, at)?,
            }
            // The end of a value, and of the arrays and objects that it completes.
            loop {
                if nesting.depth == 0 {
                    return Ok(at);
                }
                at = self.white_space(at);
                match (byte(self.bytes, at), nesting.is_in_object()) {
                    (b',', true) => {
                        at = self.white_space(at.wrapping_add(1));
                        at = self.name(at, nesting.depth, watch)?;
                        break;
                    }
                    (b',', false) => {
                        at = self.white_space(at.wrapping_add(1));
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        at = at.wrapping_add(1);
                        nesting.close();
                    }
                    _ => return Err((ErrorKind::Json, at)),
                }
            }
        }
    }

    /// Validates a member's name and the colon. Returns the start of its value.
    #[inline(always)]
    fn name(&mut self, at: usize, depth: u8, watch: &mut impl Watch) -> Scanned<usize> {
        if byte(self.bytes, at) != b'"' {
            return Err((ErrorKind::Json, at));
        }
        let (end, is_plain) = self.string(at)?;
        let colon = self.white_space(end);
        if byte(self.bytes, colon) != b':' {
            return Err((ErrorKind::Json, colon));
        }
        let value = self.white_space(colon.wrapping_add(1));
        if depth == 1 {
            watch.member(at.wrapping_add(1)..end.wrapping_sub(1), !is_plain, value);
        }
        Ok(value)
    }

    /// Validates the string whose quote is at `at`. Returns its end and whether it is known to have no escapes.
    #[inline(always)]
    fn string(&mut self, at: usize) -> Scanned<(usize, bool)> {
        let end = end_of_written(self.bytes, at.wrapping_add(1));
        if byte(self.bytes, end) == b'"' {
            return Ok((end.wrapping_add(1), true));
        }
        Ok((self.string_with_escapes(end)?, false))
    }

    /// Continues a string from an escape or a character that is not ASCII.
    #[inline(never)]
    fn string_with_escapes(&mut self, mut at: usize) -> Scanned<usize> {
        let (bytes, syntax) = (self.bytes, self.syntax);
        loop {
            let start = end_of_plain(bytes, at);
            self.is_written &= start == at || end_of_written(bytes, at) == start;
            at = start.saturating_add(2);
            match bytes.get(start) {
                Some(b'"') => return Ok(start.saturating_add(1)),
                Some(b'\\') => {}
                _ => return Err((ErrorKind::Json, start)),
            }
            self.is_written &= written_escape(bytes.get(start..).unwrap_or_default()).is_some();
            match bytes.get(start.saturating_add(1)) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => {
                    let unit = hex(bytes, at).ok_or((ErrorKind::Json, start))?;
                    at = at.saturating_add(4);
                    match (unit, pair(bytes, at)) {
                        (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => {
                            self.is_written &= written_escape(bytes.get(at..).unwrap_or_default()).is_some();
                            at = at.saturating_add(6);
                        }
                        (0xd800..=0xdfff, _) if !syntax.lone_surrogates => {
                            return Err((ErrorKind::Json, start));
                        }
                        _ => {}
                    }
                }
                _ => return Err((ErrorKind::Json, start)),
            }
        }
    }

    /// Validates a literal or a number with this first byte, and returns its end.
    #[inline(always)]
    fn scalar(&mut self, first: u8, at: usize) -> Scanned<usize> {
        match first {
            b'0'..=b'9' => self.number(at, at),
            b'-' if byte(self.bytes, at.wrapping_add(1)) == b'I' => self.non_finite(at, "-Infinity"),
            b'-' => self.number(at, at.wrapping_add(1)),
            b't' => self.literal(at, "true"),
            b'f' => self.literal(at, "false"),
            b'n' => self.literal(at, "null"),
            b'N' => self.non_finite(at, "NaN"),
            b'I' => self.non_finite(at, "Infinity"),
            _ => Err((ErrorKind::Json, at)),
        }
    }

    #[inline(always)]
    fn literal(&self, at: usize, word: &str) -> Scanned<usize> {
        if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            Ok(at.wrapping_add(word.len()))
        } else {
            Err((ErrorKind::Json, at))
        }
    }

    #[inline(never)]
    fn non_finite(&self, at: usize, word: &str) -> Scanned<usize> {
        let end = self.literal(at, word)?;
        if self.syntax.non_finite { Ok(end) } else { Err((ErrorKind::NonFiniteNumber, at)) }
    }

    /// Validates the number at `start`, whose digits start at `at`.
    #[inline(always)]
    fn number(&mut self, start: usize, at: usize) -> Scanned<usize> {
        let end = digits(self.bytes, at);
        let has_integer = match end.wrapping_sub(at) {
            0 => false,
            1 => true,
            _ => byte(self.bytes, at) != b'0',
        };
        if !has_integer {
            return Err((ErrorKind::Json, start));
        }
        match byte(self.bytes, end) {
            b'.' | b'e' | b'E' => self.float(start, end),
            _ if end.wrapping_sub(at) > LONGEST_INTEGER => Err((ErrorKind::Json, start)),
            _ => {
                // An integer has no negative zero.
                self.is_written &= start == at || byte(self.bytes, at) != b'0';
                Ok(end)
            }
        }
    }

    /// Validates the number at `start`, whose integer part ends at `point`.
    #[inline(never)]
    fn float(&mut self, start: usize, point: usize) -> Scanned<usize> {
        let (bytes, mut at) = (self.bytes, point);
        let some_digits = |at| {
            let end = digits(bytes, at);
            if end == at { Err((ErrorKind::Json, start)) } else { Ok(end) }
        };
        if byte(bytes, at) == b'.' {
            at = some_digits(at.wrapping_add(1))?;
        }
        if !matches!(byte(bytes, at), b'e' | b'E') && at.wrapping_sub(start) <= 16 {
            self.is_written &= is_written_float(bytes.get(start..at).unwrap_or_default());
            return Ok(at);
        }
        self.long_float(start, at)
    }

    /// Slow path: a number with an exponent or many digits, whose mantissa ends at `at`.
    #[inline(never)]
    fn long_float(&mut self, start: usize, mut at: usize) -> Scanned<usize> {
        let (bytes, mut exponent_len) = (self.bytes, 0usize);
        // Deciding whether it is in the written form would require formatting it.
        self.is_written = false;
        if let Some(b'e' | b'E') = bytes.get(at) {
            at = at.saturating_add(1);
            if let Some(b'+' | b'-') = bytes.get(at) {
                at = at.saturating_add(1);
            }
            let end = digits(bytes, at);
            if end == at {
                return Err((ErrorKind::Json, start));
            }
            exponent_len = end.saturating_sub(at);
            at = end;
        }
        // 200 digits and 99 zeros are far below the largest number.
        let may_be_too_large = exponent_len > 2 || at.saturating_sub(start) > 200;
        if may_be_too_large && !self.syntax.non_finite {
            let text = bytes.get(start..at).and_then(|text| core::str::from_utf8(text).ok());
            let number: Option<f64> = text.and_then(|text| text.parse().ok());
            if !number.is_some_and(f64::is_finite) {
                return Err((ErrorKind::NonFiniteNumber, start));
            }
        }
        Ok(at)
    }
}

#[inline(always)]
fn digits(bytes: &[u8], mut at: usize) -> usize {
    while byte(bytes, at).is_ascii_digit() {
        at = at.wrapping_add(1);
    }
    at
}

/// The number of bytes scanned at once.
const WORD: usize = 8;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The offset of the first quote, backslash or control character from `at` on, or the end.
#[inline(always)]
pub(super) fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    end_of::<false>(bytes, at)
}

/// Also stops at characters that Python escapes: DEL and everything that is not ASCII.
#[inline(always)]
pub(super) fn end_of_written(bytes: &[u8], at: usize) -> usize {
    end_of::<true>(bytes, at)
}

#[inline(always)]
fn end_of<const IS_WRITTEN: bool>(bytes: &[u8], mut at: usize) -> usize {
    let is_plain =
        |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\' && (!IS_WRITTEN || *byte <= b'~');
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WORD>()) {
        let word = u64::from_le_bytes(*word);
        // SWAR: the high bit of a byte is set if it is a backslash, if it is below 0x21 with its second bit
        // flipped (quotes and control characters), or if it is not ASCII. Borrows can set bits above a match,
        // so only the lowest match counts.
        let backslash = (word ^ ONES.wrapping_mul(0x5c)).wrapping_sub(ONES);
        let quote_or_control = (word ^ ONES.wrapping_mul(0x02)).wrapping_sub(ONES.wrapping_mul(0x21));
        let found = backslash | quote_or_control;
        let hits = HIGHS & if IS_WRITTEN { found | word | word.wrapping_add(ONES) } else { found & !word };
        if hits != 0 {
            let byte = hits.trailing_zeros() >> 3;
            return at.wrapping_add(usize::try_from(byte).unwrap_or(0));
        }
        at = at.wrapping_add(WORD);
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let plain = rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
    at.wrapping_add(plain)
}

/// Four hexadecimal digits.
pub(super) fn hex(bytes: &[u8], at: usize) -> Option<u16> {
    let digits: &[u8; 4] = bytes.get(at..)?.first_chunk()?;
    digits.iter().try_fold(0u16, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u16::try_from(digit).ok()?)
    })
}

/// The UTF-16 unit of the escape `\uXXXX` at this offset.
pub(super) fn pair(bytes: &[u8], at: usize) -> Option<u16> {
    let rest = bytes.get(at..)?.strip_prefix(b"\\u")?;
    hex(rest, 0)
}

/// The end of the value at `at`, in validated text.
pub(super) fn skip(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    loop {
        match bytes.get(at) {
            Some(b'"') => at = skip_string(bytes, at),
            Some(b'{' | b'[') => {
                depth = depth.saturating_add(1);
                at = at.saturating_add(1);
                continue;
            }
            Some(b'}' | b']') => {
                depth = depth.saturating_sub(1);
                at = at.saturating_add(1);
            }
            Some(b',' | b':' | b' ' | b'\t' | b'\n' | b'\r') => {
                at = at.saturating_add(1);
                continue;
            }
            Some(_) => {
                let rest = bytes.get(at..).unwrap_or_default();
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                at = at.saturating_add(rest.iter().position(ends).unwrap_or(rest.len()).max(1));
            }
            None => return at.min(bytes.len()),
        }
        if depth == 0 {
            return at;
        }
    }
}

/// The end of the string at `at`, in validated text.
#[inline(always)]
pub(super) fn skip_string(bytes: &[u8], mut at: usize) -> usize {
    at = at.saturating_add(1);
    loop {
        at = end_of_plain(bytes, at);
        match bytes.get(at) {
            Some(b'\\') => at = at.saturating_add(2),
            Some(_) => return at.saturating_add(1),
            None => return bytes.len(),
        }
    }
}
