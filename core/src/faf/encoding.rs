//! Detects the encoding of JSON text as Python does, for [`Mode::Lenient`](super::Mode::Lenient).

use crate::wire::{Error, ErrorKind, Full, Sink, SliceSink};

/// The encoding of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { is_big: bool },
    Utf32 { is_big: bool },
}

/// Detects the encoding from a byte order mark or from zero bytes, as Python's `json` does. Also returns the
/// length of the mark.
fn detect(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => (Encoding::Utf32 { is_big: false }, 4),
        [0, 0, 0xfe, 0xff, ..] => (Encoding::Utf32 { is_big: true }, 4),
        [0xff, 0xfe, ..] => (Encoding::Utf16 { is_big: false }, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16 { is_big: true }, 2),
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0, 0, _, _, ..] => (Encoding::Utf32 { is_big: true }, 0),
        [0, _, _, _, ..] | [0, _] => (Encoding::Utf16 { is_big: true }, 0),
        [_, 0, 0, 0, ..] => (Encoding::Utf32 { is_big: false }, 0),
        [_, 0, _, _, ..] | [_, 0] => (Encoding::Utf16 { is_big: false }, 0),
        _ => (Encoding::Utf8, 0),
    }
}

/// Decodes JSON text to UTF-8 as Python does. Returns the input itself, or text at the start of `scratch`.
///
/// Lone surrogates, which Python accepts and UTF-8 cannot represent, become escapes. Inside strings, the only
/// place where JSON allows them, both mean the same.
pub(super) fn decode<'a>(bytes: &'a [u8], scratch: &'a mut [u8]) -> Result<&'a str, Error> {
    let (encoding, mark) = detect(bytes);
    let content = bytes.get(mark..).unwrap_or_default();
    if encoding == Encoding::Utf8
        && let Ok(text) = core::str::from_utf8(content)
    {
        return Ok(text);
    }
    let room = scratch.len();
    let mut out = Writer::new(SliceSink::new(&mut *scratch));
    out.text(content, encoding).map_err(|error| error.after(mark))?;
    let len = room.saturating_sub(out.sink.room());
    crate::wire::utf8(scratch.get(..len).unwrap_or_default())
}

/// Maps an offset in the decoded text to the offset in `bytes` of the character that starts there.
#[cold]
pub(super) fn source_offset(bytes: &[u8], offset: usize) -> usize {
    /// A sink with a fixed capacity.
    struct Limited(usize);

    impl Sink for Limited {
        fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(Full)?;
            Ok(())
        }
    }

    let (encoding, mark) = detect(bytes);
    let content = bytes.get(mark..).unwrap_or_default();
    let mut out = Writer::new(Limited(offset));
    // Writing fails at the character at `offset`, unless that is the end of the text.
    let at = if out.text(content, encoding).is_ok() { content.len() } else { out.at };
    mark.saturating_add(at)
}

struct Writer<S> {
    sink: S,
    /// The offset of the character being written.
    at: usize,
    /// Whether an odd number of backslashes precedes it.
    is_escaped: bool,
}

impl<S: Sink> Writer<S> {
    fn new(sink: S) -> Self {
        Self { sink, at: 0, is_escaped: false }
    }

    fn text(&mut self, content: &[u8], encoding: Encoding) -> Result<(), Error> {
        match encoding {
            Encoding::Utf8 => self.utf8(content),
            Encoding::Utf16 { is_big } => self.utf16(content, is_big),
            Encoding::Utf32 { is_big } => self.utf32(content, is_big),
        }
    }

    fn put(&mut self, text: &str) -> Result<(), Error> {
        self.is_escaped = text == "\\" && !self.is_escaped;
        self.sink.put(text.as_bytes()).map_err(|_| Error::new(ErrorKind::ScratchTooSmall, 0))
    }

    fn char(&mut self, char: char) -> Result<(), Error> {
        self.put(char.encode_utf8(&mut [0; 4]))
    }

    /// Writes a lone surrogate as an escape.
    fn lone_surrogate(&mut self, unit: u16) -> Result<(), Error> {
        if self.is_escaped {
            return Err(Error::new(ErrorKind::Json, self.at));
        }
        self.put("\\")?;
        self.put("u")?;
        (0..4).rev().try_for_each(|digit| {
            let nibble = u32::from(unit).checked_shr(4u32.saturating_mul(digit)).unwrap_or(0) & 15;
            self.char(char::from_digit(nibble, 16).unwrap_or('0'))
        })
    }

