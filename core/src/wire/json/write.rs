//! JSON in the form that Python writes: no white space, non-ASCII characters escaped in lower case.

use super::number::{write_float, write_int};
use super::scan::{end_of_written, hex, skip_string};
use super::view::{Json, JsonText};
use crate::wire::{Full, Sink};

/// Writes a value as Python's `json.dumps(json.loads(text), separators=(",", ":"))` does: escapes and floats
/// are normalized, integers keep their digits. Unlike Python, duplicate names are kept.
///
/// ```
/// use lobbywire_core::wire::{Json, JsonSyntax, SliceSink, write_json};
///
/// let json = Json::parse(r#"{ "t": "é\/", "x": 1E5 }"#, JsonSyntax::STRICT).unwrap();
/// let mut buffer = [0; 64];
/// let mut sink = SliceSink::new(&mut buffer);
/// write_json(&mut sink, json).unwrap();
/// let len = 64 - sink.room();
/// assert_eq!(&buffer[..len], br#"{"t":"\u00e9/","x":100000.0}"#);
/// ```
///
/// # Errors
/// [`Full`] if the sink is full.
pub fn write_json(out: &mut impl Sink, json: Json<'_>) -> Result<(), Full> {
    let text = json.text();
    let bytes = text.as_bytes();
    // Copy runs of text that is already in the written form.
    let (mut at, mut run) = (0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'"' => {
                if let Some(end) = end_of_written_string(bytes, at.saturating_add(1)) {
                    at = end;
                } else {
                    at = skip_string(bytes, at);
                    out.put(bytes.get(run..start).unwrap_or_default())?;
                    let string = text.get(start..at).and_then(|text| Json::assume(text).as_text());
                    quoted(out, string.into_iter().flat_map(|string| string.units()))?;
                    run = at;
                }
            }
            b' ' | b'\t' | b'\n' | b'\r' => {
                out.put(bytes.get(run..start).unwrap_or_default())?;
                at = at.saturating_add(1);
                run = at;
            }
            b'-' | b'0'..=b'9' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let is_of_number = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E');
                let len = rest.iter().position(|byte| !is_of_number(byte)).unwrap_or(rest.len());
                at = at.saturating_add(len);
                let number = text.get(start..at).unwrap_or_default();
                let has_one_form = number.bytes().skip(1).all(|byte| byte.is_ascii_digit()) && number != "-0";
                // A minus that is not part of a number belongs to `-Infinity`.
                if !has_one_form
                    && !is_written_float(number.as_bytes())
                    && let Ok(float) = number.parse()
                {
                    out.put(bytes.get(run..start).unwrap_or_default())?;
                    if number == "-0" {
                        out.put(b"0")?;
                    } else {
                        write_float(out, float)?;
                    }
                    run = at;
                }
            }
            _ => at = at.saturating_add(1),
        }
    }
    out.put(bytes.get(run..).unwrap_or_default())
}

/// The end of a string whose content starts at `at`, if it is in the written form.
#[inline(always)]
fn end_of_written_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = end_of_written(bytes, at);
        if bytes.get(at) == Some(&b'"') {
            return Some(at.saturating_add(1));
        }
        at = at.saturating_add(written_escape(bytes.get(at..).unwrap_or_default())?);
    }
}

/// The length of the escape here, if it is the one that would be written.
#[cold]
pub(super) fn written_escape(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\\', b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f', ..] => Some(2),
        [b'\\', b'u', digits @ ..] if digits.iter().take(4).all(|digit| !digit.is_ascii_uppercase()) => {
            // Characters without a short escape that must be escaped.
            let is_longest = !matches!(hex(digits, 0)?, 0x08..=0x0a | 0x0c | 0x0d | 0x20..=0x7e);
            is_longest.then_some(6)
        }
        _ => None,
    }
}

/// Whether text needs no escapes.
fn is_plain(bytes: &[u8]) -> bool {
    end_of_written(bytes, 0) == bytes.len()
}

