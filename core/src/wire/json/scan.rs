//! Whether a text is JSON.

use crate::wire::{Error, ErrorKind};
use core::ops::Range;

/// What is taken for JSON.
///
/// Names that stand twice in an object are taken in any case; the last one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonSyntax {
    /// How many arrays and objects may stand in one another: 127 at the most.
    pub depth: u8,
    /// Whether `NaN`, `Infinity`, `-Infinity` and numbers beyond an `f64` are numbers.
    pub non_finite: bool,
    /// Whether `\ud800` to `\udfff` may stand without the other half of the pair.
    pub lone_surrogates: bool,
}

impl JsonSyntax {
    /// JSON as it is defined, 64 deep.
    pub const STRICT: Self = Self { depth: 64, non_finite: false, lone_surrogates: false };

    /// What Python's `json.loads` takes, 127 deep (there it is about a thousand).
    pub const PYTHON: Self = Self { depth: 127, non_finite: true, lone_surrogates: true };
}

/// Python refuses to read longer integers.
const LONGEST_INTEGER: usize = 4300;

/// What is open around the current place, the innermost last: a bit each, set for an object.
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

/// Is told the members of the outermost object: where the name is, with its quotes, and where the value starts.
pub(super) trait Watch {
    fn member(&mut self, name: Range<usize>, value: usize);
}

impl Watch for () {
    #[inline(always)]
    fn member(&mut self, _: Range<usize>, _: usize) {}
}

/// What stands wrong, and where.
type Scanned<T> = Result<T, (ErrorKind, usize)>;

/// Checks that `text` is one value with nothing but white space around it: from where to where that is.
pub(super) fn scan(text: &str, syntax: JsonSyntax, watch: &mut impl Watch) -> Result<(usize, usize), Error> {
    let bytes = text.as_bytes();
    let start = white_space(bytes, 0);
    let done = value(bytes, start, syntax, watch).and_then(|end| {
        let behind = white_space(bytes, end);
        if behind == bytes.len() { Ok((start, end)) } else { Err((ErrorKind::Json, behind)) }
    });
    done.map_err(|(kind, at)| Error::new(kind, at))
}

#[inline(always)]
fn white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at = at.saturating_add(1);
    }
    at
}

/// The value that starts at `at`: where it ends. No recursion, whatever is nested.
fn value(bytes: &[u8], mut at: usize, syntax: JsonSyntax, watch: &mut impl Watch) -> Scanned<usize> {
    let mut nesting = Nesting { bits: 0, depth: 0, most: syntax.depth };
    loop {
        // A value starts here.
        let opened = match bytes.get(at) {
            Some(b'"') => {
                at = string(bytes, at, syntax)?;
                false
            }
            Some(b'{') => {
                nesting.open(true).ok_or((ErrorKind::TooDeep, at))?;
                true
            }
            Some(b'[') => {
                nesting.open(false).ok_or((ErrorKind::TooDeep, at))?;
                true
            }
            _ => {
                at = scalar(bytes, at, syntax)?;
                false
            }
        };
        if opened {
            at = white_space(bytes, at.saturating_add(1));
            let is_empty = match (nesting.is_in_object(), bytes.get(at)) {
                (true, Some(b'}')) | (false, Some(b']')) => true,
                (true, _) => {
                    at = name(bytes, at, syntax, nesting.depth, watch)?;
                    false
                }
                (false, _) => false,
            };
            if !is_empty {
                continue;
            }
            at = at.saturating_add(1);
            nesting.close();
        }
        // A value ended here: with it end those whose last it was.
        loop {
            if nesting.depth == 0 {
                return Ok(at);
            }
            at = white_space(bytes, at);
            match (bytes.get(at), nesting.is_in_object()) {
                (Some(b','), true) => {
                    let next = white_space(bytes, at.saturating_add(1));
                    at = name(bytes, next, syntax, nesting.depth, watch)?;
                    break;
                }
                (Some(b','), false) => {
                    at = white_space(bytes, at.saturating_add(1));
                    break;
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    at = at.saturating_add(1);
                    nesting.close();
                }
                _ => return Err((ErrorKind::Json, at)),
            }
        }
    }
}

/// A member's name and the colon: where its value starts.
#[inline(always)]
fn name(bytes: &[u8], at: usize, syntax: JsonSyntax, depth: u8, watch: &mut impl Watch) -> Scanned<usize> {
    if bytes.get(at) != Some(&b'"') {
        return Err((ErrorKind::Json, at));
    }
    let end = string(bytes, at, syntax)?;
    let colon = white_space(bytes, end);
    if bytes.get(colon) != Some(&b':') {
        return Err((ErrorKind::Json, colon));
    }
    let value = white_space(bytes, colon.saturating_add(1));
    if depth == 1 {
        watch.member(at..end, value);
    }
    Ok(value)
}

/// How many bytes are looked at together.
const WORD: usize = 8;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first quote, backslash or control character is, from `at` on; the end where there is none.
#[inline(always)]
pub(super) fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    end_of::<false>(bytes, at)
}

/// The same, where characters other than ASCII and DEL, which Python escapes, end it too.
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
        // The usual tricks: a byte's high bit is set where it is zero, or below a space. Bytes above a hit
        // may be set by mistake, so that the lowest is what counts.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let quote = zero(word ^ (ONES.wrapping_mul(0x22)));
        let backslash = zero(word ^ (ONES.wrapping_mul(0x5c)));
        let control = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word & HIGHS;
        let other = if IS_WRITTEN { (word | word.wrapping_add(ONES)) & HIGHS } else { 0 };
        let hits = quote | backslash | control | other;
        if hits != 0 {
            let byte = hits.trailing_zeros() >> 3;
            return at.saturating_add(usize::try_from(byte).unwrap_or(0));
        }
        at = at.saturating_add(WORD);
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let plain = rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
    at.saturating_add(plain)
}

