//! GPGNet commands between the game, its adapter and the lobby server: owned types and the adapter's
//! connection.
//!
//! ```
//! use lobbywire::faf::gpgnet::{Command, game};
//!
//! let state = Command::from_typed(&game::GameState { state: "Lobby" });
//! match state.as_borrowed().game()? {
//!     game::Command::GameState(state) => assert_eq!(state.state, "Lobby"),
//!     other => println!("{other:?}"),
//! }
//! # Ok::<(), lobbywire::faf::gpgnet::DecodeError>(())
//! ```

use super::json::{Name, PutJson, Seen, ignore};
use super::message_types::{Fields, JsonMembers, Members, SerdeMembers, key};
use super::{Body, Extra, Json, WriteError};
use crate::wire::{self, JsonKind, Sink};
use lobbywire_core::faf::gpgnet as core;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

#[cfg(feature = "tokio")]
pub use connection::{Connection, Reader, Writer};
pub use lobbywire_core::faf::gpgnet::{
    Arg as BorrowedArg, Args, Command as WriteCommand, DecodeError, FromArgs, IntoArg, Limits, Message,
    Messages, OverJson, adapter, args_of, game, server, without_escapes, write,
};

/// An owned argument. See [`BorrowedArg`].
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// An integer; an `i32` in the binary form.
    Int(i64),
    /// A string.
    Text(String),
    /// A string that is not valid UTF-8: the game does not check what players type. Only the lenient mode accepts it.
    RawText(RawText),
    /// Raw bytes.
    Data(Vec<u8>),
    /// A boolean; 1 or 0 in the binary form.
    Bool(bool),
    /// A floating-point number. Has no binary form.
    Float(f64),
    /// Any other JSON value. Has no binary form.
    Json(Json),
}

/// A string that is not valid UTF-8, both as it was received and decoded.
///
/// ```
/// use lobbywire::faf::gpgnet::RawText;
///
/// let text = RawText::from(&b"caf\xe9"[..]);
/// assert_eq!((text.bytes(), text.text()), (&b"caf\xe9"[..], "caf\u{fffd}"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawText {
    bytes: Vec<u8>,
    text: String,
}

impl RawText {
    /// Returns the string as it was received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the text. Each invalid sequence is replaced by U+FFFD.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<Vec<u8>> for RawText {
    fn from(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { bytes, text }
    }
}

impl From<&[u8]> for RawText {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_owned().into()
    }
}

impl Arg {
    /// Returns a string, also if it is not valid UTF-8; `None` for other arguments.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::RawText(text) => Some(&text.text),
            _ => None,
        }
    }

    /// Returns a borrowed argument.
    pub fn as_borrowed(&self) -> core::Arg<'_> {
        match self {
            Self::Int(number) => core::Arg::Int(*number),
            Self::Text(text) => core::Arg::Text(text),
            Self::RawText(text) => core::Arg::RawText(&text.bytes),
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
            core::Arg::RawText(bytes) => Self::RawText(bytes.into()),
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
    /// Converts a JSON value.
    fn from_json(json: wire::Json<'_>) -> Self {
        // Only strings with escapes need scratch space.
        if let Ok((arg, _)) = core::Arg::from_json(json, &mut []) {
            return arg.into();
        }
        let mut scratch = vec![0; json.text().len()];
        core::Arg::from_json(json, &mut scratch)
            .map_or_else(|_| Self::Json(json.into()), |(arg, _)| arg.into())
    }
}

impl From<Json> for Arg {
    fn from(json: Json) -> Self {
        Self::from_json(json.as_borrowed())
    }
}

impl Serialize for Arg {
    /// # Errors
    /// If the argument is data, which JSON cannot represent. Strings that are not valid UTF-8 are serialized as
    /// [`RawText::text`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::Bool(value) => value.serialize(serializer),
            Self::Float(number) => number.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
            Self::RawText(text) => text.text.serialize(serializer),
            Self::Data(_) => Err(serde::ser::Error::custom("JSON has no bytes")),
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
            Self::RawText(text) => text.text.put_json(out),
            Self::Data(_) => Err(WriteError::UnsupportedValue),
        }
    }
}

impl<'de> Deserialize<'de> for Arg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

/// An owned command, for both encodings: binary between game and adapter, and a lobby message with the target
/// `game` between client and server.
#[derive(Clone, Default, PartialEq)]
pub struct Command {
    /// The command's name: `HostGame`, `GameState`.
    pub command: String,
    /// The arguments, in order.
    pub args: Vec<Arg>,
    /// Unknown fields of the lobby message.
    pub extra: Extra,
}

impl Command {
    /// Creates a command from its name and arguments.
    pub fn new(command: impl Into<String>, args: impl IntoIterator<Item = Arg>) -> Self {
        Self { command: command.into(), args: args.into_iter().collect(), extra: Extra::default() }
    }

