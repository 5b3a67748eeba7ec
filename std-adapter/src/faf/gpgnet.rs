//! GPGNet with a heap: commands that own what they carry, and the adapter's connection to the game.
//!
//! ```
//! use lobbywire::faf::gpgnet::{Command, game};
//!
//! let state = Command::of_typed(&game::GameState { state: "Lobby" });
//! match state.as_borrowed().game()? {
//!     game::Command::GameState(state) => assert_eq!(state.state, "Lobby"),
//!     other => println!("{other:?}"),
//! }
//! # Ok::<(), lobbywire::faf::gpgnet::BadArgs>(())
//! ```

use super::json::{Bytes, Name, PutJson, ignore};
use super::message_types::{Fields, JsonMembers, Members, SerdeMembers, key};
use super::{Body, Extra, Json, MessageError, WriteError};
use crate::wire::{self, JsonKind, Sink};
use lobbywire_core::faf::gpgnet as core;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

#[cfg(feature = "tokio")]
pub use connection::{Connection, Reader, Writer};
pub use lobbywire_core::faf::gpgnet::{
    Arg as BorrowedArg, Args, BadArgs, Command as WriteCommand, FromArgs, IntoArg, Limits, Message, Messages,
    OverJson, adapter, args_of, game, server, without_escapes, write,
};

/// An argument that owns what it is. See [`BorrowedArg`].
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A whole number; on the binary wire an `i32`.
    Int(i64),
    /// Text.
    Text(String),
    /// Text that is not UTF-8, which only the lenient mode reads.
    RawText(Vec<u8>),
    /// Bytes.
    Data(Vec<u8>),
    /// A yes or no; on the binary wire 1 or 0.
    Bool(bool),
    /// A number with a fraction.
    Float(f64),
    /// Anything else that JSON has.
    Json(Json),
}

impl Arg {
    /// The argument, to be looked at.
    pub fn as_borrowed(&self) -> core::Arg<'_> {
        match self {
            Self::Int(number) => core::Arg::Int(*number),
            Self::Text(text) => core::Arg::Text(text),
            Self::RawText(bytes) => core::Arg::RawText(bytes),
            Self::Data(bytes) => core::Arg::Data(bytes),
            Self::Bool(value) => core::Arg::Bool(*value),
            Self::Float(number) => core::Arg::Float(*number),
            Self::Json(json) => core::Arg::Json(json.as_borrowed()),
        }
    }
}

impl From<core::Arg<'_>> for Arg {
    fn from(arg: core::Arg<'_>) -> Self {
        match arg {
            core::Arg::Int(number) => Self::Int(number),
            core::Arg::Text(text) => Self::Text(text.to_owned()),
            core::Arg::RawText(bytes) => Self::RawText(bytes.to_owned()),
            core::Arg::Data(bytes) => Self::Data(bytes.to_owned()),
            core::Arg::Bool(value) => Self::Bool(value),
            core::Arg::Float(number) => Self::Float(number),
            core::Arg::Json(json) => Self::Json(json.into()),
        }
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl Arg {
    /// A value of JSON as an argument.
    fn of_json(json: wire::Json<'_>) -> Self {
        // Nothing but text with escapes wants a place.
        if let Ok((arg, _)) = core::Arg::of_json(json, &mut []) {
            return arg.into();
        }
        let mut scratch = vec![0; json.text().len()];
        core::Arg::of_json(json, &mut scratch).map_or_else(|_| Self::Json(json.into()), |(arg, _)| arg.into())
    }
}

impl From<Json> for Arg {
    fn from(json: Json) -> Self {
        Self::of_json(json.as_borrowed())
    }
}

impl Serialize for Arg {
    /// # Errors
    /// For bytes, which JSON has not.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::Bool(value) => value.serialize(serializer),
            Self::Float(number) => number.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
            Self::RawText(_) | Self::Data(_) => Err(serde::ser::Error::custom("JSON has no bytes")),
        }
    }
}

impl PutJson for Arg {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        match self {
            Self::Int(number) => number.put_json(out),
            Self::Text(text) => text.put_json(out),
            Self::Bool(value) => value.put_json(out),
            Self::Float(number) => super::Number::Float(*number).put_json(out),
            Self::Json(json) => json.put_json(out),
            Self::RawText(_) | Self::Data(_) => Err(WriteError::UnsupportedValue),
        }
    }
}

impl<'de> Deserialize<'de> for Arg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

/// A command that owns what it carries, on either wire: as binary between game and adapter, and as a lobby
/// message with the target `game` between client and server.
#[derive(Clone, Default, PartialEq)]
pub struct Command {
    /// Its name: `HostGame`, `GameState`.
    pub command: String,
    /// What it takes.
    pub args: Vec<Arg>,
    /// Other fields of the lobby message.
    pub extra: Extra,
}

impl Command {
    /// A command by its name.
    pub fn new(command: impl Into<String>, args: impl IntoIterator<Item = Arg>) -> Self {
        Self { command: command.into(), args: args.into_iter().collect(), extra: Extra::default() }
    }

