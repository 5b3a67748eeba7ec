//! Annotated hexdumps of packets and messages.

use crate::output::Output;
use crate::text::{Palette, show};
use lobbywire::bancho::Frame;
use lobbywire::wire::{Error, Json, Observer, Value};
use std::fmt::Write as _;
use std::io::{Result, Write};

/// Bytes per line.
const WIDTH: usize = 8;

/// Writes every byte of a packet next to its field.
pub(crate) struct Hexdump<'p> {
    palette: Palette,
    payload: &'p [u8],
    /// Added to payload offsets: the position of the payload in the input, or 0 for a compressed payload, whose offsets
    /// refer to the decompressed bytes.
    base: u64,
    path: Vec<String>,
    text: String,
    shown: usize,
}

impl<'p> Hexdump<'p> {
    /// Starts a dump with the header of `frame`, which starts at the offset `at` of the input. `payload` is decompressed,
    /// `name` is the name of the packet.
    pub(crate) fn new(palette: Palette, frame: &Frame<'p>, at: u64, payload: &'p [u8], name: &str) -> Self {
        let base = if frame.is_compressed { 0 } else { at + frame.header_len() as u64 };
        let mut dump = Self { palette, payload, base, path: Vec::new(), text: String::new(), shown: 0 };
        let Palette { heading, faint, reset, .. } = palette;
        let _ = writeln!(dump.text, "{heading}{name}{reset}");
        let header = &frame.bytes[..frame.header_len()];
        let how = if frame.is_compressed { "compressed" } else { "plain" };
        dump.lines(at, header, &format!("id {}, {how}, {} bytes", frame.wire_id, frame.body.len()));
        if frame.is_compressed {
            let _ = writeln!(
                dump.text,
                "  {faint}gzip: {} bytes, {} decompressed; offsets are those of the payload{reset}",
                frame.body.len(),
                payload.len()
            );
        }
        dump
    }

    /// Adds the bytes that belong to no field, and the error if there is one. Returns the dump.
    pub(crate) fn finish(mut self, error: Option<&Error>) -> String {
        let left = &self.payload[self.shown..];
        if let Some(error) = error {
            let message = format!("{}: {}", self.path.join("."), error.kind.message());
            let Palette { wrong, reset, .. } = self.palette;
            self.lines(self.shown as u64 + self.base, left, &format!("{wrong}{message}{reset}"));
        } else if !left.is_empty() {
            self.lines(self.shown as u64 + self.base, left, "(not part of this version)");
        }
        self.text.push('\n');
        self.text
    }

    fn lines(&mut self, at: u64, bytes: &[u8], note: &str) {
        rows(&mut self.text, self.palette, at, bytes, note);
    }

    fn note(&mut self, start: usize, end: usize, note: &str) {
        // A range that has been shown belongs to two fields; only the name of the second is printed.
        let fresh = start >= self.shown;
        let bytes = if fresh { self.payload.get(start..end).unwrap_or_default() } else { &[] };
        self.shown = self.shown.max(end);
        self.lines(start as u64 + self.base, bytes, note);
    }
}

/// The longest path that a row shows, in characters. Messages choose the names in it.
const LONGEST_PATH: usize = 80;

/// A hexdump whose rows are added in order.
pub(crate) struct Rows<'b, 'o> {
    palette: Palette,
    out: &'o mut Output,
    /// Whether all rows have been written.
    written: Result<()>,
    /// The offset in the input of the bytes.
    at: u64,
    bytes: &'b [u8],
    shown: usize,
}

impl<'b, 'o> Rows<'b, 'o> {
    /// Starts a dump of `bytes`, which start at the offset `at` of the input.
    pub(crate) fn new(palette: Palette, title: &str, at: u64, bytes: &'b [u8], out: &'o mut Output) -> Self {
        let Palette { heading, reset, .. } = palette;
        let written = writeln!(out, "{heading}{}{reset}", title.escape_debug());
        Self { palette, out, written, at, bytes, shown: 0 }
    }

    /// Shows the bytes up to `end` with a note.
    pub(crate) fn note(&mut self, end: usize, note: &str) {
        let bytes = &self.bytes[self.shown..end.clamp(self.shown, self.bytes.len())];
        if self.written.is_ok() {
            let mut text = String::new();
            rows(&mut text, self.palette, self.at + self.shown as u64, bytes, note);
            self.written = self.out.write_all(text.as_bytes());
        }
        self.shown += bytes.len();
    }