/// Whether a number is in the written form, judged by its text alone: `1534.8123`. Up to 15 digits no other
/// number is as close, so these are the digits that would be printed.
pub(super) fn is_written_float(number: &[u8]) -> bool {
    let number = number.strip_prefix(b"-").unwrap_or(number);
    let Some(point) = number.iter().position(|byte| *byte == b'.') else { return false };
    let (whole, fraction) = number.split_at_checked(point).unwrap_or_default();
    let fraction = fraction.get(1..).unwrap_or_default();
    number.len() <= 16
        && fraction.iter().all(u8::is_ascii_digit)
        // No trailing zero, except the only digit of the fraction.
        && (fraction == b"0" || fraction.last() != Some(&b'0'))
        // Smaller numbers are written with an exponent.
        && (whole != b"0" || fraction == b"0" || !fraction.starts_with(b"0000"))
}

/// Writes a string with quotes and escapes.
///
/// # Errors
/// [`Full`] if the sink is full.
pub fn write_json_text(out: &mut impl Sink, text: &str) -> Result<(), Full> {
    if is_plain(text.as_bytes()) {
        out.put(b"\"")?;
        out.put(text.as_bytes())?;
        return out.put(b"\"");
    }
    quoted(out, text.encode_utf16())
}

/// Writes a string given as UTF-16 units, which may contain lone surrogates.
pub(crate) fn quoted(out: &mut impl Sink, units: impl Iterator<Item = u16>) -> Result<(), Full> {
    out.put(b"\"")?;
    for unit in units {
        match u8::try_from(unit) {
            Ok(b'"') => out.put(b"\\\"")?,
            Ok(b'\\') => out.put(b"\\\\")?,
            Ok(b'\n') => out.put(b"\\n")?,
            Ok(b'\r') => out.put(b"\\r")?,
            Ok(b'\t') => out.put(b"\\t")?,
            Ok(0x08) => out.put(b"\\b")?,
            Ok(0x0c) => out.put(b"\\f")?,
            Ok(plain @ b' '..=b'~') => out.put(&[plain])?,
            _ => {
                let [high, low] = unit.to_be_bytes();
                let digit =
                    |nibble: u8| if nibble < 10 { b'0' | nibble } else { nibble.wrapping_add(b'a' - 10) };
                let digits = [high >> 4, high & 15, low >> 4, low & 15].map(digit);
                out.put(b"\\u")?;
                out.put_array(digits)?;
            }
        }
    }
    out.put(b"\"")
}

/// Writes a float: `1.0`, `1e+16`, `1e-07`; `NaN` and `Infinity` as Python does, which is not standard JSON.
///
/// # Errors
/// [`Full`] if the sink is full.
pub fn write_json_float(out: &mut impl Sink, number: f64) -> Result<(), Full> {
    write_float(out, number)
}

/// Writes an integer.
///
/// # Errors
/// [`Full`] if the sink is full.
pub fn write_json_int(out: &mut impl Sink, number: i64) -> Result<(), Full> {
    write_int(out, number)
}

/// Writes an object, member by member.
///
/// ```
/// use lobbywire_core::wire::{ObjectWriter, SliceSink};
///
/// let mut buffer = [0; 64];
/// let mut sink = SliceSink::new(&mut buffer);
/// let mut object = ObjectWriter::new(&mut sink)?;
/// object.text("command", "game_join")?;
/// object.int("uid", 7)?;
/// object.finish()?;
/// let len = 64 - sink.room();
/// assert_eq!(&buffer[..len], br#"{"command":"game_join","uid":7}"#);
/// # Ok::<(), lobbywire_core::wire::Full>(())
/// ```
#[derive(Debug)]
pub struct ObjectWriter<'s, S> {
    out: &'s mut S,
    is_first: bool,
}

impl<'s, S: Sink> ObjectWriter<'s, S> {
    /// Starts an object.
    ///
    /// # Errors
    /// [`Full`] if the sink is full. The same applies to the other methods.
    pub fn new(out: &'s mut S) -> Result<Self, Full> {
        out.put(b"{")?;
        Ok(Self { out, is_first: true })
    }

    fn name(&mut self, name: &str) -> Result<&mut S, Full> {
        separate(self.out, &mut self.is_first)?;
        write_json_text(self.out, name)?;
        self.out.put(b":")?;
        Ok(self.out)
    }

