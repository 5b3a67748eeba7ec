//! `lobbywire bancho encode`

use super::Dialect;
use crate::input::Input;
use crate::json::{JsonSource, WrongType, unhex};
use crate::report::{Malformed, skipped};
use bumpalo::Bump;
use lobbywire::bancho::types::LoginError;
use lobbywire::bancho::{Encode, FrameWriter, Side, Unknown, Version, WriteError, client, server};
use serde_json::Value;
use std::io::{BufRead, BufReader, BufWriter, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

/// Names of chio's that no version is known to know, and whose payload nobody knows; packets with
/// their ids are `Unknown`.
const WITHOUT_PAYLOAD: [&str; 2] = ["BanchoCommandError", "BanchoUnauthorized"];

/// More than the largest packet that the limits let through, several times over.
const LONGEST_LINE: u64 = 64 << 20;

pub(super) fn run(dialect: Dialect, keep_going: bool, file: Option<&Path>) -> std::io::Result<ExitCode> {
    use std::io::Read;

    let mut input = BufReader::new(Input::open(file)?);
    let mut encoder = Encoder { version: dialect.version(), side: dialect.side(), frames: vec![0; 1 << 16] };
    let mut out = BufWriter::new(stdout().lock());
    let mut arena = Bump::new();
    let (mut line, mut offset, mut all_was_well) = (Vec::new(), 0u64, true);
    loop {
        line.clear();
        if input.buffer().is_empty() {
            // The next line may be long in coming.
            out.flush()?;
        }
        let count = (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if count == 0 {
            break;
        }
        if !line.trim_ascii().is_empty() {
            arena.reset();
            if let Err(malformed) = encoder.line(&line, offset, &arena, &mut out)? {
                out.flush()?;
                malformed.report();
                all_was_well = false;
                if !keep_going {
                    break;
                }
            }
        }
        offset += count as u64;
    }
    out.flush()?;
    Ok(if all_was_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Encoder {
    version: Version,
    side: Side,
    frames: Vec<u8>,
}

impl Encoder {
    /// Writes the frames of one line.
    fn line(
        &mut self,
        line: &[u8],
        offset: u64,
        arena: &Bump,
        out: &mut impl Write,
    ) -> std::io::Result<Result<(), Malformed>> {
        let malformed = |kind, packet: Option<&str>, field: Option<String>, message: String| Malformed {
            kind,
            offset,
            packet: packet.map(str::to_owned),
            field: field.filter(|field| !field.is_empty()),
            message,
        };
        // Without its end the line is all on one, and columns are bytes in it.
        let document: Value = match serde_json::from_slice(line.trim_ascii_end()) {
            Ok(document) => document,
            Err(error) => {
                let at = offset + error.column().saturating_sub(1) as u64;
                // The parser knows the one line; the offset says where it is.
                let why = error.to_string();
                let why = why.rsplit_once(" at line ").map_or(&*why, |(why, _)| why);
                let malformed = malformed("json", None, None, format!("the line is not JSON: {why}"));
                return Ok(Err(Malformed { offset: at, ..malformed }));
            }
        };
        let Some(name) = document.get("packet").and_then(Value::as_str) else {
            let message = "a line has to be {\"packet\": NAME, \"data\": VALUE}".to_owned();
            return Ok(Err(malformed("json", None, Some("packet".to_owned()), message)));
        };
        if self.side == Side::Server && WITHOUT_PAYLOAD.contains(&name) {
            skipped(name, self.version);
            return Ok(Ok(()));
        }
        let data = document.get("data").unwrap_or(&Value::Null);
        let frames = match self.side {
            Side::Client => self.fill::<client::Packet<'_>>(name, data, arena),
            Side::Server => self.fill::<server::Packet<'_>>(name, data, arena),
        };
        match frames {
            Some(Ok(0)) => skipped(name, self.version),
            Some(Ok(len)) => out.write_all(&self.frames[..len])?,
            Some(Err(WrongType { field, expected })) => {
                let message = format!("expected {expected}");
                return Ok(Err(malformed("value", Some(name), Some(field), message)));
            }
            None => {
                let message = format!("no packet of a {} has this name", self.side);
                return Ok(Err(malformed("unknown_packet", Some(name), None, message)));
            }
        }
        Ok(Ok(()))
    }

    /// Makes the packet of this name and writes its frames: how many bytes they take.
    fn fill<'a, P: Named<'a>>(
        &mut self,
        name: &str,
        data: &'a Value,
        arena: &'a Bump,
    ) -> Option<Result<usize, WrongType>> {
        if name == Unknown::INFO.name {
            return Some(
                unknown(data).map(|(id, payload)| self.frames_of(&Unknown { id, payload: &payload })),
            );
        }
        if let ("BanchoLoginReply", Side::Server, Some(error)) = (name, self.side, data.as_str()) {
            let error = (-8..0).map(LoginError).find(|known| known.name() == Some(error));
            let wrong =
                WrongType { field: String::new(), expected: "a number, or the name of a login error" };
            return Some(error.ok_or(wrong).map(|error| self.frames_of(&error)));
        }
        if let ("BanchoProtocolNegotiation", Side::Server, Value::Null) = (name, self.side, data) {
            let own = server::ProtocolNegotiation(self.version.protocol().into());
            return Some(Ok(self.frames_of(&own)));
        }
        let null = data.is_null();
        let mut source = JsonSource::new(data, arena);
        match P::by_name(name, &mut source, null)? {
            Ok(packet) => Some(Ok(self.frames_of(&packet))),
            Err(error) => Some(Err(error)),
        }
    }

    /// Writes a packet, in a larger buffer where the one there is too small.
    fn frames_of(&mut self, packet: &impl Encode) -> usize {
        loop {
            let mut writer = FrameWriter::new(self.version, &mut self.frames);
            match writer.write(packet) {
                Err(WriteError::Full) => {}
                _ => return writer.written().len(),
            }
            let len = self.frames.len() * 2;
            self.frames.resize(len, 0);
        }
    }
}

/// The packets of a side, by name.
trait Named<'a>: Encode + Sized {
    fn by_name(name: &str, source: &mut JsonSource<'a>, null: bool) -> Option<Result<Self, WrongType>>;
}

macro_rules! named {
    ($($side:ident),+) => {$(
        impl<'a> Named<'a> for $side::Packet<'a> {
            fn by_name(name: &str, source: &mut JsonSource<'a>, null: bool) -> Option<Result<Self, WrongType>> {
                if null {
                    // Nothing is said: the packet as it is by itself.
                    return Self::default_by_name(name).map(Ok);
                }
                Self::fill_by_name(name, source)
            }
        }
    )+};
}

named!(client, server);

/// The id and the payload of a packet without a name.
fn unknown(data: &Value) -> Result<(u16, Vec<u8>), WrongType> {
    let wrong = |field: &str, expected| WrongType { field: field.to_owned(), expected };
    let id = data.get("id").and_then(Value::as_u64).and_then(|id| u16::try_from(id).ok());
    let payload = data.get("payload").and_then(Value::as_str).and_then(unhex);
    Ok((
        id.ok_or_else(|| wrong("id", "a number from 0 to 65535"))?,
        payload.ok_or_else(|| wrong("payload", "hexadecimal digits"))?,
    ))
}
