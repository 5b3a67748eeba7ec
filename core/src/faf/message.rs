//! A lobby message, independent of its framing.

use super::{Error, ErrorKind, Mode};
use crate::wire::{self, Json, JsonKind, JsonText};

/// A lobby message: a JSON object with a `command`.
///
/// The lenient mode reads any object, as the server does. One without a `command`, or with one that is not a string,
/// has an empty [`command`](Self::command).
///
/// It borrows the received text, which is checked once. Fields are located on access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    json: Json<'a>,
    command: JsonText<'a>,
    target: Option<Json<'a>>,
    index: MessageIndex,
}

/// The positions of a message's routing fields in its text, and what checking the text found.
#[doc(hidden)] // used by the std adapter
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageIndex {
    command: Option<usize>,
    target: Option<usize>,
    is_canonical: bool,
}

impl MessageIndex {
    /// The index of a message that has only a command.
    const COMMAND_ONLY: Self =
        Self { command: Some("{\"command\":".len()), target: None, is_canonical: true };
}

impl<'a> Message<'a> {
    /// `{"command":"ping"}`, the keepalive request, sent every 45 seconds.
    pub const PING: Message<'static> =
        Message::command_only(Json::assume("{\"command\":\"ping\"}"), JsonText::assume("ping"));
    /// `{"command":"pong"}`, the reply.
    pub const PONG: Message<'static> =
        Message::command_only(Json::assume("{\"command\":\"pong\"}"), JsonText::assume("pong"));

