//! The start of a replay stream: the request, and the header of the recording.

use super::{Error, ErrorKind};
use crate::wire::{self, Full, Sink, utf8};

/// The longest request, in bytes, including its final zero.
pub const LONGEST_REQUEST: usize = 1026;

/// The request that opens a connection to a replay server.
///
/// Encoded as `P/` or `G/`, the game's id, a slash, a name, and a zero.
///
/// ```
/// use lobbywire_core::faf::replay::{Direction, Request};
///
/// let (request, used) = Request::read(b"P/18234567/Rhiza.SCFAreplay\0stream")?.unwrap();
/// assert_eq!((request.direction, request.game, request.name), (Direction::Put, 18234567, "Rhiza.SCFAreplay"));
/// assert_eq!(used, 28);
/// # Ok::<(), lobbywire_core::faf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Which side sends the stream.
    pub direction: Direction,
    /// The game's id.
    pub game: u64,
    /// The name of the recording, by convention `login.SCFAreplay`. May contain slashes.
    pub name: &'a str,
}

/// Which side sends the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// `P`: the client uploads until it closes the connection. There is no reply.
    Put,
    /// `G`: the server sends, by convention with a delay of five minutes.
    Get,
}

impl<'a> Request<'a> {
    /// Decodes the request at the start of `bytes`. Also returns its length; `None` if bytes are missing.
    ///
    /// # Errors
    /// [`ErrorKind::BadReplayTag`], [`ErrorKind::BadReplayId`], [`Utf8`](wire::ErrorKind::Utf8),
    /// [`FrameTooLarge`](wire::ErrorKind::FrameTooLarge) if it is longer than [`LONGEST_REQUEST`].
    pub fn read(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Error> {
        let direction = match bytes {
            [] | [b'P' | b'G'] => return Ok(None),
            [b'P', b'/', ..] => Direction::Put,
            [b'G', b'/', ..] => Direction::Get,
            _ => return Err(Error::new(ErrorKind::BadReplayTag, 0)),
        };
        let prefix = bytes.get(..LONGEST_REQUEST).unwrap_or(bytes);
        let Some(end) = prefix.iter().position(|byte| *byte == 0) else {
            return if bytes.len() < LONGEST_REQUEST {
                Ok(None)
            } else {
                Err(wire::Error::new(wire::ErrorKind::FrameTooLarge, 0).into())
            };
        };
        let text = utf8(bytes.get(2..end).unwrap_or_default()).map_err(|error| error.after(2))?;
        let malformed = Error::new(ErrorKind::BadReplayId, 2);
        let (game, name) = text.split_once('/').ok_or(malformed)?;
        if name.is_empty() || !game.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed);
        }
        let game = game.parse().map_err(|_| malformed)?;
        Ok(Some((Self { direction, game, name }, end.saturating_add(1))))
    }

    /// Encodes the request.
    ///
    /// # Errors
    /// [`Full`] if the sink is full.
    pub fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
        out.put(match self.direction {
            Direction::Put => b"P/",
            Direction::Get => b"G/",
        })?;
        let mut digits = [b'0'; 20];
        let (mut left, mut start) = (self.game, digits.len());
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(left % 10).unwrap_or(0).wrapping_add(b'0');
            left /= 10;
            start = start.saturating_sub(1);
            if left == 0 {
                break;
            }
        }
        out.put(digits.get(start..).unwrap_or_default())?;
        out.put(b"/")?;
        out.put(self.name.as_bytes())?;
        out.put(b"\0")
    }
}

/// The largest header that replay servers accept, in bytes.
pub const LARGEST_HEADER: usize = 1 << 20;

/// The start of a recording: everything before the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The game's version, such as `Supreme Commander v1.50.3701`.
    pub version: &'a [u8],
    /// Three bytes of unknown meaning.
    pub unknown1: [u8; 3],
    /// The recording's version, a line end, and the map.
    pub replay_version_and_map: &'a [u8],
    /// Four bytes of unknown meaning.
    pub unknown2: [u8; 4],
    /// The mods, as a serialized Lua table.
    pub mods: &'a [u8],
    /// The scenario, as a serialized Lua table.
    pub scenario: &'a [u8],
    /// The command sources: see [`sources`](Self::sources).
    sources: Counted<'a>,
    /// Whether cheats were enabled.
    pub has_cheats: u8,
    armies: Counted<'a>,
    /// The seed of the game's random numbers.
    pub seed: u32,
}

