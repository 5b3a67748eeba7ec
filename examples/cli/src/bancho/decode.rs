//! `lobbywire bancho decode`

use super::lossy::Lossy;
use super::packets::{PacketError, PacketSink, Stream, each_packet, known_name};
use super::{Sender, login};
use crate::format::Format;
use crate::hexdump::Hexdump;
use crate::input::Input;
use crate::output::Output;
use crate::text::{Palette, TextWriter, hex};
use lobbywire::bancho::{Frame, Side, TranscodeError, Version, client, repair_text, server, to_json};
use lobbywire::wire::{Error, ErrorKind, Observer};
use std::io::Write;
use std::path::Path;

pub(super) fn run(
    sender: Sender,
    build: Option<Version>,
    format: Format,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> std::io::Result<()> {
    let (side, palette) = (sender.side(), Palette::for_stdout());
    if side == Side::Server && build.is_none() {
        crate::wrong_usage("--build is required for what a server sends");
    }
    let (login, stream) = login::read(side, Input::open(file)?)?;
    let Some(login) = login else {
        let Some(build) = build else {
            if stream.read.is_empty() {
                return Ok(());
            }
            crate::wrong_usage(
                "--build is required: the input does not start with a login, which names the build",
            );
        };
        return packets(sender.version(build), side, format, palette, keep_going, stream, out);
    };
    let named = match login.parsed() {
        Ok(request) => {
            login.write(&request, format, palette, out)?;
            Some(login::version(&request))
        }
        Err(malformed) => {
            out.malformed(&malformed)?;
            if !keep_going {
                return Ok(());
            }
            None
        }
    };
    // The next read may block.
    out.flush()?;
    match build.or(named) {
        Some(build) => packets(sender.version(build), side, format, palette, keep_going, stream, out),
        // Without a version, nothing can be decoded.
        None => Ok(()),
    }
}

fn packets(
    version: Version,
    side: Side,
    format: Format,
    palette: Palette,
    keep_going: bool,
    stream: Stream,
    out: &mut Output,
) -> std::io::Result<()> {
    each_packet(version, side, keep_going, stream, out, &mut Printer { version, side, format, palette })
}

/// Prints packets.
struct Printer {
    version: Version,
    side: Side,
    format: Format,
    palette: Palette,
}

impl PacketSink for Printer {
    fn packet(
        &mut self,
        frame: &Frame<'_>,
        at: u64,
        payload: &[u8],
        out: &mut Output,
    ) -> std::io::Result<Result<(), PacketError>> {
        let name = known_name(self.version, self.side, frame.wire_id);
        let (version, side, id) = (self.version, self.side, frame.wire_id);
        let mut is_lossy = false;
        let title = name.unwrap_or("Unknown");
        let traced = match self.format {
            Format::Json => {
                let packet = to_json(version, side, id, payload);
                if let Ok(packet) = &packet {
                    let mut line = serde_json::to_string(packet)?;
                    is_lossy = line.contains(char::REPLACEMENT_CHARACTER);
                    line.push('\n');
                    out.write_all(line.as_bytes())?;
                }
                packet.map(|_| ())
            }
            Format::Text => {
                let mut text = TextWriter::new(self.palette);
                let mut traced = trace(version, side, id, payload, &mut text);
                if traced.is_err_and(|error| error.kind == ErrorKind::Utf8) {
                    let mut repaired = Vec::new();
                    (text, is_lossy) = (TextWriter::new(self.palette), true);
                    traced = match repair_text(version, side, id, payload, &mut repaired) {
                        Ok(()) => trace(version, side, id, &repaired, &mut text),
                        Err(TranscodeError::Malformed(error)) => Err(error),
                        // A vector is never full.
                        Err(_) => traced,
                    };
                }
                if traced.is_ok() {
                    writeln!(
                        out,
                        "{}{title}{} {}id {}, {} bytes{}{}",
                        self.palette.heading,
                        self.palette.reset,
                        self.palette.faint,
                        frame.wire_id,
                        payload.len(),
                        if frame.is_compressed { ", compressed" } else { "" },
                        self.palette.reset,
                    )?;
                    match name {
                        Some(_) => text.finish(out)?,
                        None if payload.is_empty() => {}
                        None => writeln!(out, "  {}", hex(payload))?,
                    }
                }
                traced
            }
            Format::Bytes => {
                let mut dump = Hexdump::new(self.palette, frame, at, payload, title);
                let mut lossy = Lossy::new(payload, &mut dump);
                let traced = trace(version, side, id, payload, &mut lossy);
                is_lossy = lossy.is_replaced;
                // The bytes of a malformed packet are printed too.
                out.write_all(dump.finish(traced.as_ref().err()).as_bytes())?;
                traced
            }
        };
        let explained = |error| PacketError::of_payload(error, version, side, frame, payload);
        if is_lossy
            && traced.is_ok()
            && let Err(strict) = trace(version, side, id, payload, ())
        {
            out.lossy_text(&explained(strict).at(at))?;
        }
        Ok(traced.map_err(explained))
    }
}

/// Decodes a payload and reports its fields to an observer.
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