    /// A command of which the arguments have names, such as [`game::GameState`].
    pub fn of_typed(command: &impl core::Command) -> Self {
        let mut args = Vec::new();
        let taken: Result<(), std::convert::Infallible> = command.each_arg(&mut |arg| {
            args.push(arg.into());
            Ok(())
        });
        let Ok(()) = taken;
        Self::new(command.command(), args)
    }

    /// The command in a lobby message.
    pub(super) fn of(message: &super::Message<'_>) -> Result<Self, MessageError> {
        let mut read = Self { command: message.command().to_string(), ..Self::default() };
        for (place, (name, value)) in message.json().members().enumerate() {
            if name == "args" {
                if value.kind() != JsonKind::Array {
                    return Err(MessageError::unexpected(read.command, "args", "expected an array"));
                }
                read.args = value.items().map(Arg::of_json).collect();
            } else if name != "command" && name != "target" {
                read.extra.read(place, &name.to_string(), value.into());
            }
        }
        read.extra = read.extra.settled();
        Ok(read)
    }

    /// The command, to give its arguments names.
    pub fn as_borrowed(&self) -> Borrowed<'_> {
        Borrowed { command: &self.command, args: self.args.iter().map(Arg::as_borrowed).collect() }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, args, extra } = self;
        let mut shown = f.debug_struct("Command");
        shown.field("command", command);
        // What adapters say to each other has passwords in it.
        if command != "IceMsg" {
            shown.field("args", args);
        }
        shown.field("extra", extra).finish()
    }
}

/// A command whose arguments can be given names: [`Command::as_borrowed`].
#[derive(Clone)]
pub struct Borrowed<'a> {
    command: &'a str,
    args: Vec<core::Arg<'a>>,
}

impl fmt::Debug for Borrowed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Borrowed").field("command", &self.command).finish_non_exhaustive()
    }
}

impl Borrowed<'_> {
    /// What the game says with it.
    ///
    /// # Errors
    /// Where a known command has other arguments than it takes.
    pub fn game(&self) -> Result<game::Command<'_>, BadArgs> {
        game::Command::read(self.command, self.args[..].into())
    }

    /// What the adapter says with it.
    ///
    /// # Errors
    /// Where a known command has other arguments than it takes.
    pub fn adapter(&self) -> Result<adapter::Command<'_>, BadArgs> {
        adapter::Command::read(self.command, self.args[..].into())
    }

    /// What the lobby server says with it.
    ///
    /// # Errors
    /// Where a known command has other arguments than it takes.
    pub fn server(&self) -> Result<server::Command<'_>, BadArgs> {
        server::Command::read(self.command, self.args[..].into())
    }
}

impl core::Command for Command {
    fn command(&self) -> &str {
        &self.command
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(core::Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        self.args.iter().try_for_each(|arg| take(arg.as_borrowed()))
    }
}

impl From<Message<'_>> for Command {
    fn from(message: Message<'_>) -> Self {
        Self::of_typed(&message)
    }
}

impl Serialize for Command {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write_fields(SerdeMembers(serializer.serialize_map(None)?))
    }
}

impl PutJson for Command {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        self.write_fields(JsonMembers::new(out)?)
    }
}

impl Command {
    fn write_fields<M: Members>(&self, members: M) -> Result<M::Done, M::Error> {
        let mut fields = Fields::new(members, &self.extra);
        fields.field(key!("command"), &self.command)?;
        fields.field(key!("args"), &self.args)?;
        fields.field(key!("target"), "game")?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = Command;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a command")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Command, A::Error> {
                let (mut command, mut args, mut extra, mut place) = (None, None, Extra::default(), 0);
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    match &*name {
                        "command" => command = Some(map.next_value()?),
                        "args" => args = Some(map.next_value()?),
                        "target" => ignore(&mut map)?,
                        _ => extra.read(place, &name, map.next_value()?),
                    }
                    place += 1;
                }
                let command = command.ok_or_else(|| A::Error::missing_field("command"))?;
                Ok(Command { command, args: args.unwrap_or_default(), extra: extra.settled() })
            }
        }

        deserializer.deserialize_map(Reading)
    }
}

impl Body for Command {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        self.put_json(out)
    }
}

/// Writes a command for the binary wire.
///
/// # Errors
/// Those of [`write()`].
pub fn to_vec(command: &impl core::Command) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Bytes(Vec::with_capacity(64));
    write(&mut bytes, command)?;
    Ok(bytes.0)
}

#[cfg(feature = "tokio")]
mod connection {
    use super::{Command, Messages, core, to_vec};
    use crate::faf::codec::shrink;
    use crate::faf::{FrameError, Mode, SendError};
    use crate::wire::{self, Deframer};
    use bytes::{Buf, BytesMut};
    use std::io;
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

