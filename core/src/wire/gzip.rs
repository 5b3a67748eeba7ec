//! Gzip (RFC 1952) without a heap: inflates into a caller's buffer, and writes stored blocks.

use super::copy::{copy, copy_within};
use super::{Error, ErrorKind, Full};

/// The largest stored block of deflate, in bytes.
const BLOCK: usize = 0xffff;
const HEADER_LEN: usize = 10;
const HEADER: [u8; HEADER_LEN] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const BLOCK_HEADER: usize = 5;
const TRAILER: usize = 8;

/// The overhead of a stored gzip member for payloads of up to 65,535 bytes: 23 bytes.
pub const GZIP_STORED_OVERHEAD: usize = HEADER_LEN + BLOCK_HEADER + TRAILER;

/// The length of a gzip member that stores a payload of `len` bytes uncompressed.
pub const fn stored_gzip_len(len: usize) -> usize {
    let blocks = if len == 0 { 1 } else { len.div_ceil(BLOCK) };
    blocks.saturating_mul(BLOCK_HEADER).saturating_add(len).saturating_add(HEADER_LEN + TRAILER)
}

/// Converts the first `len` bytes of `buffer` into an uncompressed gzip member (deflate's stored blocks), in
/// place. Returns its length.
///
/// # Errors
/// [`Full`] if the buffer is shorter than `len` or [`stored_gzip_len`]. The buffer is then unchanged.
///
/// ```
/// use lobbywire_core::wire::store_gzip;
///
/// let mut buffer = *b"four............................";
/// assert_eq!(store_gzip(&mut buffer, 4), Ok(27));
/// assert_eq!(&buffer[..2], [0x1f, 0x8b]);
/// ```
pub fn store_gzip(buffer: &mut [u8], len: usize) -> Result<usize, Full> {
    let total = stored_gzip_len(len);
    let payload = buffer.get(..len).ok_or(Full)?;
    let checksum = checksum_of(payload);
    let member = buffer.get_mut(..total).ok_or(Full)?;
    let blocks = if len == 0 { 1 } else { len.div_ceil(BLOCK) };

    // Move the blocks towards the end, the last one first.
    for index in (0..blocks).rev() {
        let from = index.saturating_mul(BLOCK);
        let until = from.saturating_add(BLOCK).min(len);
        let at = HEADER_LEN.saturating_add(index.saturating_mul(BLOCK.saturating_add(BLOCK_HEADER)));
        let size = u16::try_from(until.saturating_sub(from)).map_err(|_| Full)?;
        let is_last = u8::from(index.saturating_add(1) == blocks);
        let [a, b] = size.to_le_bytes();
        let [c, d] = (!size).to_le_bytes();
        let body = at.saturating_add(BLOCK_HEADER);
        copy_within(member, from, until.saturating_sub(from), body);
        copy(member.get_mut(at..body).ok_or(Full)?, &[is_last, a, b, c, d]);
    }
    *member.first_chunk_mut::<HEADER_LEN>().ok_or(Full)? = HEADER;

    let [a, b, c, d] = checksum.to_le_bytes();
    let [e, f, g, h] = u32::try_from(len).map_err(|_| Full)?.to_le_bytes();
    *member.last_chunk_mut::<TRAILER>().ok_or(Full)? = [a, b, c, d, e, f, g, h];
    Ok(total)
}

/// The CRC-32 of gzip.
fn checksum_of(payload: &[u8]) -> u32 {
    if !cfg!(feature = "small") {
        return crc32fast::hash(payload);
    }
    // Four bits at a time, with a table of 64 bytes. A faster version needs 16 kB.
    const TABLE: [u32; 16] = [
        0x0000_0000,
        0x1db7_1064,
        0x3b6e_20c8,
        0x26d9_30ac,
        0x76dc_4190,
        0x6b6b_51f4,
        0x4db2_6158,
        0x5005_713c,
        0xedb8_8320,
        0xf00f_9344,
        0xd6d6_a3e8,
        0xcb61_b38c,
        0x9b64_c2b0,
        0x86d3_d2d4,
        0xa00a_e278,
        0xbdbd_f21c,
    ];
    let step = |sum: u32| {
        let [low, ..] = sum.to_le_bytes();
        (sum >> 4) ^ TABLE.get(usize::from(low & 0xf)).copied().unwrap_or_default()
    };
    !payload.iter().fold(!0, |sum, byte| step(step(sum ^ u32::from(*byte))))
}