/// A number of elements, and their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted<'a> {
    count: u8,
    bytes: &'a [u8],
}

/// A source of commands: a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The player's name.
    pub name: &'a [u8],
    /// A number of unknown meaning.
    pub number: u32,
}

/// An army.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Army<'a> {
    /// The army's settings, as a serialized Lua table.
    pub data: &'a [u8],
    /// The index of the source that commands it; 255 for none.
    pub source: u8,
    /// A byte of unknown meaning. Present unless the source is 255.
    pub after_source: Option<u8>,
}

/// Reads little-endian numbers and byte strings.
#[derive(Clone, Copy)]
struct Fields<'a> {
    rest: &'a [u8],
    total: usize,
}

/// At least this many bytes are missing.
struct Missing(usize);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Missing> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Missing(N.saturating_sub(self.rest.len())))?;
        self.rest = rest;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, Missing> {
        self.array().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, Missing> {
        self.array().map(u32::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Missing> {
        let len = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        let missing = Missing(len.saturating_sub(self.rest.len()));
        let (head, rest) = self.rest.split_at_checked(len).ok_or(missing)?;
        self.rest = rest;
        Ok(head)
    }

    /// The bytes before a zero. Consumes the zero.
    fn until_zero(&mut self) -> Result<&'a [u8], Missing> {
        let len = self.rest.iter().position(|byte| *byte == 0).ok_or(Missing(1))?;
        let (head, rest) = self.rest.split_at_checked(len).ok_or(Missing(1))?;
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(head)
    }

    fn source(&mut self) -> Result<Source<'a>, Missing> {
        Ok(Source { name: self.until_zero()?, number: self.u32()? })
    }

    fn army(&mut self) -> Result<Army<'a>, Missing> {
        let (data, source) = (self.bytes()?, self.byte()?);
        let after_source = if source == u8::MAX { None } else { Some(self.byte()?) };
        Ok(Army { data, source, after_source })
    }

    /// Skips `count` elements.
    fn counted<T>(&mut self, next: fn(&mut Self) -> Result<T, Missing>) -> Result<Counted<'a>, Missing> {
        let count = self.byte()?;
        let before = self.rest;
        (0..count).try_for_each(|_| next(self).map(drop))?;
        let len = before.len().saturating_sub(self.rest.len());
        Ok(Counted { count, bytes: before.get(..len).unwrap_or_default() })
    }

    fn used(&self) -> usize {
        self.total.saturating_sub(self.rest.len())
    }
}

