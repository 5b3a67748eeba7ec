//! `lobbywire faf decode`

use super::Dialect;
use super::frames::{Decoded, MessageSink, Refusal, each_message};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::Json;
use lobbywire::faf::gpgnet::{self, Arg};
use serde_json::json;
use std::io::{BufWriter, Result, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(dialect: Dialect, keep_going: bool, file: Option<&Path>) -> Result<ExitCode> {
    each_message(dialect, keep_going, file, &mut Printer(BufWriter::new(stdout().lock())))
}

/// Prints messages.
struct Printer<W>(W);

impl<W: Write> MessageSink for Printer<W> {
    fn message(&mut self, message: Decoded) -> Result<std::result::Result<(), Refusal>> {
        match message {
            Decoded::Lobby(message) => writeln!(self.0, "{}", message.json())?,
            Decoded::Game(command) => writeln!(self.0, "{}", command_json(&command))?,
        }
        Ok(Ok(()))
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

/// A command as JSON. Bytes are `{"$bin": base64}`, text that is not valid UTF-8 is `{"$text": base64}`.
fn command_json(command: &gpgnet::Command) -> Json {
    let bytes = |name: &str, bytes: &[u8]| Json::from(json!({ name: STANDARD.encode(bytes) }));
    let args = command.args.iter().map(|arg| match arg {
        Arg::Data(data) => bytes("$bin", data),
        Arg::RawText(text) => bytes("$text", text),
        other => Json::new(other).unwrap_or_default(),
    });
    let args: Vec<_> = args.map(|arg| arg.to_string()).collect();
    let text = format!("{{\"command\":{},\"args\":[{}]}}", Json::from(&*command.command), args.join(","));
    Json::parse(&text, lobbywire::faf::Mode::Lenient).unwrap_or_default()
}
