//! JSON and what is in it.

use super::{Broken, Buffers, holds, is_inside, write_counted};
use crate::wire::{
    Counter, Json, JsonBoundary, JsonKind, JsonSyntax, JsonText, ObjectWriter, SliceSink, write_json,
    write_json_text,
};

/// Any text: it is one value or an error in it; what is JSON by its definition is JSON to Python too. Its parts
/// are values themselves, found by name and in order; written it is as long as counted, and is read and written
/// again unchanged.
///
/// # Errors
/// The law that is broken.
pub fn json(text: &str, syntax: JsonSyntax, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let json = match Json::parse(text, syntax) {
        Ok(json) => json,
        Err(error) => {
            holds(
                syntax == JsonSyntax::STRICT || Json::parse(text, JsonSyntax::STRICT).is_err(),
                "what is JSON is JSON to Python",
                0,
            )?;
            let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
            holds(text.is_char_boundary(at), "an error is at a character", at)?;
            return is_inside(error, text.len());
        }
    };
    let law = "a value is its text without the white space around it";
    holds(json.text() == text.trim_matches([' ', '\t', '\r', '\n']), law, 0)?;
    parts(json, syntax, buffers.read)?;
    if matches!(json.kind(), JsonKind::Object | JsonKind::Array) {
        let mut boundary = JsonBoundary::NEW;
        let end = boundary.find(json.text().as_bytes());
        holds(end == Some(json.text().len()), "an object ends where its braces do", end.unwrap_or(0))?;
    }
    rewritten(json, syntax, buffers)
}

/// Written it is as long as counted; that is the same value, and is written again unchanged.
fn rewritten(json: Json<'_>, syntax: JsonSyntax, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let Some(written) = canonical(json, buffers.written)? else { return Ok(()) };
    holds(written.iter().all(|byte| matches!(byte, b' '..=b'~')), "JSON is written in ASCII", 0)?;
    let is_said_to_be = Json::parse_and_find(json.text(), syntax, []).is_ok_and(|parsed| parsed.is_written);
    let law = "what is seen to be in its one form is";
    holds(!is_said_to_be || written == json.text().as_bytes(), law, written.len())?;
    let again = match Json::from_utf8(written, syntax) {
        Ok(again) => again,
        Err(error) => {
            let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
            return Err(Broken { law: "what is written is JSON", at });
        }
    };
    holds(is_same(json, again), "what is written is the same value", written.len())?;
    let Some(second) = canonical(again, buffers.written_again)? else { return Ok(()) };
    holds(written == second, "what is written is written again unchanged", second.len())
}

/// The value in its one form, at the start of `buffer`.
pub(super) fn canonical<'b>(json: Json<'_>, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    let _ = write_json(&mut counter, json);
    write_counted(buffer, counter.0, |out| write_json(out, json))
}

