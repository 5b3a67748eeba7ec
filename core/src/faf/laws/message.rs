//! Lobby messages, as blocks of QDataStream and as lines of JSON.

use super::command::over_json;
use super::json::is_same;
use super::{Broken, Buffers, Outcome, holds, is_inside, truncated_lens, write_counted};
use crate::faf::qdatastream::{self, Blocks};
use crate::faf::simple_json::{self, Lines};
use crate::faf::{Error, Message, Mode, WriteError};
use crate::wire::{Counter, Deframed, ErrorKind, Framing, Json, JsonKind, JsonText};

/// The part of a buffer that is documented to be a large enough scratch buffer, and whether there is as much.
fn scratch(buffer: &mut [u8], enough: usize) -> (&mut [u8], bool) {
    let has_enough = buffer.len() >= enough;
    let len = buffer.len().min(enough);
    (buffer.get_mut(..len).unwrap_or_default(), has_enough)
}

/// The error's offset is within the input, and it is not `ScratchTooSmall` if the scratch buffer has the documented size.
fn rejected(error: Error, len: usize, has_enough: bool) -> Result<Outcome, Broken> {
    let law = "scratch_len is enough";
    holds(error.kind != ErrorKind::ScratchTooSmall.into() || !has_enough, law, len)?;
    is_inside(error, len)?;
    Ok(Outcome::Skipped)
}

/// Reads the input as a block. A message that strict mode accepts is the same in lenient mode. A message writes and
/// reads unchanged, in exactly its encoded length; if it is truncated, it is an error.
///
/// # Errors
/// The property that the input violates.
pub fn block(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let Buffers { read, written, read_again, written_again } = buffers;
    let len = bytes.len();
    let enough = |mode: Mode| qdatastream::scratch_len(len, mode);
    let (room, has_enough) = scratch(read, enough(mode));
    let message = match qdatastream::read(bytes, mode, room) {
        Ok(read) => read.message,
        Err(error) => {
            let (room, _) = scratch(read_again, enough(Mode::Strict));
            let strict = qdatastream::read(bytes, Mode::Strict, room);
            holds(strict.is_err() || !has_enough, "lenient mode accepts what strict mode accepts", len)?;
            return rejected(error, len, has_enough);
        }
    };
    let (room, has_enough) = scratch(read_again, enough(Mode::Strict));
    if let Ok(strict) = qdatastream::read(bytes, Mode::Strict, room) {
        holds(
            !strict.is_truncated && strict.message == message,
            "strict and lenient mode read the same message",
            len,
        )?;
    } else {
        holds(mode.is_lenient() || !has_enough, "strict mode accepts what it accepted before", len)?;
    }

    let mut counted = Counter::default();
    match qdatastream::write(&mut counted, &message, mode) {
        Ok(()) => {}
        Err(error) => {
            let says_more = message.json().members().count() > 1;
            let is_right = error == WriteError::ExtraKeys && mode == Mode::Strict && says_more;
            holds(is_right, "a message that was read can be written", len)?;
            return Ok(Outcome::Skipped);
        }
    }
    let frame = write_counted(written, counted.0, |out| qdatastream::write(out, &message, mode))?;
    let Some(frame) = frame else { return Ok(Outcome::Skipped) };
    let law = "a message is written as one frame";
    holds(Blocks::new(mode).deframe(frame, 0) == Deframed::Frame(frame.len()), law, frame.len())?;
    for cut in truncated_lens(frame.len()) {
        let short = frame.get(..cut).unwrap_or_default();
        let read = qdatastream::read(short, mode, read_again);
        holds(read.is_err(), "a truncated block is an error", cut)?;
    }
    let as_json =
        write_counted(written_again, counted.0, |out| qdatastream::write(out, &message.json(), mode))?;
    let is_same_frame = as_json.is_none_or(|as_json| as_json == frame);
    holds(is_same_frame, "a message is written as its JSON is", frame.len())?;
    let again = match qdatastream::read(frame, mode, read_again) {
        Ok(again) => again.message,
        Err(error) => {
            holds(
                error.kind == ErrorKind::ScratchTooSmall.into(),
                "a message that was written can be read",
                len,
            )?;
            return Ok(Outcome::Skipped);
        }
    };
    let is_word = frame.len() == 16;
    same_messages(message, again, is_word)?;
    let second = write_counted(written_again, counted.0, |out| qdatastream::write(out, &again, mode))?;
    let is_unchanged = second.is_none_or(|second| second == frame);
    holds(is_unchanged, "a message that was written and read is written unchanged", frame.len())?;
    if message.is_for_game() {
        over_json(&message, mode, (read_again, written, written_again))?;
    }
    Ok(Outcome::Held)
}