    /// Writes a string member.
    ///
    /// # Errors
    /// [`Full`]
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), Full> {
        write_json_text(self.name(name)?, text)
    }

    /// Writes an integer member.
    ///
    /// # Errors
    /// [`Full`]
    pub fn int(&mut self, name: &str, number: i64) -> Result<(), Full> {
        write_json_int(self.name(name)?, number)
    }

    /// Writes a float member.
    ///
    /// # Errors
    /// [`Full`]
    pub fn float(&mut self, name: &str, number: f64) -> Result<(), Full> {
        write_json_float(self.name(name)?, number)
    }

    /// Writes a boolean member.
    ///
    /// # Errors
    /// [`Full`]
    pub fn bool(&mut self, name: &str, value: bool) -> Result<(), Full> {
        write_bool(self.name(name)?, value)
    }

    /// Writes a member with any value, including [`Json::NULL`].
    ///
    /// # Errors
    /// [`Full`]
    pub fn json(&mut self, name: &str, value: Json<'_>) -> Result<(), Full> {
        write_json(self.name(name)?, value)
    }

    /// Writes a member with a parsed string.
    ///
    /// # Errors
    /// [`Full`]
    pub fn escaped(&mut self, name: &str, text: JsonText<'_>) -> Result<(), Full> {
        quoted(self.name(name)?, text.units())
    }

    /// Writes a member with any value, without normalizing it.
    ///
    /// # Errors
    /// [`Full`]
    pub fn raw(&mut self, name: &str, value: Json<'_>) -> Result<(), Full> {
        self.name(name)?.put(value.text().as_bytes())
    }

    /// Writes a member that is an object. `write` writes its members.
    ///
    /// # Errors
    /// [`Full`]
    pub fn object<E: From<Full>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut ObjectWriter<'_, S>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut object = ObjectWriter::new(self.name(name)?)?;
        write(&mut object)?;
        Ok(object.finish()?)
    }

    /// Writes a member that is an array. `write` writes its items.
    ///
    /// # Errors
    /// [`Full`]
    pub fn array<E: From<Full>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut ArrayWriter<'_, S>) -> Result<(), E>,
    ) -> Result<(), E> {
        let out = self.name(name)?;
        out.put(b"[")?;
        let mut array = ArrayWriter { out, is_first: true };
        write(&mut array)?;
        Ok(array.out.put(b"]")?)
    }

    /// Ends the object.
    ///
    /// # Errors
    /// [`Full`]
    pub fn finish(self) -> Result<(), Full> {
        self.out.put(b"}")
    }
}

/// Writes the items of an array. See [`ObjectWriter::array`].
#[derive(Debug)]
pub struct ArrayWriter<'s, S> {
    out: &'s mut S,
    is_first: bool,
}

impl<S: Sink> ArrayWriter<'_, S> {
    fn item(&mut self) -> Result<&mut S, Full> {
        separate(self.out, &mut self.is_first)?;
        Ok(self.out)
    }

    /// Writes a string.
    ///
    /// # Errors
    /// [`Full`]
    pub fn text(&mut self, text: &str) -> Result<(), Full> {
        write_json_text(self.item()?, text)
    }

    /// Writes a string given as characters.
    ///
    /// # Errors
    /// [`Full`]
    pub fn chars(&mut self, text: impl Iterator<Item = char>) -> Result<(), Full> {
        let units = text.flat_map(|char| {
            let mut units = [0; 2];
            let len = char.encode_utf16(&mut units).len();
            units.into_iter().take(len)
        });
        quoted(self.item()?, units)
    }

    /// Writes a parsed string.
    ///
    /// # Errors
    /// [`Full`]
    pub fn escaped(&mut self, text: JsonText<'_>) -> Result<(), Full> {
        quoted(self.item()?, text.units())
    }

    /// Writes an integer.
    ///
    /// # Errors
    /// [`Full`]
    pub fn int(&mut self, number: i64) -> Result<(), Full> {
        write_json_int(self.item()?, number)
    }

    /// Writes a float.
    ///
    /// # Errors
    /// [`Full`]
    pub fn float(&mut self, number: f64) -> Result<(), Full> {
        write_json_float(self.item()?, number)
    }

    /// Writes a boolean.
    ///
    /// # Errors
    /// [`Full`]
    pub fn bool(&mut self, value: bool) -> Result<(), Full> {
        write_bool(self.item()?, value)
    }

    /// Writes any value.
    ///
    /// # Errors
    /// [`Full`]
    pub fn json(&mut self, value: Json<'_>) -> Result<(), Full> {
        write_json(self.item()?, value)
    }
}

