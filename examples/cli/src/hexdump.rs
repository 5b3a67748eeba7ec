//! Packets as annotated bytes.

use crate::text::{Palette, show};
use lobbywire::bancho::Frame;
use lobbywire::wire::{Error, Observer, Value};
use std::fmt::Write;

/// How many bytes stand on a line.
const WIDTH: usize = 8;

/// Writes every byte of a packet with the field that it belongs to.
pub(crate) struct Hexdump<'p> {
    palette: Palette,
    payload: &'p [u8],
    /// What is added to an offset in the payload: the header's length, unless the payload was
    /// compressed and has offsets of its own.
    base: usize,
    path: Vec<String>,
    text: String,
    shown: usize,
}

impl<'p> Hexdump<'p> {
    /// Starts with the header of `frame`, whose payload is this, and whose packet is called `name`.
    pub(crate) fn new(palette: Palette, frame: &Frame<'p>, payload: &'p [u8], name: &str) -> Self {
        let base = if frame.is_compressed { 0 } else { frame.header_len() };
        let mut dump = Self { palette, payload, base, path: Vec::new(), text: String::new(), shown: 0 };
        let Palette { heading, faint, reset, .. } = palette;
        let _ = writeln!(dump.text, "{heading}{name}{reset}");
        let header = &frame.bytes[..frame.header_len()];
        let how = if frame.is_compressed { "compressed" } else { "plain" };
        dump.lines(0, header, &format!("id {}, {how}, {} bytes", frame.id, frame.body.len()));
        if frame.is_compressed {
            let _ = writeln!(
                dump.text,
                "  {faint}gzip: {} bytes become {}, offsets are those of the payload{reset}",
                frame.body.len(),
                payload.len()
            );
        }
        dump
    }

    /// The whole dump; what no field has claimed, and where it broke.
    pub(crate) fn finish(mut self, error: Option<&Error>) -> String {
        let left = &self.payload[self.shown..];
        if let Some(error) = error {
            let message = format!("{}: {}", self.path.join("."), error.kind.message());
            let Palette { wrong, reset, .. } = self.palette;
            self.lines(self.shown + self.base, left, &format!("{wrong}{message}{reset}"));
        } else if !left.is_empty() {
            self.lines(self.shown + self.base, left, "(left alone)");
        }
        self.text.push('\n');
        self.text
    }

    fn lines(&mut self, at: usize, bytes: &[u8], note: &str) {
        let Palette { faint, reset, .. } = self.palette;
        if bytes.is_empty() {
            let _ = writeln!(self.text, "  {faint}{at:08x}{reset}  {:width$}  {note}", "", width = WIDTH * 3);
        }
        for (index, line) in bytes.chunks(WIDTH).enumerate() {
            let hex: String = line.iter().map(|byte| format!("{byte:02x} ")).collect();
            let note = if index == 0 { note } else { "" };
            let at = at + index * WIDTH;
            let line = format!("  {faint}{at:08x}{reset}  {hex:width$}  {note}", width = WIDTH * 3);
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }

    fn note(&mut self, start: usize, end: usize, note: &str) {
        // A range that was shown already belongs to two fields; the second is only named.
        let fresh = start >= self.shown;
        let bytes = if fresh { self.payload.get(start..end).unwrap_or_default() } else { &[] };
        self.shown = self.shown.max(end);
        self.lines(start + self.base, bytes, note);
    }
}

impl Observer for Hexdump<'_> {
    fn begin(&mut self, name: &'static str, _: usize) {
        self.path.push(name.to_owned());
    }

    fn begin_element(&mut self, index: usize, _: usize) {
        self.path.push(index.to_string());
    }

    fn value(&mut self, start: usize, end: usize, value: Value<'_>) {
        // A list's elements follow, and what takes no bytes has none to show.
        if matches!(value, Value::List(_)) || start == end {
            return;
        }
        let Palette { name, reset, .. } = self.palette;
        let path = self.path.join(".");
        let equals = if path.is_empty() { "" } else { " = " };
        self.note(start, end, &format!("{name}{path}{reset}{equals}{}", show(value)));
    }

    fn detail(&mut self, detail: &'static str, start: usize, end: usize, value: Value<'_>) {
        let Palette { faint, reset, .. } = self.palette;
        let path = self.path.join(".");
        let dot = if path.is_empty() { "" } else { " " };
        self.note(start, end, &format!("{faint}{path}{dot}{detail} = {}{reset}", show(value)));
    }

    fn end(&mut self) {
        self.path.pop();
    }
}
