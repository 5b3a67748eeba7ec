//! Input of the decoding commands, the messages of a stream; and framing of the output.

use super::{Dialect, Framing};
use crate::input::Input;
use crate::report::Malformed;
use lobbywire::faf::gpgnet::{self, Messages};
use lobbywire::faf::qdatastream::Blocks;
use lobbywire::faf::simple_json::Lines;
use lobbywire::faf::{
    Body, Codec, Error, Message, Mode, Options, Received, WriteError, qdatastream, simple_json,
};
use lobbywire::wire::{self, Deframed, End, FrameDecoder, Skip};
use std::cell::Cell;
use std::io::{Read, Result};
use std::path::Path;
use std::process::ExitCode;

/// A message of either kind.
pub(super) enum Decoded {
    Lobby(Received),
    Game(gpgnet::Command),
}

impl Decoded {
    /// The name of the command, for reports.
    pub(super) fn command(&self) -> &str {
        match self {
            Self::Lobby(message) => message.command(),
            Self::Game(command) => &command.command,
        }
    }
}

/// Receives the messages of a stream.
pub(super) trait MessageSink {
    /// Handles a message, or returns why it is rejected.
    fn message(&mut self, message: Decoded) -> Result<std::result::Result<(), Refusal>>;

    /// Flushes the output.
    fn flush(&mut self) -> Result<()>;
}

/// Why a complete message is rejected.
pub(super) struct Refusal {
    pub(super) kind: &'static str,
    pub(super) packet: Option<String>,
    pub(super) field: Option<String>,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn of_writing(error: WriteError, command: &str) -> Self {
        let packet = Some(command.to_owned());
        Self { kind: error.name(), packet, field: None, message: error.message().to_owned() }
    }
}

/// Reads the messages of a file or standard input and passes them to `sink`.
pub(super) fn each_message(
    dialect: Dialect,
    keep_going: bool,
    file: Option<&Path>,
    sink: &mut impl MessageSink,
) -> Result<ExitCode> {
    let mode = dialect.mode();
    match dialect.framing {
        Framing::Qdatastream => {
            let mut scratch = Vec::new();
            let read = |block: &[u8]| {
                with_scratch(
                    block.len(),
                    qdatastream::scratch_len(block.len(), mode),
                    &mut scratch,
                    |scratch| {
                        let read = qdatastream::read(block, mode, scratch)?;
                        Ok(Some(Decoded::Lobby(Received::new(&read.message))))
                    },
                )
            };
            let blocks = Blocks::new(mode);
            let room = blocks.limit + 4;
            each_frame(blocks, room, Error::from, read, keep_going, file, sink)
        }
        Framing::Json => {
            let mut scratch = Vec::new();
            let read = |line: &[u8]| {
                with_scratch(0, simple_json::scratch_len(line.len(), mode), &mut scratch, |scratch| {
                    let message = simple_json::read(line, mode, scratch)?;
                    Ok(message.as_ref().map(Received::new).map(Decoded::Lobby))
                })
            };
            let lines = Lines::new(mode);
            let room = lines.limit + 1;
            each_frame(lines, room, Error::from, read, keep_going, file, sink)
        }
        Framing::Gpgnet => {
            let messages = Messages::new(mode);
            let explained = Cell::new(None);
            let commands = Commands { messages, explained: &explained };
            let explain = |error| explained.take().unwrap_or(Error::from(error));
            let read = |frame: &[u8]| {
                let command = gpgnet::Message::read(frame, mode)?;
                Ok(Some(Decoded::Game(command.into())))
            };
            each_frame(commands, messages.limits.message, explain, read, keep_going, file, sink)
        }
    }
}

/// Splits a stream into commands, and explains why one is refused while its bytes are known.
struct Commands<'a> {
    messages: Messages,
    explained: &'a Cell<Option<Error>>,
}

impl wire::Framing for Commands<'_> {
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        let found = self.messages.deframe(bytes, seen);
        if let Deframed::Refused(error, _) = found {
            self.explained.set(Some(self.messages.explain(bytes, error)));
        }
        found
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        self.messages.give_up(bytes, needed)
    }

    fn end(&self, bytes: &[u8]) -> std::result::Result<End, wire::Error> {
        self.messages.end(bytes)
    }
}

