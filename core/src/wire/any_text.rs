//! Text that may not be valid UTF-8.

use super::text::marked_bytes;
use super::uleb128::write_uleb128;
use super::{Counter, Full, Sink};

/// How the strings of a payload are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)] // for the adapter
pub enum TextMap {
    /// Each maximal invalid part becomes U+FFFD, as .NET and `String::from_utf8_lossy` do.
    Repair,
    /// Each invalid byte becomes a private-use character, so that the text can be processed and
    /// [restored](Self::Restore). Such characters in the text are escaped, too.
    Escape,
    /// The opposite of [`Escape`](Self::Escape).
    Restore,
}

/// A byte is escaped as the character with this number plus the byte. Invalid bytes are not ASCII, so the escapes are
/// U+10FF80 to U+10FFFF.
const ESCAPES: u32 = 0x0010_ff00;

/// Returns the byte if the character is its escape.
fn escaped_byte(c: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(c).checked_sub(ESCAPES)?).ok()?;
    (!byte.is_ascii()).then_some(byte)
}

fn put_char(out: &mut impl Sink, c: char) -> Result<(), Full> {
    out.put(c.encode_utf8(&mut [0; 4]).as_bytes())
}

fn put_escape(out: &mut impl Sink, byte: u8) -> Result<(), Full> {
    let escape = ESCAPES.saturating_add(byte.into());
    put_char(out, char::from_u32(escape).unwrap_or(char::REPLACEMENT_CHARACTER))
}

impl TextMap {
    /// Whether the map changes this text.
    fn changes(self, bytes: &[u8]) -> bool {
        match core::str::from_utf8(bytes) {
            Ok(text) => self != Self::Repair && text.chars().any(|c| escaped_byte(c).is_some()),
            Err(_) => self != Self::Restore,
        }
    }

    /// Writes the mapped text.
    fn put_text(self, bytes: &[u8], out: &mut impl Sink) -> Result<(), Full> {
        for chunk in bytes.utf8_chunks() {
            match self {
                Self::Repair => {
                    out.put(chunk.valid().as_bytes())?;
                    if !chunk.invalid().is_empty() {
                        put_char(out, char::REPLACEMENT_CHARACTER)?;
                    }
                }
                Self::Escape => {
                    for c in chunk.valid().chars() {
                        if escaped_byte(c).is_none() {
                            put_char(out, c)?;
                            continue;
                        }
                        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                            put_escape(out, byte)?;
                        }
                    }
                    for byte in chunk.invalid() {
                        put_escape(out, *byte)?;
                    }
                }
                Self::Restore => {
                    for c in chunk.valid().chars() {
                        match escaped_byte(c) {
                            Some(byte) => out.put(&[byte])?,
                            None => put_char(out, c)?,
                        }
                    }
                    out.put(chunk.invalid())?;
                }
            }
        }
        Ok(())
    }

    /// Whether the map changes a string, given with its marker and length.
    pub(crate) fn changes_encoded(self, encoded: &[u8]) -> bool {
        matches!(marked_bytes(encoded), Ok((_, Some(bytes))) if self.changes(bytes))
    }

    /// Writes the mapped string. Both strings have a marker and a length.
    pub(crate) fn put(self, encoded: &[u8], out: &mut impl Sink) -> Result<(), Full> {
        let bytes = marked_bytes(encoded).ok().and_then(|(_, bytes)| bytes).unwrap_or_default();
        let mut len = Counter::default();
        self.put_text(bytes, &mut len)?;
        out.put(&[super::text::TEXT])?;
        write_uleb128(out, u32::try_from(len.0).map_err(|_| Full)?)?;
        self.put_text(bytes, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn mapped(map: TextMap, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        map.put_text(bytes, &mut out).unwrap();
        assert_eq!(out != bytes, map.changes(bytes), "{map:?} {bytes:x?}");
        out
    }

    #[test]
    fn invalid_parts_are_replaced_as_in_the_standard_library() {
        // The examples of the Unicode standard, section 3.9, and a private-use character.
        for bytes in [
            &b"caf\xe9"[..],
            b"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
            b"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
            b"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
            b"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
            "\u{10ff80}\u{10ffff}\u{10fffd}ß".as_bytes(),
        ] {
            assert_eq!(mapped(TextMap::Repair, bytes), String::from_utf8_lossy(bytes).as_bytes());
        }
    }

    #[test]
    fn escaped_bytes_are_valid_and_can_be_restored() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        for bytes in [
            &all[..],
            b"caf\xe9",
            b"\xf4\x8f\xbe\x80\xf4\x8f\xbe",
            "\u{10ff7f}\u{10ff80}\u{10ffe9}ß".as_bytes(),
            b"",
        ] {
            let escaped = mapped(TextMap::Escape, bytes);
            let text = core::str::from_utf8(&escaped).unwrap();
            assert_eq!(mapped(TextMap::Restore, text.as_bytes()), bytes);
        }
        assert_eq!(mapped(TextMap::Escape, b"caf\xe9"), "caf\u{10ffe9}".as_bytes());
    }
}
