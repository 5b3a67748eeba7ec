//! Annotated hexdumps of FAF's frames.

use super::Framing;
use crate::hexdump::Rows;
use crate::output::Output;
use crate::text::{Palette, show};
use lobbywire::wire::{Json, JsonSyntax, Value};
use std::io::Result;

/// Writes every byte of a frame with its field. With an error, the bytes after the last readable field have its message.
pub(super) fn frame(
    palette: Palette,
    framing: Framing,
    title: &str,
    at: u64,
    frame: &[u8],
    error: Option<&str>,
    out: &mut Output,
) -> Result<()> {
    let mut rows = Rows::new(palette, title, at, frame, out);
    if error.is_none() {
        match framing {
            Framing::Json => line(&mut rows, frame),
            // What cannot be read is shown as not part of the message.
            Framing::Qdatastream => drop(block(&mut rows, frame)),
            Framing::Gpgnet => drop(command(&mut rows, frame)),
        }
    }
    rows.finish(error)
}

fn line(rows: &mut Rows<'_, '_>, line: &[u8]) {
    let Some(text) = std::str::from_utf8(line).ok() else { return };
    if let Ok(json) = Json::parse(text, JsonSyntax::PYTHON) {
        rows.json(json, text, &mut |part| part.len());
    }
}

/// The start of `bytes` at an offset, as a number and its end.
fn number(bytes: &[u8], at: usize, convert: fn([u8; 4]) -> u32) -> Option<(usize, usize)> {
    let number = convert(*bytes.get(at..)?.first_chunk()?);
    Some((usize::try_from(number).ok()?, at + 4))
}

/// A length, and strings in UTF-16 after their lengths.
fn block(rows: &mut Rows<'_, '_>, block: &[u8]) -> Option<()> {
    let (len, mut at) = number(block, 0, u32::from_be_bytes)?;
    rows.detail(at, &format!("block of {len} bytes"));
    while at < block.len() {
        let (len, start) = number(block, at, u32::from_be_bytes)?;
        if len == u32::MAX as usize {
            rows.detail(start, "null string");
            at = start;
            continue;
        }
        rows.detail(start, &format!("string of {len} bytes"));
        at = start.checked_add(len)?;
        let units = block.get(start..at)?.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
        let text: String =
            char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        match Json::parse(&text, JsonSyntax::PYTHON) {
            Ok(json) => {
                let (mut seen, mut end) = (0, start);
                rows.json(json, &text, &mut |part| {
                    // Parts grow, so that each character is counted once.
                    end += 2 * part[seen..].encode_utf16().count();
                    seen = part.len();
                    end
                });
            }
            Err(_) => rows.field(at, "", &show(Value::Text(&text))),
        }
    }
    Some(())
}

/// The name, and arguments after their types.
fn command(rows: &mut Rows<'_, '_>, command: &[u8]) -> Option<()> {
    let text = |start: usize, len: usize| {
        Some(String::from_utf8_lossy(command.get(start..start.checked_add(len)?)?))
    };
    let (len, start) = number(command, 0, u32::from_le_bytes)?;
    rows.detail(start, &format!("name of {len} bytes"));
    rows.field(start + len, "command", &show(Value::Text(&text(start, len)?)));
    let (count, mut at) = number(command, start + len, u32::from_le_bytes)?;
    rows.field(at, "args", &show(Value::List(count)));
    for index in 0..count {
        let (kind, path) = (*command.get(at)?, format!("args.{index}"));
        if kind == 0 {
            let (number, end) = number(command, at + 1, u32::from_le_bytes)?;
            rows.detail(at + 1, &format!("{path} is a number"));
            rows.field(end, &path, &(number as u32).cast_signed().to_string());
            at = end;
            continue;
        }
        let (len, start) = number(command, at + 1, u32::from_le_bytes)?;
        at = start.checked_add(len)?;
        let what = if kind == 1 { "text" } else { "data" };
        rows.detail(start, &format!("{path} is {what} of {len} bytes"));
        let value = command.get(start..at)?;
        let value = if kind == 1 { show(Value::Text(&text(start, len)?)) } else { show(Value::Bytes(value)) };
        rows.field(at, &path, &value);
    }
    Some(())
}
