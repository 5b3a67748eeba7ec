//! Where a message ends.

use crate::wire::{
    Counter, Deframed, Error, ErrorKind, Framing, Full, Sink, Skip, SliceSink, copy_within, uleb128_len,
    write_uleb128,
};

/// The most bytes of a message that SignalR's server takes, with its length in front or its end behind.
pub const LARGEST_FRAME: usize = 32_768;

/// What stands behind a message in JSON, and behind a handshake.
pub const RECORD_END: u8 = 0x1e;

/// Cuts a stream into messages in MessagePack, each with its length in front of it.
///
/// A length may take more bytes than it needs, up to five, and is below 2 GiB. What is above the limit is
/// refused by its length alone, and passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    /// The most bytes that a message may have, with its length.
    pub limit: usize,
}

impl Frames {
    /// Messages of up to [`LARGEST_FRAME`], as a server takes them. Clients take larger ones.
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
    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
        let (len, rest) = match read_len(bytes) {
            Ok(Some(read)) => read,
            Ok(None) => return Deframed::Missing(1),
            // Nobody knows how long it is.
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

/// The length at the start, and what follows it; `None` where bytes of it are missing.
pub(super) fn read_len(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, Error> {
    let mut len = 0u32;
    for (index, shift) in [0u32, 7, 14, 21, 28].into_iter().enumerate() {
        let Some(byte) = bytes.get(index) else { return Ok(None) };
        let bits = u32::from(byte & 0x7f);
        // 31 bits are all that there are: of the fifth byte three.
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

/// The length of a message in MessagePack, as its frame says it.
fn framed_len(len: usize) -> Result<u32, Full> {
    i32::try_from(len).ok().and_then(|len| u32::try_from(len).ok()).ok_or(Full)
}

/// What a frame in MessagePack holds.
pub(super) trait Body {
    type Error: From<Full>;

    fn write(&self, out: &mut impl Sink) -> Result<(), Self::Error>;
}

/// Writes a body with its length in front of it.
pub(super) fn write_frame<B: Body>(body: &B, out: &mut impl Sink) -> Result<(), B::Error> {
    if let Some(written) = out.with_slice(|room| fill_frame(body, room)) {
        return written;
    }
    let mut counter = Counter::default();
    body.write(&mut counter)?;
    write_uleb128(out, framed_len(counter.0)?)?;
    body.write(out)
}

/// Writes a body behind the one byte that its length takes at the least, and moves it where that is more: moving takes
/// less time than writing the body twice. Nothing is touched behind the frame.
fn fill_frame<B: Body>(body: &B, room: &mut [u8]) -> Result<usize, B::Error> {
    let (_, behind) = room.split_first_mut().ok_or(Full)?;
    let most = behind.len();
    let mut sink = SliceSink::new(behind);
    body.write(&mut sink)?;
    let len = most.saturating_sub(sink.room());
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

/// Cuts a stream into messages in JSON, and into handshakes, each with a byte `1e` behind it.
///
/// What is above the limit is refused as soon as it is longer, and passed over to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// The most bytes that a message may have, with its end.
    pub limit: usize,
}

impl Records {
    /// Messages of up to [`LARGEST_FRAME`], as a server takes them. Clients take larger ones.
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
    fn lengths_are_read_in_any_form_and_refused_beyond_31_bits() {
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
                assert_eq!(read_len(&bytes[..end]), Ok(None), "{len} cut at {end}");
            }
        }
        assert_eq!(read_len(b"\x80\x00"), Ok(Some((0, &[][..]))));
        for bytes in [b"\xff\xff\xff\xff\x08", b"\x80\x80\x80\x80\x80", b"\xff\xff\xff\xff\x87"] {
            assert_eq!(read_len(bytes).unwrap_err().kind, ErrorKind::Uleb128);
        }
    }

    /// So many bytes.
    struct Bytes<'a>(&'a [u8]);

    impl Body for Bytes<'_> {
        type Error = Full;

        fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
            out.put(self.0)
        }
    }

    #[test]
    fn a_frame_in_a_slice_is_the_one_that_is_counted_first() {
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
                assert_eq!(full.room(), room, "nothing is taken");
                assert!(second[room..].iter().all(|byte| *byte == 0xee), "{len} into {room}");
            }
        }
    }
}
