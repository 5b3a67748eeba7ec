//! `lobbywire faf transcode`

use super::frames::{Decoded, Frame, Framer, MessageSink, each_message};
use super::{Dialect, Framing};
use crate::output::Output;
use crate::report::Malformed;
use std::io::{Result, Write};
use std::path::Path;

pub(super) fn run(
    dialect: Dialect,
    to: Framing,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> Result<()> {
    let framer = Framer::new(to, dialect.mode());
    each_message(dialect, keep_going, file, out, &mut Transcode { framer })
}

struct Transcode {
    framer: Framer,
}

impl MessageSink for Transcode {
    fn message(
        &mut self,
        _: Frame<'_>,
        message: Decoded,
        out: &mut Output,
    ) -> Result<std::result::Result<(), Malformed>> {
        let frame = match &message {
            Decoded::Lobby(received) => self.framer.lobby(&received.message()),
            Decoded::Game(command) => self.framer.game(command).map(Some),
        };
        match frame {
            Ok(Some(frame)) => out.write_all(&frame)?,
            // The message is not a command to or from the game.
            Ok(None) => out.unframed(message.command(), "gpgnet")?,
            Err(malformed) => return Ok(Err(malformed)),
        }
        Ok(Ok(()))
    }
}
