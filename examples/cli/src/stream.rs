//! Input of the decoding commands of SignalR and FAF: the frames of a stream.

use crate::input::Input;
use crate::output::Output;
use crate::report::Malformed;
use lobbywire::wire::{FrameDecoder, Framing};
use std::io::{Read, Result, Write};
use std::path::Path;

/// The number of bytes at the start of a frame that explain why it is refused: the longest length prefix.
const PREFIX: usize = 8;

/// Reads the frames of a file or standard input, none longer than `room` bytes.
///
/// `refused` explains the framing's errors, given the first bytes of the frame. `frame` handles a frame and its offset in
/// the input, or returns what is wrong with it. Offsets of errors count from the start of the frame.
pub(crate) fn each_frame<F: Framing>(
    framing: F,
    room: usize,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
    mut refused: impl FnMut(F::Error, &[u8]) -> Malformed,
    mut frame: impl FnMut(&[u8], u64, &mut Output) -> Result<std::result::Result<(), Malformed>>,
) -> Result<()> {
    let mut input = Input::open(file)?;
    let mut decoder = FrameDecoder::new(framing, vec![0; room]);
    loop {
        let count = input.read(decoder.room())?;
        decoder.filled(count);
        loop {
            if decoder.is_skipping() {
                // Skips what has been received of a rejected frame, so that `position` is the start of the next one.
                decoder.room();
            }
            let at = decoder.position();
            let (mut prefix, len) = ([0; PREFIX], decoder.buffered().len().min(PREFIX));
            prefix[..len].copy_from_slice(&decoder.buffered()[..len]);
            let next = match decoder.next_frame() {
                None if count == 0 => decoder.finish(),
                next => next,
            };
            let Some(next) = next else { break };
            let done = match next {
                Ok(bytes) => frame(bytes, at, out)?,
                Err(error) => Err(refused(error, &prefix[..len])),
            };
            if let Err(malformed) = done {
                let offset = at + malformed.offset;
                out.malformed(&Malformed { offset, ..malformed })?;
                if !keep_going {
                    return Ok(());
                }
            }
        }
        // The next read may block: the input may be a live connection.
        out.flush()?;
        // After some errors the start of the next frame is unknown, so the remaining input cannot be decoded.
        if count == 0 || decoder.is_lost() {
            return Ok(());
        }
    }
}

/// The message for a frame above the limit, with its length if that is known.
pub(crate) fn above_limit(len: Option<u64>, limit: usize) -> String {
    match len {
        Some(len) => format!(
            "the frame of {len} bytes is above the limit of {limit}; the input may be of another format"
        ),
        None => format!("the frame is above the limit of {limit} bytes; the input may be of another format"),
    }
}
