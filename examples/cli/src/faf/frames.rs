//! Input of the decoding commands, the messages of a stream; and framing of the output.

use super::{Dialect, Framing};
use crate::input::Input;
use crate::report::Malformed;
use lobbywire::faf::gpgnet::{self, Messages};
use lobbywire::faf::qdatastream::Blocks;
use lobbywire::faf::simple_json::Lines;
use lobbywire::faf::{Body, Codec, Message, Mode, Options, Received, WriteError, qdatastream, simple_json};
use lobbywire::wire::{self, Error, ErrorKind, FrameDecoder};
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
                        qdatastream::read(block, mode, scratch).map(|read| Some(Received::new(&read.message)))
                    },
                )
            };
            let blocks = Blocks::new(mode);
            let room = blocks.limit + 4;
            each_frame(blocks, room, read, |message| message.map(Decoded::Lobby), keep_going, file, sink)
        }
        Framing::Json => {
            let mut scratch = Vec::new();
            let read = |line: &[u8]| {
                with_scratch(0, simple_json::scratch_len(line.len(), mode), &mut scratch, |scratch| {
                    let message = simple_json::read(line, mode, scratch)?;
                    Ok(message.as_ref().map(Received::new))
                })
            };
            let lines = Lines::new(mode);
            let room = lines.limit + 1;
            each_frame(lines, room, read, |message| message.map(Decoded::Lobby), keep_going, file, sink)
        }
        Framing::Gpgnet => {
            let messages = Messages::new(mode);
            let read = |frame: &[u8]| gpgnet::Message::read(frame, mode).map(gpgnet::Command::from);
            let game = |command| Some(Decoded::Game(command));
            each_frame(messages, messages.limits.message, read, game, keep_going, file, sink)
        }
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
            Err(error) if error.kind == ErrorKind::ScratchTooSmall => {}
            done => return done,
        }
    }
    Err(Error::new(ErrorKind::ScratchTooSmall, 0))
}

fn each_frame<F: wire::Framing, T>(
    framing: F,
    room: usize,
    mut read: impl FnMut(&[u8]) -> std::result::Result<T, Error>,
    decoded: impl Fn(T) -> Option<Decoded>,
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
            let done = match frame.and_then(&mut read) {
                Ok(message) => match decoded(message) {
                    Some(message) => sink.message(message)?.map_err(|refusal| (refusal, 0)),
                    None => Ok(()),
                },
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