impl<'a> Header<'a> {
    /// Decodes the header at the start of `bytes`. Also returns its length; `None` if bytes are missing.
    ///
    /// # Errors
    /// [`ErrorKind::ReplayHeaderMalformed`] if it is larger than [`LARGEST_HEADER`], as soon as a length shows that.
    pub fn read(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Error> {
        let mut fields = Fields { rest: bytes, total: bytes.len() };
        match Self::fields(&mut fields) {
            Ok(header) if fields.used() <= LARGEST_HEADER => Ok(Some((header, fields.used()))),
            Err(Missing(count)) if bytes.len().saturating_add(count) <= LARGEST_HEADER => Ok(None),
            _ => Err(Error::new(ErrorKind::ReplayHeaderMalformed, fields.used())),
        }
    }

    fn fields(fields: &mut Fields<'a>) -> Result<Self, Missing> {
        // The fields are declared in wire order.
        Ok(Self {
            version: fields.until_zero()?,
            unknown1: fields.array()?,
            replay_version_and_map: fields.until_zero()?,
            unknown2: fields.array()?,
            mods: fields.bytes()?,
            scenario: fields.bytes()?,
            sources: fields.counted(Fields::source)?,
            has_cheats: fields.byte()?,
            armies: fields.counted(Fields::army)?,
            seed: fields.u32()?,
        })
    }

    /// Iterates over the command sources.
    pub fn sources(&self) -> impl Iterator<Item = Source<'a>> + use<'a> {
        each(self.sources, Fields::source)
    }

    /// Iterates over the armies.
    pub fn armies(&self) -> impl Iterator<Item = Army<'a>> + use<'a> {
        each(self.armies, Fields::army)
    }
}

fn each<'a, T>(
    counted: Counted<'a>,
    next: fn(&mut Fields<'a>) -> Result<T, Missing>,
) -> impl Iterator<Item = T> + use<'a, T> {
    let mut fields = Fields { rest: counted.bytes, total: counted.bytes.len() };
    // `counted` has checked that all elements are complete.
    (0..counted.count).map_while(move |_| next(&mut fields).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SliceSink;
    use std::vec::Vec;

    #[test]
    fn requests_round_trip_and_malformed_ones_are_rejected() {
        for (bytes, direction, game, name) in [
            (&b"P/18234567/Rhiza.SCFAreplay\0"[..], Direction::Put, 18_234_567, "Rhiza.SCFAreplay"),
            (b"G/1/name/with/slash\0", Direction::Get, 1, "name/with/slash"),
            (b"G/18446744073709551615/x\0", Direction::Get, u64::MAX, "x"),
            (b"G/0/x\0", Direction::Get, 0, "x"),
        ] {
            let request = Request { direction, game, name };
            assert_eq!(Request::read(bytes), Ok(Some((request, bytes.len()))));
            let mut written = [0; 64];
            request.write(&mut SliceSink::new(&mut written)).unwrap();
            assert_eq!(&written[..bytes.len()], bytes);
            for end in 0..bytes.len() {
                assert_eq!(Request::read(&bytes[..end]), Ok(None), "truncated to {end} bytes");
            }
        }
        for (bytes, kind) in [
            (&b"X/1/a\0"[..], ErrorKind::BadReplayTag),
            (b"PX", ErrorKind::BadReplayTag),
            (b"P/1\0", ErrorKind::BadReplayId),
            (b"P/+1/a\0", ErrorKind::BadReplayId),
            (b"P//a\0", ErrorKind::BadReplayId),
            (b"P/1/\0", ErrorKind::BadReplayId),
            (b"P/18446744073709551616/x\0", ErrorKind::BadReplayId),
            (b"P/1/\xff\0", wire::ErrorKind::Utf8.into()),
            (&[b"P/".as_slice(), &[b'1'; 1024]].concat(), wire::ErrorKind::FrameTooLarge.into()),
        ] {
            assert_eq!(Request::read(bytes).unwrap_err().kind, kind, "{bytes:?}");
        }
    }

    fn header() -> Vec<u8> {
        let parts: [&[u8]; 12] = [
            b"Supreme Commander v1.50.3701\0",
            b"\r\n\0",
            b"Replay v1.9\r\n/maps/scmp_007/scmp_007.scmap\0",
            b"\r\n\x1a\0",
            b"\x03\0\0\0mod",
            b"\x02\0\0\0sc",
            b"\x02Rhiza\0\x01\0\0\0Dostya\0\x02\0\0\0",
            b"\x01",
            b"\x02",
            b"\x01\0\0\0a\0\x07",
            b"\0\0\0\0\xff",
            b"\x78\x56\x34\x12",
        ];
        parts.concat()
    }

    #[test]
    fn headers_are_read_only_when_complete() {
        let bytes = header();
        for end in 0..bytes.len() {
            assert_eq!(Header::read(&bytes[..end]), Ok(None), "truncated to {end} bytes");
        }
        let (header, used) = Header::read(&bytes).unwrap().unwrap();
        assert_eq!(used, bytes.len());
        assert_eq!((header.mods, header.scenario, header.has_cheats), (&b"mod"[..], &b"sc"[..], 1));
        assert!(header.sources().map(|source| source.name).eq([&b"Rhiza"[..], b"Dostya"]));
        let armies: Vec<_> = header.armies().map(|army| (army.source, army.after_source)).collect();
        assert_eq!(armies, [(0, Some(7)), (255, None)]);
        assert_eq!(header.seed, 0x1234_5678);
        // A length that exceeds the limit is rejected at once.
        let mut long = bytes;
        let mods = long.windows(4).position(|bytes| bytes == [3, 0, 0, 0]).unwrap();
        long[mods + 2] = 0x20;
        assert_eq!(Header::read(&long).unwrap_err().kind, ErrorKind::ReplayHeaderMalformed);
    }
}
