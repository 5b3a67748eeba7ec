//! `lobbywire faf encode`

use super::frames::{Framer, Refusal};
use super::{Dialect, Framing};
use crate::lines::each_line;
use crate::report::Malformed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::gpgnet::{self, Arg};
use lobbywire::faf::{ErrorKind, Json, Message, Mode};
use lobbywire::wire;
use std::io::Result;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(dialect: Dialect, keep_going: bool, file: Option<&Path>) -> Result<ExitCode> {
    let framer = Framer::new(dialect.framing, dialect.mode());
    each_line(keep_going, file, |line, offset, out| match frame(&framer, dialect, line) {
        Ok(frame) => out.write_all(&frame).map(Ok),
        Err((Refusal { kind, packet, field, message }, at)) => {
            Ok(Err(Malformed { kind, offset: offset + u64::from(at), packet, field, message }))
        }
    })
}

/// The frame of a line, or an error and its offset in the line.
fn frame(framer: &Framer, dialect: Dialect, line: &[u8]) -> std::result::Result<Vec<u8>, (Refusal, u32)> {
    let malformed = |kind: ErrorKind, offset| {
        let message = kind.message().to_owned();
        (Refusal { kind: kind.name(), packet: None, field: None, message }, offset)
    };
    let text = std::str::from_utf8(line).map_err(|error| {
        malformed(wire::ErrorKind::Utf8.into(), u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX))
    })?;
    let message =
        Message::parse(text, dialect.mode()).map_err(|error| malformed(error.kind, error.offset))?;
    if dialect.framing == Framing::Gpgnet {
        let command = command(&message, dialect.mode()).map_err(|refusal| (refusal, 0))?;
        return framer.game(&command).map_err(|refusal| (refusal, 0));
    }
    // Duplicate names are written once, as the server does.
    let json = Json::from(message.json());
    let message = Message::parse(json.text(), Mode::Lenient).map_err(|error| malformed(error.kind, 0))?;
    let frame = framer.lobby(&message).map_err(|refusal| (refusal, 0))?;
    Ok(frame.unwrap_or_default())
}

/// Converts a line to a binary command.
fn command(message: &Message<'_>, mode: Mode) -> std::result::Result<gpgnet::Command, Refusal> {
    let name = message.command().to_string();
    let refused = |field: String, text: &str| Refusal {
        kind: "value",
        packet: Some(name.clone()),
        field: Some(field),
        message: text.to_owned(),
    };
    let Some(args) = message.get("args") else { return Ok(gpgnet::Command::new(name, [])) };
    if args.kind() != wire::JsonKind::Array {
        return Err(refused("args".to_owned(), "expected an array"));
    }
    let mut command = gpgnet::Command::new(name.clone(), []);
    for (index, arg) in args.items().enumerate() {
        let bytes = |key: &str| {
            let bytes = arg.get(key)?.as_text()?.to_string();
            Some(STANDARD.decode(bytes).map_err(|_| refused(format!("args.{index}"), "expected base64")))
        };
        let arg = match (bytes("$bin"), bytes("$text")) {
            (Some(data), _) => Arg::Data(data?),
            (None, Some(text)) if mode.is_lenient() => Arg::RawText(text?),
            _ => Json::from(arg).into(),
        };
        command.args.push(arg);
    }
    Ok(command)
}
