//! `lobbywire faf decode`

use super::Dialect;
use super::dump;
use super::frames::{Decoded, Frame, MessageSink, each_message};
use crate::format::Format;
use crate::output::Output;
use crate::report::Malformed;
use crate::text::{Palette, message};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::Json;
use lobbywire::faf::gpgnet::{self, Arg};
use serde_json::json;
use std::io::{Result, Write};
use std::path::Path;

pub(super) fn run(
    dialect: Dialect,
    format: Format,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> Result<()> {
    each_message(
        dialect,
        keep_going,
        file,
        out,
        &mut Printer { dialect, format, palette: Palette::for_stdout() },
    )
}

/// Prints messages.
struct Printer {
    dialect: Dialect,
    format: Format,
    palette: Palette,
}

impl MessageSink for Printer {
    fn message(
        &mut self,
        frame: Frame<'_>,
        message: Decoded,
        out: &mut Output,
    ) -> Result<std::result::Result<(), Malformed>> {
        match (self.format, &message) {
            (Format::Bytes, _) => self.dump(frame, message.command(), None, out)?,
            (Format::Text, _) => self.text(frame, &message, out)?,
            (Format::Json, Decoded::Lobby(message)) => writeln!(out, "{}", message.json())?,
            (Format::Json, Decoded::Game(command)) => writeln!(out, "{}", command_json(command))?,
        }
        Ok(Ok(()))
    }

    fn malformed(&mut self, frame: Frame<'_>, error: &str, out: &mut Output) -> Result<()> {
        if self.format == Format::Bytes {
            self.dump(frame, "Malformed", Some(error), out)?;
        }
        Ok(())
    }
}

impl Printer {
    fn dump(
        &self,
        Frame { bytes, at }: Frame<'_>,
        title: &str,
        error: Option<&str>,
        out: &mut Output,
    ) -> Result<()> {
        dump::frame(self.palette, self.dialect.framing, title, at, bytes, error, out)
    }

    fn text(&self, Frame { bytes, .. }: Frame<'_>, decoded: &Decoded, out: &mut Output) -> Result<()> {
        let json = match decoded {
            Decoded::Lobby(message) => message.json().to_string(),
            Decoded::Game(command) => command_json(command).to_string(),
        };
        match serde_json::from_str::<serde_json::Map<_, _>>(&json) {
            Ok(members) => {
                let members = members.iter().filter(|(name, _)| *name != "command");
                message(self.palette, decoded.command(), bytes.len(), members, out)
            }
            // JSON that only Python accepts, with NaN or half of a surrogate pair.
            Err(_) => {
                let member = (&"json".to_owned(), &serde_json::Value::from(json));
                message(self.palette, decoded.command(), bytes.len(), [member].into_iter(), out)
            }
        }
    }
}

/// A command as JSON. Bytes are `{"$bin": base64}`, text that is not valid UTF-8 is `{"$text": base64}`.
fn command_json(command: &gpgnet::Command) -> Json {
    let bytes = |name: &str, bytes: &[u8]| Json::from(json!({ name: STANDARD.encode(bytes) }));
    let args = command.args.iter().map(|arg| match arg {
        Arg::Data(data) => bytes("$bin", data),
        Arg::RawText(text) => bytes("$text", text.bytes()),
        other => Json::new(other).unwrap_or_default(),
    });
    let args: Vec<_> = args.map(|arg| arg.to_string()).collect();
    let text = format!("{{\"command\":{},\"args\":[{}]}}", Json::from(&*command.command), args.join(","));
    Json::parse(&text, lobbywire::faf::Mode::Lenient).unwrap_or_default()
}
