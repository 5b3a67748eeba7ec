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

/// The text after what was validated; `None` after an error, which is in [`Scan::error`]. Smaller than a `Result`, which
/// would take several registers.
type Scanned<'t> = Option<&'t [u8]>;

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
    let mut scan = Scan { bytes, syntax, is_written: true, error: Error::new(ErrorKind::Json, 0) };
    let valid = scan.value(bytes.get(start..).unwrap_or_default(), watch).and_then(|rest| {
        let valid = Valid { range: start..scan.offset(rest), is_written: scan.is_written };
        match after_white_space(rest) {
            [] => Some(valid),
            rest => scan.fail(ErrorKind::Json, rest),
        }
    });
    valid.ok_or(scan.error)
}

/// The offset of the next byte that is not white space.
pub(super) fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at = at.wrapping_add(1);
    }
    at
}

fn after_white_space(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// The state of a validation. Positions are the rest of the text, which takes fewer bounds checks than offsets.
struct Scan<'t> {
    bytes: &'t [u8],
    syntax: JsonSyntax,
    is_written: bool,
    error: Error,
}

impl<'t> Scan<'t> {
    /// Fails at the start of `rest`.
    #[cold]
    #[inline(never)]
    fn fail<T>(&mut self, kind: ErrorKind, rest: &[u8]) -> Option<T> {
        self.error = Error::new(kind, self.offset(rest));
        None
    }

    fn offset(&self, rest: &[u8]) -> usize {
        self.bytes.len().wrapping_sub(rest.len())
    }

