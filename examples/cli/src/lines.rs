//! Lines of JSON that become frames, for the commands that make some.

use crate::input::Input;
use crate::report::Malformed;
use std::io::{BufRead, BufReader, BufWriter, Read, Result, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

/// More than the largest packet that is read again, several times over.
const LONGEST: u64 = 64 << 20;

/// Gives each line of a file or of standard input to `frame`, with its offset, which writes its frames or says
/// what is wrong with it.
pub(crate) fn each_line(
    keep_going: bool,
    file: Option<&Path>,
    mut frame: impl FnMut(&[u8], u64, &mut dyn Write) -> Result<std::result::Result<(), Malformed>>,
) -> Result<ExitCode> {
    let mut input = BufReader::new(Input::open(file)?);
    let mut out = BufWriter::new(stdout().lock());
    let (mut line, mut offset, mut all_was_well) = (Vec::new(), 0u64, true);
    loop {
        line.clear();
        if input.buffer().is_empty() {
            // The next line may be long in coming.
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
            all_was_well = false;
            if !keep_going {
                break;
            }
        }
        offset += count as u64;
    }
    out.flush()?;
    Ok(if all_was_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
