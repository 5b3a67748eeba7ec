//! The login at the start of a client's stream: three lines of text.

use super::packets::Stream;
use crate::format::Format;
use crate::hexdump::rows;
use crate::input::Input;
use crate::output::Output;
use crate::report::Malformed;
use crate::text::{Palette, show};
use lobbywire::bancho::login::{LoginField, LoginLineError, LoginRequest};
use lobbywire::bancho::{Side, Version};
use lobbywire::wire::Value;
use serde_json::{Map, json};
use std::fmt::Write as _;
use std::io::{Read, Result, Write};

/// The name of the login in the output.
pub(super) const NAME: &str = "Login";

/// The longest login that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// The number of bytes that distinguish a login from a frame: those of the longest header.
const HEADER: usize = 7;

/// The text of a login, well-formed or not.
pub(super) struct Login {
    text: Vec<u8>,
}

/// Reads the login at the start of the input, if there is one and `side` is the client. Returns it and the frames after
/// it.
pub(super) fn read(side: Side, mut input: Input) -> Result<(Option<Login>, Stream)> {
    let mut read = Vec::new();
    if side == Side::Client {
        read_until(&mut input, &mut read, |read| read.len() >= HEADER)?;
    }
    // A frame has at least one 0 in its header: its length is far below 16 MiB.
    let is_login = read.len() >= HEADER
        && read[..HEADER].iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..));
    if !is_login {
        return Ok((None, Stream { read, input, at: 0 }));
    }
    read_until(&mut input, &mut read, |read| {
        read.len() >= LONGEST || !matches!(LoginRequest::parse_tcp_within(read, LONGEST), Ok(None))
    })?;
    let end = match LoginRequest::parse_tcp_within(&read, LONGEST) {
        Ok(Some((_, end))) => end,
        // Frames may follow the third line, whatever is wrong with it.
        _ => read
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(2)
            .map_or(read.len(), |(at, _)| at + 1),
    };
    let rest = read.split_off(end);
    Ok((Some(Login { text: read }), Stream { read: rest, input, at: end as u64 }))
}

/// Reads until there is enough, or until the input ends.
fn read_until(input: &mut Input, read: &mut Vec<u8>, is_enough: impl Fn(&[u8]) -> bool) -> Result<()> {
    let mut piece = [0; 4096];
    while !is_enough(read) {
        match input.read(&mut piece)? {
            0 => break,
            count => read.extend_from_slice(&piece[..count]),
        }
    }
    Ok(())
}

impl Login {
    /// Parses the login.
    pub(super) fn parsed(&self) -> std::result::Result<LoginRequest<'_>, Malformed> {
        match LoginRequest::parse_tcp_within(&self.text, LONGEST) {
            Ok(Some((login, _))) => Ok(login),
            // The input ended: over HTTP, the last line may lack its end.
            Ok(None) => match LoginRequest::parse_http_within(&self.text, LONGEST) {
                Ok((login, _)) => Ok(login),
                Err(error) => Err(malformed(error)),
            },
            Err(error) => Err(malformed(error)),
        }
    }

    /// Writes the login in this format.
    pub(super) fn write(
        &self,
        login: &LoginRequest<'_>,
        format: Format,
        palette: Palette,
        out: &mut Output,
    ) -> Result<()> {
        let Palette { heading, name, faint, reset, .. } = palette;
        let fields = fields(login);
        match format {
            Format::Json => {
                let data: Map<_, _> =
                    fields.iter().map(|(field, value)| (field.name().to_owned(), json_of(*value))).collect();
                serde_json::to_writer(&mut *out, &json!({ "packet": NAME, "data": data }))?;
                out.write_all(b"\n")
            }
            Format::Text => {
                let len = self.text.len();
                let mut text = format!("{heading}{NAME}{reset} {faint}{len} bytes{reset}\n");
                for (field, value) in fields {
                    let _ = writeln!(text, "  {name}{}{reset}: {}", field.name(), show(value));
                }
                out.write_all(text.as_bytes())
            }
            Format::Bytes => {
                let mut text = format!("{heading}{NAME}{reset}\n");
                let mut at = 0;
                for ((field, value), bytes) in fields.into_iter().zip(self.parts()) {
                    let note = format!("{name}{}{reset} = {}", field.name(), show(value));
                    rows(&mut text, palette, at, bytes, &note);
                    at += bytes.len() as u64;
                }
                text.push('\n');
                out.write_all(text.as_bytes())
            }
        }
    }

    /// The bytes of the fields that are present, each with what separates it from the next.
    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let mut lines = self.text.splitn(3, |byte| *byte == b'\n');
        let lengths = [lines.next(), lines.next()].map(|line| line.map_or(0, |line| line.len() + 1));
        let (name, rest) = self.text.split_at(lengths[0].min(self.text.len()));
        let (credential, rest) = rest.split_at(lengths[1].min(rest.len()));
        let mut separators = 0;
        let details = rest.split_inclusive(move |byte| {
            separators += usize::from(*byte == b'|');
            *byte == b'|' && separators <= 5
        });
        [name, credential].into_iter().chain(details)
    }

    /// The error for a command that converts packets only.
    pub(super) fn not_transcoded(&self) -> Malformed {
        let len = self.text.len();
        let message =
            format!("the input starts with a login of {len} bytes, which has no other form; remove it");
        Malformed { kind: "login", packet: Some(NAME.to_owned()), message, ..Malformed::default() }
    }
}

/// The version that a login names.
pub(super) fn version(login: &LoginRequest<'_>) -> Version {
    login.version.version()
}

fn malformed(error: LoginLineError) -> Malformed {
    Malformed {
        kind: error.kind.name(),
        offset: error.offset.into(),
        packet: Some(NAME.to_owned()),
        field: Some(error.field.name().to_owned()),
        message: format!("the input starts with neither a frame nor a login: {}", error.kind.message()),
    }
}

/// The fields of a login, in the order of its text.
fn fields<'a>(login: &LoginRequest<'a>) -> [(LoginField, Value<'a>); 8] {
    let flag = |flag: Option<bool>| flag.map_or(Value::Null, Value::Bool);
    [
        (LoginField::Username, Value::Text(login.username)),
        (LoginField::Credential, Value::Text(login.credential.as_str())),
        (LoginField::Version, Value::Text(login.version.as_str())),
        (LoginField::UtcOffset, Value::Int(login.utc_offset.into())),
        (LoginField::DisplayCity, flag(login.display_city)),
        (LoginField::ClientHash, login.client_hash.map_or(Value::Null, |hash| Value::Text(hash.0))),
        (LoginField::BlockNonFriendDms, flag(login.block_non_friend_dms)),
        (LoginField::Extra, Value::Text(login.extra)),
    ]
}

fn json_of(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Bool(flag) => flag.into(),
        Value::Int(number) => number.into(),
        Value::Text(text) => text.into(),
        _ => serde_json::Value::Null,
    }
}
