//! `lobbywire faf transcode`

use super::frames::{Decoded, Framer, MessageSink, Refusal, each_message};
use super::{Dialect, Framing};
use crate::report::unframed;
use std::io::{BufWriter, Result, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(dialect: Dialect, to: Framing, keep_going: bool, file: Option<&Path>) -> Result<ExitCode> {
    let framer = Framer::new(to, dialect.mode());
    each_message(dialect, keep_going, file, &mut Transcode { framer, out: BufWriter::new(stdout().lock()) })
}

struct Transcode<W> {
    framer: Framer,
    out: W,
}

impl<W: Write> MessageSink for Transcode<W> {
    fn message(&mut self, message: Decoded) -> Result<std::result::Result<(), Refusal>> {
        let frame = match &message {
            Decoded::Lobby(received) => self.framer.lobby(&received.message()),
            Decoded::Game(command) => self.framer.game(command).map(Some),
        };
        match frame {
            Ok(Some(frame)) => self.out.write_all(&frame)?,
            // The message is not a command to or from the game.
            Ok(None) => unframed(message.command(), "gpgnet"),
            Err(refusal) => return Ok(Err(refusal)),
        }
        Ok(Ok(()))
    }

    fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }
}