/// Reads the input as a line, with the properties of [`block`].
///
/// # Errors
/// The property that the input violates.
pub fn line(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let Buffers { read, written, read_again, written_again } = buffers;
    let len = bytes.len();
    let (room, has_enough) = scratch(read, simple_json::scratch_len(len, mode));
    let strict = simple_json::read(bytes, Mode::Strict, &mut []);
    let message = match simple_json::read(bytes, mode, room) {
        Ok(Some(message)) => message,
        Ok(None) => {
            let is_blank = bytes.iter().all(|byte| matches!(byte, b'\t'..=b'\r' | b' '));
            holds(is_blank && mode.is_lenient(), "only blank lines are skipped, in lenient mode", len)?;
            return Ok(Outcome::Skipped);
        }
        Err(error) => {
            holds(strict.is_err(), "lenient mode accepts what strict mode accepts", len)?;
            let json = Json::from_utf8(bytes, mode.json()).ok();
            let is_object = json.is_some_and(|json| json.kind() == JsonKind::Object);
            let law = "lenient mode accepts every object";
            holds(!is_object || !mode.is_lenient() || !has_enough, law, len)?;
            return rejected(error, len, has_enough);
        }
    };
    match strict {
        Ok(strict) => holds(strict == Some(message), "strict and lenient mode read the same message", len)?,
        Err(_) => holds(mode.is_lenient(), "strict mode accepts what it accepted before", len)?,
    }

    let mut counted = Counter::default();
    holds(simple_json::write(&mut counted, &message).is_ok(), "a message that was read can be written", len)?;
    let frame = write_counted(written, counted.0, |out| simple_json::write(out, &message))?;
    let Some(frame) = frame else { return Ok(Outcome::Skipped) };
    let law = "a message is written as one frame";
    holds(Lines::new(mode).deframe(frame, 0) == Deframed::Frame(frame.len()), law, frame.len())?;
    // Without its line feed it is still a whole message.
    for cut in truncated_lens(frame.len().saturating_sub(1)) {
        let short = frame.get(..cut).unwrap_or_default();
        let is_rejected = !matches!(simple_json::read(short, mode, read_again), Ok(Some(_)));
        holds(is_rejected, "a truncated line is no message", cut)?;
    }
    let again = match simple_json::read(frame, mode, read_again) {
        Ok(Some(again)) => again,
        _ => return Err(Broken { law: "a message that was written can be read", at: frame.len() }),
    };
    same_messages(message, again, false)?;
    let second = write_counted(written_again, counted.0, |out| simple_json::write(out, &again))?;
    let is_unchanged = second.is_none_or(|second| second == frame);
    holds(is_unchanged, "a message that was written and read is written unchanged", frame.len())?;
    if message.is_for_game() {
        over_json(&message, mode, (read_again, written, written_again))?;
    }
    Ok(Outcome::Held)
}

/// Both messages are the same. A word (`PING`, `PONG`) carries a command and nothing else.
fn same_messages(one: Message<'_>, other: Message<'_>, is_word: bool) -> Result<(), Broken> {
    let len = one.json().text().len();
    let again = Message::restore(one.json().text(), one.index());
    holds(again == Some(one), "restore returns the message from its text", len)?;
    holds(one.command() == other.command(), "a message is read back with its command", len)?;
    if is_word {
        return Ok(());
    }
    holds(one.target() == other.target(), "a message is read back with its target", len)?;
    let command = one.json().get("command").and_then(|command| command.as_text());
    let law = "the command is the last member of that name, or empty";
    holds(
        command.unwrap_or(JsonText::EMPTY) == one.command() && command.is_some() == one.has_command(),
        law,
        len,
    )?;
    holds(is_same(one.json(), other.json()), "a message is read back as it was written", len)
}
