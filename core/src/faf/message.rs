//! A lobby message, whatever it is framed in.

use super::Mode;
use crate::wire::{Error, ErrorKind, Json, JsonKind, JsonText};

/// A message of the lobby: a JSON object that names a `command`.
///
/// It is the text that came, checked once; what nobody asks for is not looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    json: Json<'a>,
    command: JsonText<'a>,
    target: Option<Json<'a>>,
    places: MessagePlaces,
}

/// Where in its text a message has what it is routed by, and what else was seen when it was checked.
#[doc(hidden)] // for the crate that has a heap
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePlaces {
    command: usize,
    target: Option<usize>,
    is_written: bool,
}

impl MessagePlaces {
    /// Those of a message that has a command and nothing else.
    const OF_A_WORD: Self = Self { command: "{\"command\":".len(), target: None, is_written: true };
}

impl<'a> Message<'a> {
    /// `{"command":"ping"}`, which is asked every 45 seconds.
    pub const PING: Message<'static> =
        Message::word(Json::assume("{\"command\":\"ping\"}"), JsonText::assume("ping"));
    /// `{"command":"pong"}`, the answer.
    pub const PONG: Message<'static> =
        Message::word(Json::assume("{\"command\":\"pong\"}"), JsonText::assume("pong"));

    const fn word(json: Json<'static>, command: JsonText<'static>) -> Message<'static> {
        Message { json, command, target: None, places: MessagePlaces::OF_A_WORD }
    }

    /// The message that is this text.
    ///
    /// # Errors
    /// Those of [`Json::parse`]; [`ErrorKind::NotAnObject`], [`ErrorKind::MissingCommand`],
    /// [`ErrorKind::CommandNotString`].
    pub fn parse(text: &'a str, mode: Mode) -> Result<Self, Error> {
        let parsed = Json::parse_and_find(text, mode.json(), ["command", "target"])?;
        let (json, [command, target]) = (parsed.json, parsed.found);
        let before = text.len().saturating_sub(text.trim_ascii_start().len());
        if json.kind() != JsonKind::Object {
            return Err(Error::new(ErrorKind::NotAnObject, before));
        }
        let (at, command) = command.ok_or(Error::new(ErrorKind::MissingCommand, 0))?;
        let command = command.as_text().ok_or(Error::new(ErrorKind::CommandNotString, at))?;
        let places = MessagePlaces {
            command: at.saturating_sub(before),
            target: target.map(|(at, _)| at.saturating_sub(before)),
            is_written: parsed.is_written,
        };
        let target = target.map(|(_, target)| target);
        Ok(Self { json, command, target, places })
    }

    /// Where in the text of [`json`](Self::json) what was found is.
    #[doc(hidden)] // for the crate that has a heap
    pub fn places(&self) -> MessagePlaces {
        self.places
    }

    /// A message that was read before, from the text of its [`json`](Self::json) and its
    /// [`places`](Self::places). Of other ones it makes some message, or none.
    #[doc(hidden)] // for the crate that has a heap
    pub fn read_before(text: &'a str, places: MessagePlaces) -> Option<Self> {
        let json = Json::assume(text);
        let command = json.value_at(places.command).as_text()?;
        let target = places.target.map(|at| json.value_at(at));
        Some(Self { json, command, target, places })
    }

    /// The whole object.
    pub fn json(&self) -> Json<'a> {
        self.json
    }

    /// Whether the text is as it would be written, which was seen when it was checked.
    pub(super) fn is_written(&self) -> bool {
        self.places.is_written
    }

    /// What the message is: `ask_session`, `HostGame`.
    pub fn command(&self) -> JsonText<'a> {
        self.command
    }

    /// Whom the client is to pass it on to, if anybody.
    pub fn target(&self) -> Option<JsonText<'a>> {
        self.target.and_then(|target| target.as_text())
    }

    /// Whether it is a GPGNet command, to or from the game: see [`gpgnet::OverJson`](super::gpgnet::OverJson).
    pub fn is_for_game(&self) -> bool {
        self.target().is_some_and(|target| target == "game")
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.json.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_routed_by_its_last_command() {
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
    fn a_message_that_was_read_is_found_again_in_its_text() {
        for text in [
            r#"{"command":"pong"}"#,
            " \n{ \"x\" : [1] , \"command\" : \"a\\n\", \"target\":\"game\"} ",
            r#"{"target":7,"command":"b","command":"a"}"#,
        ] {
            let message = Message::parse(text, Mode::Strict).unwrap();
            let again = Message::read_before(message.json().text(), message.places());
            assert_eq!(again, Some(message), "{text}");
        }
        assert_eq!(Message::read_before("{", Message::PING.places()), None);
    }

    #[test]
    fn what_is_no_message_says_why() {
        for (text, kind, offset) in [
            (" [1]", ErrorKind::NotAnObject, 1),
            ("\"PING\"", ErrorKind::NotAnObject, 0),
            ("{}", ErrorKind::MissingCommand, 0),
            (r#"{"a":{"command":"b"}}"#, ErrorKind::MissingCommand, 0),
            (r#"{"command":7}"#, ErrorKind::CommandNotString, 11),
            (r#"{"command":"a"} x"#, ErrorKind::Json, 16),
            (r#"{"command":"a""#, ErrorKind::Json, 14),
            (r#"{"command":NaN}"#, ErrorKind::NonFiniteNumber, 11),
        ] {
            assert_eq!(Message::parse(text, Mode::Strict), Err(Error::new(kind, offset)), "{text}");
        }
    }
}
