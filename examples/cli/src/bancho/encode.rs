//! `lobbywire bancho encode`

use crate::lines::each_line;
use crate::report::{Malformed, skipped};
use lobbywire::bancho::owned::{client, server};
use lobbywire::bancho::types::LoginError;
use lobbywire::bancho::{Encode, FrameWriter, Side, Version, WriteError};
use serde::Deserialize;
use serde_json::de::StrRead;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment, Track};
use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

/// Packets in chio's list whose version and payload are unknown. Packets with their ids decode as `Unknown`.
const WITHOUT_PAYLOAD: [&str; 2] = ["BanchoCommandError", "BanchoUnauthorized"];

pub(super) fn run(
    version: Version,
    side: Side,
    keep_going: bool,
    file: Option<&std::path::Path>,
) -> std::io::Result<ExitCode> {
    let mut encoder = Encoder { version, side, frames: vec![0; 1 << 16] };
    each_line(keep_going, file, |line, offset, out| encoder.line(line, offset, out))
}

struct Encoder {
    version: Version,
    side: Side,
    frames: Vec<u8>,
}

impl Encoder {
    /// Writes the frames of one line to `out`, or returns what is wrong with the line.
    fn line(
        &mut self,
        line: &[u8],
        offset: u64,
        out: &mut dyn Write,
    ) -> std::io::Result<Result<(), Malformed>> {
        let malformed = |kind, packet: Option<&str>, field: Option<String>, message: String| Malformed {
            kind,
            offset,
            packet: packet.map(str::to_owned),
            field: field.filter(|field| !field.is_empty()),
            message,
        };
        // Without its line end, the text is a single line, and columns are bytes in it.
        let Line { packet: name, data } = match serde_json::from_slice(line.trim_ascii_end()) {
            Ok(line) => line,
            Err(error) if error.is_data() => {
                let message = "expected an object {\"packet\": NAME, \"data\": VALUE}".to_owned();
                return Ok(Err(malformed("json", None, Some("packet".to_owned()), message)));
            }
            Err(error) => {
                let at = offset + error.column().saturating_sub(1) as u64;
                let message = format!("the line is not JSON: {}", without_place(&error.to_string()));
                return Ok(Err(Malformed { offset: at, ..malformed("json", None, None, message) }));
            }
        };
        if self.side == Side::Server && WITHOUT_PAYLOAD.contains(&&*name) {
            skipped(&name, self.version);
            return Ok(Ok(()));
        }
        let data = data.map_or("null", RawValue::get);
        let frames = match self.side {
            Side::Client => read(data, |data| client::Packet::deserialize_data(&name, data))
                .map(|packet| packet.map(|packet| self.frames_of(&packet))),
            Side::Server => self.special(&name, data).or_else(|| {
                read(data, |data| server::Packet::deserialize_data(&name, data))
                    .map(|packet| packet.map(|packet| self.frames_of(&packet)))
            }),
        };
        match frames {
            Some(Ok(0)) => skipped(&name, self.version),
            Some(Ok(len)) => out.write_all(&self.frames[..len])?,
            Some(Err(WrongValue { field, message })) => {
                return Ok(Err(malformed("value", Some(&name), Some(field), message)));
            }
            None => {
                let message = format!("a {} sends no packet of this name", self.side);
                return Ok(Err(malformed("unknown_packet", Some(&name), None, message)));
            }
        }
        Ok(Ok(()))
    }

    /// Encodes values that only the tool accepts: names of login errors, and a negotiation without a number. Returns the number of
    /// bytes written.
    fn special(&mut self, name: &str, data: &str) -> Option<Result<usize, WrongValue>> {
        match name {
            "BanchoLoginReply" if data.starts_with('"') => {
                let known: Option<String> = serde_json::from_str(data).ok();
                let error = (-8..0).map(LoginError).find(|error| error.name() == known.as_deref());
                let wrong = || WrongValue {
                    field: String::new(),
                    message: "expected a number or the name of a login error".to_owned(),
                };
                Some(error.ok_or_else(wrong).map(|error| self.frames_of(&error)))
            }
            "BanchoProtocolNegotiation" if data == "null" => {
                let own = lobbywire::bancho::server::ProtocolNegotiation(self.version.protocol().into());
                Some(Ok(self.frames_of(&own)))
            }
            _ => None,
        }
    }

    /// Encodes a packet and grows the buffer if it is too small. Returns the number of bytes written.
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

/// A line of the input.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    packet: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// An invalid value.
struct WrongValue {
    /// The path to the value; empty if the packet is a single value.
    field: String,
    message: String,
}

/// A deserializer that records the path of the value being read.
type Tracked<'t, 'j> =
    serde_path_to_error::Deserializer<'t, 't, &'t mut serde_json::Deserializer<StrRead<'j>>>;

/// Reads the data of a packet with `packet`. Returns `None` if the packet name is unknown.
fn read<'j, P>(
    data: &'j str,
    packet: impl FnOnce(Tracked<'_, 'j>) -> Option<Result<P, serde_json::Error>>,
) -> Option<Result<P, WrongValue>> {
    let (mut json, mut track) = (serde_json::Deserializer::from_str(data), Track::new());
    let read = packet(Tracked::new(&mut json, &mut track))?;
    Some(read.map_err(|error| wrong_value(&track.path(), &error)))
}

fn wrong_value(path: &Path, error: &serde_json::Error) -> WrongValue {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => index.to_string(),
        named => named.to_string(),
    };
    let mut field: Vec<_> = path.iter().map(step).collect();
    let error = error.to_string();
    let error = without_place(&error);
    let message = if let Some(missing) = error.strip_prefix("missing field `") {
        field.push(missing.trim_end_matches('`').to_owned());
        "expected a value".to_owned()
    } else {
        let found = error.split_once(": ").and_then(|(_, rest)| rest.rsplit_once(", expected "));
        found.map_or_else(
            || error.to_owned(),
            |(found, expected)| format!("expected {expected}, found {found}"),
        )
    };
    WrongValue { field: field.join("."), message }
}

/// Removes line and column from a parser's message. The report has the offset in the input instead.
fn without_place(error: &str) -> &str {
    error.rsplit_once(" at line ").map_or(error, |(error, _)| error)
}