fn separate(out: &mut impl Sink, is_first: &mut bool) -> Result<(), Full> {
    if core::mem::take(is_first) { Ok(()) } else { out.put(b",") }
}

fn write_bool(out: &mut impl Sink, value: bool) -> Result<(), Full> {
    out.put(if value { b"true" } else { b"false" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Counter, JsonSyntax, SliceSink};
    use std::string::String;
    use std::vec;

    fn written(text: &str) -> String {
        let json = Json::parse(text, JsonSyntax::PYTHON).unwrap();
        let mut counter = Counter::default();
        write_json(&mut counter, json).unwrap();
        let mut buffer = vec![0xee; counter.0 + 1];
        let mut sink = SliceSink::new(&mut buffer[..counter.0]);
        write_json(&mut sink, json).unwrap();
        assert_eq!(sink.room(), 0);
        assert_eq!(buffer.pop(), Some(0xee));
        for len in 0..buffer.len() {
            assert_eq!(write_json(&mut SliceSink::new(&mut vec![0; len]), json), Err(Full));
        }
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        // Output of `json.dumps(json.loads(text), separators=(",", ":"))` in CPython 3.11.
        for (text, expected) in [
            (
                " [ 1 , 2.0,\t-0, -0.0, 1E5, 1e400, 12345678901234567890123 ] ",
                "[1,2.0,0,-0.0,100000.0,Infinity,12345678901234567890123]",
            ),
            ("[NaN, Infinity, -Infinity, true, false, null]", "[NaN,Infinity,-Infinity,true,false,null]"),
            (
                r#"{"a b":"\/\u0041\u00E9é😀\u007f~\n\u000a\u0001"}"#,
                r#"{"a b":"/A\u00e9\u00e9\ud83d\ude00\u007f~\n\n\u0001"}"#,
            ),
            (r#""\uD800\"\\\b\f\t\r""#, r#""\ud800\"\\\b\f\t\r""#),
            (
                r#""\u000b\u0008\u0009\u000d\u001f\u0020\u007e\u007f\u0022\u005c\u00E9""#,
                r#""\u000b\b\t\r\u001f ~\u007f\"\\\u00e9""#,
            ),
            (r#""long enough for a word \u007e\u007f""#, r#""long enough for a word ~\u007f""#),
            ("\"long enough \u{7f} é\"", r#""long enough \u007f \u00e9""#),
            (r#"{ "a" : { } , "b" : [ ] }"#, r#"{"a":{},"b":[]}"#),
            ("0.1e1", "1.0"),
            (
                "[1534.8123,1.50,0.0001,0.00012,0.00001,0.0,-0.0,0.00,-12.25,10.0,123456789012345.6,1.7976931348623159,0.1000000000000000055]",
                "[1534.8123,1.5,0.0001,0.00012,1e-05,0.0,-0.0,0.0,-12.25,10.0,123456789012345.6,1.797693134862316,0.1]",
            ),
        ] {
            assert_eq!(written(text), expected);
            assert_eq!(written(expected), expected, "written JSON is canonical");
        }
    }

    #[test]
    fn text_in_the_written_form_is_detected_when_parsing() {
        let is_written = |text| {
            Json::parse_and_find(text, JsonSyntax::PYTHON, []).map(|parsed| parsed.is_written).unwrap()
        };
        for text in [
            r#"{"a":[1,-2,0,1.5,-0.0,true,null,NaN],"b":{},"c":""}"#,
            r#""\u00e9\ud83d\ude00\n\"""#,
            // White space around the value is not part of it.
            " {} ",
        ] {
            assert!(is_written(text), "{text}");
        }
        for text in [
            "[1, 2]",
            "{\"a\" :1}",
            "[-0]",
            "[1.50]",
            "[1E5]",
            "[0.00001]",
            r#""\u00E9""#,
            r#""\ud83d\uDE00""#,
            r#""\/""#,
            "\"é\"",
            "\"\u{7f}\"",
            "\"long enough for a word é\"",
        ] {
            assert!(!is_written(text), "{text}");
        }
    }
}
