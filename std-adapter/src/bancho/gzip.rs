//! Gzip compression, and inflating into allocated memory.

use super::Frame;
use crate::wire::{Error, ErrorKind, Full, Inflater};
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::fmt;

const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const TRAILER: usize = 8;

/// The largest expansion of deflate, which encodes 258 bytes in two bits.
const MOST_PER_BYTE: usize = 1032;

/// Compresses payloads as gzip.
///
/// Its state takes some 300 kB. Reuse it: creating one costs more than compressing most payloads.
/// [`Outbox`](super::Outbox) shares one per thread.
///
/// ```
/// use lobbywire::bancho::Gzip;
///
/// let mut member = [0; 64];
/// let len = Gzip::new().compress(&[7; 1000], &mut member)?;
/// assert_eq!(member[..2], [0x1f, 0x8b]);
/// assert!(len < 50);
/// # Ok::<(), lobbywire::wire::Full>(())
/// ```
pub struct Gzip {
    state: Compress,
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gzip").finish_non_exhaustive()
    }
}

impl Default for Gzip {
    fn default() -> Self {
        Self::new()
    }
}

impl Gzip {
    /// A compressor with deflate's default level.
    pub fn new() -> Self {
        Self { state: Compress::new(Compression::default(), false) }
    }

    /// Writes `payload` as one gzip member to the start of `output`. Returns the length of the member.
    ///
    /// # Errors
    /// [`Full`] if the member does not fit; `output` then contains a part of it. Pass a short `output` to accept
    /// only members that are shorter than the payload.
    pub fn compress(&mut self, payload: &[u8], output: &mut [u8]) -> Result<usize, Full> {
        let (header, rest) = output.split_first_chunk_mut().ok_or(Full)?;
        let room = rest.len().checked_sub(TRAILER).ok_or(Full)?;
        let body = rest.get_mut(..room).ok_or(Full)?;
        self.state.reset();
        let Ok(Status::StreamEnd) = self.state.compress(payload, body, FlushCompress::Finish) else {
            return Err(Full);
        };
        let len = usize::try_from(self.state.total_out()).map_err(|_| Full)?;
        let mut checksum = Crc::new();
        checksum.update(payload);
        let (sum, amount) = (checksum.sum().to_le_bytes(), checksum.amount().to_le_bytes());
        *header = HEADER;
        let trailer = rest.get_mut(len..).and_then(|rest| rest.first_chunk_mut()).ok_or(Full)?;
        *trailer = [sum, amount].concat().try_into().unwrap_or([0; TRAILER]);
        Ok(HEADER.len() + len + TRAILER)
    }
}

/// The payload of a compressed frame, of at most `limit` bytes.
///
/// A gzip member ends with its inflated length, so that the memory can be allocated at once. A length that a
/// member of this size cannot inflate to is rejected before allocating. A member that inflates to another length
/// is malformed.
pub(crate) fn inflate(frame: &Frame<'_>, inflater: &mut Inflater, limit: usize) -> Result<Bytes, Error> {
    let (body, header_len) = (frame.body, frame.header_len());
    let claimed = body.last_chunk().map_or(0, |len| u32::from_le_bytes(*len));
    let claimed = usize::try_from(claimed).unwrap_or(usize::MAX);
    if claimed > body.len().saturating_mul(MOST_PER_BYTE) {
        return Err(Error::new(ErrorKind::Gzip, header_len));
    }
    if claimed > limit {
        return Err(Error::new(ErrorKind::InflatedTooLarge, header_len));
    }
    let mut payload = vec![0; claimed];
    match frame.payload(inflater, &mut payload) {
        Ok(inflated) if inflated.len() == claimed => Ok(payload.into()),
        Ok(inflated) => Ok(Bytes::copy_from_slice(inflated)),
        // The member inflates to more than its stated length.
        Err(mut error) if error.kind == ErrorKind::InflatedTooLarge => {
            error.kind = ErrorKind::Gzip;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        let step = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(step).collect()
    }

    fn frame(body: &[u8]) -> Frame<'_> {
        Frame { wire_id: 0, is_compressed: true, body, bytes: body }
    }

    #[test]
    fn compressed_members_are_readable_by_flate2_and_the_core() {
        let (mut gzip, mut inflater) = (Gzip::new(), Inflater::new());
        for payload in [vec![], vec![1], vec![7; 1000], noise(70_000), noise(151)] {
            let mut member = vec![0xee; payload.len() + payload.len() / 100 + 64];
            let len = gzip.compress(&payload, &mut member).unwrap();
            let mut theirs = Vec::new();
            flate2::read::GzDecoder::new(&member[..len]).read_to_end(&mut theirs).unwrap();
            assert_eq!(theirs, payload);
            let ours = inflate(&frame(&member[..len]), &mut inflater, payload.len()).unwrap();
            assert_eq!(ours, payload);
        }
    }

    #[test]
    fn a_reused_compressor_writes_the_same_as_a_new_one() {
        let payload = noise(500);
        let mut used = Gzip::new();
        let (mut first, mut second) = ([0; 600], [0; 600]);
        for short in 0..500 {
            assert_eq!(used.compress(&payload, &mut first[..short]), Err(Full));
        }
        let len = used.compress(&payload, &mut first).unwrap();
        assert_eq!(Gzip::new().compress(&payload, &mut second), Ok(len));
        assert_eq!(first[..len], second[..len]);
        assert_eq!(used.compress(&payload, &mut first[..len]), Ok(len));
        assert_eq!(used.compress(&payload, &mut first[..len - 1]), Err(Full));
    }

    #[test]
    fn members_with_a_wrong_length_are_rejected() {
        let mut member = [0; 100];
        let len = Gzip::new().compress(&[7; 1000], &mut member).unwrap();
        let kind =
            |member: &[u8], limit| inflate(&frame(member), &mut Inflater::new(), limit).unwrap_err().kind;
        assert_eq!(kind(&member[..len], 999), ErrorKind::InflatedTooLarge);
        for lie in [0u32, 999, 1001, u32::MAX] {
            member[len - 4..len].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(kind(&member[..len], 1 << 20), ErrorKind::Gzip, "{lie}");
        }
        assert_eq!(kind(&[1], 1 << 20), ErrorKind::Gzip);
        assert_eq!(inflate(&frame(&[]), &mut Inflater::new(), 0), Ok(Bytes::new()));
    }
}
