//! The input: a file or standard input.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{IsTerminal, Read, Result, stderr, stdin, stdout};
use std::path::Path;

/// Smaller files are read too quickly for a progress bar. In bytes.
const LARGE: u64 = 16 << 20;

/// A file or standard input. Large files have a progress bar.
pub(crate) struct Input {
    source: Box<dyn Read>,
    bar: ProgressBar,
}

impl Input {
    /// Opens a file, or standard input if there is none.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let Some(path) = file else {
            return Ok(Self { source: Box::new(stdin().lock()), bar: ProgressBar::hidden() });
        };
        let named =
            |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let file = File::open(path).map_err(named)?;
        let len = file.metadata().map_err(named)?.len();
        Ok(Self { source: Box::new(file), bar: bar(len) })
    }
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
        let count = self.source.read(buffer)?;
        self.bar.inc(count as u64);
        Ok(count)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
