//! GPGNet, as binary and inside of lobby messages.

use super::{Broken, Buffers, cuts, holds, is_inside, write_counted};
use crate::faf::gpgnet::{
    Arg, Args, Command, FromArgs, Limits, Message, Messages, OverJson, adapter, args_of, game, server, write,
};
use crate::faf::{Body, Message as LobbyMessage, Mode, WriteError};
use crate::wire::{Counter, Deframed, ErrorKind, Framing, Skip};

/// Any bytes: a command or an error in them, as the framing says too; what strict reads is the same to lenient.
/// What was read is written as the same bytes, in as many as counted; cut short it is an error; over JSON and with
/// names for its arguments it is the same command.
///
/// # Errors
/// The law that is broken.
pub fn gpgnet(bytes: &[u8], mode: Mode, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let len = bytes.len();
    let cut = if bytes.is_empty() { Deframed::Missing(1) } else { Messages::new(mode).deframe(bytes, 0) };
    let strict = Message::read(bytes, Mode::Strict);
    let read = Message::read(bytes, mode);
    holds(strict.is_err() || strict == read, "what strict reads is the same to lenient", len)?;
    let message = match read {
        Ok(message) => message,
        Err(error) => {
            is_inside(error, len)?;
            let is_same = match (error.kind, cut) {
                (ErrorKind::Truncated, Deframed::Missing(count)) => count > 0,
                (ErrorKind::TrailingBytes, Deframed::Frame(len)) => usize::try_from(error.offset) == Ok(len),
                (_, Deframed::Refused(refused, Skip::Rest)) => refused == error,
                _ => false,
            };
            return holds(
                is_same || len > Limits::USUAL.message,
                "a framing refuses what a reader refuses",
                len,
            );
        }
    };
    holds(
        cut == Deframed::Frame(len) || len > Limits::USUAL.message,
        "a framing takes what a reader takes",
        len,
    )?;
    let mut counted = Counter::default();
    holds(write(&mut counted, &message).is_ok(), "what was read can be written", len)?;
    holds(counted.0 == len, "what was read is as long as what is written", counted.0)?;
    let Some(written) = write_counted(buffers.written, len, |out| write(out, &message))? else {
        return Ok(());
    };
    holds(written == bytes, "what was read is written as the same bytes", len)?;
    holds(message.args().count() == message.args().len(), "there are as many arguments as are counted", len)?;
    for cut in cuts(len) {
        let short = bytes.get(..cut).unwrap_or_default();
        let kind = Message::read(short, mode).map(drop).map_err(|error| error.kind);
        holds(kind == Err(ErrorKind::Truncated), "a command that is cut short is an error", cut)?;
    }
    typed(message.command(), message.args(), buffers.written_again, |command, buffer| {
        let Some(typed) = write_counted(buffer, len, |out| write(out, &command))? else { return Ok(()) };
        holds(typed == bytes, "a command with names for its arguments is written as the same bytes", len)
    })?;
    let has_bytes = message.args().any(|arg| matches!(arg, Arg::Data(_) | Arg::RawText(_)));
    let mut counted = Counter::default();
    match OverJson(message).write_json(&mut counted) {
        Ok(()) => holds(!has_bytes, "bytes are not written as JSON", len)?,
        Err(error) => {
            let is_right = has_bytes && error == WriteError::UnsupportedValue;
            return holds(is_right, "what JSON has is written as JSON", len);
        }
    }
    let text = write_counted(buffers.written, counted.0, |out| OverJson(message).write_json(out))?;
    let Some(text) = text.and_then(|text| core::str::from_utf8(text).ok()) else { return Ok(()) };
    let Ok(lobby) = LobbyMessage::parse(text, Mode::Strict) else {
        return Err(Broken { law: "a command over JSON is a lobby message", at: text.len() });
    };
    let law = "a command over JSON is the same command for the game";
    holds(lobby.command() == *message.command() && lobby.is_for_game(), law, text.len())?;
    let mut slots = [Arg::Int(0); 64];
    let args = args_of(&lobby, &mut slots, buffers.read_again);
    let Ok(args) = args else {
        let is_small = args.is_err_and(|error| error.kind == ErrorKind::ScratchTooSmall);
        return holds(is_small && text.len() > len, "a command over JSON has its arguments", text.len());
    };
    holds(args == message.args(), "a command over JSON has the same arguments", text.len())
}

