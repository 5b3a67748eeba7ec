//! Frames: headers, limits, compression.
//!
//! A frame is a header and a payload. Before b334 the header is an id (`u16`) and a length (`u32`), and every
//! payload is gzip-compressed. From b334 on, a flag (`u8`) between the two states whether the payload is
//! compressed. All numbers are little-endian.

use super::dialect::Dialect;
use super::packet_id::{PacketId, Side};
use super::version::Version;
use crate::wire::{Error, ErrorKind, Inflater};

/// The payload sizes that are accepted, in bytes.
///
/// A frame above the limits is rejected as soon as its header is complete, and its bytes are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest payload on the wire.
    pub payload: usize,
    /// The largest payload after inflating.
    pub inflated: usize,
    /// The largest payload on the wire of a client's beatmap info request (68).
    pub beatmap_info_payload: usize,
    /// The largest payload after inflating of a client's beatmap info request (68).
    pub beatmap_info_inflated: usize,
}

impl Limits {
    /// For packets of a client: 64 KiB, and 1 MiB inflated; for beatmap info requests 256 KiB and 4 MiB.
    pub const FROM_CLIENT: Self = Self {
        payload: 64 << 10,
        inflated: 1 << 20,
        beatmap_info_payload: 256 << 10,
        beatmap_info_inflated: 4 << 20,
    };

    /// For packets of a server, which is trusted more and sends longer lists: 1 MiB, and 4 MiB inflated.
    pub const FROM_SERVER: Self = Self {
        payload: 1 << 20,
        inflated: 4 << 20,
        beatmap_info_payload: 1 << 20,
        beatmap_info_inflated: 4 << 20,
    };

    /// No limits, for frames that were not received but written by this program.
    pub const NONE: Self = Self {
        payload: usize::MAX,
        inflated: usize::MAX,
        beatmap_info_payload: usize::MAX,
        beatmap_info_inflated: usize::MAX,
    };

    /// The default limits for packets that this side sends.
    pub const fn from(side: Side) -> Self {
        match side {
            Side::Client => Self::FROM_CLIENT,
            Side::Server => Self::FROM_SERVER,
        }
    }

    /// The largest payload that is accepted for every packet.
    #[inline(always)]
    fn least(&self) -> usize {
        self.payload.min(self.beatmap_info_payload)
    }

    /// The largest payload on the wire of this packet.
    #[inline]
    pub fn payload_of(&self, id: Option<PacketId>) -> usize {
        if id == Some(PacketId(68)) { self.beatmap_info_payload } else { self.payload }
    }

    /// The largest payload after inflating of this packet.
    #[inline]
    pub fn inflated_of(&self, id: Option<PacketId>) -> usize {
        if id == Some(PacketId(68)) { self.beatmap_info_inflated } else { self.inflated }
    }

    /// The size of the largest frame that these limits accept, including its header.
    pub const fn largest_frame(&self) -> usize {
        let payload =
            if self.payload > self.beatmap_info_payload { self.payload } else { self.beatmap_info_payload };
        payload.saturating_add(HEADER_LEN)
    }
}

/// The longest header.
const HEADER_LEN: usize = 7;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) id: u16,
    pub(crate) is_compressed: bool,
    pub(crate) payload_len: usize,
}

impl Header {
    /// Reads the header at the start of `input`. Returns it with the bytes after it, or the number of missing
    /// bytes.
    #[inline(always)]
    pub(crate) fn read<V: Dialect>(version: V, input: &[u8]) -> Result<(Self, &[u8]), usize> {
        // Converted in each branch: if the branches joined on byte arrays, the bytes would be loaded and
        // combined one at a time.
        let header = |id, is_compressed, len| Self {
            id: u16::from_le_bytes(id),
            is_compressed,
            payload_len: usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX),
        };
        if version.has_long_header() {
            let ([a, b, flag, c, d, e, f], rest) =
                input.split_first_chunk::<7>().ok_or(7usize.saturating_sub(input.len()))?;
            Ok((header([*a, *b], *flag != 0, [*c, *d, *e, *f]), rest))
        } else {
            let ([a, b, c, d, e, f], rest) =
                input.split_first_chunk::<6>().ok_or(6usize.saturating_sub(input.len()))?;
            Ok((header([*a, *b], true, [*c, *d, *e, *f]), rest))
        }
    }
}