    /// Creates a command from a typed one, such as [`game::GameState`].
    pub fn from_typed(command: &impl core::Command) -> Self {
        let mut args = Vec::new();
        let taken: Result<(), std::convert::Infallible> = command.each_arg(&mut |arg| {
            args.push(arg.into());
            Ok(())
        });
        let Ok(()) = taken;
        Self::new(command.command(), args)
    }

    /// Decodes the command in a lobby message.
    pub(super) fn of(message: &super::Message<'_>, mode: super::Mode) -> Result<Self, super::DecodeError> {
        let mut read = Self { command: message.command().to_string(), ..Self::default() };
        for (index, (name, value)) in message.json().members().enumerate() {
            if name == "args" {
                read.args = match value.kind() {
                    JsonKind::Array => value.items().map(Arg::from_json).collect(),
                    // The server's `*args` takes the characters of a string and the names of an object.
                    JsonKind::String if mode.is_lenient() => {
                        let chars = value.as_text().into_iter().flat_map(|text| text.chars());
                        chars.map(|char| Arg::Text(char.into())).collect()
                    }
                    JsonKind::Object if mode.is_lenient() => {
                        let names: Vec<_> = value.members().map(|(name, _)| name.to_string()).collect();
                        let mut seen = Seen::default();
                        names
                            .iter()
                            .filter(|name| seen.insert((*name).into()))
                            .map(|name| Arg::from(&**name))
                            .collect()
                    }
                    JsonKind::Null if mode.is_lenient() => Vec::new(),
                    _ => {
                        return Err(super::DecodeError::unexpected(
                            read.command,
                            "args",
                            "expected an array",
                        ));
                    }
                };
            } else if name != "command" && name != "target" {
                read.extra.read(index, &name.to_string(), value.into());
            }
        }
        read.extra = read.extra.deduplicated();
        Ok(read)
    }

    /// Returns a borrowed command, which can be decoded into a typed one. Its strings are [`RawText::text`] if they
    /// are not valid UTF-8.
    pub fn as_borrowed(&self) -> Borrowed<'_> {
        let args = self.args.iter().map(|arg| arg.text().map_or_else(|| arg.as_borrowed(), core::Arg::Text));
        Borrowed { command: &self.command, args: args.collect() }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, args, extra } = self;
        let mut shown = f.debug_struct("Command");
        shown.field("command", command);
        // Messages between adapters contain passwords.
        if command != "IceMsg" {
            shown.field("args", args);
        }
        shown.field("extra", extra).finish()
    }
}

/// A borrowed command, which can be decoded into a typed one. See [`Command::as_borrowed`].
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
    /// Decodes it as a command that the game sends.
    ///
    /// # Errors
    /// If the arguments do not fit a known command.
    pub fn game(&self) -> Result<game::Command<'_>, DecodeError> {
        game::Command::read(self.command, self.args[..].into())
    }

    /// Decodes it as a command that the adapter sends.
    ///
    /// # Errors
    /// If the arguments do not fit a known command.
    pub fn adapter(&self) -> Result<adapter::Command<'_>, DecodeError> {
        adapter::Command::read(self.command, self.args[..].into())
    }

    /// Decodes it as a command that the lobby server sends.
    ///
    /// # Errors
    /// If the arguments do not fit a known command.
    pub fn server(&self) -> Result<server::Command<'_>, DecodeError> {
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
        Self::from_typed(&message)
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
                let (mut command, mut args, mut extra, mut index) = (None, None, Extra::default(), 0);
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    match &*name {
                        "command" => command = Some(map.next_value()?),
                        "args" => args = Some(map.next_value()?),
                        "target" => ignore(&mut map)?,
                        _ => extra.read(index, &name, map.next_value()?),
                    }
                    index += 1;
                }
                let command = command.ok_or_else(|| A::Error::missing_field("command"))?;
                Ok(Command { command, args: args.unwrap_or_default(), extra: extra.deduplicated() })
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

/// Encodes a command in the binary form.
///
/// # Errors
/// As [`write()`].
pub fn to_vec(command: &impl core::Command) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::with_capacity(64);
    write(&mut bytes, command)?;
    Ok(bytes)
}

#[cfg(feature = "tokio")]
mod connection {
    use super::{Command, Messages, core, to_vec};
    use crate::faf::codec::shrink;
    use crate::faf::{FrameError, Mode, ReadError, SendError};
    use crate::wire::{self, Deframer};
    use bytes::{Buf, BytesMut};
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

