//! A message that came, and what it says.

use super::json::{Json, readable};
use super::{Body, Message, MessagePlaces, Mode, WriteError, client, server};
use crate::wire::{self, Sink};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use std::fmt;

/// A message as it came: its text, checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    text: Box<str>,
    places: MessagePlaces,
    command: Box<str>,
    is_for_game: bool,
    pub(super) is_cut: bool,
}

impl Received {
    /// Takes over what was read.
    pub fn new(message: &Message<'_>) -> Self {
        Self {
            text: message.json().text().into(),
            places: message.places(),
            command: message.command().to_string().into(),
            is_for_game: message.is_for_game(),
            is_cut: false,
        }
    }

    /// The JSON text as it came; a block's word, or what the lenient mode has put together of several strings,
    /// as the object that it stands for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the message is: `ask_session`, `HostGame`.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Whether it is a command to or from the game.
    pub fn is_for_game(&self) -> bool {
        self.is_for_game
    }

    /// Whether a string behind the first one could not be read, in the lenient mode.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The message, to look at its fields, or to pass it on as it is.
    pub fn message(&self) -> Message<'_> {
        // Both are its own: there is a message.
        Message::read_before(&self.text, self.places).unwrap_or(Message::PING)
    }

    /// The message in the server's form.
    pub fn json(&self) -> Json {
        self.message().json().into()
    }

    /// What a client says with it.
    ///
    /// # Errors
    /// Which field is missing, or of the wrong type.
    pub fn client(&self) -> Result<client::Message, MessageError> {
        client::Message::of(&self.message())
    }

    /// What the server says with it.
    ///
    /// # Errors
    /// Which field is missing, or of the wrong type.
    pub fn server(&self) -> Result<server::Message, MessageError> {
        server::Message::of(&self.message())
    }
}

impl Body for Received {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        self.message().write_json(out)
    }

    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        self.message().word(mode)
    }
}

impl fmt::Debug for Received {
    /// Not the text, which may hold what is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("command", &self.command).finish_non_exhaustive()
    }
}

/// A message whose command is not known, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Unknown {
    command: String,
    json: Json,
}

impl Unknown {
    pub(super) fn of(message: &Message<'_>) -> Self {
        Self { command: message.command().to_string(), json: message.json().into() }
    }

    /// The command.
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

    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        self.json.as_borrowed().word(mode)
    }
}

impl fmt::Debug for Unknown {
    /// Not its fields, which may hold what is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown").field("command", &self.command).finish_non_exhaustive()
    }
}

/// Why a text is not the message that its command says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageError {
    /// What is wrong: that of the text itself, [`MissingField`](wire::ErrorKind::MissingField),
    /// [`UnexpectedType`](wire::ErrorKind::UnexpectedType).
    pub kind: wire::ErrorKind,
    /// Where in the text, if that is known.
    pub offset: Option<u32>,
    /// The message's command; empty where the text is no message.
    pub command: String,
    /// The path to the field, such as `players.0.login`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl MessageError {
    /// Reads a message once more, to see which field it failed at; or as far as serde can read it.
    #[cold]
    pub(super) fn reread<T: DeserializeOwned>(
        command: &str,
        text: &str,
        error: &serde_json::Error,
    ) -> Result<T, Self> {
        // Where it is not the data it is Python's JSON, for the text was found to be valid before.
        let text = if error.is_data() { text } else { &readable(text) };
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Self::at(command, &error.path().to_string(), error.inner()))
    }

    /// A field that is of another type.
    pub(super) fn unexpected(command: String, field: &str, message: &str) -> Self {
        let kind = wire::ErrorKind::UnexpectedType;
        Self { kind, offset: None, command, field: field.to_owned(), message: message.to_owned() }
    }

    fn at(command: &str, path: &str, error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        // `players[0].login` has its places in brackets.
        let path = path.replace(['[', ']'], ".").replace("..", ".").trim_matches('.').to_owned();
        let command = command.to_owned();
        match message.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`')) {
            Some(name) => {
                let kind = wire::ErrorKind::MissingField;
                let field = if path.is_empty() { name.to_owned() } else { path + "." + name };
                Self { kind, offset: None, command, field, message: kind.message().to_owned() }
            }
            None => Self {
                kind: wire::ErrorKind::UnexpectedType,
                offset: None,
                command,
                field: path,
                message: message.to_owned(),
            },
        }
    }
}

impl From<wire::Error> for MessageError {
    fn from(error: wire::Error) -> Self {
        Self {
            kind: error.kind,
            offset: Some(error.offset),
            command: String::new(),
            field: String::new(),
            message: error.kind.message().to_owned(),
        }
    }
}

impl fmt::Display for MessageError {
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

impl std::error::Error for MessageError {}
