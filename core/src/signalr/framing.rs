//! The framing of messages.

use crate::wire::{
    Counter, Deframed, Error, ErrorKind, Framing, Full, Sink, Skip, SliceSink, copy_within, uleb128_len,
    write_uleb128,
};

/// The default size limit of messages that a server receives, in bytes, including their length or record end.
pub const LARGEST_FRAME: usize = 32_768;

/// The byte after a JSON message and after a handshake.
pub const RECORD_END: u8 = 0x1e;

/// Splits a stream into MessagePack messages, each after its length.
///
/// A length is a ULEB128 number below 2³¹ of up to five bytes, and may be longer than necessary. A message
/// above the limit is rejected by its length, and skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    /// The size limit of a message, in bytes, including its length.
    pub limit: usize,
}

impl Frames {
    /// A limit of [`LARGEST_FRAME`], as servers have. Clients usually allow more.
    pub const fn new() -> Self {
        Self { limit: LARGEST_FRAME }
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl Framing for Frames {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
        let (len, rest) = match read_len(bytes) {
            Ok(Some(read)) => read,
            Ok(None) => return Deframed::Missing(1),
            // The end of the message is unknown.
            Err(error) => return Deframed::Refused(error, Skip::Rest),
        };
        let whole = bytes.len().saturating_sub(rest.len()).saturating_add(len);
        if whole > self.limit {
            Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::Bytes(whole))
        } else if len > rest.len() {
            Deframed::Missing(len.saturating_sub(rest.len()))
        } else {
            Deframed::Frame(whole)
        }
    }

    fn give_up(&self, _: &[u8], needed: usize) -> Skip {
        Skip::Bytes(needed)
    }
}

/// Reads the length. Returns it with the bytes after it; `None` if the length is incomplete.
pub(super) fn read_len(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, Error> {
    let mut len = 0u32;
    for (index, shift) in [0u32, 7, 14, 21, 28].into_iter().enumerate() {
        let Some(byte) = bytes.get(index) else { return Ok(None) };
        let bits = u32::from(byte & 0x7f);
        // A length has 31 bits, of which three are in the fifth byte.
        if shift == 28 && *byte > 7 {
            break;
        }
        len |= bits.checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            let rest = bytes.get(index.saturating_add(1)..).unwrap_or_default();
            return Ok(Some((usize::try_from(len).unwrap_or(usize::MAX), rest)));
        }
    }
    Err(Error::new(ErrorKind::Uleb128, 0))
}

/// Checks that a length is below 2³¹.
fn framed_len(len: usize) -> Result<u32, Full> {
    i32::try_from(len).ok().and_then(|len| u32::try_from(len).ok()).ok_or(Full)
}

/// The content of a MessagePack frame.
pub(super) trait Body {
    type Error: From<Full>;

    fn write(&self, out: &mut impl Sink) -> Result<(), Self::Error>;
}

/// Writes the length of a body, then the body.
pub(super) fn write_frame<B: Body>(body: &B, out: &mut impl Sink) -> Result<(), B::Error> {
    if let Some(written) = out.with_slice(|room| fill_frame(body, room)) {
        return written;
    }
    let mut counter = Counter::default();
    body.write(&mut counter)?;
    write_uleb128(out, framed_len(counter.0)?)?;
    body.write(out)
}

/// Writes a body after one byte for its length, and moves it if the length needs more bytes. That is faster
/// than writing the body twice. Bytes after the frame are not modified.
fn fill_frame<B: Body>(body: &B, room: &mut [u8]) -> Result<usize, B::Error> {
    let (_, after_len) = room.split_first_mut().ok_or(Full)?;
    let capacity = after_len.len();
    let mut sink = SliceSink::new(after_len);
    body.write(&mut sink)?;
    let len = capacity.saturating_sub(sink.room());
    let prefix = framed_len(len)?;
    let start = uleb128_len(prefix);
    let whole = len.saturating_add(start);
    if whole > room.len() {
        return Err(Full.into());
    }
    copy_within(room, 1, len, start);
    write_uleb128(&mut SliceSink::new(room), prefix)?;
    Ok(whole)
}

