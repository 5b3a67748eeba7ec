//! The input: a file or standard input.

use crate::foreign::{self, recognize};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{Error, ErrorKind, IsTerminal, Read, Result, stderr, stdin, stdout};
use std::path::Path;

/// Smaller files are read too quickly for a progress bar. In bytes.
const LARGE: u64 = 16 << 20;

/// A file or standard input. Large files have a progress bar.
pub(crate) struct Input {
    source: Box<dyn Read>,
    /// The name for errors.
    name: String,
    bar: ProgressBar,
    unread: Option<u64>,
    /// The first bytes, until they show that the input is not of another format.
    start: Option<Vec<u8>>,
}

impl Input {
    /// Opens a file, or standard input if there is none or if it is `-`.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let start = Some(Vec::new());
        let Some(path) = file.filter(|path| *path != Path::new("-")) else {
            let (source, name) = (Box::new(stdin().lock()), "standard input".to_owned());
            return Ok(Self { source, name, bar: ProgressBar::hidden(), unread: None, start });
        };
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| named(&name, &error))?;
        let metadata = file.metadata().map_err(|error| named(&name, &error))?;
        let unread = Some(metadata.len()).filter(|_| metadata.is_file());
        Ok(Self { source: Box::new(file), name, bar: bar(metadata.len()), unread, start })
    }

    /// The number of unread bytes of a file, if known.
    pub(crate) fn unread(&self) -> Option<u64> {
        self.unread
    }

    /// Adds bytes to the start of the input, and returns an error if it is of another format.
    fn check_start(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(start) = &mut self.start else { return Ok(()) };
        let missing = foreign::LEN - start.len();
        start.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        match recognize(start) {
            Some(Err(malformed)) => return Err(Error::other(malformed)),
            Some(Ok(())) => self.start = None,
            None => {}
        }
        Ok(())
    }
}

fn named(name: &str, error: &Error) -> Error {
    Error::new(error.kind(), format!("{name}: {error}"))
}

/// A progress bar on standard error, unless the output goes to a terminal too.
fn bar(len: u64) -> ProgressBar {
    if len < LARGE || !stderr().is_terminal() || stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    bar
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = loop {
            match self.source.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.map_err(|error| named(&self.name, &error))?,
            }
        };
        self.check_start(&buffer[..count])?;
        self.unread = self.unread.map(|unread| unread.saturating_sub(count as u64));
        self.bar.inc(count as u64);
        Ok(count)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
