//! `lobbywire bancho encode`

use crate::keys::{self, WrongKey, suggestion};
use crate::lines::{Line, each_line, without_place};
use crate::output::Output;
use crate::report::Malformed;
use lobbywire::bancho as borrowed;
use lobbywire::bancho::owned::{client, server};
use lobbywire::bancho::types::LoginError;
use lobbywire::bancho::{Encode, FrameWriter, Side, Version, WriteError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::de::StrRead;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment, Track};
use std::borrow::Cow;
use std::io::Write;

/// Packets in chio's list whose version and payload are unknown. Packets with their ids decode as `Unknown`.
const WITHOUT_PAYLOAD: [&str; 2] = ["BanchoCommandError", "BanchoUnauthorized"];

pub(super) fn run(
    version: Version,
    side: Side,
    ignore_unknown: bool,
    keep_going: bool,
    file: Option<&std::path::Path>,
    out: &mut Output,
) -> std::io::Result<()> {
    let mut encoder = Encoder { version, side, ignore_unknown, frames: vec![0; 1 << 16] };
    each_line(keep_going, file, out, |line, out| encoder.line(line, out))
}

struct Encoder {
    version: Version,
    side: Side,
    ignore_unknown: bool,
    frames: Vec<u8>,
}

impl Encoder {
    /// Writes the frames of one line to `out`, or returns what is wrong with the line.
    fn line(&mut self, line: Line<'_>, out: &mut Output) -> std::io::Result<Result<(), Malformed>> {
        let Line { bytes, offset, .. } = line;
        let malformed = |kind, packet: Option<&str>, field: Option<String>, message: String| Malformed {
            kind,
            offset,
            packet: packet.map(str::to_owned),
            field: field.filter(|field| !field.is_empty()),
            message,
        };
        let duplicate = || keys::duplicate(keys::parsed(bytes).ok()?, line.number);
        if let Some(wrong) = if self.ignore_unknown { None } else { duplicate() } {
            return Ok(Err(malformed(wrong.kind, None, Some(wrong.path), wrong.message)));
        }
        // Without its line end, the text is a single line, and columns are bytes in it.
        let Packet { packet: name, data } = match serde_json::from_slice(bytes) {
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
            out.skipped(&name, self.version)?;
            return Ok(Ok(()));
        }
        let wrong_key = if self.ignore_unknown { None } else { self.wrong_key(line, &name) };
        let data = data.map_or("null", RawValue::get);
        let frames = match self.side {
            Side::Client => read(data, |data| client::Packet::deserialize_data(&name, data))
                .map(|packet| packet.map(|packet| self.frames_of(&packet))),
            Side::Server => self.special(&name, data).or_else(|| {
                read(data, |data| server::Packet::deserialize_data(&name, data))
                    .map(|packet| packet.map(|packet| self.frames_of(&packet)))
            }),
        };
        if let (Some(Ok(_)), Some(WrongKey { kind, path, message })) = (&frames, wrong_key) {
            return Ok(Err(malformed(kind, Some(&name), Some(path), message)));
        }
        match frames {
            Some(Ok(0)) => out.skipped(&name, self.version)?,
            Some(Ok(len)) => out.write_all(&self.frames[..len])?,
            Some(Err(WrongValue { field, message })) => {
                return Ok(Err(malformed("value", Some(&name), Some(field), message)));
            }
            None => {
                let message =
                    format!("a {} sends no packet of this name{}", self.side, self.other_name(&name));
                return Ok(Err(malformed("unknown_packet", Some(&name), None, message)));
            }
        }
        Ok(Ok(()))
    }

    /// Returns the first key of a line that the packet with this name does not have.
    fn wrong_key(&self, line: Line<'_>, name: &str) -> Option<WrongKey> {
        let json = keys::parsed(line.bytes).ok()?;
        let envelope = || keys::unknown(json, line.number, |json| Keys::deserialize(json).is_ok());
        let data = || {
            // Special values have no keys.
            let data = json.get("data").filter(|data| !data.is_null())?;
            keys::unknown(data, line.number, |data| match self.side {
                Side::Client => client::Packet::deserialize_data(name, data).is_some(),
                Side::Server => server::Packet::deserialize_data(name, data).is_some(),
            })
        };
        envelope().or_else(data)
    }

    /// The end of a sentence about an unknown name: the side that sends such packets, or the closest name.
    fn other_name(&self, name: &str) -> String {
        let names = |side| {
            let packets =
                if side == Side::Client { borrowed::client::PACKETS } else { borrowed::server::PACKETS };
            packets.iter().map(|info| info.name)
        };
        let other = self.side.other();
        if names(other).any(|known| known == name) {
            return format!("; a {other} does, see --side");
        }
        suggestion(name, names(self.side))
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
struct Packet<'a> {
    #[serde(borrow)]
    packet: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// The keys of a line.
#[derive(Deserialize)]
struct Keys {
    #[serde(rename = "packet")]
    _packet: IgnoredAny,
    #[serde(rename = "data")]
    _data: Option<IgnoredAny>,
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