/// Calls `look` with the command as each party that may send it knows it.
fn typed<'a>(
    command: &'a str,
    args: Args<'a>,
    buffer: &mut [u8],
    look: impl Fn(Typed<'a>, &mut [u8]) -> Result<(), Broken>,
) -> Result<(), Broken> {
    if let Ok(known) = game::Command::read(command, args) {
        look(Typed::Game(known), buffer)?;
    }
    if let Ok(known) = adapter::Command::read(command, args) {
        look(Typed::Adapter(known), buffer)?;
    }
    if let Ok(known) = server::Command::read(command, args) {
        look(Typed::Server(known), buffer)?;
    }
    // One by itself, without the enum.
    match game::GameState::from_args(args) {
        Ok(_) if command != game::GameState::COMMAND => Ok(()),
        Ok(state) => look(Typed::Game(state.into()), buffer),
        Err(error) => {
            let is_right = matches!(error.kind, ErrorKind::BadArgCount | ErrorKind::UnexpectedType);
            holds(is_right, "arguments are refused for their count or their type", args.len())
        }
    }
}

/// A command of any party.
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

/// A lobby message for the game: its arguments are written as a message with the same ones, with names for them
/// too.
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
            holds(again == text, "a command with names for its arguments is the same message", text.len())
        })?;
        holds(command == first.0, "a message's command is written", len)
    })?
    else {
        return Ok(());
    };
    let again = match core::str::from_utf8(text).map(|text| LobbyMessage::parse(text, mode)) {
        Ok(Ok(again)) => again,
        _ => return Err(Broken { law: "a message for the game is written as one", at: text.len() }),
    };
    let second = of_args(&again, (scratch, written_again), |_, _, _| Ok(()))?;
    holds(second.is_none_or(|second| second == text), "arguments are written again unchanged", text.len())
}

/// Writes the message that a message's arguments make, if they are some.
fn of_args<'w>(
    message: &LobbyMessage<'_>,
    (scratch, written): (&mut [u8], &'w mut [u8]),
    look: impl FnOnce(&str, (&str, Args<'_>), &[u8]) -> Result<(), Broken>,
) -> Result<Option<&'w [u8]>, Broken> {
    let command = message.command();
    let len = command.utf8_len();
    if command.has_lone_surrogates() || scratch.len() < message.json().text().len().saturating_add(len) {
        return Ok(None);
    }
    let (name, scratch) = scratch.split_at_mut_checked(len).unwrap_or_default();
    let name =
        command.unescape(name).map_err(|_| Broken { law: "a text fits where it has room", at: len })?;
    let mut slots = [Arg::Int(0); 64];
    let args = match args_of(message, &mut slots, scratch) {
        Ok(args) => args,
        Err(error) => {
            let is_right = match error.kind {
                ErrorKind::TooManyArgs => message.get("args").is_some_and(|args| args.items().count() > 64),
                ErrorKind::UnexpectedType => message
                    .get("args")
                    .is_some_and(|args| args.as_text().is_some() || args.items().next().is_none()),
                _ => false,
            };
            return holds(is_right, "arguments are an array of up to 64", len).map(|()| None);
        }
    };
    let body = Listed(name, args);
    let mut counted = Counter::default();
    holds(OverJson(&body).write_json(&mut counted).is_ok(), "arguments of JSON are written as JSON", len)?;
    let text = write_counted(written, counted.0, |out| OverJson(&body).write_json(out))?;
    if let Some(text) = text {
        look(name, (name, args), text)?;
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
