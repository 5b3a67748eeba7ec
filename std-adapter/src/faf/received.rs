//! A received message, and why it may not decode.

use super::json::{Json, to_standard_json};
use super::{Body, Error, ErrorKind, Message, MessageIndex, Mode, WriteError, client, server};
use crate::wire::{self, Sink};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use std::fmt;

/// A received message: its JSON text, checked for syntax.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    text: Box<str>,
    index: MessageIndex,
    command: Box<str>,
    is_for_game: bool,
    pub(super) is_truncated: bool,
}

impl Received {
    /// Copies a borrowed message.
    pub fn new(message: &Message<'_>) -> Self {
        Self {
            text: message.json().text().into(),
            index: message.index(),
            command: message.command().to_string().into(),
            is_for_game: message.is_for_game(),
            is_truncated: false,
        }
    }

    /// The JSON text as received. For a QDataStream keyword, or several strings that the lenient mode
    /// combined, it is the equivalent JSON object.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message's command: `ask_session`, `HostGame`.
    pub fn command(&self) -> &str {
        &self.command
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

    /// Decodes it as a message that clients send.
    ///
    /// # Errors
    /// If a field is missing or has another type.
    pub fn client(&self) -> Result<client::Message, DecodeError> {
        client::Message::of(&self.message())
    }

    /// Decodes it as a message that the server sends.
    ///
    /// # Errors
    /// If a field is missing or has another type.
    pub fn server(&self) -> Result<server::Message, DecodeError> {
        server::Message::of(&self.message())
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
        f.debug_struct("Received").field("command", &self.command).finish_non_exhaustive()
    }
}

/// A message whose command is unknown. It is stored_text unchanged.
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
    /// Decodes a message a second time to find the field that failed. Text that is valid only for Python is
    /// converted for serde first.
    #[cold]
    pub(super) fn reread<T: DeserializeOwned>(
        command: &str,
        text: &str,
        error: &serde_json::Error,
    ) -> Result<T, Self> {
        // The text is known to be valid in lenient mode, so a syntax error means JSON that only Python accepts.
        let text = if error.is_data() { text } else { &to_standard_json(text) };
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Self::at(command, &error.path().to_string(), error.inner()))
    }

    /// A field that has another type.
    pub(super) fn unexpected(command: String, field: &str, message: &str) -> Self {
        let kind = wire::ErrorKind::UnexpectedType.into();
        Self { kind, offset: None, command, field: field.to_owned(), message: message.to_owned() }
    }

    fn at(command: &str, path: &str, error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        // serde_path_to_error puts indices into brackets: `players[0].login`.
        let path = path.replace(['[', ']'], ".").replace("..", ".").trim_matches('.').to_owned();
        let command = command.to_owned();
        match message.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`')) {
            Some(name) => {
                let kind = ErrorKind::from(wire::ErrorKind::MissingField);
                let field = if path.is_empty() { name.to_owned() } else { path + "." + name };
                Self { kind, offset: None, command, field, message: kind.message().to_owned() }
            }
            None => Self {
                kind: wire::ErrorKind::UnexpectedType.into(),
                offset: None,
                command,
                field: path,
                message: message.to_owned(),
            },
        }
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
