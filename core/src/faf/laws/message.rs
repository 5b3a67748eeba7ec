//! Lobby messages, in blocks and in lines.

use super::command::over_json;
use super::json::is_same;
use super::{Broken, Buffers, cuts, holds, is_inside, write_counted};
use crate::faf::qdatastream::{self, Blocks};
use crate::faf::simple_json::{self, Lines};
use crate::faf::{Message, Mode, WriteError};
use crate::wire::{Counter, Deframed, Error, ErrorKind, Framing};

/// As much of a scratch buffer as is said to be enough.
fn scratch(buffer: &mut [u8], enough: usize) -> (&mut [u8], bool) {
    let has_enough = buffer.len() >= enough;
    let len = buffer.len().min(enough);
    (buffer.get_mut(..len).unwrap_or_default(), has_enough)
}

/// An error is in the input, and none that scratch is short where it is not.
fn refused(error: Error, len: usize, has_enough: bool) -> Result<(), Broken> {
    let law = "a scratch buffer that is said to be enough is enough";
    holds(error.kind != ErrorKind::ScratchTooSmall || !has_enough, law, len)?;
    is_inside(error, len)
}

/// Any bytes as a block: a message or an error in them; what strict reads is the same to lenient. What was read is
/// written in as many bytes as counted, none behind them is touched, and is read again as the same message; cut
/// short it is an error.
///
/// # Errors
/// The law that is broken.
pub fn block(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let Buffers { read, written, read_again, written_again } = buffers;
    let len = bytes.len();
    let enough = |mode: Mode| qdatastream::scratch_len(len, mode);
    let (room, has_enough) = scratch(read, enough(mode));
    let message = match qdatastream::read(bytes, mode, room) {
        Ok(read) => read.message,
        Err(error) => {
            let (room, _) = scratch(read_again, enough(Mode::Strict));
            let strict = qdatastream::read(bytes, Mode::Strict, room);
            holds(strict.is_err() || !has_enough, "what strict reads lenient reads too", len)?;
            return refused(error, len, has_enough);
        }
    };
    let (room, has_enough) = scratch(read_again, enough(Mode::Strict));
    if let Ok(strict) = qdatastream::read(bytes, Mode::Strict, room) {
        holds(
            !strict.is_truncated && strict.message == message,
            "what strict reads is the same to lenient",
            len,
        )?;
    } else {
        holds(mode.is_lenient() || !has_enough, "what was read is read again", len)?;
    }

    let mut counted = Counter::default();
    match qdatastream::write(&mut counted, &message, mode) {
        Ok(()) => {}
        Err(error) => {
            let says_more = message.json().members().count() > 1;
            let is_right = error == WriteError::ExtraKeys && mode == Mode::Strict && says_more;
            return holds(is_right, "what was read can be written", len);
        }
    }
    let frame = write_counted(written, counted.0, |out| qdatastream::write(out, &message, mode))?;
    let Some(frame) = frame else { return Ok(()) };
    let law = "what is written is one frame";
    holds(Blocks::new(mode).deframe(frame, 0) == Deframed::Frame(frame.len()), law, frame.len())?;
    for cut in cuts(frame.len()) {
        let short = frame.get(..cut).unwrap_or_default();
        let read = qdatastream::read(short, mode, read_again);
        holds(read.is_err(), "a block that is cut short is an error", cut)?;
    }
    let as_json =
        write_counted(written_again, counted.0, |out| qdatastream::write(out, &message.json(), mode))?;
    let is_same_frame = as_json.is_none_or(|as_json| as_json == frame);
    holds(is_same_frame, "a message is written as the JSON that it is", frame.len())?;
    let again = match qdatastream::read(frame, mode, read_again) {
        Ok(again) => again.message,
        Err(error) => return holds(error.kind == ErrorKind::ScratchTooSmall, "what is written is read", len),
    };
    let is_word = frame.len() == 16;
    same_messages(message, again, is_word)?;
    let second = write_counted(written_again, counted.0, |out| qdatastream::write(out, &again, mode))?;
    let is_unchanged = second.is_none_or(|second| second == frame);
    holds(is_unchanged, "what is written is written again unchanged", frame.len())?;
    if message.is_for_game() {
        over_json(&message, mode, (read_again, written, written_again))?;
    }
    Ok(())
}

/// Any bytes as a line, as with [`block`].
///
/// # Errors
/// The law that is broken.
pub fn line(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let Buffers { read, written, read_again, written_again } = buffers;
    let len = bytes.len();
    let (room, has_enough) = scratch(read, simple_json::scratch_len(len, mode));
    let strict = simple_json::read(bytes, Mode::Strict, &mut []);
    let message = match simple_json::read(bytes, mode, room) {
        Ok(Some(message)) => message,
        Ok(None) => {
            let is_blank = bytes.iter().all(|byte| matches!(byte, b'\t'..=b'\r' | b' '));
            return holds(is_blank && mode.is_lenient(), "a line is passed over where it is empty", len);
        }
        Err(error) => {
            holds(strict.is_err(), "what strict reads lenient reads too", len)?;
            return refused(error, len, has_enough);
        }
    };
    match strict {
        Ok(strict) => holds(strict == Some(message), "what strict reads is the same to lenient", len)?,
        Err(_) => holds(mode.is_lenient(), "what was read is read again", len)?,
    }

    let mut counted = Counter::default();
    holds(simple_json::write(&mut counted, &message).is_ok(), "what was read can be written", len)?;
    let frame = write_counted(written, counted.0, |out| simple_json::write(out, &message))?;
    let Some(frame) = frame else { return Ok(()) };
    let law = "what is written is one frame";
    holds(Lines::new(mode).deframe(frame, 0) == Deframed::Frame(frame.len()), law, frame.len())?;
    // Without its end it is a whole message yet.
    for cut in cuts(frame.len().saturating_sub(1)) {
        let short = frame.get(..cut).unwrap_or_default();
        let is_nothing = !matches!(simple_json::read(short, mode, read_again), Ok(Some(_)));
        holds(is_nothing, "a line that is cut short is no message", cut)?;
    }
    let again = match simple_json::read(frame, mode, read_again) {
        Ok(Some(again)) => again,
        _ => return Err(Broken { law: "what is written is read", at: frame.len() }),
    };
    same_messages(message, again, false)?;
    let second = write_counted(written_again, counted.0, |out| simple_json::write(out, &again))?;
    let is_unchanged = second.is_none_or(|second| second == frame);
    holds(is_unchanged, "what is written is written again unchanged", frame.len())?;
    if message.is_for_game() {
        over_json(&message, mode, (read_again, written, written_again))?;
    }
    Ok(())
}

/// Whether what was read again is what was read. A word says the command and nothing else.
fn same_messages(one: Message<'_>, other: Message<'_>, is_word: bool) -> Result<(), Broken> {
    let len = one.json().text().len();
    let again = Message::restore(one.json().text(), one.index());
    holds(again == Some(one), "a message that was read is found again in its text", len)?;
    holds(one.command() == other.command(), "a message keeps its command", len)?;
    if is_word {
        return Ok(());
    }
    holds(one.target() == other.target(), "a message keeps its target", len)?;
    let law = "a message is routed by the last command";
    holds(one.json().get("command").is_some_and(|last| last.as_text() == Some(one.command())), law, len)?;
    holds(is_same(one.json(), other.json()), "what is written is the same message", len)
}