/// The string whose quote is at `at`: where it ends.
#[inline(always)]
fn string(bytes: &[u8], at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    let end = end_of_plain(bytes, at.saturating_add(1));
    if bytes.get(end) == Some(&b'"') {
        return Ok(end.saturating_add(1));
    }
    string_with_escapes(bytes, end, syntax)
}

#[inline(never)]
fn string_with_escapes(bytes: &[u8], mut at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    loop {
        at = end_of_plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at.saturating_add(1)),
            Some(b'\\') => {}
            _ => return Err((ErrorKind::Json, at)),
        }
        let start = at;
        at = at.saturating_add(2);
        match bytes.get(start.saturating_add(1)) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'u') => {
                let unit = hex(bytes, at).ok_or((ErrorKind::Json, start))?;
                at = at.saturating_add(4);
                match (unit, pair(bytes, at)) {
                    (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => at = at.saturating_add(6),
                    (0xd800..=0xdfff, _) if !syntax.lone_surrogates => return Err((ErrorKind::Json, start)),
                    _ => {}
                }
            }
            _ => return Err((ErrorKind::Json, start)),
        }
    }
}

/// Four hexadecimal digits.
pub(super) fn hex(bytes: &[u8], at: usize) -> Option<u16> {
    let digits: &[u8; 4] = bytes.get(at..)?.first_chunk()?;
    digits.iter().try_fold(0u16, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u16::try_from(digit).ok()?)
    })
}

/// The unit of the escape `\uXXXX` at this place.
pub(super) fn pair(bytes: &[u8], at: usize) -> Option<u16> {
    let rest = bytes.get(at..)?.strip_prefix(b"\\u")?;
    hex(rest, 0)
}

/// A literal or a number: where it ends.
#[inline(always)]
fn scalar(bytes: &[u8], at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let literal = |word: &str| {
        if rest.starts_with(word.as_bytes()) {
            Ok(at.saturating_add(word.len()))
        } else {
            Err((ErrorKind::Json, at))
        }
    };
    match rest.first() {
        Some(b'0'..=b'9') => number(bytes, at, at, syntax),
        Some(b'-') if rest.get(1) == Some(&b'I') => non_finite(literal("-Infinity"), at, syntax),
        Some(b'-') => number(bytes, at, at.saturating_add(1), syntax),
        Some(b't') => literal("true"),
        Some(b'f') => literal("false"),
        Some(b'n') => literal("null"),
        Some(b'N') => non_finite(literal("NaN"), at, syntax),
        Some(b'I') => non_finite(literal("Infinity"), at, syntax),
        _ => Err((ErrorKind::Json, at)),
    }
}

fn non_finite(literal: Scanned<usize>, at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    let end = literal?;
    if syntax.non_finite { Ok(end) } else { Err((ErrorKind::NonFiniteNumber, at)) }
}

#[inline(always)]
fn digits(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at = at.saturating_add(1);
    }
    at
}

/// The number at `start`, whose digits start at `at`.
#[inline(always)]
fn number(bytes: &[u8], start: usize, at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    let end = digits(bytes, at);
    let has_integer = match end.saturating_sub(at) {
        0 => false,
        1 => true,
        _ => bytes.get(at) != Some(&b'0'),
    };
    if !has_integer {
        return Err((ErrorKind::Json, start));
    }
    match bytes.get(end) {
        Some(b'.' | b'e' | b'E') => float(bytes, start, end, syntax),
        _ if end.saturating_sub(at) > LONGEST_INTEGER => Err((ErrorKind::Json, start)),
        _ => Ok(end),
    }
}

/// The number at `start`, whose integer part ends at `at`.
#[inline(never)]
fn float(bytes: &[u8], start: usize, mut at: usize, syntax: JsonSyntax) -> Scanned<usize> {
    let some_digits = |at| {
        let end = digits(bytes, at);
        if end == at { Err((ErrorKind::Json, start)) } else { Ok(end) }
    };
    if bytes.get(at) == Some(&b'.') {
        at = some_digits(at.saturating_add(1))?;
    }
    let mut exponent_len = 0usize;
    if let Some(b'e' | b'E') = bytes.get(at) {
        at = at.saturating_add(1);
        if let Some(b'+' | b'-') = bytes.get(at) {
            at = at.saturating_add(1);
        }
        let end = some_digits(at)?;
        exponent_len = end.saturating_sub(at);
        at = end;
    }
    // 200 digits and 99 zeros are far from the largest number.
    let may_be_too_large = exponent_len > 2 || at.saturating_sub(start) > 200;
    if may_be_too_large && !syntax.non_finite {
        let text = bytes.get(start..at).and_then(|text| core::str::from_utf8(text).ok());
        let number: Option<f64> = text.and_then(|text| text.parse().ok());
        if !number.is_some_and(f64::is_finite) {
            return Err((ErrorKind::NonFiniteNumber, start));
        }
    }
    Ok(at)
}

/// Where the value at `at` ends, in a text that was found to be valid.
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

/// Where the string at `at` ends, in a text that was found to be valid.
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

/// Where something other than white space stands.
#[inline(always)]
pub(super) fn skip_white_space(bytes: &[u8], at: usize) -> usize {
    white_space(bytes, at)
}