    /// The text from the next byte on that is not white space. The fast path is no white space.
    #[inline(always)]
    fn white_space(&mut self, rest: &'t [u8]) -> &'t [u8] {
        match rest {
            [first, ..] if *first > b' ' => rest,
            _ => self.some_white_space(rest),
        }
    }

    #[cold]
    #[inline(never)]
    fn some_white_space(&mut self, rest: &'t [u8]) -> &'t [u8] {
        self.is_written = false;
        after_white_space(rest)
    }

    /// Validates the value at the start of `rest` and returns the text after it. Does not recurse.
    fn value(&mut self, mut rest: &'t [u8], watch: &mut impl Watch) -> Scanned<'t> {
        let mut nesting = Nesting { bits: 0, depth: 0, most: self.syntax.depth };
        loop {
            // The start of a value.
            rest = match rest {
                [b'"', content @ ..] => match after_plain::<true>(content) {
                    [b'"', after @ ..] => after,
                    rest => self.string_with_escapes(rest)?,
                },
                [b'{', inner @ ..] => {
                    if nesting.open(true).is_none() {
                        return self.fail(ErrorKind::TooDeep, rest);
                    }
                    match self.white_space(inner) {
                        [b'}', after @ ..] => {
                            nesting.close();
                            after
                        }
                        inner => {
                            rest = self.name(inner, nesting.depth, watch)?;
                            continue;
                        }
                    }
                }
                [b'[', inner @ ..] => {
                    if nesting.open(false).is_none() {
                        return self.fail(ErrorKind::TooDeep, rest);
                    }
                    match self.white_space(inner) {
                        [b']', after @ ..] => {
                            nesting.close();
                            after
                        }
                        inner => {
                            rest = inner;
                            continue;
                        }
                    }
                }
                [b' ' | b'\t' | b'\n' | b'\r', ..] => {
                    rest = self.some_white_space(rest);
                    continue;
                }
                _ => self.scalar(rest)?,
            };
            // The end of a value, and of the arrays and objects that it completes.
            loop {
                if nesting.depth == 0 {
                    return Some(rest);
                }
                rest = match rest {
                    [b',', after @ ..] => {
                        rest = after;
                        if nesting.is_in_object() {
                            let name = self.white_space(after);
                            rest = self.name(name, nesting.depth, watch)?;
                        }
                        break;
                    }
                    [b'}', after @ ..] if nesting.is_in_object() => after,
                    [b']', after @ ..] if !nesting.is_in_object() => after,
                    [b' ' | b'\t' | b'\n' | b'\r', ..] => {
                        rest = self.some_white_space(rest);
                        continue;
                    }
                    _ => return self.fail(ErrorKind::Json, rest),
                };
                nesting.close();
            }
        }
    }

    /// Validates a member's name and the colon. Returns the text from its value on.
    #[inline(always)]
    fn name(&mut self, rest: &'t [u8], depth: u8, watch: &mut impl Watch) -> Scanned<'t> {
        let [b'"', name @ ..] = rest else { return self.fail(ErrorKind::Json, rest) };
        let (end, may_have_escapes) = match after_plain::<true>(name) {
            [b'"', end @ ..] => (end, false),
            rest => (self.string_with_escapes(rest)?, true),
        };
        let value = match end {
            [b':', value @ ..] => value,
            _ => match self.white_space(end) {
                [b':', value @ ..] => value,
                rest => return self.fail(ErrorKind::Json, rest),
            },
        };
        // White space before other values is skipped with them.
        if depth == 1 {
            let value = self.white_space(value);
            let range = self.offset(name)..self.offset(end).wrapping_sub(1);
            watch.member(range, may_have_escapes, self.offset(value));
        }
        Some(value)
    }

    /// Continues a string from an escape or a character that is not ASCII.
    #[inline(never)]
    fn string_with_escapes(&mut self, rest: &'t [u8]) -> Scanned<'t> {
        let (bytes, syntax) = (self.bytes, self.syntax);
        let mut at = self.offset(rest);
        loop {
            let start = end_of_plain(bytes, at);
            self.is_written &= start == at || end_of_written(bytes, at) == start;
            at = start.saturating_add(2);
            match bytes.get(start) {
                Some(b'"') => return bytes.get(start.saturating_add(1)..),
                Some(b'\\') => {}
                _ => return self.fail(ErrorKind::Json, bytes.get(start..).unwrap_or_default()),
            }
            self.is_written &= written_escape(bytes.get(start..).unwrap_or_default()).is_some();
            match bytes.get(start.saturating_add(1)) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => {
                    let Some(unit) = hex(bytes, at) else {
                        return self.fail(ErrorKind::Json, bytes.get(start..).unwrap_or_default());
                    };
                    at = at.saturating_add(4);
                    match (unit, pair(bytes, at)) {
                        (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => {
                            self.is_written &= written_escape(bytes.get(at..).unwrap_or_default()).is_some();
                            at = at.saturating_add(6);
                        }
                        (0xd800..=0xdfff, _) if !syntax.lone_surrogates => {
                            return self.fail(ErrorKind::Json, bytes.get(start..).unwrap_or_default());
                        }
                        _ => {}
                    }
                }
                _ => return self.fail(ErrorKind::Json, bytes.get(start..).unwrap_or_default()),
            }
        }
    }

    /// Validates the literal or number at the start of `rest`, and returns the text after it.
    #[inline(always)]
    fn scalar(&mut self, rest: &'t [u8]) -> Scanned<'t> {
        match rest {
            [b'0'..=b'9', ..] => self.number(rest, rest),
            [b'-', b'I', ..] => self.non_finite(rest, b"-Infinity"),
            [b'-', digits @ ..] => self.number(rest, digits),
            [b't', b'r', b'u', b'e', after @ ..]
            | [b'f', b'a', b'l', b's', b'e', after @ ..]
            | [b'n', b'u', b'l', b'l', after @ ..] => Some(after),
            [b'N', ..] => self.non_finite(rest, b"NaN"),
            [b'I', ..] => self.non_finite(rest, b"Infinity"),
            _ => self.fail(ErrorKind::Json, rest),
        }
    }

    #[inline(never)]
    fn non_finite(&mut self, rest: &'t [u8], word: &[u8]) -> Scanned<'t> {
        match rest.strip_prefix(word) {
            None => self.fail(ErrorKind::Json, rest),
            Some(_) if !self.syntax.non_finite => self.fail(ErrorKind::NonFiniteNumber, rest),
            after => after,
        }
    }

    /// Validates the number `start`, whose digits are at the start of `integer`.
    #[inline(always)]
    fn number(&mut self, start: &'t [u8], integer: &'t [u8]) -> Scanned<'t> {
        let end = after_digits(integer);
        let len = integer.len().wrapping_sub(end.len());
        let starts_with_zero = matches!(integer, [b'0', ..]);
        if len == 0 || (starts_with_zero && len > 1) {
            return self.fail(ErrorKind::Json, start);
        }
        match end {
            [b'.', fraction @ ..] => self.float(start, end, fraction, starts_with_zero),
            [b'e' | b'E', ..] => self.long_float(start, end),
            _ if len > LONGEST_INTEGER => self.fail(ErrorKind::Json, start),
            _ => {
                // An integer has no negative zero.
                self.is_written &= !starts_with_zero || start.len() == integer.len();
                Some(end)
            }
        }
    }

    /// Validates the number `start` with a fraction.
    #[inline(always)]
    fn float(
        &mut self,
        start: &'t [u8],
        point: &'t [u8],
        fraction: &'t [u8],
        starts_with_zero: bool,
    ) -> Scanned<'t> {
        let end = after_digits(fraction);
        let (len, whole) = (fraction.len().wrapping_sub(end.len()), start.len().wrapping_sub(end.len()));
        if len == 0 || whole > 16 || matches!(end, [b'e' | b'E', ..]) {
            return self.long_float(start, point);
        }
        // Up to 15 digits are the ones that would be printed, if the last one is no superfluous zero.
        let last = fraction.get(len.wrapping_sub(1));
        if starts_with_zero || (last == Some(&b'0') && len > 1) {
            self.is_written &= is_written_float(start.get(..whole).unwrap_or_default());
        }
        Some(end)
    }

    /// Slow path: the number `start` with an exponent or many digits, whose integer part ends at `rest`.
    #[inline(never)]
    fn long_float(&mut self, start: &'t [u8], mut rest: &'t [u8]) -> Scanned<'t> {
        if let [b'.', fraction @ ..] = rest {
            rest = after_digits(fraction);
            if rest.len() == fraction.len() {
                return self.fail(ErrorKind::Json, start);
            }
        }
        // Deciding whether it is in the written form would require formatting it.
        self.is_written = false;
        let mut exponent_len = 0;
        if let [b'e' | b'E', digits @ ..] = rest {
            let digits = match digits {
                [b'+' | b'-', digits @ ..] => digits,
                digits => digits,
            };
            rest = after_digits(digits);
            exponent_len = digits.len().saturating_sub(rest.len());
            if exponent_len == 0 {
                return self.fail(ErrorKind::Json, start);
            }
        }
        // 200 digits and 99 zeros are far below the largest number.
        let len = start.len().saturating_sub(rest.len());
        let may_be_too_large = exponent_len > 2 || len > 200;
        if may_be_too_large && !self.syntax.non_finite {
            let text = start.get(..len).and_then(|text| core::str::from_utf8(text).ok());
            let number: Option<f64> = text.and_then(|text| text.parse().ok());
            if !number.is_some_and(f64::is_finite) {
                return self.fail(ErrorKind::NonFiniteNumber, start);
            }
        }
        Some(rest)
    }
}

/// The text after the digits at its start.
#[inline(always)]
fn after_digits(mut rest: &[u8]) -> &[u8] {
    // Numbers are short: whole words are not faster.
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// The text from the lowest byte of a word on whose high bit is set.
#[inline(always)]
fn after_hit(rest: &[u8], hits: u64) -> &[u8] {
    let byte = usize::try_from(hits.trailing_zeros() >> 3).unwrap_or(0);
    rest.get(byte..).unwrap_or_default()
}

/// The number of bytes scanned at once.
const WORD: usize = 8;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The offset of the first quote, backslash or control character from `at` on, or the end.
#[inline(always)]
pub fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    end_of::<false>(bytes, at)
}

/// Also stops at characters that Python escapes: DEL and everything that is not ASCII.
#[inline(always)]
pub(super) fn end_of_written(bytes: &[u8], at: usize) -> usize {
    end_of::<true>(bytes, at)
}

#[inline(always)]
fn end_of<const IS_WRITTEN: bool>(bytes: &[u8], at: usize) -> usize {
    let rest = after_plain::<IS_WRITTEN>(bytes.get(at..).unwrap_or_default());
    bytes.len().wrapping_sub(rest.len()).max(at)
}

/// The text from the first quote, backslash or control character on; with `IS_WRITTEN` also from DEL and everything
/// that is not ASCII.
#[inline(always)]
fn after_plain<const IS_WRITTEN: bool>(mut rest: &[u8]) -> &[u8] {
    while let Some((word, after)) = rest.split_first_chunk::<WORD>() {
        let word = u64::from_le_bytes(*word);
        // SWAR: the high bit of a byte is set if it is a backslash, if it is below 0x21 with its second bit
        // flipped (quotes and control characters), or if it is not ASCII. Borrows can set bits above a match,
        // so only the lowest match counts. A byte that is not ASCII is a match of one of both.
        let backslash = (word ^ ONES.wrapping_mul(0x5c)).wrapping_sub(ONES);
        let quote_or_control = (word ^ ONES.wrapping_mul(0x02)).wrapping_sub(ONES.wrapping_mul(0x21));
        let found = backslash | quote_or_control;
        let hits = HIGHS & if IS_WRITTEN { found | word.wrapping_add(ONES) } else { found & !word };
        if hits != 0 {
            return after_hit(rest, hits);
        }
        rest = after;
    }
    while let [byte, after @ ..] = rest {
        let is_plain = *byte >= b' ' && *byte != b'"' && *byte != b'\\' && (!IS_WRITTEN || *byte <= b'~');
        if !is_plain {
            break;
        }
        rest = after;
    }
    rest
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