    const fn command_only(json: Json<'static>, command: JsonText<'static>) -> Message<'static> {
        Message { json, command, target: None, index: MessageIndex::COMMAND_ONLY }
    }

    /// Parses a message.
    ///
    /// # Errors
    /// As [`Json::parse`]; [`NotAnObject`](wire::ErrorKind::NotAnObject); in the strict mode
    /// [`ErrorKind::MissingCommand`], [`ErrorKind::CommandNotString`].
    pub fn parse(text: &'a str, mode: Mode) -> Result<Self, Error> {
        let parsed = Json::parse_and_find(text, mode.json(), ["command", "target"])?;
        let (json, [command, target]) = (parsed.json, parsed.found);
        let before = text.len().saturating_sub(text.trim_ascii_start().len());
        if json.kind() != JsonKind::Object {
            return Err(wire::Error::new(wire::ErrorKind::NotAnObject, before).into());
        }
        let command = match command {
            Some((at, command)) => match command.as_text() {
                Some(command) => Some((at, command)),
                None if mode.is_lenient() => None,
                None => return Err(Error::new(ErrorKind::CommandNotString, at)),
            },
            None if mode.is_lenient() => None,
            None => return Err(Error::new(ErrorKind::MissingCommand, 0)),
        };
        let index = MessageIndex {
            command: command.map(|(at, _)| at.saturating_sub(before)),
            target: target.map(|(at, _)| at.saturating_sub(before)),
            is_canonical: parsed.is_written,
        };
        let command = command.map_or(JsonText::EMPTY, |(_, command)| command);
        let target = target.map(|(_, target)| target);
        Ok(Self { json, command, target, index })
    }

    /// The index into the text of [`json`](Self::json).
    #[doc(hidden)] // used by the std adapter
    pub fn index(&self) -> MessageIndex {
        self.index
    }

    /// Restores a message from the text of its [`json`](Self::json) and its [`index`](Self::index). With other
    /// arguments the result is an arbitrary message or `None`.
    #[doc(hidden)] // used by the std adapter
    pub fn restore(text: &'a str, index: MessageIndex) -> Option<Self> {
        let json = Json::assume(text);
        let command = match index.command {
            Some(at) => json.value_at(at).as_text()?,
            None => JsonText::EMPTY,
        };
        let target = index.target.map(|at| json.value_at(at));
        Some(Self { json, command, target, index })
    }

    /// Returns the whole object.
    pub fn json(&self) -> Json<'a> {
        self.json
    }

    /// Whether the text is already in the form in which it would be encoded.
    #[doc(hidden)] // used by the std adapter
    pub fn is_canonical(&self) -> bool {
        self.index.is_canonical
    }

    /// Whether it has a `command`, which only messages of the lenient mode may lack.
    pub fn has_command(&self) -> bool {
        self.index.command.is_some()
    }

    /// The message's command: `ask_session`, `HostGame`. Empty if it has none.
    pub fn command(&self) -> JsonText<'a> {
        self.command
    }

    /// The message's target, to which the client should forward it.
    pub fn target(&self) -> Option<JsonText<'a>> {
        self.target.and_then(|target| target.as_text())
    }

    /// Whether it is a GPGNet command, to or from the game: see [`gpgnet::OverJson`](super::gpgnet::OverJson).
    pub fn is_for_game(&self) -> bool {
        self.target().is_some_and(|target| target == "game")
    }

    /// Returns the field with this name.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.json.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_routed_by_their_last_command() {
        for (text, command) in [
            (r#"{"command":"a"}"#, "a"),
            (r#" { "x": {"command":"b"}, "command" : "a" } "#, "a"),
            (r#"{"command":"b","command":"a"}"#, "a"),
            (r#"{"comm\u0061nd":"\u0061","commander":1,"comman":2}"#, "a"),
        ] {
            assert_eq!(Message::parse(text, Mode::Strict).unwrap().command(), command, "{text}");
        }
        let game = r#"{"command":"HostGame","target":"game","args":[]}"#;
        assert!(Message::parse(game, Mode::Strict).unwrap().is_for_game());
    }

    #[test]
    fn messages_are_restored_from_text_and_index() {
        for text in [
            r#"{"command":"pong"}"#,
            " \n{ \"x\" : [1] , \"command\" : \"a\\n\", \"target\":\"game\"} ",
            r#"{"target":7,"command":"b","command":"a"}"#,
        ] {
            let message = Message::parse(text, Mode::Strict).unwrap();
            let again = Message::restore(message.json().text(), message.index());
            assert_eq!(again, Some(message), "{text}");
        }
        assert_eq!(Message::restore("{", Message::PING.index()), None);
    }

    #[test]
    fn any_object_is_a_message_in_lenient_mode() {
        for text in
            ["{}", r#" {"some_header":true}"#, r#"{"command":7,"target":"game"}"#, r#"{"command":null}"#]
        {
            let message = Message::parse(text, Mode::Lenient).unwrap();
            assert_eq!((message.command(), message.has_command()), (JsonText::EMPTY, false), "{text}");
            assert_eq!(message.json().text(), text.trim_start());
            assert_eq!(Message::restore(message.json().text(), message.index()), Some(message));
        }
        let named = Message::parse(r#"{"command":""}"#, Mode::Lenient).unwrap();
        assert!(named.has_command() && named.command() == "");
        assert!(Message::parse("[]", Mode::Lenient).is_err());
    }

    #[test]
    fn malformed_messages_are_rejected_with_kind_and_offset() {
        for (text, kind, offset) in [
            (" [1]", wire::ErrorKind::NotAnObject.into(), 1),
            ("\"PING\"", wire::ErrorKind::NotAnObject.into(), 0),
            ("{}", ErrorKind::MissingCommand, 0),
            (r#"{"a":{"command":"b"}}"#, ErrorKind::MissingCommand, 0),
            (r#"{"command":7}"#, ErrorKind::CommandNotString, 11),
            (r#"{"command":"a"} x"#, wire::ErrorKind::Json.into(), 16),
            (r#"{"command":"a""#, wire::ErrorKind::Json.into(), 14),
            (r#"{"command":NaN}"#, wire::ErrorKind::NonFiniteNumber.into(), 11),
        ] {
            assert_eq!(Message::parse(text, Mode::Strict), Err(Error::new(kind, offset)), "{text}");
        }
    }
}