    fn utf16(&mut self, content: &[u8], is_big: bool) -> Result<(), Error> {
        let (units, rest) = content.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Error::new(ErrorKind::Utf16, content.len().saturating_sub(1)));
        }
        let unit =
            |bytes: &[u8; 2]| if is_big { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) };
        for char in char::decode_utf16(units.iter().map(unit)) {
            let units = match char {
                Ok(char) => {
                    self.char(char)?;
                    char.len_utf16()
                }
                Err(error) => {
                    self.lone_surrogate(error.unpaired_surrogate())?;
                    1
                }
            };
            self.at = self.at.saturating_add(units.saturating_mul(2));
        }
        Ok(())
    }

    fn utf32(&mut self, content: &[u8], is_big: bool) -> Result<(), Error> {
        let (numbers, rest) = content.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(Error::new(ErrorKind::Utf16, content.len().saturating_sub(rest.len())));
        }
        for bytes in numbers {
            let number = if is_big { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
            match (char::from_u32(number), u16::try_from(number)) {
                (Some(char), _) => self.char(char)?,
                (None, Ok(unit)) => self.lone_surrogate(unit)?,
                (None, Err(_)) => return Err(Error::new(ErrorKind::Utf16, self.at)),
            }
            self.at = self.at.saturating_add(4);
        }
        Ok(())
    }

    /// UTF-8, but with encoded surrogates.
    fn utf8(&mut self, content: &[u8]) -> Result<(), Error> {
        while let Some(rest) = content.get(self.at..).filter(|rest| !rest.is_empty()) {
            let valid = match core::str::from_utf8(rest) {
                Ok(text) => text,
                Err(error) => crate::wire::utf8(rest.get(..error.valid_up_to()).unwrap_or_default())?,
            };
            for char in valid.chars() {
                self.char(char)?;
                self.at = self.at.saturating_add(char.len_utf8());
            }
            match content.get(self.at..).unwrap_or_default() {
                [] => {}
                [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
                    let unit = 0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f);
                    self.lone_surrogate(unit)?;
                    self.at = self.at.saturating_add(3);
                }
                _ => return Err(Error::new(ErrorKind::Utf8, self.at)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_as_python_does() {
        let text = "{\"a\":\"é😀\"}";
        let utf16: std::vec::Vec<u16> = text.encode_utf16().collect();
        let join = |mark: &[u8], bytes: std::vec::Vec<u8>| [mark, &bytes].concat();
        let encoded = [
            text.as_bytes().to_vec(),
            join(b"\xef\xbb\xbf", text.into()),
            utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            join(b"\xff\xfe", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            join(b"\xfe\xff", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
            text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect(),
            text.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect(),
            join(b"\xff\xfe\0\0", text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect()),
        ];
        for bytes in encoded {
            assert_eq!(decode(&bytes, &mut [0; 64]), Ok(text), "{bytes:x?}");
        }
    }

    #[test]
    fn lone_surrogates_become_escapes_inside_strings() {
        assert_eq!(decode(b"\"\xed\xa0\x80\"", &mut [0; 64]), Ok("\"\\ud800\""));
        assert_eq!(decode(b"\"\0\0\xdc\"\0", &mut [0; 64]), Ok("\"\\udc00\""));
        assert_eq!(decode(b"\"\\\\\xed\xbf\xbf\"", &mut [0; 64]), Ok("\"\\\\\\udfff\""));
        let refused = |bytes: &[u8]| decode(bytes, &mut [0; 64]).map(drop).map_err(|error| error.kind);
        assert_eq!(refused(b"\"\\\xed\xa0\x80\""), Err(ErrorKind::Json));
        assert_eq!(refused(b"\"\xff\""), Err(ErrorKind::Utf8));
        assert_eq!(refused(b"\"\0a\0\""), Err(ErrorKind::Utf16));
    }

    #[test]
    fn offsets_are_mapped_back_to_the_encoded_text() {
        // After each byte order mark: "a", a lone surrogate where the encoding has one, "é", and the end.
        for (bytes, offsets) in [
            (&b"\xef\xbb\xbfa\xed\xa0\x80\xc3\xa9"[..], [(0, 3), (1, 4), (6, 4), (7, 7), (9, 9)]),
            (b"\xfe\xff\0a\xd8\0\0\xe9", [(0, 2), (1, 4), (2, 4), (7, 6), (9, 8)]),
            (b"a\0\0\xdc\xe9\0", [(0, 0), (1, 2), (6, 2), (7, 4), (9, 6)]),
            (b"a\0\0\0\0\xdc\0\0\xe9\0\0\0", [(0, 0), (1, 4), (6, 4), (7, 8), (9, 12)]),
        ] {
            assert_eq!(decode(bytes, &mut [0; 64]).unwrap().len(), 9);
            for (offset, at) in offsets {
                assert_eq!(source_offset(bytes, offset), at, "{offset} in {bytes:x?}");
            }
        }
    }
}