/// A frame with its header parsed: all that a gateway needs for routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The wire id. Before b1788 it differs from the modern id of the packet, which
    /// [`PacketId::from_wire`] returns.
    pub wire_id: u16,
    /// Whether the body is gzip-compressed.
    pub is_compressed: bool,
    /// The payload on the wire, possibly compressed.
    pub body: &'a [u8],
    /// The whole frame including its header, for a proxy to forward.
    pub bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame at the start of `input`; `rest` is what follows it.
    #[inline(always)]
    fn new(header: Header, body: &'a [u8], input: &'a [u8], rest: &[u8]) -> Self {
        let bytes = input.get(..input.len().saturating_sub(rest.len())).unwrap_or_default();
        Self { wire_id: header.id, is_compressed: header.is_compressed, body, bytes }
    }

    /// The length of the header: 6 or 7 bytes.
    #[inline]
    pub fn header_len(&self) -> usize {
        self.bytes.len().saturating_sub(self.body.len())
    }

    /// The payload, inflated into `scratch` if it is compressed.
    ///
    /// # Errors
    /// Those of [`Inflater::inflate`], with offsets from the start of the frame.
    pub fn payload<'s>(&self, inflater: &mut Inflater, scratch: &'s mut [u8]) -> Result<&'s [u8], Error>
    where
        'a: 's,
    {
        if !self.is_compressed {
            return Ok(self.body);
        }
        let len = inflater.inflate(self.body, scratch).map_err(|error| error.after(self.header_len()))?;
        Ok(scratch.get(..len).unwrap_or_default())
    }

    /// The payload of a frame that is not compressed, or is empty.
    ///
    /// # Errors
    /// [`ErrorKind::Compressed`], with an offset from the start of the frame.
    #[inline]
    pub fn plain_payload(&self) -> Result<&'a [u8], Error> {
        if self.is_compressed && !self.body.is_empty() {
            return Err(Error::new(ErrorKind::Compressed, self.header_len()));
        }
        Ok(self.body)
    }
}

/// Iterates over the frames in a slice, such as an HTTP body or a capture.
///
/// Only headers are parsed; payloads are neither inflated nor decoded. A frame above the limits is an error,
/// and iteration continues after it. An incomplete frame at the end of the slice is an error and the last
/// item. For streams that arrive in pieces, use [`FrameDecoder`](super::FrameDecoder).
///
/// ```
/// use lobbywire_core::bancho::{Frames, Side, Version};
///
/// let bytes = [4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0];
/// let frames = Frames::new(Version::LATEST, Side::Client, &bytes);
/// assert!(frames.map(|frame| frame.unwrap().wire_id).eq([4, 3]));
/// ```
///
/// The wire id of a packet depends on the version. Translate it before comparing it with a packet's
/// [`ID`](super::server::UserStats::ID):
///
/// ```
/// use lobbywire_core::bancho::{Frame, Frames, PacketId, Side, Version, server};
///
/// fn kind(version: Version, frame: &Frame<'_>) -> &'static str {
///     match PacketId::from_wire(version, frame.wire_id) {
///         Some(server::UserStats::ID) => server::UserStats::NAME,
///         Some(server::UserQuit::ID) => server::UserQuit::NAME,
///         _ => "other",
///     }
/// }
///
/// let (old, new) = (Version::from_build(1700), Version::from_build(20250306));
/// for (version, wire_id) in [(old, 12), (new, 11)] {
///     let bytes = [wire_id, 0, 0, 0, 0, 0, 0];
///     let frame = Frames::new(version, Side::Server, &bytes).next().unwrap()?;
///     assert_eq!(kind(version, &frame), "BanchoUserStats");
/// }
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
///
/// Comparing the two kinds of id does not compile:
///
/// ```compile_fail,E0308
/// # use lobbywire_core::bancho::{Frame, server};
/// fn is_user_stats(frame: &Frame<'_>) -> bool {
///     frame.wire_id == server::UserStats::ID
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Frames<'a, V = Version> {
    version: V,
    limits: Limits,
    total: usize,
    rest: &'a [u8],
}

impl<'a, V: Dialect> Frames<'a, V> {
    /// The frames in `bytes`, which `side` sent in this version.
    #[inline]
    pub fn new(version: V, side: Side, bytes: &'a [u8]) -> Self {
        Self { version, limits: Limits::from(side), total: bytes.len(), rest: bytes }
    }