    /// Shows the bytes up to `end` as the value of a field.
    pub(crate) fn field(&mut self, end: usize, path: &str, value: &str) {
        let Palette { name, reset, .. } = self.palette;
        let equals = if path.is_empty() { "" } else { " = " };
        let path = shortened(path);
        self.note(end, &format!("{name}{path}{reset}{equals}{value}"));
    }

    /// Shows the bytes up to `end` as one that belongs to no value, such as a length or a bracket.
    pub(crate) fn detail(&mut self, end: usize, detail: &str) {
        let Palette { faint, reset, .. } = self.palette;
        self.note(end, &format!("{faint}{}{reset}", shortened(detail)));
    }

    /// Shows the values of a JSON text with the bytes since the previous one. `end_of` is the offset in the dump after this
    /// part of the text.
    pub(crate) fn json(&mut self, json: Json<'_>, text: &str, end_of: &mut dyn FnMut(&str) -> usize) {
        self.json_values(json, text, String::new(), end_of);
        let end = end_of(text);
        if end > self.shown {
            self.detail(end, "end");
        }
    }

    fn json_values(
        &mut self,
        json: Json<'_>,
        text: &str,
        path: String,
        end_of: &mut dyn FnMut(&str) -> usize,
    ) {
        let inner = |name: &str| inner_path(&path, name);
        let mut is_leaf = true;
        for (index, item) in json.items().enumerate() {
            is_leaf = false;
            self.json_values(item, text, inner(&index.to_string()), end_of);
        }
        for (name, member) in json.members() {
            is_leaf = false;
            let name: String = name.chars().collect();
            self.json_values(member, text, inner(&name), end_of);
        }
        if is_leaf {
            // A value borrows from the text.
            let end = json.text().as_ptr().addr() - text.as_ptr().addr() + json.text().len();
            let shown = match json.as_text() {
                Some(value) => show(Value::Text(&value.chars().collect::<String>())),
                None if json.is_null() => show(Value::Null),
                None => json.as_bool().map_or_else(|| json.text().to_owned(), |flag| show(Value::Bool(flag))),
            };
            self.field(end_of(&text[..end]), &path, &shown);
        }
    }

    /// Adds the remaining bytes, with the error if there is one.
    pub(crate) fn finish(mut self, error: Option<&str>) -> Result<()> {
        let Palette { wrong, reset, .. } = self.palette;
        if let Some(message) = error {
            self.note(self.bytes.len(), &format!("{wrong}{message}{reset}"));
        } else if self.shown < self.bytes.len() {
            self.detail(self.bytes.len(), "not part of the message");
        }
        self.written?;
        self.out.write_all(b"\n")
    }
}

/// The path to a member of the value at a path. Only its end is kept if it is long.
pub(crate) fn inner_path(path: &str, name: &str) -> String {
    let end = |text: &str| text.char_indices().rev().nth(LONGEST_PATH).map_or(0, |(start, _)| start);
    let (path, name) = (&path[end(path)..], &name[end(name)..]);
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The end of a text, without control characters.
fn shortened(text: &str) -> String {
    match text.char_indices().rev().nth(LONGEST_PATH) {
        Some((start, _)) => format!("…{}", text[start..].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

/// Appends rows of bytes, with their offsets and a note in the first row.
pub(crate) fn rows(text: &mut String, palette: Palette, at: u64, bytes: &[u8], note: &str) {
    let Palette { faint, reset, .. } = palette;
    if bytes.is_empty() {
        let _ = writeln!(text, "  {faint}{at:08x}{reset}  {:width$}  {note}", "", width = WIDTH * 3);
    }
    for (index, line) in bytes.chunks(WIDTH).enumerate() {
        let hex: String = line.iter().map(|byte| format!("{byte:02x} ")).collect();
        let note = if index == 0 { note } else { "" };
        let at = at + (index * WIDTH) as u64;
        let line = format!("  {faint}{at:08x}{reset}  {hex:width$}  {note}", width = WIDTH * 3);
        let _ = writeln!(text, "{}", line.trim_end());
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
        // The elements of a list follow; a value without bytes has nothing to print.
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
