//! A received message, and why it may not decode.

use super::json::Json;
use super::{Body, Error, ErrorKind, Message, MessageIndex, Mode, WriteError, client, server};
use crate::wire::{self, Sink};
use serde::{Serialize, Serializer};
use std::fmt;

/// A received message: its JSON text, checked for syntax.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    text: Box<str>,
    index: MessageIndex,
    /// The command, if it has escapes.
    command: Option<Box<str>>,
    mode: Mode,
    is_for_game: bool,
    pub(super) is_truncated: bool,
}

impl Received {
    /// Copies a borrowed message. `mode` is the one that it was read in.
    pub fn new(message: &Message<'_>, mode: Mode) -> Self {
        let command = message.command();
        Self {
            text: message.json().text().into(),
            index: message.index(),
            command: if command.as_plain().is_some() { None } else { Some(command.to_string().into()) },
            mode,
            is_for_game: message.is_for_game(),
            is_truncated: false,
        }
    }

    /// The JSON text as received. For a QDataStream keyword, or several strings that the lenient mode
    /// combined, it is the equivalent JSON object.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message's command: `ask_session`, `HostGame`. Empty if it has none, which only the lenient mode accepts.
    pub fn command(&self) -> &str {
        match &self.command {
            Some(command) => command,
            None => self.message().command().raw(),
        }
    }

    /// Whether the message is a GPGNet command to or from the game.
    pub fn is_for_game(&self) -> bool {
        self.is_for_game
    }

    /// Whether the lenient mode dropped strings after the first one because they are malformed.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Returns a borrowed message, for reading single fields or for forwarding it unchanged.
    pub fn message(&self) -> Message<'_> {
        // Cannot fail: text and index come from the same message.
        Message::restore(&self.text, self.index).unwrap_or(Message::PING)
    }

    /// Returns the message in the server's JSON form.
    pub fn json(&self) -> Json {
        self.message().json().into()
    }

    /// Decodes it as a message that clients send, in the mode in which it was read: see
    /// [`Mode`](super::Mode#typed-messages).
    ///
    /// # Errors
    /// If a field is missing or has another type.
    pub fn client(&self) -> Result<client::Message, DecodeError> {
        client::Message::of(&self.message(), self.mode)
    }

    /// Decodes it as a message that the server sends, in the mode in which it was read: see
    /// [`Mode`](super::Mode#typed-messages).
    ///
    /// # Errors
    /// If a field is missing or has another type.
    pub fn server(&self) -> Result<server::Message, DecodeError> {
        server::Message::of(&self.message(), self.mode)
    }
}

impl Body for Received {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        self.message().write_json(out)
    }

    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        self.message().keyword(mode)
    }
}

impl fmt::Debug for Received {
    /// Omits the text, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("command", &self.command()).finish_non_exhaustive()
    }
}

/// A message whose command is unknown. It is kept unchanged.
#[derive(Clone, PartialEq, Eq)]
pub struct Unknown {
    command: String,
    json: Json,
}

impl Unknown {
    pub(super) fn of(message: &Message<'_>) -> Self {
        Self { command: message.command().to_string(), json: message.json().into() }
    }

    /// The message's command.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The whole message.
    pub fn json(&self) -> &Json {
        &self.json
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl Body for Unknown {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(out.put(self.json.text().as_bytes())?)
    }

    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        self.json.as_borrowed().keyword(mode)
    }
}

impl fmt::Debug for Unknown {
    /// Omits the fields, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown").field("command", &self.command).finish_non_exhaustive()
    }
}

/// A message that does not fit the type of its command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The kind of error: malformed JSON, [`MissingField`](wire::ErrorKind::MissingField), or
    /// [`UnexpectedType`](wire::ErrorKind::UnexpectedType).
    pub kind: ErrorKind,
    /// The offset in the text, if known.
    pub offset: Option<u32>,
    /// The message's command; empty if the text is not a message.
    pub command: String,
    /// The path to the field, such as `players.0.login`; empty if unknown.
    pub field: String,
    /// A description of the error.
    pub message: String,
}

impl DecodeError {
    /// A field that has another type.
    pub(super) fn unexpected(command: String, field: &str, message: &str) -> Self {
        let kind = wire::ErrorKind::UnexpectedType.into();
        Self { kind, offset: None, command, field: field.to_owned(), message: message.to_owned() }
    }
}

impl From<Error> for DecodeError {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind,
            offset: Some(error.offset),
            command: String::new(),
            field: String::new(),
            message: error.kind.message().to_owned(),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, command, field, message, .. } = self;
        f.write_str(message)?;
        if let Some(offset) = offset {
            write!(f, " (byte {offset})")?;
        }
        match (&**command, &**field) {
            ("", _) => Ok(()),
            (command, "") => write!(f, " ({command})"),
            (command, field) => write!(f, " ({command}, field {field})"),
        }
    }
}

impl std::error::Error for DecodeError {}