    /// The connection between a game and its adapter, for either side. The game connects; the adapter listens.
    ///
    /// ```
    /// use lobbywire::faf::gpgnet::{Connection, adapter, game};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (near, far) = tokio::io::duplex(1024);
    /// let (mut adapter, mut game) = (Connection::new(near), Connection::new(far));
    /// game.send(&game::GameState { state: "Idle" }).await?;
    /// let command = adapter.read().await?.expect("the game is connected");
    /// assert_eq!(command.as_borrowed().game()?, game::GameState { state: "Idle" }.into());
    /// let create = adapter::CreateLobby { init_mode: 0, port: 6112, login: "Rhiza", player: 3, nat_provider: 1 };
    /// adapter.send(&create).await?;
    /// assert_eq!(game.read().await?.unwrap().command, "CreateLobby");
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
        /// Creates a connection with the default limits, in lenient mode: strings need not be valid UTF-8.
        /// [`with_framing`](Self::with_framing) selects another mode.
        pub fn new(stream: S) -> Self {
            Self::with_framing(stream, Messages::new(Mode::Lenient))
        }

        /// Creates a connection with these limits and this mode.
        pub fn with_framing(stream: S, framing: Messages) -> Self {
            let (reads, writes) = tokio::io::split(stream);
            Self { reader: Reader::new(reads, framing), writer: Writer::new(writes) }
        }

        /// Splits the connection into halves for two tasks.
        pub fn split(self) -> (Reader<ReadHalf<S>>, Writer<WriteHalf<S>>) {
            (self.reader, self.writer)
        }

        /// Reads the next command; `None` at the end of the stream. See [`Reader::read`].
        ///
        /// # Errors
        /// [`ReadError::Malformed`], [`ReadError::Io`].
        pub async fn read(&mut self) -> Result<Option<Command>, ReadError> {
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

    /// The read half of a [`Connection`].
    #[derive(Debug)]
    pub struct Reader<R> {
        stream: R,
        deframer: Deframer<Messages>,
        buffer: BytesMut,
        position: u64,
        has_ended: bool,
    }

    impl<R> Reader<R> {
        /// Creates a reader.
        pub fn new(stream: R, framing: Messages) -> Self {
            let deframer = Deframer::new(framing);
            Self { stream, deframer, buffer: BytesMut::new(), position: 0, has_ended: false }
        }

        /// Returns the next command if the buffer contains all of it.
        fn next(&mut self) -> Option<Result<Command, FrameError>> {
            let skipped = self.deframer.skip(&self.buffer);
            self.take(skipped);
            let position = self.position;
            let malformed = |error| FrameError { error, position };
            let len = match self.deframer.next(&self.buffer, usize::MAX)? {
                Ok(len) => len,
                Err(error) => return Some(Err(malformed(error))),
            };
            let Messages { limits, mode } = *self.deframer.framing();
            let frame = self.buffer.get(..len).unwrap_or_default();
            let command =
                core::Message::read_within(frame, mode, &limits).map(Command::from).map_err(malformed);
            self.take(len);
            Some(command)
        }

        fn take(&mut self, count: usize) {
            self.buffer.advance(count);
            self.position += count as u64;
        }
    }

    impl<R: AsyncRead + Unpin> Reader<R> {
        /// Reads the next command; `None` at the end of the stream.
        ///
        /// Cancel safe: dropping the future loses no bytes.
        ///
        /// # Errors
        /// - [`ReadError::Malformed`] if a command is malformed, or if the stream ends inside one. A string that is not
        ///   valid UTF-8, which the strict mode rejects, affects only its own command. After other errors the position
        ///   of the next command is unknown, and `None` follows.
        /// - [`ReadError::Io`] if the stream fails.
        pub async fn read(&mut self) -> Result<Option<Command>, ReadError> {
            loop {
                if let Some(command) = self.next() {
                    return command.map(Some).map_err(ReadError::Malformed);
                }
                if self.has_ended || self.deframer.is_lost() {
                    return Ok(None);
                }
                shrink(&mut self.buffer);
                self.buffer.reserve(1 << 10);
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    self.has_ended = true;
                    let incomplete = wire::Error::new(wire::ErrorKind::Incomplete, 0);
                    if self.buffer.is_empty() {
                        return Ok(None);
                    }
                    return Err(ReadError::Malformed(FrameError {
                        error: incomplete.into(),
                        position: self.position,
                    }));
                }
            }
        }
    }

    /// The write half of a [`Connection`].
    #[derive(Debug)]
    pub struct Writer<W> {
        stream: W,
        /// Bytes that are being sent. They survive a dropped future.
        sending: BytesMut,
    }

    impl<W> Writer<W> {
        /// Creates a writer.
        pub fn new(stream: W) -> Self {
            Self { stream, sending: BytesMut::new() }
        }
    }

    impl<W: AsyncWrite + Unpin> Writer<W> {
        /// Sends a command. Nothing is sent of a command that cannot be encoded.
        ///
        /// If the future is dropped, the rest of the command is sent with the next one.
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
