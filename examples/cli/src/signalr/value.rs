//! Converts MessagePack values to JSON and back.
//!
//! Values that JSON lacks are objects with one member: `{"$bin": base64}`, `{"$ext": [type, base64]}`, a map
//! with keys other than strings as `{"$map": [[key, value], …]}`, and NaN and infinities as
//! `{"$float": "NaN"}`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::wire::{Error, ErrorKind, MsgPackKind, MsgPackReader, MsgPackWriter, NonFinite, Sink};
use serde_json::{Map, Value, json};

/// The nesting limit, which bounds the stack.
const MAX_DEPTH: usize = 64;

/// Reads one value.
pub(super) fn read(reader: &mut MsgPackReader<'_>, depth: usize) -> Result<Value, Error> {
    let error = |kind| Error::new(kind, reader.position());
    if depth > MAX_DEPTH {
        return Err(error(ErrorKind::TooDeep));
    }
    Ok(match reader.kind().ok_or_else(|| error(ErrorKind::Truncated))? {
        MsgPackKind::Nil => {
            reader.nil();
            Value::Null
        }
        MsgPackKind::Bool => reader.bool()?.into(),
        MsgPackKind::Int => match reader.number::<i64>() {
            Ok(number) => number.into(),
            Err(_) => reader.number::<u64>()?.into(),
        },
        MsgPackKind::Float => float(reader.f64()?),
        MsgPackKind::Str => reader.str()?.into(),
        MsgPackKind::Bin => json!({ "$bin": STANDARD.encode(reader.bin()?) }),
        MsgPackKind::Ext => {
            let (kind, bytes) = reader.ext()?;
            json!({ "$ext": [kind, STANDARD.encode(bytes)] })
        }
        MsgPackKind::Array => {
            let len = reader.array_len()?;
            (0..len).map(|_| read(reader, depth + 1)).collect::<Result<Vec<_>, _>>()?.into()
        }
        MsgPackKind::Map => {
            let len = reader.map_len()?;
            let pair = |_| Ok((read(reader, depth + 1)?, read(reader, depth + 1)?));
            map((0..len).map(pair).collect::<Result<Vec<_>, Error>>()?)
        }
        MsgPackKind::Reserved => return Err(error(ErrorKind::UnexpectedType)),
    })
}

fn float(number: f64) -> Value {
    match serde_json::Number::from_f64(number) {
        Some(number) => number.into(),
        None => json!({ NonFinite::KEY: NonFinite::new(number).map(|float| float.to_string()) }),
    }
}

/// A map: an object if all keys are distinct strings without a leading `$`.
fn map(pairs: Vec<(Value, Value)>) -> Value {
    let mut object = Map::new();
    let is_object = pairs.iter().all(|(name, value)| {
        name.as_str().is_some_and(|name| {
            !name.starts_with('$') && object.insert(name.to_owned(), value.clone()).is_none()
        })
    });
    if is_object { object.into() } else { json!({ "$map": pairs }) }
}

/// Why a value cannot be written in MessagePack.
pub(super) struct ValueError(pub(super) &'static str);

/// Writes one value.
pub(super) fn write<S: Sink>(value: &Value, out: &mut MsgPackWriter<'_, S>) -> Result<(), ValueError> {
    let full = |_| ValueError("the value is too long");
    match value {
        Value::Null => out.nil().map_err(full),
        Value::Bool(value) => out.bool(*value).map_err(full),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => out.int(number).map_err(full),
            (_, Some(number), _) => out.uint(number).map_err(full),
            (.., Some(number)) => out.f64(number).map_err(full),
            _ => Err(ValueError("the number is out of range")),
        },
        Value::String(text) => out.str(text).map_err(full),
        Value::Array(items) => {
            out.array_len(items.len()).map_err(full)?;
            items.iter().try_for_each(|item| write(item, out))
        }
        Value::Object(members) => {
            if let Some(done) = write_special(members, out) {
                return done;
            }
            out.map_len(members.len()).map_err(full)?;
            members.iter().try_for_each(|(name, value)| {
                out.str(name).map_err(full)?;
                write(value, out)
            })
        }
    }
}

/// Writes a value that JSON lacks. `None` for an ordinary object.
fn write_special<S: Sink>(
    members: &Map<String, Value>,
    out: &mut MsgPackWriter<'_, S>,
) -> Option<Result<(), ValueError>> {
    let full = |_| ValueError("the value is too long");
    let decoded = |text: &Value| {
        let bytes = text.as_str().and_then(|text| STANDARD.decode(text).ok());
        bytes.ok_or(ValueError("expected base64"))
    };
    let (name, value) = members.iter().next().filter(|_| members.len() == 1)?;
    Some(match (name.as_str(), value) {
        ("$bin", text) => decoded(text).and_then(|bytes| out.bin(&bytes).map_err(full)),
        ("$ext", Value::Array(parts)) => match parts.as_slice() {
            [kind, text] => {
                let kind = kind.as_i64().and_then(|kind| i8::try_from(kind).ok());
                let kind = kind.ok_or(ValueError("expected a type from -128 to 127"));
                kind.and_then(|kind| out.ext(kind, &decoded(text)?).map_err(full))
            }
            _ => Err(ValueError("expected an array of a type and base64")),
        },
        (NonFinite::KEY, Value::String(text)) => match NonFinite::parse(text) {
            Some(float) => out.f64(float.get()).map_err(full),
            None => Err(ValueError("expected NaN, Infinity or -Infinity")),
        },
        ("$map", Value::Array(pairs)) => out.map_len(pairs.len()).map_err(full).and_then(|()| {
            pairs.iter().try_for_each(|pair| match pair.as_array().map(Vec::as_slice) {
                Some([name, value]) => {
                    write(name, out)?;
                    write(value, out)
                }
                _ => Err(ValueError("expected an array of pairs")),
            })
        }),
        _ => return None,
    })
}
