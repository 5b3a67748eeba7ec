//! Properties that hold for every protocol and any input, for tests, fuzz targets and dependent projects.

use super::{Deframer, Error, FrameDecoder, Framing, SliceSink};
use core::fmt;

/// What checking a property on an input that does not violate it has shown.
///
/// Tests count how often a property held, so that they fail if it silently stops applying to their inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The property applied to the input, and holds for it.
    Held,
    /// The property did not apply: the input was rejected, with an error that is itself correct, or did not fit into
    /// the buffers.
    Skipped,
}

/// A property that an input violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The property, as a sentence that is false for the input.
    pub law: &'static str,
    /// A length or an offset that helps to find the cause.
    pub at: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {})", self.law, self.at)
    }
}

impl core::error::Error for Broken {}

/// Fills buffers before they are written to, so that writes outside the expected range show.
pub(crate) const POISON: u8 = 0xa5;

pub(crate) fn holds(it_does: bool, law: &'static str, at: usize) -> Result<(), Broken> {
    if it_does { Ok(()) } else { Err(Broken { law, at }) }
}

/// The offset of an error is within the input.
pub(crate) fn is_inside<K>(error: Error<K>, len: usize) -> Result<(), Broken> {
    let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
    holds(offset <= len, "the offset of an error is within the input", offset)
}

/// Writes a value with an encoded length of `len` to the start of `buffer`. Checks that exactly `len` bytes are written,
/// that the bytes after them are untouched, and that a shorter buffer is rejected. Returns `None` if `buffer` is too
/// small.
pub(crate) fn write_counted<E>(
    buffer: &mut [u8],
    len: usize,
    write: impl Fn(&mut SliceSink<'_>) -> Result<(), E>,
) -> Result<Option<&[u8]>, Broken> {
    if len > buffer.len() {
        return Ok(None);
    }
    if let Some(short) = len.checked_sub(1).and_then(|short| buffer.get_mut(..short)) {
        holds(write(&mut SliceSink::new(short)).is_err(), "a buffer that is too short is rejected", len)?;
    }
    buffer.fill(POISON);
    let room = buffer.len();
    let mut sink = SliceSink::new(&mut *buffer);
    holds(write(&mut sink).is_ok(), "a value fits into its encoded length", len)?;
    let written = room.saturating_sub(sink.room());
    holds(written == len, "the encoded length is the number of bytes written", written)?;
    let (written, rest) = buffer.split_at_checked(len).unwrap_or_default();
    holds(rest.iter().all(|byte| *byte == POISON), "bytes after the written ones are untouched", len)?;
    Ok(Some(written))
}

/// Lengths to which an input of `len` bytes is truncated: all below 300, some 300 for longer inputs, and the last 16.
pub(crate) fn truncated_lens(len: usize) -> impl Iterator<Item = usize> {
    let step = len.checked_div(300).unwrap_or(0).saturating_add(1);
    (0..len).step_by(step).chain(len.saturating_sub(16)..len)
}

/// A stream that arrives in pieces yields the frames and errors of the whole stream, at the same positions,
/// and ends in the same state.
///
/// `pieces` returns the length of each piece, where 0 is all that remains. It is called until all bytes are
/// used. `buffer` is the decoder's buffer; frames that do not fit are rejected.
///
/// # Errors
/// The property that does not hold.
pub fn stream<F: Framing<Error: PartialEq> + Clone>(
    framing: &F,
    bytes: &[u8],
    mut pieces: impl FnMut() -> usize,
    buffer: &mut [u8],
) -> Result<Outcome, Broken> {
    let mut whole = Whole {
        deframer: Deframer::new(framing.clone()),
        bytes,
        rest: bytes,
        position: 0,
        window: buffer.len(),
    };
    let mut decoder = FrameDecoder::new(framing.clone(), buffer);
    let mut rest = bytes;
    let mut outcome = Outcome::Skipped;
    while !rest.is_empty() {
        let len = match pieces() {
            0 => rest.len(),
            len => len.min(rest.len()),
        };
        let (mut piece, later) = rest.split_at_checked(len).unwrap_or_default();
        rest = later;
        while !piece.is_empty() {
            let pushed = decoder.push(piece);
            piece = piece.get(pushed..).unwrap_or_default();
            let mut count = 0usize;
            while let Some(frame) = decoder.next_frame() {
                count = count.saturating_add(1);
                outcome = if frame.is_ok() { Outcome::Held } else { outcome };
                let expected = whole.next();
                let law = "a stream in pieces yields the frames of the whole";
                holds(expected == Some(frame), law, whole.position)?;
                let at = usize::try_from(decoder.frame_position()).unwrap_or(usize::MAX);
                holds(at == whole.position, "frame_position is the position of the frame", at)?;
            }
            let law = "a decoder without a complete frame accepts bytes";
            holds(pushed > 0 || count > 0, law, whole.position)?;
        }
    }
    holds(whole.next().is_none(), "a stream in pieces yields all frames of the whole", whole.position)?;
    whole.skip();
    let law = "is_between_frames is the same in pieces and whole";
    holds(decoder.is_between_frames() == whole.deframer.is_between_frames(whole.rest), law, whole.position)?;
    holds(decoder.is_lost() == whole.deframer.is_lost(), "is_lost is the same in pieces and whole", 0)?;
    holds(decoder.finish() == whole.finish(), "finish is the same in pieces and whole", whole.position)?;
    let position = usize::try_from(decoder.position()).unwrap_or(usize::MAX);
    holds(position == bytes.len(), "a finished decoder has consumed all bytes", position)?;
    Ok(outcome)
}

/// Deframes the whole stream in place.
struct Whole<'a, F> {
    deframer: Deframer<F>,
    bytes: &'a [u8],
    rest: &'a [u8],
    /// The position of the last frame or error.
    position: usize,
    /// The size of the decoder's buffer: as much as the framing may inspect at once.
    window: usize,
}

impl<'a, F: Framing> Whole<'a, F> {
    fn skip(&mut self) {
        let skipped = self.deframer.skip(self.rest);
        self.rest = self.rest.get(skipped..).unwrap_or_default();
    }

    fn next(&mut self) -> Option<Result<&'a [u8], F::Error>> {
        self.skip();
        let seen = self.rest.get(..self.window).unwrap_or(self.rest);
        let next = self.deframer.next(seen, self.window)?;
        self.position = self.bytes.len().saturating_sub(self.rest.len());
        Some(next.map(|len| {
            let (frame, rest) = self.rest.split_at_checked(len).unwrap_or_default();
            self.rest = rest;
            frame
        }))
    }

    fn finish(&mut self) -> Option<Result<&'a [u8], F::Error>> {
        self.skip();
        let last = self.deframer.finish(self.rest)?;
        Some(last.map(|_| self.rest))
    }
}
