//! Input of the encoding commands: lines of JSON.

use crate::input::Input;
use crate::output::Output;
use crate::report::Malformed;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::path::Path;

/// The longest line in bytes. A multiple of what the largest packet needs.
const LONGEST: u64 = 64 << 20;

/// A line of the input that is not empty.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The line without its end.
    pub(crate) bytes: &'a [u8],
    /// Bytes from the start of the input.
    pub(crate) offset: u64,
    /// The number of the line, from 1.
    pub(crate) number: u64,
}

/// Calls `frame` with each line of the input. `frame` writes the frames of the line, or returns what is wrong with it.
pub(crate) fn each_line(
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
    mut frame: impl FnMut(Line<'_>, &mut Output) -> Result<std::result::Result<(), Malformed>>,
) -> Result<()> {
    let mut input = BufReader::new(Input::open(file)?);
    let (mut text, mut offset, mut number) = (Vec::new(), 0u64, 0);
    loop {
        text.clear();
        if input.buffer().is_empty() {
            // The next read may block.
            out.flush()?;
        }
        let count = (&mut input).take(LONGEST).read_until(b'\n', &mut text)?;
        if count == 0 {
            return Ok(());
        }
        number += 1;
        let bytes = text.trim_ascii_end();
        if !bytes.is_empty()
            && let Err(malformed) = frame(Line { bytes, offset, number }, out)?
        {
            out.malformed(&malformed)?;
            if !keep_going {
                return Ok(());
            }
        }
        offset += count as u64;
    }
}

/// Removes line and column from a message of serde_json. The report has the offset in the input instead.
pub(crate) fn without_place(error: &str) -> &str {
    error.rsplit_once(" at line ").map_or(error, |(error, _)| error)
}