/// Calls `read` with scratch space of `usual` bytes, and again with `most` bytes if that is too small.
fn with_scratch<T>(
    usual: usize,
    most: usize,
    scratch: &mut Vec<u8>,
    mut read: impl FnMut(&mut [u8]) -> std::result::Result<T, Error>,
) -> std::result::Result<T, Error> {
    for room in [usual.min(most), most] {
        if scratch.len() < room {
            scratch.resize(room, 0);
        }
        match read(scratch) {
            Err(error) if error.kind == wire::ErrorKind::ScratchTooSmall.into() => {}
            done => return done,
        }
    }
    Err(wire::Error::new(wire::ErrorKind::ScratchTooSmall, 0).into())
}

/// Passes what `read` returns for each frame to `sink`. `explain` converts the errors of the framing.
fn each_frame<F: wire::Framing>(
    framing: F,
    room: usize,
    explain: impl Fn(wire::Error) -> Error,
    mut read: impl FnMut(&[u8]) -> std::result::Result<Option<Decoded>, Error>,
    keep_going: bool,
    file: Option<&Path>,
    sink: &mut impl MessageSink,
) -> Result<ExitCode> {
    let mut input = Input::open(file)?;
    let mut decoder = FrameDecoder::new(framing, vec![0; room]);
    let mut is_valid = true;
    loop {
        let count = input.read(decoder.room())?;
        decoder.filled(count);
        loop {
            let frame = match decoder.next_frame() {
                None if count == 0 => decoder.finish(),
                frame => frame,
            };
            let Some(frame) = frame else { break };
            let done = match frame.map_err(&explain).and_then(&mut read) {
                Ok(Some(message)) => sink.message(message)?.map_err(|refusal| (refusal, 0)),
                Ok(None) => Ok(()),
                Err(Error { kind, offset, .. }) => {
                    let message = kind.message().to_owned();
                    Err((Refusal { kind: kind.name(), packet: None, field: None, message }, offset))
                }
            };
            if let Err((Refusal { kind, packet, field, message }, offset)) = done {
                sink.flush()?;
                let offset = decoder.frame_position() + u64::from(offset);
                Malformed { kind, offset, packet, field, message }.report();
                is_valid = false;
                if !keep_going {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        // The next read may block: the input may be a live connection.
        sink.flush()?;
        // The start of the next frame is unknown, so the remaining input cannot be decoded.
        if count == 0 || decoder.is_lost() {
            break;
        }
    }
    Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Frames messages.
pub(super) struct Framer {
    framing: Framing,
    codec: Codec,
}

impl Framer {
    pub(super) fn new(framing: Framing, mode: Mode) -> Self {
        let mut options = Options::default();
        options.mode = mode;
        options.write_buffer = usize::MAX;
        let lobby = match framing {
            Framing::Qdatastream => lobbywire::faf::Framing::QDataStream,
            // Not used for binary commands.
            Framing::Json | Framing::Gpgnet => lobbywire::faf::Framing::SimpleJson,
        };
        Self { framing, codec: Codec::with_options(lobby, options) }
    }

    /// The frame of a lobby message, or `None` if the framing cannot represent it.
    pub(super) fn lobby(&self, message: &Message<'_>) -> std::result::Result<Option<Vec<u8>>, Refusal> {
        if self.framing != Framing::Gpgnet {
            return self.body(message, &message.command().to_string()).map(Some);
        }
        match game_command(message) {
            Some(command) => self.game(&command?).map(Some),
            None => Ok(None),
        }
    }

    /// The frame of a command.
    pub(super) fn game(&self, command: &gpgnet::Command) -> std::result::Result<Vec<u8>, Refusal> {
        if self.framing == Framing::Gpgnet {
            let written = gpgnet::to_vec(command);
            written.map_err(|error| Refusal::of_writing(error, &command.command))
        } else {
            self.body(command, &command.command)
        }
    }

    fn body(&self, body: &impl Body, command: &str) -> std::result::Result<Vec<u8>, Refusal> {
        let mut out = Default::default();
        match self.codec.write(body, &mut out) {
            Ok(()) => Ok(out.to_vec()),
            Err(error) => Err(Refusal::of_writing(error, command)),
        }
    }
}

/// The command in a lobby message to or from the game, or `None` for other messages.
fn game_command(message: &Message<'_>) -> Option<std::result::Result<gpgnet::Command, Refusal>> {
    use lobbywire::faf::client;

    if !message.is_for_game() {
        return None;
    }
    match client::Message::parse(message.json().text(), Mode::Lenient) {
        Ok(client::Message::Game(command)) => Some(Ok(command)),
        Ok(_) => None,
        Err(error) => Some(Err(Refusal {
            kind: error.kind.name(),
            packet: Some(error.command),
            field: Some(error.field).filter(|field| !field.is_empty()),
            message: error.message,
        })),
    }
}