    /// Replaces the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The length of the frames returned so far: the offset of the next one.
    #[inline]
    pub fn offset(&self) -> usize {
        self.total.saturating_sub(self.rest.len())
    }

    /// The version of the client.
    #[inline]
    pub fn version(&self) -> V {
        self.version
    }
}

impl<'a, V: Dialect> Iterator for Frames<'a, V> {
    type Item = Result<Frame<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.next_fast_path() {
            Some(frame) => Some(Ok(frame)),
            None if self.rest.is_empty() => None,
            None => self.next_slow_path(),
        }
    }
}

impl<'a, V: Dialect> Frames<'a, V> {
    /// The next frame, if it is complete and within every limit. `None` covers all other cases, which
    /// [`next_slow_path`](Self::next_slow_path) distinguishes.
    #[inline(always)]
    pub(crate) fn next_fast_path(&mut self) -> Option<Frame<'a>> {
        let input = self.rest;
        let (header, tail) = Header::read(self.version, input).ok()?;
        if header.payload_len > self.limits.least() {
            return None;
        }
        let (body, rest) = tail.split_at_checked(header.payload_len)?;
        self.rest = rest;
        Some(Frame::new(header, body, input, rest))
    }

    /// Takes frames as long as they are on the fast path and `is_taken` accepts them. Returns their bytes and
    /// their count.
    #[inline(always)]
    pub(crate) fn take_while(&mut self, mut is_taken: impl FnMut(&Frame<'a>) -> bool) -> (&'a [u8], usize) {
        // The changing values are locals; as fields they would be written to memory for each frame.
        let (mut ahead, mut rest, mut count) = (self.clone(), self.rest, 0usize);
        while let Some(frame) = ahead.next_fast_path()
            && is_taken(&frame)
        {
            (rest, count) = (ahead.rest, count.saturating_add(1));
        }
        let taken = self.rest.get(..self.rest.len().saturating_sub(rest.len())).unwrap_or_default();
        self.rest = rest;
        (taken, count)
    }

    /// The next item if it is an error, or a frame so large that the limit depends on the packet. Separate, so
    /// that the fast path can be inlined.
    #[cold]
    #[inline(never)]
    fn next_slow_path(&mut self) -> Option<Result<Frame<'a>, Error>> {
        let (input, at) = (self.rest, self.offset());
        let Ok((header, tail)) = Header::read(self.version, input) else {
            self.rest = &[];
            return Some(Err(Error::new(ErrorKind::Incomplete, at)));
        };
        let refusal = refusal(self.version, &self.limits, &header);
        let Some((body, rest)) = tail.split_at_checked(header.payload_len) else {
            self.rest = &[];
            return Some(Err(Error::new(refusal.unwrap_or(ErrorKind::Incomplete), at)));
        };
        self.rest = rest;
        Some(match refusal {
            Some(kind) => Err(Error::new(kind, at)),
            None => Ok(Frame::new(header, body, input, rest)),
        })
    }
}

impl<V: Dialect> core::iter::FusedIterator for Frames<'_, V> {}

/// Why a frame with this header is rejected, if it is.
#[inline]
pub(crate) fn refusal<V: Dialect>(version: V, limits: &Limits, header: &Header) -> Option<ErrorKind> {
    if header.payload_len <= limits.least() {
        return None;
    }
    let most = limits.payload_of(PacketId::from_wire(version, header.id));
    if header.payload_len > most { Some(ErrorKind::FrameTooLarge) } else { None }
}

/// The part of `scratch` that this packet may be inflated into, by the limits.
pub(crate) fn allowed_scratch<'s, V: Dialect>(
    version: V,
    limits: &Limits,
    id: u16,
    scratch: &'s mut [u8],
) -> &'s mut [u8] {
    let most = limits.inflated_of(PacketId::from_wire(version, id)).min(scratch.len());
    scratch.split_at_mut_checked(most).map(|(allowed, _)| allowed).unwrap_or_default()
}

/// Whether a payload of this length is compressed by default when it is written.
#[inline(always)]
pub(crate) fn is_compressed_when_written<V: Dialect>(version: V, payload_len: usize) -> bool {
    /// Longer payloads are compressed, if the header has a flag.
    const THRESHOLD: usize = 150;
    // The length first: it is cheaper to check, and short payloads do not depend on more of the version.
    !version.has_long_header() || (payload_len > THRESHOLD && version.compresses_long_payloads())
}
