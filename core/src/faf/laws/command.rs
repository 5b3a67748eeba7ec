//! GPGNet commands, in binary form and in lobby messages.

use super::{Broken, Buffers, Outcome, holds, is_inside, truncated_lens, write_counted};
use crate::faf::gpgnet::{
    Arg, Args, Command, FromArgs, Limits, Message, Messages, OverJson, adapter, args_of, game, server, write,
};
use crate::faf::{Body, ErrorKind, Message as LobbyMessage, Mode, WriteError};
use crate::wire::{self, Counter, Deframed, Framing, Skip};

/// Reads the input as a command. The framing accepts and rejects the same input, and a command that strict mode accepts
/// is the same in lenient mode. A command is written as the bytes it was read from; truncated, it is an error. As JSON
/// and with typed arguments it is the same command.
///
/// # Errors
/// The property that the input violates.
pub fn gpgnet(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let len = bytes.len();
    let mut framing = Messages::new(mode);
    let framed = if bytes.is_empty() { Deframed::Missing(1) } else { framing.deframe(bytes, 0) };
    let strict = Message::read(bytes, Mode::Strict);
    let read = Message::read(bytes, mode);
    holds(strict.is_err() || strict == read, "strict and lenient mode read the same command", len)?;
    let message = match read {
        Ok(message) => message,
        Err(error) => {
            is_inside(error, len)?;
            let is_same = match (error.kind, framed) {
                (ErrorKind::Wire(wire::ErrorKind::Truncated), Deframed::Missing(count)) => count > 0,
                (ErrorKind::Wire(wire::ErrorKind::TrailingBytes), Deframed::Frame(len)) => {
                    usize::try_from(error.offset) == Ok(len)
                }
                // Invalid text affects only its own command. More can be malformed after it.
                (ErrorKind::Wire(wire::ErrorKind::Utf8), _) => true,
                (_, Deframed::Refused(refused, Skip::Rest)) => refused == error,
                _ => false,
            };
            let law = "the framing rejects what the reader rejects";
            holds(is_same || len > Limits::USUAL.message, law, len)?;
            return Ok(Outcome::Skipped);
        }
    };
    holds(
        framed == Deframed::Frame(len) || len > Limits::USUAL.message,
        "the framing accepts what the reader accepts",
        len,
    )?;
    let mut counted = Counter::default();
    holds(write(&mut counted, &message).is_ok(), "a command that was read can be written", len)?;
    holds(counted.0 == len, "the encoded length is that of the input", counted.0)?;
    let Some(written) = write_counted(buffers.written, len, |out| write(out, &message))? else {
        return Ok(Outcome::Skipped);
    };
    holds(written == bytes, "a command is written as the bytes it was read from", len)?;
    holds(message.args().count() == message.args().len(), "len is the number of arguments", len)?;
    for cut in truncated_lens(len) {
        let short = bytes.get(..cut).unwrap_or_default();
        let kind = Message::read(short, mode).map(drop).map_err(|error| error.kind);
        holds(kind == Err(wire::ErrorKind::Truncated.into()), "a truncated command is an error", cut)?;
    }
    typed(message.command(), message.args(), buffers.written_again, |command, buffer| {
        let Some(typed) = write_counted(buffer, len, |out| write(out, &command))? else { return Ok(()) };
        holds(typed == bytes, "a typed command is written as the same bytes", len)
    })?;
    let has_bytes = message.args().any(|arg| matches!(arg, Arg::Data(_)));
    let mut counted = Counter::default();
    match OverJson(message).write_json(&mut counted) {
        Ok(()) => holds(!has_bytes, "only commands without data can be written as JSON", len)?,
        Err(error) => {
            let is_right = has_bytes && error == WriteError::UnsupportedValue;
            holds(is_right, "commands without data can be written as JSON", len)?;
            return Ok(Outcome::Held);
        }
    }
    let text = write_counted(buffers.written, counted.0, |out| OverJson(message).write_json(out))?;
    let Some(text) = text.and_then(|text| core::str::from_utf8(text).ok()) else {
        return Ok(Outcome::Skipped);
    };
    let Ok(lobby) = LobbyMessage::parse(text, Mode::Strict) else {
        return Err(Broken { law: "a command as JSON is a lobby message", at: text.len() });
    };
    let law = "a command as JSON is the same command, for the game";
    holds(lobby.command() == *message.command() && lobby.is_for_game(), law, text.len())?;
    let mut slots = [Arg::Int(0); 64];
    let args = args_of(&lobby, &mut slots, buffers.read_again);
    let Ok(args) = args else {
        let is_small = args.is_err_and(|error| error.kind == wire::ErrorKind::ScratchTooSmall.into());
        holds(is_small && text.len() > len, "the arguments of a command as JSON can be read", text.len())?;
        return Ok(Outcome::Skipped);
    };
    let is_same = args.zip(message.args()).all(|(as_json, arg)| match arg {
        Arg::RawText(_) => as_json.chars().zip(arg.chars()).is_some_and(|(one, other)| one.eq(other)),
        _ => as_json == arg,
    });
    let law = "a command as JSON has the same arguments";
    holds(is_same && args.len() == message.args().len(), law, text.len())?;
    Ok(Outcome::Held)
}