/// Splits a stream into JSON messages and handshakes, each followed by the byte `1e`.
///
/// A message is rejected once it is longer than the limit, and skipped up to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// The size limit of a message, in bytes, including its end.
    pub limit: usize,
}

impl Records {
    /// A limit of [`LARGEST_FRAME`], as servers have. Clients usually allow more.
    pub const fn new() -> Self {
        Self { limit: LARGEST_FRAME }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::new()
    }
}

impl Framing for Records {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        let fresh = bytes.get(seen..).unwrap_or_default();
        let end = fresh.iter().position(|byte| *byte == RECORD_END);
        match end.map(|end| end.saturating_add(seen).saturating_add(1)) {
            Some(whole) if whole <= self.limit => Deframed::Frame(whole),
            None if bytes.len() < self.limit => Deframed::Missing(1),
            _ => Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::PastDelimiter(RECORD_END)),
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::PastDelimiter(RECORD_END)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_any_form_are_read_and_lengths_above_31_bits_are_rejected() {
        for (len, bytes) in [
            (0usize, &b"\0"[..]),
            (127, b"\x7f"),
            (128, b"\x80\x01"),
            (300, b"\xac\x02"),
            (16_383, b"\xff\x7f"),
            (16_384, b"\x80\x80\x01"),
            (32_768, b"\x80\x80\x02"),
            (2_097_152, b"\x80\x80\x80\x01"),
            (268_435_456, b"\x80\x80\x80\x80\x01"),
            (2_147_483_647, b"\xff\xff\xff\xff\x07"),
        ] {
            assert_eq!(read_len(bytes), Ok(Some((len, &[][..]))));
            let mut written = [0; 5];
            let mut sink = SliceSink::new(&mut written);
            write_uleb128(&mut sink, framed_len(len).unwrap()).unwrap();
            let count = 5 - sink.room();
            assert_eq!(&written[..count], bytes);
            for end in 0..bytes.len() {
                assert_eq!(read_len(&bytes[..end]), Ok(None), "{len} truncated to {end} bytes");
            }
        }
        assert_eq!(read_len(b"\x80\x00"), Ok(Some((0, &[][..]))));
        for bytes in [b"\xff\xff\xff\xff\x08", b"\x80\x80\x80\x80\x80", b"\xff\xff\xff\xff\x87"] {
            assert_eq!(read_len(bytes).unwrap_err().kind, ErrorKind::Uleb128);
        }
    }

    /// A body of raw bytes.
    struct Bytes<'a>(&'a [u8]);

    impl Body for Bytes<'_> {
        type Error = Full;

        fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
            out.put(self.0)
        }
    }

    #[test]
    fn frames_written_in_place_equal_frames_written_after_counting() {
        let body: [u8; 16_500] = core::array::from_fn(|index| index.to_le_bytes()[0]);
        let (mut first, mut second) = ([0xee; 16_510], [0xee; 16_510]);
        for len in [0, 1, 126, 127, 128, 129, 300, 16_383, 16_384, 16_500] {
            let body = Bytes(&body[..len]);
            let whole = len
                + if len < 128 {
                    1
                } else if len < 16_384 {
                    2
                } else {
                    3
                };
            let mut counted = SliceSink::new(&mut first[..whole]);
            write_frame(&body, &mut crate::wire::AnySink::new(&mut counted)).unwrap();
            assert_eq!(counted.room(), 0, "{len}");
            second.fill(0xee);
            let mut filled = SliceSink::new(&mut second);
            write_frame(&body, &mut filled).unwrap();
            assert_eq!(filled.room(), 16_510 - whole, "{len}");
            filled.put(b"!").unwrap();
            assert_eq!(second[..whole], first[..whole], "{len}");
            assert_eq!(second[whole], b'!', "{len}");
            assert!(second[whole + 1..].iter().all(|byte| *byte == 0xee), "{len}");
            for room in (0..whole).rev().take(4) {
                second.fill(0xee);
                let mut full = SliceSink::new(&mut second[..room]);
                assert_eq!(write_frame(&body, &mut full), Err(Full), "{len} into {room}");
                assert_eq!(full.room(), room, "a failed write leaves the sink unchanged");
                assert!(second[room..].iter().all(|byte| *byte == 0xee), "{len} into {room}");
            }
        }
    }
}
