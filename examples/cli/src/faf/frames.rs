//! Input of the decoding commands, the messages of a stream; and framing of the output.

use super::{Dialect, Framing};
use crate::output::Output;
use crate::report::Malformed;
use crate::stream::{above_limit, each_frame};
use lobbywire::faf::gpgnet::{self, Messages};
use lobbywire::faf::qdatastream::Blocks;
use lobbywire::faf::simple_json::Lines;
use lobbywire::faf::{
    Body, Codec, Error, ErrorKind, Message, Mode, Options, Received, WriteError, qdatastream, simple_json,
};
use lobbywire::wire;
use std::io::Result;
use std::path::Path;

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

/// A frame of the input.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes from the start of the input.
    pub(super) at: u64,
}

/// Receives the messages of a stream.
pub(super) trait MessageSink {
    /// Handles a message, or returns why it is rejected.
    fn message(
        &mut self,
        frame: Frame<'_>,
        message: Decoded,
        out: &mut Output,
    ) -> Result<std::result::Result<(), Malformed>>;

    /// Handles a malformed message. The error is reported elsewhere.
    fn malformed(&mut self, _: Frame<'_>, _error: &str, _: &mut Output) -> Result<()> {
        Ok(())
    }
}

/// An error at an offset in a frame or line.
pub(super) fn malformed(kind: ErrorKind, offset: u32) -> Malformed {
    let (name, message) = (kind.name(), kind.message().to_owned());
    Malformed { kind: name, offset: offset.into(), message, ..Malformed::default() }
}

fn of_writing(error: WriteError, command: &str) -> Malformed {
    let (packet, message) = (Some(command.to_owned()), error.message().to_owned());
    Malformed { kind: error.name(), packet, message, ..Malformed::default() }
}

/// Reads the messages of a file or standard input and passes them to `sink`.
pub(super) fn each_message(
    dialect: Dialect,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
    sink: &mut impl MessageSink,
) -> Result<()> {
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
                        Ok(Some(Decoded::Lobby(Received::new(&read.message, mode))))
                    },
                )
            };
            let blocks = Blocks::new(mode);
            let (limit, room) = (blocks.limit, blocks.limit + 4);
            let refused = |error: Error, start: &[u8]| {
                let len = start.first_chunk().map(|len| u32::from_be_bytes(*len).into());
                refused(error, limit, len)
            };
            each_decoded(blocks, room, keep_going, file, out, refused, read, sink)
        }
        Framing::Json => {
            let mut scratch = Vec::new();
            let read = |line: &[u8]| {
                with_scratch(0, simple_json::scratch_len(line.len(), mode), &mut scratch, |scratch| {
                    let message = simple_json::read(line, mode, scratch)?;
                    Ok(message.map(|message| Decoded::Lobby(Received::new(&message, mode))))
                })
            };
            let lines = Lines::new(mode);
            let (limit, room) = (lines.limit, lines.limit + 1);
            let refused = |error: Error, _: &[u8]| refused(error, limit, None);
            each_decoded(lines, room, keep_going, file, out, refused, read, sink)
        }
        Framing::Gpgnet => {
            let messages = Messages::new(mode);
            let limit = messages.limits.message;
            let refused = |error: Error, _: &[u8]| refused(error, limit, None);
            let read = |frame: &[u8]| {
                let command = gpgnet::Message::read(frame, mode)?;
                Ok(Some(Decoded::Game(command.into())))
            };
            each_decoded(messages, limit, keep_going, file, out, refused, read, sink)
        }
    }
}

/// An error of the framing, with the limit and, if known, the length of a frame above it.
fn refused(Error { kind, offset, .. }: Error, limit: usize, len: Option<u64>) -> Malformed {
    let mut malformed = malformed(kind, offset);
    if kind == wire::ErrorKind::FrameTooLarge.into() {
        malformed.message = above_limit(len, limit);
    }
    malformed
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

/// Passes what `read` returns for each frame to `sink`. `refused` converts the errors of the framing.
#[allow(clippy::too_many_arguments)] // each framing has its own
fn each_decoded<F: wire::Framing<Error = Error>>(
    framing: F,
    room: usize,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
    refused: impl FnMut(Error, &[u8]) -> Malformed,
    mut read: impl FnMut(&[u8]) -> std::result::Result<Option<Decoded>, Error>,
    sink: &mut impl MessageSink,
) -> Result<()> {
    each_frame(framing, room, keep_going, file, out, refused, |bytes, at, out| {
        let frame = Frame { bytes, at };
        match read(bytes) {
            Ok(Some(message)) => sink.message(frame, message, out),
            Ok(None) => Ok(Ok(())),
            Err(Error { kind, offset, .. }) => {
                sink.malformed(frame, kind.message(), out)?;
                Ok(Err(malformed(kind, offset)))
            }
        }
    })
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
    pub(super) fn lobby(&self, message: &Message<'_>) -> std::result::Result<Option<Vec<u8>>, Malformed> {
        if self.framing != Framing::Gpgnet {
            return self.body(message, &message.command().to_string()).map(Some);
        }
        match game_command(message, self.codec.options().mode) {
            Some(command) => self.game(&command?).map(Some),
            None => Ok(None),
        }
    }

    /// The frame of a command.
    pub(super) fn game(&self, command: &gpgnet::Command) -> std::result::Result<Vec<u8>, Malformed> {
        if self.framing == Framing::Gpgnet {
            let written = gpgnet::to_vec(command);
            written.map_err(|error| of_writing(error, &command.command))
        } else {
            self.body(command, &command.command)
        }
    }

    fn body(&self, body: &impl Body, command: &str) -> std::result::Result<Vec<u8>, Malformed> {
        let mut out = Default::default();
        match self.codec.write(body, &mut out) {
            Ok(()) => Ok(out.to_vec()),
            Err(error) => Err(of_writing(error, command)),
        }
    }
}

/// The command in a lobby message to or from the game, or `None` for other messages.
fn game_command(
    message: &Message<'_>,
    mode: Mode,
) -> Option<std::result::Result<gpgnet::Command, Malformed>> {
    use lobbywire::faf::client;

    if !message.is_for_game() {
        return None;
    }
    match client::Message::parse(message.json().text(), mode) {
        Ok(client::Message::Game(command)) => Some(Ok(command)),
        Ok(_) => None,
        Err(error) => Some(Err(Malformed {
            kind: error.kind.name(),
            packet: Some(error.command),
            field: Some(error.field).filter(|field| !field.is_empty()),
            message: error.message,
            ..Malformed::default()
        })),
    }
}
