//! Input of the encoding commands: lines of JSON.

use crate::input::Input;
use crate::report::Malformed;
use std::io::{BufRead, BufReader, BufWriter, Read, Result, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

/// The longest line in bytes. A multiple of what the largest packet needs.
const LONGEST: u64 = 64 << 20;

/// Calls `frame` with each line of the input and its offset in bytes. `frame` writes the frames of the line, or returns what is
/// wrong with it.
pub(crate) fn each_line(
    keep_going: bool,
    file: Option<&Path>,
    mut frame: impl FnMut(&[u8], u64, &mut dyn Write) -> Result<std::result::Result<(), Malformed>>,
) -> Result<ExitCode> {
    let mut input = BufReader::new(Input::open(file)?);
    let mut out = BufWriter::new(stdout().lock());
    let (mut line, mut offset, mut is_valid) = (Vec::new(), 0u64, true);
    loop {
        line.clear();
        if input.buffer().is_empty() {
            // The next read may block.
            out.flush()?;
        }
        let count = (&mut input).take(LONGEST).read_until(b'\n', &mut line)?;
        if count == 0 {
            break;
        }
        if !line.trim_ascii().is_empty()
            && let Err(malformed) = frame(&line, offset, &mut out)?
        {
            out.flush()?;
            malformed.report();
            is_valid = false;
            if !keep_going {
                break;
            }
        }
        offset += count as u64;
    }
    out.flush()?;
    Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
