//! Streams in pieces.

use super::{Broken, holds};
use crate::wire::{Cutter, Error, FrameDecoder, Framing};

/// A stream in pieces gives the frames and the errors of the whole, at the same places, and ends alike.
///
/// `pieces` are the lengths of the pieces; it is asked until the bytes are used up, and 0 stands for all that is
/// left. `buffer` is what the decoder has: what does not fit into it is refused.
///
/// # Errors
/// The law that is broken.
pub fn stream<F: Framing + Clone>(
    framing: &F,
    bytes: &[u8],
    mut pieces: impl FnMut() -> usize,
    buffer: &mut [u8],
) -> Result<(), Broken> {
    let mut whole = Whole {
        cutter: Cutter::new(framing.clone()),
        bytes,
        rest: bytes,
        position: 0,
        // A decoder sees no more at once.
        window: buffer.len(),
    };
    let mut decoder = FrameDecoder::new(framing.clone(), buffer);
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = match pieces() {
            0 => rest.len(),
            len => len.min(rest.len()),
        };
        let (mut piece, behind) = rest.split_at_checked(len).unwrap_or_default();
        rest = behind;
        while !piece.is_empty() {
            let taken = decoder.push(piece);
            piece = piece.get(taken..).unwrap_or_default();
            let mut given = 0usize;
            while let Some(frame) = decoder.next_frame() {
                given = given.saturating_add(1);
                let expected = whole.next();
                let law = "a stream in pieces gives the frames of the whole";
                holds(expected == Some(frame), law, whole.position)?;
                let at = usize::try_from(decoder.frame_position()).unwrap_or(usize::MAX);
                holds(at == whole.position, "a decoder knows where a frame stands", at)?;
            }
            let law = "a decoder that gives nothing takes something";
            holds(taken > 0 || given > 0, law, whole.position)?;
        }
    }
    holds(whole.next().is_none(), "a stream in pieces gives all frames of the whole", whole.position)?;
    whole.pass_over();
    let law = "a stream in pieces is between frames where the whole is";
    holds(decoder.is_between_frames() == whole.cutter.is_between_frames(whole.rest), law, whole.position)?;
    holds(decoder.is_lost() == whole.cutter.is_lost(), "a stream in pieces is lost where the whole is", 0)?;
    holds(
        decoder.finish() == whole.finish(),
        "a stream in pieces ends where the whole does",
        whole.position,
    )?;
    let position = usize::try_from(decoder.position()).unwrap_or(usize::MAX);
    holds(position == bytes.len(), "a decoder has taken all when it is done", position)
}

/// Cuts the whole stream where it lies.
struct Whole<'a, F> {
    cutter: Cutter<F>,
    bytes: &'a [u8],
    /// What nobody has taken yet.
    rest: &'a [u8],
    /// Where what was given last starts.
    position: usize,
    window: usize,
}

impl<'a, F: Framing> Whole<'a, F> {
    fn pass_over(&mut self) {
        let passed = self.cutter.pass_over(self.rest);
        self.rest = self.rest.get(passed..).unwrap_or_default();
    }

    fn next(&mut self) -> Option<Result<&'a [u8], Error>> {
        self.pass_over();
        let seen = self.rest.get(..self.window).unwrap_or(self.rest);
        let next = self.cutter.next(seen, self.window)?;
        self.position = self.bytes.len().saturating_sub(self.rest.len());
        Some(next.map(|len| {
            let (frame, rest) = self.rest.split_at_checked(len).unwrap_or_default();
            self.rest = rest;
            frame
        }))
    }

    fn finish(&mut self) -> Option<Result<&'a [u8], Error>> {
        self.pass_over();
        let last = self.cutter.finish(self.rest)?;
        Some(last.map(|_| self.rest))
    }
}
