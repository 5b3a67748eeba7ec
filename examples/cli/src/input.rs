//! Where the tool reads from.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{IsTerminal, Read, Result, stderr, stdin, stdout};
use std::path::Path;

/// Files below this are read before a bar could be looked at.
const LARGE: u64 = 16 << 20;

/// A file or standard input, with a progress bar where somebody waits for a large file.
pub(crate) struct Input {
    source: Box<dyn Read>,
    bar: ProgressBar,
}

impl Input {
    /// Opens a file, or standard input without one.
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

/// A bar on standard error, unless packets are shown on the same terminal.
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
