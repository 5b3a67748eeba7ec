//! Whether a text is JSON.

use super::write::{is_written_float, written_escape};
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

/// Is told the members of the outermost object: where the name is, without its quotes, whether that may have escapes,
/// and where the value starts.
pub(super) trait Watch {
    fn member(&mut self, name: Range<usize>, may_have_escapes: bool, value: usize);
}

impl Watch for () {
    #[inline(always)]
    fn member(&mut self, _: Range<usize>, _: bool, _: usize) {}
}

/// What stands wrong, and where.
type Scanned<T> = Result<T, (ErrorKind, usize)>;

/// What was found to be one value.
pub(super) struct Valid {
    /// From where to where it is.
    pub(super) range: Range<usize>,
    /// Whether it is in the form in which it would be [written](super::write_json).
    pub(super) is_written: bool,
}

/// Checks that `text` is one value with nothing but white space around it.
pub(super) fn scan(text: &str, syntax: JsonSyntax, watch: &mut impl Watch) -> Result<Valid, Error> {
    let bytes = text.as_bytes();
    let start = skip_white_space(bytes, 0);
    let mut scan = Scan { bytes, syntax, is_written: true };
    let done = scan.value(start, watch).and_then(|end| {
        let behind = skip_white_space(bytes, end);
        let valid = Valid { range: start..end, is_written: scan.is_written };
        if behind == bytes.len() { Ok(valid) } else { Err((ErrorKind::Json, behind)) }
    });
    done.map_err(|(kind, at)| Error::new(kind, at))
}

/// Where something other than white space stands.
pub(super) fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at = at.wrapping_add(1);
    }
    at
}

/// A byte, or 0, which stands nowhere in JSON, where there is none.
#[inline(always)]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// A check on its way. Places are never beyond the end by more than an escape is long, so that adding to them
/// does not wrap.
struct Scan<'t> {
    bytes: &'t [u8],
    syntax: JsonSyntax,
    is_written: bool,
}

impl Scan<'_> {
    /// Where something other than white space stands, which is nearly always here.
    #[inline(always)]
    fn white_space(&mut self, at: usize) -> usize {
        if byte(self.bytes, at) > b' ' { at } else { self.some_white_space(at) }
    }

    #[inline(never)]
    fn some_white_space(&mut self, at: usize) -> usize {
        self.is_written = false;
        skip_white_space(self.bytes, at)
    }

    /// The value that starts at `at`: where it ends. No recursion, whatever is nested.
    fn value(&mut self, mut at: usize, watch: &mut impl Watch) -> Scanned<usize> {
        let mut nesting = Nesting { bits: 0, depth: 0, most: self.syntax.depth };
        loop {
            // A value starts here.
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
            // A value ended here: with it end those whose last it was.
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

    /// A member's name and the colon: where its value starts.
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

    /// The string whose quote is at `at`: where it ends, and whether it is known to have no escapes.
    #[inline(always)]
    fn string(&mut self, at: usize) -> Scanned<(usize, bool)> {
        let end = end_of_written(self.bytes, at.wrapping_add(1));
        if byte(self.bytes, end) == b'"' {
            return Ok((end.wrapping_add(1), true));
        }
        Ok((self.string_with_escapes(end)?, false))
    }

    /// The same from an escape or a character on that is not ASCII.
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

    /// A literal or a number, of which the first byte is this: where it ends.
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

    /// The number at `start`, whose digits start at `at`.
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
                // A whole number has no negative zero.
                self.is_written &= start == at || byte(self.bytes, at) != b'0';
                Ok(end)
            }
        }
    }

    /// The number at `start`, whose integer part ends at `point`.
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

    /// The same, whose digits end at `at`: with an exponent, or with many digits.
    #[inline(never)]
    fn long_float(&mut self, start: usize, mut at: usize) -> Scanned<usize> {
        let (bytes, mut exponent_len) = (self.bytes, 0usize);
        // Whether it would be written so takes more than looking at it.
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
        // 200 digits and 99 zeros are far from the largest number.
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
        // The usual tricks: a byte's high bit is set where it is a backslash, or with its second bit turned below
        // 0x21, as quotes and control characters are, or is not ASCII. Bytes above a hit may be set by mistake,
        // so that the lowest is what counts.
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

/// The unit of the escape `\uXXXX` at this place.
pub(super) fn pair(bytes: &[u8], at: usize) -> Option<u16> {
    let rest = bytes.get(at..)?.strip_prefix(b"\\u")?;
    hex(rest, 0)
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