/// Inflates gzip members, one at a time, into the caller's buffers.
///
/// It has about 11 kB of state (1 kB with the feature `small`) and no window: the output buffer serves as the
/// window. Reuse it; creating one costs more than inflating most payloads.
///
/// Without the feature `gzip`, it returns [`ErrorKind::Compressed`] for every payload.
#[derive(Default)]
pub struct Inflater {
    #[cfg(all(feature = "gzip", not(feature = "small")))]
    state: miniz_oxide::inflate::core::DecompressorOxide,
    #[cfg(all(feature = "gzip", feature = "small"))]
    state: super::inflate::Inflate,
}

impl core::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

impl Inflater {
    /// Creates an inflater.
    pub fn new() -> Self {
        Self::default()
    }

    /// Inflates `member` into the start of `output` and returns the length of the result.
    ///
    /// An empty `member` is an empty payload, which some writers of gzip-era clients send.
    ///
    /// # Errors
    /// [`ErrorKind::Gzip`] unless `member` is exactly one complete member with the right length and checksum;
    /// [`ErrorKind::InflatedTooLarge`] as soon as `output` is full. The time is bounded by the two lengths.
    #[cfg(feature = "gzip")]
    pub fn inflate(&mut self, member: &[u8], output: &mut [u8]) -> Result<usize, Error> {
        if member.is_empty() {
            return Ok(0);
        }
        let malformed = |at: &[u8]| Error::new(ErrorKind::Gzip, member.len().saturating_sub(at.len()));
        let body = skip_header(member).ok_or_else(|| malformed(member))?;
        let (result, after) = self.inflate_body(body, output);
        let written = result.map_err(|kind| Error { kind, ..malformed(after) })?;
        let payload = output.get(..written).unwrap_or_default();
        let Some((checksum, [a, b, c, d])) = after.split_first_chunk::<4>() else {
            return Err(malformed(after));
        };
        let size = u32::from_le_bytes([*a, *b, *c, *d]);
        let is_whole =
            checksum_of(payload) == u32::from_le_bytes(*checksum) && u32::try_from(written) == Ok(size);
        if is_whole { Ok(written) } else { Err(malformed(after)) }
    }

    /// Inflates the deflate stream at the start of `body`. Returns the length of the result and the bytes
    /// after the stream.
    #[cfg(all(feature = "gzip", not(feature = "small")))]
    fn inflate_body<'b>(
        &mut self,
        body: &'b [u8],
        output: &mut [u8],
    ) -> (Result<usize, ErrorKind>, &'b [u8]) {
        use miniz_oxide::inflate::TINFLStatus;
        use miniz_oxide::inflate::core::{decompress, inflate_flags};

        self.state.init();
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) = decompress(&mut self.state, body, output, 0, flags);
        let result = match status {
            TINFLStatus::Done => Ok(written),
            TINFLStatus::HasMoreOutput => Err(ErrorKind::InflatedTooLarge),
            _ => Err(ErrorKind::Gzip),
        };
        (result, body.get(read..).unwrap_or_default())
    }

    /// The same, with less flash and RAM.
    #[cfg(all(feature = "gzip", feature = "small"))]
    fn inflate_body<'b>(
        &mut self,
        body: &'b [u8],
        output: &mut [u8],
    ) -> (Result<usize, ErrorKind>, &'b [u8]) {
        use super::inflate::Stop;

        let (result, after) = self.state.inflate(body, output);
        let kind = |stop| if stop == Stop::Full { ErrorKind::InflatedTooLarge } else { ErrorKind::Gzip };
        (result.map_err(kind), after)
    }

    /// Returns [`ErrorKind::Compressed`], because the feature `gzip` is disabled.
    #[cfg(not(feature = "gzip"))]
    pub fn inflate(&mut self, member: &[u8], _: &mut [u8]) -> Result<usize, Error> {
        if member.is_empty() { Ok(0) } else { Err(Error::new(ErrorKind::Compressed, 0)) }
    }
}

/// The bytes after a member's header; `None` if the header is invalid.
#[cfg(feature = "gzip")]
fn skip_header(member: &[u8]) -> Option<&[u8]> {
    const HEADER_CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;

    let ([0x1f, 0x8b, 8, flags, ..], mut rest) = member.split_first_chunk::<HEADER_LEN>()? else {
        return None;
    };
    if flags & RESERVED != 0 {
        return None;
    }
    if flags & EXTRA != 0 {
        let (len, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end.checked_add(1)?..)?;
        }
    }
    if flags & HEADER_CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

