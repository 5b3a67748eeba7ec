//! `lobbywire bancho decode`

use super::Dialect;
use crate::hexdump::Hexdump;
use crate::input::Input;
use crate::json::{JsonBuilder, hex};
use crate::report::Malformed;
use crate::text::{Palette, TextWriter};
use lobbywire::bancho::{Frame, FrameDecoder, Limits, PacketId, Side, Version, client, explain, server};
use lobbywire::wire::{Error, Inflater, Observer};
use serde_json::{Map, Value, json};
use std::io::{BufWriter, Read, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

/// How packets are shown.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Style {
    Json,
    Text,
    Bytes,
}

pub(super) fn run(
    dialect: Dialect,
    style: Style,
    keep_going: bool,
    file: Option<&Path>,
) -> std::io::Result<ExitCode> {
    let (version, side) = (dialect.version(), dialect.side());
    let limits = Limits::from(side);
    let mut input = Input::open(file)?;
    // Twice the largest frame, so that frames are seldom moved.
    let mut decoder = FrameDecoder::new(version, side, vec![0; 2 * limits.largest_frame()]);
    let mut show = Show {
        version,
        side,
        style,
        palette: Palette::for_stdout(),
        limits,
        inflater: Inflater::new(),
        scratch: vec![0; limits.inflated.max(limits.beatmap_info_inflated)],
        out: BufWriter::new(stdout().lock()),
    };
    let mut all_was_well = true;
    loop {
        let count = input.read(decoder.room())?;
        decoder.filled(count);
        loop {
            let id = decoder.next_id();
            let Some(frame) = decoder.next_frame() else { break };
            let shown = match frame {
                Ok(frame) => show.frame(&frame)?,
                Err(error) => Err((error, id.and_then(|id| known_name(version, side, id)), None)),
            };
            let at = decoder.frame_position();
            if let Err(malformed) = shown {
                show.out.flush()?;
                report(at, malformed);
                all_was_well = false;
                if !keep_going {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        // The next piece may be long in coming, from a live connection.
        show.out.flush()?;
        if count == 0 {
            break;
        }
    }
    // A frame that was refused has been reported, and whether all of it comes is of no matter.
    if !decoder.is_between_frames() && !decoder.is_passing_over() {
        let id = decoder.next_id();
        let error = Error::new(lobbywire::wire::ErrorKind::Incomplete, 0);
        let name = id.and_then(|id| known_name(version, side, id));
        report(decoder.position(), (error, name, None));
        all_was_well = false;
    }
    Ok(if all_was_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An error in a frame, with the names of the packet and the field as far as they are known.
type Damage = (Error, Option<&'static str>, Option<String>);

fn report(frame_at: u64, (error, packet, field): Damage) {
    Malformed {
        kind: error.kind.name(),
        offset: frame_at + u64::from(error.offset),
        packet: packet.map(str::to_owned),
        field,
        message: error.kind.message().to_owned(),
    }
    .report();
}

/// The name of the packet that this side sends under an id.
fn known_name(version: Version, side: Side, id: u16) -> Option<&'static str> {
    let id = PacketId::from_wire(version, id)?;
    let packets = if side == Side::Client { client::PACKETS } else { server::PACKETS };
    packets.iter().find(|info| info.id == id && info.is_known_by(version)).map(|info| info.name)
}

/// Shows packets.
struct Show<W> {
    version: Version,
    side: Side,
    style: Style,
    palette: Palette,
    limits: Limits,
    inflater: Inflater,
    scratch: Vec<u8>,
    out: W,
}

impl<W: Write> Show<W> {
    fn frame(&mut self, frame: &Frame<'_>) -> std::io::Result<Result<(), Damage>> {
        let name = known_name(self.version, self.side, frame.id);
        let allowed = self.limits.inflated_of(PacketId::from_wire(self.version, frame.id));
        let payload = match frame.payload(&mut self.inflater, &mut self.scratch[..allowed]) {
            Ok(payload) => payload,
            Err(error) => return Ok(Err((error, name, None))),
        };
        let title = name.unwrap_or("Unknown");
        let traced = match self.style {
            Style::Json => {
                let mut builder = JsonBuilder::default();
                let traced = trace(self.version, self.side, frame.id, payload, &mut builder);
                if traced.is_ok() {
                    let data = match name {
                        Some(name) => tidy(name, self.version, builder.finish()),
                        None => json!({ "id": frame.id, "payload": hex(payload) }),
                    };
                    // `json!` would copy the data, which may be large.
                    let line = Map::from_iter([("packet".into(), title.into()), ("data".into(), data)]);
                    serde_json::to_writer(&mut self.out, &line)?;
                    self.out.write_all(b"\n")?;
                }
                traced
            }
            Style::Text => {
                let mut text = TextWriter::new(self.palette);
                let traced = trace(self.version, self.side, frame.id, payload, &mut text);
                if traced.is_ok() {
                    writeln!(
                        self.out,
                        "{}{title}{} {}id {}, {} bytes{}{}",
                        self.palette.heading,
                        self.palette.reset,
                        self.palette.faint,
                        frame.id,
                        payload.len(),
                        if frame.is_compressed { ", compressed" } else { "" },
                        self.palette.reset,
                    )?;
                    match name {
                        Some(_) => self.out.write_all(text.finish().as_bytes())?,
                        None if payload.is_empty() => {}
                        None => writeln!(self.out, "  {}", hex(payload))?,
                    }
                }
                traced
            }
            Style::Bytes => {
                let mut dump = Hexdump::new(self.palette, frame, payload, title);
                let traced = trace(self.version, self.side, frame.id, payload, &mut dump);
                // A damaged packet is where one wants to see the bytes.
                self.out.write_all(dump.finish(traced.as_ref().err()).as_bytes())?;
                traced
            }
        };
        Ok(traced.map_err(|error| {
            let (packet, field) = explain(self.version, self.side, frame.id, payload);
            let field = field.filter(|path| !path.is_empty()).map(|path| path.to_string());
            (error.after(frame.header_len()), Some(packet), field)
        }))
    }
}

/// Reads a payload under the eyes of an observer.
fn trace(
    version: Version,
    side: Side,
    id: u16,
    payload: &[u8],
    observer: impl Observer,
) -> Result<(), Error> {
    match side {
        Side::Client => client::Packet::trace(version, id, payload, observer).map(|_| ()),
        Side::Server => server::Packet::trace(version, id, payload, observer).map(|_| ()),
    }
}

/// Brings what was traced into the shape that chio's structures have.
fn tidy(name: &str, version: Version, mut data: Value) -> Value {
    match name {
        // Decoded, a bundle knows the ids of its users and nothing more.
        "BanchoUserPresenceBundle" => {
            if let Value::Array(ids) = &mut data {
                for id in ids {
                    *id = json!({ "id": id.take() });
                }
            }
        }
        "BanchoUserStats" | "BanchoUserPresence" => {
            // Extra keys appear only where leaving them out would say something else.
            if let Some(presence) = data.get_mut("presence").and_then(Value::as_object_mut)
                && presence.get("avatar") == Some(&json!(1))
            {
                presence.remove("avatar");
            }
            let update_stats = data.pointer("/status/update_stats").and_then(Value::as_bool);
            let usual = match (version.build() < 338, update_stats) {
                (true, Some(true)) => 2,
                (true, _) => 0,
                (false, _) => 1,
            };
            if let Some(info) = data.as_object_mut()
                && info.get("completeness") == Some(&json!(usual))
            {
                info.remove("completeness");
            }
        }
        _ => {}
    }
    if let Some(status) = data.get_mut("status").filter(|_| name != "OsuUserStatus") {
        tidy_status(status);
    } else if name == "OsuUserStatus" {
        tidy_status(&mut data);
    }
    data
}

fn tidy_status(status: &mut Value) {
    if let Some(status) = status.as_object_mut()
        && status.get("beatmap_update") == Some(&Value::Bool(true))
    {
        status.remove("beatmap_update");
    }
}
