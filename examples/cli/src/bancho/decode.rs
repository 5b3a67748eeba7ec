//! `lobbywire bancho decode`

use super::packets::{PacketError, PacketSink, each_packet, known_name};
use crate::format::Format;
use crate::hexdump::Hexdump;
use crate::text::{Palette, TextWriter, hex};
use lobbywire::bancho::{Frame, Side, Version, client, server, to_json};
use lobbywire::wire::{Error, Observer};
use std::io::{BufWriter, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(
    version: Version,
    side: Side,
    format: Format,
    keep_going: bool,
    file: Option<&Path>,
) -> std::io::Result<ExitCode> {
    let out = BufWriter::new(stdout().lock());
    let mut printer = Printer { version, side, format, palette: Palette::for_stdout(), out };
    each_packet(version, side, keep_going, file, &mut printer)
}

/// Prints packets.
struct Printer<W> {
    version: Version,
    side: Side,
    format: Format,
    palette: Palette,
    out: W,
}

impl<W: Write> PacketSink for Printer<W> {
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }

    fn packet(
        &mut self,
        frame: &Frame<'_>,
        at: u64,
        payload: &[u8],
    ) -> std::io::Result<Result<(), PacketError>> {
        let name = known_name(self.version, self.side, frame.wire_id);
        let title = name.unwrap_or("Unknown");
        let traced = match self.format {
            Format::Json => {
                let packet = to_json(self.version, self.side, frame.wire_id, payload);
                if let Ok(packet) = &packet {
                    serde_json::to_writer(&mut self.out, packet)?;
                    self.out.write_all(b"\n")?;
                }
                packet.map(|_| ())
            }
            Format::Text => {
                let mut text = TextWriter::new(self.palette);
                let traced = trace(self.version, self.side, frame.wire_id, payload, &mut text);
                if traced.is_ok() {
                    writeln!(
                        self.out,
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
                        Some(_) => self.out.write_all(text.finish().as_bytes())?,
                        None if payload.is_empty() => {}
                        None => writeln!(self.out, "  {}", hex(payload))?,
                    }
                }
                traced
            }
            Format::Bytes => {
                let mut dump = Hexdump::new(self.palette, frame, at, payload, title);
                let traced = trace(self.version, self.side, frame.wire_id, payload, &mut dump);
                // The bytes of a malformed packet are printed too.
                self.out.write_all(dump.finish(traced.as_ref().err()).as_bytes())?;
                traced
            }
        };
        Ok(traced.map_err(|error| PacketError::of_payload(error, self.version, self.side, frame, payload)))
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