#[cfg(all(test, feature = "gzip"))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::{vec, vec::Vec};

    fn payload(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * i / 7) as u8).collect()
    }

    fn gzip(payload: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::GzBuilder::new()
            .filename("a name")
            .comment("a comment")
            .extra(vec![1, 2, 3])
            .write(Vec::new(), flate2::Compression::best());
        encoder.write_all(payload).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn stored_members_are_readable_by_flate2() {
        for len in [0, 1, 150, 65_534, 65_535, 65_536, 131_070, 200_000] {
            let payload = payload(len);
            let mut buffer = vec![0xee; stored_gzip_len(len) + 1];
            buffer[..len].copy_from_slice(&payload);
            let total = store_gzip(&mut buffer, len).unwrap();
            assert_eq!((total, buffer[total]), (stored_gzip_len(len), 0xee));
            let mut inflated = Vec::new();
            flate2::read::GzDecoder::new(&buffer[..total]).read_to_end(&mut inflated).unwrap();
            assert_eq!(inflated, payload);
            let mut ours = vec![0; len];
            assert_eq!(Inflater::new().inflate(&buffer[..total], &mut ours), Ok(len));
            assert_eq!(ours, payload);
        }
    }

    /// CRC-32 by its definition, one bit at a time.
    fn bitwise_checksum(payload: &[u8]) -> u32 {
        let shift = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        !payload.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), shift))
    }

    /// The checksum is linear, so each byte value at each position of a short payload, followed by each other
    /// byte value, covers all short payloads. Long ones use another code path and are tested separately.
    #[test]
    fn checksums_match_the_definition() {
        for number in 0..=u16::MAX {
            let bytes = number.to_le_bytes();
            assert_eq!(checksum_of(&bytes), bitwise_checksum(&bytes), "{bytes:x?}");
        }
        for byte in 0..=u8::MAX {
            for place in 0..16 {
                let mut bytes = [0; 16];
                bytes[place] = byte;
                assert_eq!(checksum_of(&bytes), bitwise_checksum(&bytes), "{bytes:x?}");
            }
        }
        for len in 0..600 {
            let payload = payload(len);
            assert_eq!(checksum_of(&payload), bitwise_checksum(&payload), "{len} bytes");
        }
    }

    #[test]
    fn a_buffer_that_is_too_short_is_rejected_and_unchanged() {
        let mut buffer = [7u8; 26];
        assert_eq!(store_gzip(&mut buffer, 4), Err(Full));
        assert_eq!(store_gzip(&mut buffer, 27), Err(Full));
        assert_eq!(buffer, [7; 26]);
    }

    #[test]
    fn members_of_flate2_are_readable_and_the_inflater_is_reusable() {
        let mut inflater = Inflater::new();
        let mut output = vec![0xee; 70_001];
        for len in [0, 1, 150, 70_000] {
            let payload = payload(len);
            assert_eq!(inflater.inflate(&gzip(&payload), &mut output), Ok(len));
            assert_eq!(output[..len], payload);
        }
        assert_eq!(inflater.inflate(&[], &mut output), Ok(0));
    }

    #[test]
    fn truncations_and_flipped_bits_never_change_the_payload() {
        let payload = payload(300);
        let member = gzip(&payload);
        let mut inflater = Inflater::new();
        let mut output = vec![0; 300];
        for end in 1..member.len() {
            assert_eq!(inflater.inflate(&member[..end], &mut output).unwrap_err().kind, ErrorKind::Gzip);
        }
        for bit in 0..member.len() * 8 {
            let mut flipped = member.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if inflater.inflate(&flipped, &mut output).is_ok() {
                assert_eq!(output, payload, "bit {bit}");
            }
        }
        let mut trailing = member;
        trailing.push(0);
        assert_eq!(inflater.inflate(&trailing, &mut output).unwrap_err().kind, ErrorKind::Gzip);
    }

    #[test]
    fn inflating_stops_when_the_output_is_full() {
        let bomb = gzip(&vec![0; 1 << 24]);
        let mut output = [0; 1000];
        let error = Inflater::new().inflate(&bomb, &mut output).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InflatedTooLarge);
    }
}