    /// The connection between a game and its adapter, at either end: the game connects, the adapter listens.
    ///
    /// ```
    /// use lobbywire::faf::gpgnet::{Connection, adapter, game};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (near, far) = tokio::io::duplex(1024);
    /// let (mut adapter, mut game) = (Connection::new(near), Connection::new(far));
    /// game.send(&game::GameState { state: "Idle" }).await?;
    /// let command = adapter.read().await?.expect("the game is there")?;
    /// assert_eq!(command.as_borrowed().game()?, game::GameState { state: "Idle" }.into());
    /// let create = adapter::CreateLobby { init_mode: 0, port: 6112, login: "Rhiza", player: 3, nat_provider: 1 };
    /// adapter.send(&create).await?;
    /// assert_eq!(game.read().await?.unwrap()?.command, "CreateLobby");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Debug)]
    pub struct Connection<S> {
        reader: Reader<ReadHalf<S>>,
        writer: Writer<WriteHalf<S>>,
    }

    impl<S: AsyncRead + AsyncWrite> Connection<S> {
        /// Commands within the usual limits.
        pub fn new(stream: S) -> Self {
            Self::with_framing(stream, Messages::new(Mode::Strict))
        }

        /// Commands within other limits, or in the lenient mode.
        pub fn with_framing(stream: S, framing: Messages) -> Self {
            let (reads, writes) = tokio::io::split(stream);
            Self { reader: Reader::new(reads, framing), writer: Writer::new(writes) }
        }

        /// Two halves for two tasks.
        pub fn split(self) -> (Reader<ReadHalf<S>>, Writer<WriteHalf<S>>) {
            (self.reader, self.writer)
        }

        /// The next command; `None` where the stream ends. See [`Reader::read`].
        ///
        /// # Errors
        /// The stream's own.
        pub async fn read(&mut self) -> io::Result<Option<Result<Command, FrameError>>> {
            self.reader.read().await
        }

        /// Sends a command. See [`Writer::send`].
        ///
        /// # Errors
        /// [`SendError::Write`], [`SendError::Io`].
        pub async fn send(&mut self, command: &impl core::Command) -> Result<(), SendError> {
            self.writer.send(command).await
        }
    }

    /// The half that reads.
    #[derive(Debug)]
    pub struct Reader<R> {
        stream: R,
        deframer: Deframer<Messages>,
        buffer: BytesMut,
        position: u64,
        has_ended: bool,
    }

    impl<R> Reader<R> {
        /// Reads commands from a stream.
        pub fn new(stream: R, framing: Messages) -> Self {
            let deframer = Deframer::new(framing);
            Self { stream, deframer, buffer: BytesMut::new(), position: 0, has_ended: false }
        }

        /// The next command that is there.
        fn next(&mut self) -> Option<Result<Command, FrameError>> {
            let skipped = self.deframer.pass_over(&self.buffer);
            self.take(skipped);
            let position = self.position;
            let damaged = |error| FrameError { error, position };
            let len = match self.deframer.next(&self.buffer, usize::MAX)? {
                Ok(len) => len,
                Err(error) => return Some(Err(damaged(error))),
            };
            let Messages { limits, mode } = *self.deframer.framing();
            let frame = self.buffer.get(..len).unwrap_or_default();
            let command =
                core::Message::read_within(frame, mode, &limits).map(Command::from).map_err(damaged);
            self.take(len);
            Some(command)
        }

        fn take(&mut self, count: usize) {
            self.buffer.advance(count);
            self.position += count as u64;
        }
    }

    impl<R: AsyncRead + Unpin> Reader<R> {
        /// The next command; `None` where the stream ends, or where nobody knows how it goes on.
        ///
        /// What is wrong is an error inside, and the last thing that comes: where the next command starts is
        /// only known from the one before. The future may be dropped at any time: no byte is lost.
        ///
        /// # Errors
        /// The stream's own.
        pub async fn read(&mut self) -> io::Result<Option<Result<Command, FrameError>>> {
            loop {
                if let Some(command) = self.next() {
                    return Ok(Some(command));
                }
                if self.has_ended || self.deframer.is_lost() {
                    return Ok(None);
                }
                shrink(&mut self.buffer);
                self.buffer.reserve(1 << 10);
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    self.has_ended = true;
                    let incomplete = wire::Error::new(wire::ErrorKind::Incomplete, 0);
                    let damaged = FrameError { error: incomplete, position: self.position };
                    return Ok((!self.buffer.is_empty()).then_some(Err(damaged)));
                }
            }
        }
    }

    /// The half that writes.
    #[derive(Debug)]
    pub struct Writer<W> {
        stream: W,
        /// What is on its way: so a future that is dropped loses nothing.
        sending: BytesMut,
    }

    impl<W> Writer<W> {
        /// Writes commands to a stream.
        pub fn new(stream: W) -> Self {
            Self { stream, sending: BytesMut::new() }
        }
    }

    impl<W: AsyncWrite + Unpin> Writer<W> {
        /// Sends a command. One that can't be written is refused before any of it is.
        ///
        /// Where the future is dropped, the rest is sent with the next command.
        ///
        /// # Errors
        /// [`SendError::Write`], [`SendError::Io`].
        pub async fn send(&mut self, command: &impl core::Command) -> Result<(), SendError> {
            self.sending.extend_from_slice(&to_vec(command)?);
            self.stream.write_all_buf(&mut self.sending).await.map_err(SendError::Io)?;
            self.stream.flush().await.map_err(SendError::Io)
        }
    }
}
