//! Standard output and standard error, buffered.

use crate::report::Malformed;
use serde::Serialize;
use std::io::{Error, ErrorKind, Result, Write, stderr, stdout};
use std::process::ExitCode;

/// The exit code for input that is malformed.
const MALFORMED: u8 = 1;
/// The exit code for files, pipes and disks that cannot be read or written.
const IO_ERROR: u8 = 3;

/// The size in bytes at which a buffer is written.
const FULL: usize = 64 << 10;

/// What the tool writes: packets to standard output, and reports to standard error.
///
/// Both are buffered until [`flush`](Write::flush), which the commands call before they wait for more input. Packets are
/// written before the reports of errors after them.
pub(crate) struct Output {
    packets: Vec<u8>,
    reports: Vec<u8>,
    /// Whether packets and reports alternate in one file or terminal, in the order in which they occur.
    is_shared: bool,
    has_malformed: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { packets: Vec::new(), reports: Vec::new(), is_shared: is_shared(), has_malformed: false }
    }

    /// Makes the exit code that of malformed input.
    pub(crate) fn found_malformed(&mut self) {
        self.has_malformed = true;
    }

    /// Writes an object in a line to standard error.
    pub(crate) fn report(&mut self, object: &impl Serialize) -> Result<()> {
        if self.is_shared && !self.packets.is_empty() {
            self.flush()?;
        }
        serde_json::to_writer(&mut self.reports, object)?;
        self.reports.push(b'\n');
        if self.reports.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Writes what is buffered, and returns the exit code of a command that ended with this result.
    ///
    /// A closed pipe ends the program, as SIGPIPE would, but it is no error: `head` closes one.
    pub(crate) fn finish(mut self, result: Result<()>) -> ExitCode {
        let result = match result.map_err(Error::downcast::<Malformed>) {
            Ok(()) => Ok(()),
            Err(Ok(malformed)) => self.malformed(&malformed),
            Err(Err(error)) => Err(error),
        };
        let is_closed =
            |result: &Result<()>| result.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe);
        let flushed = if is_closed(&result) { Ok(()) } else { self.flush() };
        match result.and(flushed) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                // If standard error is closed, there is no place to report to.
                let _ = writeln!(stderr(), "lobbywire: {error}");
                ExitCode::from(IO_ERROR)
            }
            _ if self.has_malformed => ExitCode::from(MALFORMED),
            _ => ExitCode::SUCCESS,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.is_shared && !self.reports.is_empty() {
            self.flush()?;
        }
        self.packets.extend_from_slice(bytes);
        if self.packets.len() >= FULL {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        write_out(&mut self.packets, stdout().lock(), "standard output")?;
        write_out(&mut self.reports, stderr().lock(), "standard error")
    }
}

fn write_out(buffer: &mut Vec<u8>, mut to: impl Write, name: &str) -> Result<()> {
    if buffer.is_empty() {
        return Ok(());
    }
    let written = to.write_all(buffer).and_then(|()| to.flush());
    buffer.clear();
    written.map_err(|error| Error::new(error.kind(), format!("{name}: {error}")))
}

/// Whether standard output and standard error are the same file, pipe or terminal.
#[cfg(unix)]
fn is_shared() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let place = |stream: std::os::fd::BorrowedFd<'_>| {
        let metadata = std::fs::File::from(stream.try_clone_to_owned().ok()?).metadata().ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    place(stdout().as_fd()) == place(stderr().as_fd())
}

/// Whether standard output and standard error are the same terminal.
#[cfg(not(unix))]
fn is_shared() -> bool {
    use std::io::IsTerminal;

    stdout().is_terminal() && stderr().is_terminal()
}
