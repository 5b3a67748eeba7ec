//! `lobbywire faf encode`

use super::frames::{Framer, malformed};
use super::{Dialect, Framing};
use crate::keys::{self, WrongKey};
use crate::lines::{Line, each_line};
use crate::output::Output;
use crate::report::Malformed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::gpgnet::{self, Arg};
use lobbywire::faf::{Json, Message, Mode};
use lobbywire::wire;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::io::{Result, Write};
use std::path::Path;

pub(super) fn run(
    dialect: Dialect,
    ignore_unknown: bool,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> Result<()> {
    let framer = Framer::new(dialect.framing, dialect.mode());
    each_line(keep_going, file, out, |line, out| match frame(&framer, dialect, ignore_unknown, line) {
        Ok(frame) => out.write_all(&frame).map(Ok),
        Err(malformed) => {
            let offset = line.offset + malformed.offset;
            Ok(Err(Malformed { offset, ..malformed }))
        }
    })
}

/// The frame of a line, or an error with its offset in the line.
fn frame(
    framer: &Framer,
    dialect: Dialect,
    ignore_unknown: bool,
    line: Line<'_>,
) -> std::result::Result<Vec<u8>, Malformed> {
    let text = std::str::from_utf8(line.bytes).map_err(|error| {
        malformed(wire::ErrorKind::Utf8.into(), u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX))
    })?;
    let message =
        Message::parse(text, dialect.mode()).map_err(|error| malformed(error.kind, error.offset))?;
    let wrong_key = || wrong_key(dialect, line, message.json(), &message.command().to_string());
    if let Some(wrong) = if ignore_unknown { None } else { wrong_key() } {
        let packet = Some(message.command().to_string());
        let WrongKey { kind, path, message } = wrong;
        return Err(Malformed { kind, packet, field: Some(path), message, ..Malformed::default() });
    }
    if dialect.framing == Framing::Gpgnet {
        return framer.game(&command(&message, dialect.mode())?);
    }
    // Duplicate names are written once, as the server does.
    let json = Json::from(message.json());
    let message = Message::parse(json.text(), Mode::Lenient).map_err(|error| malformed(error.kind, 0))?;
    framer.lobby(&message).map(Option::unwrap_or_default)
}

/// The keys of a command for GPGNet.
#[derive(Deserialize)]
struct CommandKeys {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    #[serde(rename = "args")]
    _args: Option<IgnoredAny>,
}

/// The keys of `{"$bin": base64}`.
#[derive(Deserialize)]
struct DataKeys {
    #[serde(rename = "$bin")]
    _data: IgnoredAny,
}

/// The keys of `{"$text": base64}`.
#[derive(Deserialize)]
struct RawTextKeys {
    #[serde(rename = "$text")]
    _text: IgnoredAny,
}

/// The keys of a message that QDataStream writes as a word.
#[derive(Deserialize)]
struct WordKeys {
    #[serde(rename = "command")]
    _command: IgnoredAny,
}

/// Returns the first key of a line that is not written, or that occurs twice. Messages of the lobby are free objects, whose
/// unknown members are written too.
fn wrong_key(dialect: Dialect, line: Line<'_>, json: wire::Json<'_>, command: &str) -> Option<WrongKey> {
    fn unknown<'j, K: Deserialize<'j>>(json: wire::Json<'_>, line: Line<'_>) -> Option<WrongKey> {
        keys::unknown(json, line.number, |json| K::deserialize(json).is_ok())
    }
    let ignored = match dialect.framing {
        Framing::Json => None,
        Framing::Qdatastream if ["ping", "pong"].contains(&command) => unknown::<WordKeys>(json, line),
        Framing::Qdatastream => None,
        Framing::Gpgnet => unknown::<CommandKeys>(json, line).or_else(|| {
            let mut args = json.get("args")?.items().enumerate();
            args.find_map(|(index, arg)| {
                let wrong = if arg.get("$bin").is_some() {
                    unknown::<DataKeys>(arg, line)?
                } else {
                    arg.get("$text").and_then(|_| unknown::<RawTextKeys>(arg, line))?
                };
                Some(wrong.inside(&format!("args.{index}")))
            })
        }),
    };
    keys::duplicate(json, line.number).or(ignored)
}

/// Converts a line to a binary command.
fn command(message: &Message<'_>, mode: Mode) -> std::result::Result<gpgnet::Command, Malformed> {
    let name = message.command().to_string();
    let wrong = |field: String, text: &str| Malformed {
        kind: "value",
        packet: Some(name.clone()),
        field: Some(field),
        message: text.to_owned(),
        ..Malformed::default()
    };
    let Some(args) = message.get("args") else { return Ok(gpgnet::Command::new(name, [])) };
    if args.kind() != wire::JsonKind::Array {
        return Err(wrong("args".to_owned(), "expected an array"));
    }
    let mut command = gpgnet::Command::new(name.clone(), []);
    for (index, arg) in args.items().enumerate() {
        let bytes = |key: &str| {
            let bytes = arg.get(key)?.as_text()?.to_string();
            Some(STANDARD.decode(bytes).map_err(|_| wrong(format!("args.{index}"), "expected base64")))
        };
        let arg = match (bytes("$bin"), bytes("$text")) {
            (Some(data), _) => Arg::Data(data?),
            (None, Some(text)) if mode.is_lenient() => Arg::RawText(text?.into()),
            _ => Json::from(arg).into(),
        };
        command.args.push(arg);
    }
    Ok(command)
}
