//! JSON values and strings.

use super::{Broken, Buffers, Outcome, holds, is_inside, write_counted};
use crate::wire::{
    Counter, Json, JsonBoundary, JsonKind, JsonSyntax, JsonText, ObjectWriter, SliceSink, write_json,
    write_json_text,
};

/// Reads the input as a JSON value. The lenient syntax accepts what the strict one accepts. The parts of a value are
/// values, found by name and in order. A value writes and reads unchanged, in exactly its encoded length.
///
/// # Errors
/// The property that the input violates.
pub fn json(text: &str, syntax: JsonSyntax, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let json = match Json::parse(text, syntax) {
        Ok(json) => json,
        Err(error) => {
            holds(
                syntax == JsonSyntax::STRICT || Json::parse(text, JsonSyntax::STRICT).is_err(),
                "Python's syntax accepts what the strict syntax accepts",
                0,
            )?;
            let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
            holds(text.is_char_boundary(at), "the offset of an error is at a character", at)?;
            return is_inside(error, text.len()).map(|()| Outcome::Skipped);
        }
    };
    let law = "a value is the text without surrounding white space";
    holds(json.text() == text.trim_matches([' ', '\t', '\r', '\n']), law, 0)?;
    parts(json, syntax, buffers.read)?;
    if matches!(json.kind(), JsonKind::Object | JsonKind::Array) {
        let mut boundary = JsonBoundary::NEW;
        let end = boundary.find(json.text().as_bytes());
        holds(end == Some(json.text().len()), "JsonBoundary finds the end of a value", end.unwrap_or(0))?;
    }
    rewritten(json, syntax, buffers)
}

/// A value writes and reads unchanged, in exactly its encoded length.
fn rewritten(json: Json<'_>, syntax: JsonSyntax, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let Some(written) = canonical(json, buffers.written)? else { return Ok(Outcome::Skipped) };
    holds(written.iter().all(|byte| matches!(byte, b' '..=b'~')), "JSON is written in ASCII", 0)?;
    let is_said_to_be = Json::parse_and_find(json.text(), syntax, []).is_ok_and(|parsed| parsed.is_written);
    let law = "is_written is set only for values in canonical form";
    holds(!is_said_to_be || written == json.text().as_bytes(), law, written.len())?;
    let again = match Json::from_utf8(written, syntax) {
        Ok(again) => again,
        Err(error) => {
            let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
            return Err(Broken { law: "a value that was written can be read", at });
        }
    };
    holds(is_same(json, again), "a value is read back as it was written", written.len())?;
    let Some(second) = canonical(again, buffers.written_again)? else { return Ok(Outcome::Skipped) };
    holds(written == second, "a value that was written and read is written unchanged", second.len())?;
    Ok(Outcome::Held)
}

/// Writes a value in canonical form to the start of `buffer`.
pub(super) fn canonical<'b>(json: Json<'_>, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    let _ = write_json(&mut counter, json);
    write_counted(buffer, counter.0, |out| write_json(out, json))
}

/// The items and members of a value are values themselves, to any depth that the syntax allows.
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
    holds(of_kind == known, "exactly the accessor of its kind returns a value", at)?;
    let is_whole_number = json.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let has_number = json.as_i64().is_some() || json.as_u64().is_some();
    let law = "only numbers of digits are integers";
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
        // Quadratic, so only the first members of a large object.
        if count <= 16 {
            let last = json.members().filter(|(other, _)| *other == name).last().map(|(_, value)| value);
            if let Some(name) = plain(name, scratch) {
                holds(json.get(name) == last, "get returns the last member of a name", count)?;
            }
        }
    }
    if matches!(json.kind(), JsonKind::Array | JsonKind::Object) {
        len = len.saturating_add(count.saturating_sub(1));
        let blank = json.text().len().saturating_sub(len);
        // Everything outside of the parts is punctuation or white space.
        let spaces = json.text().bytes().filter(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        holds(
            len <= json.text().len() && blank <= spaces,
            "a value consists of its parts and their separators",
            len,
        )?;
    }
    Ok(())
}

/// The unescaped text, in `scratch` if it has escapes; `None` if it has lone surrogates.
fn plain<'s>(text: JsonText<'s>, scratch: &'s mut [u8]) -> Option<&'s str> {
    if text.has_lone_surrogates() { None } else { text.unescape(scratch).ok() }
}

/// All views of a text show the same text.
fn text(text: JsonText<'_>, scratch: &mut [u8]) -> Result<(), Broken> {
    let (len, raw) = (text.utf8_len(), text.raw());
    holds(len <= raw.len(), "an unescaped text is no longer than the raw one", len)?;
    if let Some(short) = len.checked_sub(1).filter(|_| text.as_plain().is_none()) {
        let short = scratch.get_mut(..short).unwrap_or_default();
        holds(text.unescape(short).is_err(), "a buffer that is too short is rejected", len)?;
    }
    let Ok(unescaped) = text.unescape(scratch) else {
        return holds(len > scratch.len(), "unescape fails only if the buffer is too short", len);
    };
    holds(unescaped.len() == len, "utf8_len is the length of the unescaped text", len)?;
    holds(text.chars().eq(unescaped.chars()), "chars returns the characters of the unescaped text", len)?;
    let law = "a text equals its unescaped form unless it has lone surrogates";
    holds((text == *unescaped) != text.has_lone_surrogates(), law, len)?;
    let is_plain = text.as_plain().is_none_or(|plain| plain == raw && plain == unescaped);
    holds(
        is_plain && (text.as_plain().is_some() || raw.contains('\\')),
        "a text is plain if it has no escapes",
        len,
    )
}

/// Whether two values are equal, regardless of escapes and the notation of numbers. Python's integers have one zero.
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

/// A text is read back from the JSON string it is written as.
///
/// # Errors
/// The property that the input violates.
pub fn json_text(text: &str, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let mut counter = Counter::default();
    let _ = write_json_text(&mut counter, text);
    let Some(written) = write_counted(buffers.written, counter.0, |out| write_json_text(out, text))? else {
        return Ok(Outcome::Skipped);
    };
    let json = Json::from_utf8(written, JsonSyntax::STRICT);
    holds(json.is_ok_and(|json| json == text), "a text is read back from its JSON", written.len())?;
    let room = buffers.written_again.len();
    let mut sink = SliceSink::new(&mut *buffers.written_again);
    let written = ObjectWriter::new(&mut sink).and_then(|mut object| {
        object.text(text, text)?;
        object.text("x", "")?;
        object.finish()
    });
    if written.is_err() {
        return Ok(Outcome::Skipped);
    }
    let len = room.saturating_sub(sink.room());
    let json = Json::from_utf8(buffers.written_again.get(..len).unwrap_or_default(), JsonSyntax::STRICT);
    let has_it = json.is_ok_and(|json| {
        let expected = if text == "x" { "" } else { text };
        json.get(text).is_some_and(|value| value == expected)
    });
    holds(has_it, "a member is found by the name it was written with", len)?;
    Ok(Outcome::Held)
}