/// Everything in a value is a value, in its turn with such parts: as deep as the syntax allows.
fn parts(json: Json<'_>, syntax: JsonSyntax, scratch: &mut [u8]) -> Result<(), Broken> {
    let at = json.text().len();
    let is_whole = Json::parse(json.text(), syntax) == Ok(json);
    holds(is_whole, "a part of a value is a value", at)?;
    let of_kind =
        [json.is_null(), json.as_bool().is_some(), json.as_f64().is_some(), json.as_text().is_some()];
    let known = match json.kind() {
        JsonKind::Null => [true, false, false, false],
        JsonKind::Bool => [false, true, false, false],
        JsonKind::Number => [false, false, true, false],
        JsonKind::String => [false, false, false, true],
        JsonKind::Array | JsonKind::Object => [false; 4],
    };
    holds(of_kind == known, "a value is of one kind", at)?;
    let is_whole_number = json.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let has_number = json.as_i64().is_some() || json.as_u64().is_some();
    let law = "a whole number is digits";
    holds(!has_number || (is_whole_number && json.kind() == JsonKind::Number), law, at)?;
    if let Some(string) = json.as_text() {
        text(string, scratch)?;
    }
    let (mut len, mut count) = (2usize, 0usize);
    for item in json.items() {
        holds(json.kind() == JsonKind::Array, "only arrays have items", at)?;
        parts(item, syntax, scratch)?;
        len = len.saturating_add(item.text().len());
        count = count.saturating_add(1);
    }
    for (name, value) in json.members() {
        holds(json.kind() == JsonKind::Object, "only objects have members", at)?;
        text(name, scratch)?;
        parts(value, syntax, scratch)?;
        len = len.saturating_add(name.raw().len()).saturating_add(value.text().len()).saturating_add(3);
        count = count.saturating_add(1);
        // Not of all of a large object, which would take long.
        if count <= 16 {
            let last = json.members().filter(|(other, _)| *other == name).last().map(|(_, value)| value);
            if let Some(name) = plain(name, scratch) {
                holds(json.get(name) == last, "the last member of a name counts", count)?;
            }
        }
    }
    if matches!(json.kind(), JsonKind::Array | JsonKind::Object) {
        len = len.saturating_add(count.saturating_sub(1));
        let blank = json.text().len().saturating_sub(len);
        // What is not in a part is punctuation or white space.
        let spaces = json.text().bytes().filter(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        holds(
            len <= json.text().len() && blank <= spaces,
            "a value is its parts and what separates them",
            len,
        )?;
    }
    Ok(())
}

/// A text without escapes and half pairs, in `scratch` if it has to be.
fn plain<'s>(text: JsonText<'s>, scratch: &'s mut [u8]) -> Option<&'s str> {
    if text.has_lone_surrogates() { None } else { text.unescape(scratch).ok() }
}

/// All ways to look at a text show the same.
fn text(text: JsonText<'_>, scratch: &mut [u8]) -> Result<(), Broken> {
    let (len, raw) = (text.utf8_len(), text.raw());
    holds(len <= raw.len(), "a text is no longer than with its escapes", len)?;
    if let Some(short) = len.checked_sub(1).filter(|_| text.as_plain().is_none()) {
        let short = scratch.get_mut(..short).unwrap_or_default();
        holds(text.unescape(short).is_err(), "a buffer that is too short is refused", len)?;
    }
    let Ok(unescaped) = text.unescape(scratch) else {
        return holds(len > scratch.len(), "a text fits where it has room", len);
    };
    holds(unescaped.len() == len, "a text is as long as counted", len)?;
    holds(text.chars().eq(unescaped.chars()), "a text has the characters that it has", len)?;
    let law = "a text is what is left without escapes";
    holds((text == *unescaped) != text.has_lone_surrogates(), law, len)?;
    let is_plain = text.as_plain().is_none_or(|plain| plain == raw && plain == unescaped);
    holds(is_plain && (text.as_plain().is_some() || raw.contains('\\')), "text without escapes is plain", len)
}

/// Whether two values are the same, whatever forms their texts and numbers have. Python has one zero among whole
/// numbers.
pub(super) fn is_same(one: Json<'_>, other: Json<'_>) -> bool {
    if one.kind() != other.kind() {
        return false;
    }
    match one.kind() {
        JsonKind::Null | JsonKind::Bool => one.text() == other.text(),
        JsonKind::Number => {
            let whole = |json: Json<'_>| json.text().bytes().skip(1).all(|byte| byte.is_ascii_digit());
            let bits = |json: Json<'_>| json.as_f64().map(f64::to_bits);
            if whole(one) || whole(other) {
                one.text() == other.text() || (one.text(), other.text()) == ("-0", "0")
            } else {
                bits(one) == bits(other)
            }
        }
        JsonKind::String => one.as_text() == other.as_text(),
        JsonKind::Array => {
            let mut others = other.items();
            one.items().all(|one| others.next().is_some_and(|other| is_same(one, other)))
                && others.next().is_none()
        }
        JsonKind::Object => {
            let mut others = other.members();
            let mut is_next = |(name, one): (JsonText<'_>, Json<'_>)| {
                others.next().is_some_and(|(other_name, other)| name == other_name && is_same(one, other))
            };
            one.members().all(&mut is_next) && others.next().is_none()
        }
    }
}

/// Any text is written as JSON that is read as that text.
///
/// # Errors
/// The law that is broken.
pub fn json_text(text: &str, buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let mut counter = Counter::default();
    let _ = write_json_text(&mut counter, text);
    let Some(written) = write_counted(buffers.written, counter.0, |out| write_json_text(out, text))? else {
        return Ok(());
    };
    let json = Json::from_utf8(written, JsonSyntax::STRICT);
    holds(json.is_ok_and(|json| json == text), "text is written as JSON of it", written.len())?;
    let room = buffers.written_again.len();
    let mut sink = SliceSink::new(&mut *buffers.written_again);
    let written = ObjectWriter::new(&mut sink).and_then(|mut object| {
        object.text(text, text)?;
        object.text("x", "")?;
        object.finish()
    });
    if written.is_err() {
        return Ok(());
    }
    let len = room.saturating_sub(sink.room());
    let json = Json::from_utf8(buffers.written_again.get(..len).unwrap_or_default(), JsonSyntax::STRICT);
    let has_it = json.is_ok_and(|json| {
        let expected = if text == "x" { "" } else { text };
        json.get(text).is_some_and(|value| value == expected)
    });
    holds(has_it, "a member is found by the name that it was written with", len)
}