/// Calls `check` with the typed command of each party that may send it.
fn typed<'a>(
    command: &'a str,
    args: Args<'a>,
    buffer: &mut [u8],
    check: impl Fn(Typed<'a>, &mut [u8]) -> Result<(), Broken>,
) -> Result<(), Broken> {
    if let Ok(known) = game::Command::read(command, args) {
        check(Typed::Game(known), buffer)?;
    }
    if let Ok(known) = adapter::Command::read(command, args) {
        check(Typed::Adapter(known), buffer)?;
    }
    if let Ok(known) = server::Command::read(command, args) {
        check(Typed::Server(known), buffer)?;
    }
    // A single command type, without the enum.
    match game::GameState::from_args(args) {
        Ok(_) if command != game::GameState::COMMAND => Ok(()),
        Ok(state) => check(Typed::Game(state.into()), buffer),
        Err(error) => {
            let is_right =
                matches!(error.kind, wire::ErrorKind::BadArgCount | wire::ErrorKind::UnexpectedType);
            holds(is_right, "arguments are rejected for their number or their types", args.len())
        }
    }
}

/// A typed command of any party.
enum Typed<'a> {
    Game(game::Command<'a>),
    Adapter(adapter::Command<'a>),
    Server(server::Command<'a>),
}

impl Command for Typed<'_> {
    fn command(&self) -> &str {
        match self {
            Self::Game(command) => command.command(),
            Self::Adapter(command) => command.command(),
            Self::Server(command) => command.command(),
        }
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Game(command) => command.each_arg(take),
            Self::Adapter(command) => command.each_arg(take),
            Self::Server(command) => command.each_arg(take),
        }
    }
}

/// The arguments of a lobby message for the game are written as a message with the same arguments, also as a typed
/// command.
pub(super) fn over_json(
    message: &LobbyMessage<'_>,
    mode: Mode,
    (scratch, written, written_again): (&mut [u8], &mut [u8], &mut [u8]),
) -> Result<(), Broken> {
    let len = message.json().text().len();
    let Some(text) = of_args(message, (&mut *scratch, written), |command, first, text| {
        typed(first.0, first.1, written_again, |typed, buffer| {
            let Some(again) = write_counted(buffer, text.len(), |out| OverJson(&typed).write_json(out))?
            else {
                return Ok(());
            };
            holds(again == text, "a typed command is written as the same message", text.len())
        })?;
        holds(command == first.0, "the command of a message is kept", len)
    })?
    else {
        return Ok(());
    };
    let again = match core::str::from_utf8(text).map(|text| LobbyMessage::parse(text, mode)) {
        Ok(Ok(again)) => again,
        _ => {
            return Err(Broken {
                law: "the arguments of a message are written as a message",
                at: text.len(),
            });
        }
    };
    let second = of_args(&again, (scratch, written_again), |_, _, _| Ok(()))?;
    holds(
        second.is_none_or(|second| second == text),
        "arguments that were written and read are written unchanged",
        text.len(),
    )
}

/// Writes a message made of another message's arguments; `None` if it has none or a buffer is too small.
fn of_args<'w>(
    message: &LobbyMessage<'_>,
    (scratch, written): (&mut [u8], &'w mut [u8]),
    check: impl FnOnce(&str, (&str, Args<'_>), &[u8]) -> Result<(), Broken>,
) -> Result<Option<&'w [u8]>, Broken> {
    let command = message.command();
    let len = command.utf8_len();
    if command.has_lone_surrogates() || scratch.len() < message.json().text().len().saturating_add(len) {
        return Ok(None);
    }
    let (name, scratch) = scratch.split_at_mut_checked(len).unwrap_or_default();
    let name =
        command.unescape(name).map_err(|_| Broken { law: "a text fits into its utf8_len", at: len })?;
    let mut slots = [Arg::Int(0); 64];
    let args = match args_of(message, &mut slots, scratch) {
        Ok(args) => args,
        Err(error) => {
            let is_right = match error.kind {
                ErrorKind::TooManyArgs => message.get("args").is_some_and(|args| args.items().count() > 64),
                ErrorKind::Wire(wire::ErrorKind::UnexpectedType) => message
                    .get("args")
                    .is_some_and(|args| args.as_text().is_some() || args.items().next().is_none()),
                _ => false,
            };
            return holds(is_right, "only arguments other than an array of up to 64 are rejected", len)
                .map(|()| None);
        }
    };
    let body = Listed(name, args);
    let mut counted = Counter::default();
    holds(
        OverJson(&body).write_json(&mut counted).is_ok(),
        "arguments read from JSON can be written as JSON",
        len,
    )?;
    let text = write_counted(written, counted.0, |out| OverJson(&body).write_json(out))?;
    if let Some(text) = text {
        check(name, (name, args), text)?;
    }
    Ok(text)
}

/// A command and its arguments.
struct Listed<'a>(&'a str, Args<'a>);

impl Command for Listed<'_> {
    fn command(&self) -> &str {
        self.0
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        self.1.into_iter().try_for_each(take)
    }
}
