//! Packets as JSON, both ways.

use crate::path::Step;
use bumpalo::Bump;
use lobbywire::bancho::{Fill, Source};
use lobbywire::wire::{self, Observer};
use serde_json::{Map, Value, json};

/// Builds the JSON of a packet from what a reader finds.
#[derive(Default)]
pub(crate) struct JsonBuilder {
    root: Value,
    path: Vec<Step>,
}

impl JsonBuilder {
    /// What was found: an object, a list, a value, or `null` where the packet carries nothing.
    pub(crate) fn finish(self) -> Value {
        self.root
    }

    /// The place in the document that the path leads to; made where it is not there yet.
    fn place(&mut self) -> &mut Value {
        let mut place = &mut self.root;
        for step in &self.path {
            match *step {
                Step::Field(name) => {
                    for name in name.split('.') {
                        if !place.is_object() {
                            *place = Value::Object(Map::new());
                        }
                        place = &mut place[name];
                    }
                }
                Step::Element(index) => {
                    if !place.is_array() {
                        *place = Value::Array(Vec::new());
                    }
                    if let Value::Array(list) = place
                        && list.len() <= index
                    {
                        list.resize(index + 1, Value::Null);
                    }
                    place = &mut place[index];
                }
            }
        }
        place
    }
}

impl Observer for JsonBuilder {
    fn begin(&mut self, name: &'static str, _: usize) {
        self.path.push(Step::Field(name));
    }

    fn begin_element(&mut self, index: usize, _: usize) {
        self.path.push(Step::Element(index));
    }

    fn value(&mut self, _: usize, _: usize, value: wire::Value<'_>) {
        let value = match value {
            wire::Value::Null => Value::Null,
            wire::Value::Bool(value) => value.into(),
            wire::Value::Int(value) | wire::Value::Enum(value, _) => value.into(),
            wire::Value::UInt(value) => value.into(),
            wire::Value::Flags(bits, _) => bits.into(),
            wire::Value::Float(value) => float(value),
            wire::Value::Text(text) => text.into(),
            wire::Value::Bytes([]) => Value::Null,
            wire::Value::Bytes(bytes) => hex(bytes).into(),
            wire::Value::List(_) => Value::Array(Vec::new()),
            other => format!("{other:?}").into(),
        };
        *self.place() = value;
    }

    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: wire::Value<'_>) {}

    fn end(&mut self) {
        self.path.pop();
    }
}

/// A number with a fraction; what JSON has no number for stands under `$float`, NaNs with their
/// bits where they are not the usual one.
fn float(value: f64) -> Value {
    if value.is_finite() {
        value.into()
    } else if value.is_infinite() {
        json!({ "$float": if value > 0.0 { "inf" } else { "-inf" } })
    } else if value.to_bits() == f64::NAN.to_bits() {
        json!({ "$float": "NaN" })
    } else {
        json!({ "$float": format!("{:#018x}", value.to_bits()) })
    }
}

fn float_of(text: &str) -> Option<f64> {
    match text {
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        bits => u64::from_str_radix(bits.strip_prefix("0x")?, 16).ok().map(f64::from_bits),
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// What a value of a document is not.
#[derive(Debug)]
pub(crate) struct WrongType {
    /// The path to the value.
    pub(crate) field: String,
    /// What it should have been.
    pub(crate) expected: &'static str,
}

/// A value of a JSON document that packets are filled from; lists are kept in an arena.
pub(crate) struct JsonSource<'a> {
    value: &'a Value,
    arena: &'a Bump,
    path: String,
}

impl<'a> JsonSource<'a> {
    /// Fills from `value`.
    pub(crate) fn new(value: &'a Value, arena: &'a Bump) -> Self {
        Self { value, arena, path: String::new() }
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, WrongType> {
        Err(WrongType { field: self.path.clone(), expected })
    }

    fn inner(&self, name: &dyn std::fmt::Display, value: &'a Value) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { value, arena: self.arena, path: format!("{}{dot}{name}", self.path) }
    }
}

impl<'a> Source<'a> for JsonSource<'a> {
    type Error = WrongType;

    fn number(&mut self, min: i128, max: i128) -> Result<i128, WrongType> {
        let number = match self.value {
            Value::Number(number) => number,
            Value::Bool(value) => return Ok(i128::from(*value)),
            _ => return self.expected("a number"),
        };
        let whole = number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            // Beyond 64 bits; the conversion brings it to the nearest.
            .or_else(|| number.as_f64().filter(|value| value.fract() == 0.0).map(|value| value as i128));
        match whole {
            Some(whole) => Ok(whole.clamp(min, max)),
            None => self.expected("a whole number"),
        }
    }

    fn float(&mut self) -> Result<f64, WrongType> {
        let special = self.value.get("$float").and_then(Value::as_str).and_then(float_of);
        match self.value.as_f64().or(special) {
            Some(value) => Ok(value),
            None => self.expected("a number, or {\"$float\": \"NaN\"}"),
        }
    }

    fn boolean(&mut self) -> Result<bool, WrongType> {
        match self.value {
            Value::Bool(value) => Ok(*value),
            Value::Number(number) => Ok(number.as_i64() != Some(0)),
            _ => self.expected("true or false"),
        }
    }

    fn text(&mut self) -> Result<&'a str, WrongType> {
        match self.value {
            Value::String(text) => Ok(text),
            _ => self.expected("a string"),
        }
    }

    fn bytes(&mut self) -> Result<&'a [u8], WrongType> {
        match self.value.as_str().and_then(unhex) {
            Some(bytes) => Ok(self.arena.alloc_slice_copy(&bytes)),
            None => self.expected("hexadecimal digits"),
        }
    }

    fn is_null(&mut self) -> bool {
        self.value.is_null()
    }

    fn field<T: Fill<'a>>(&mut self, name: &'static str, into: &mut T) -> Result<(), WrongType> {
        let Value::Object(object) = self.value else {
            return self.expected("an object");
        };
        match object.get(name) {
            // What is null is left as it is, like what is missing.
            None | Some(Value::Null) => Ok(()),
            Some(value) => into.fill(&mut self.inner(&name, value)),
        }
    }

    fn list<T: Fill<'a> + Copy + Default>(&mut self) -> Result<&'a [T], WrongType> {
        let Value::Array(values) = self.value else {
            return self.expected("a list");
        };
        let list = self.arena.alloc_slice_fill_default(values.len());
        for (index, (into, value)) in list.iter_mut().zip(values).enumerate() {
            T::fill(into, &mut self.inner(&index, value))?;
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_that_json_lacks_keep_their_bits() {
        for bits in
            [f64::NAN.to_bits(), f64::INFINITY.to_bits(), f64::NEG_INFINITY.to_bits(), 0x7ff0_0000_0000_0001]
        {
            let value = float(f64::from_bits(bits));
            let arena = Bump::new();
            let read = JsonSource::new(&value, &arena).float().unwrap();
            assert_eq!(read.to_bits(), bits, "{value}");
        }
        assert_eq!(float(0.5), json!(0.5));
    }

    #[test]
    fn numbers_are_brought_to_the_nearest() {
        let arena = Bump::new();
        let cases =
            [(json!(-1), 0), (json!(7), 7), (json!(300), 255), (json!(u64::MAX), 255), (json!(1e30), 255)];
        for (value, expected) in cases {
            assert_eq!(JsonSource::new(&value, &arena).number(0, 255).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn hexadecimal_digits_round_trip_and_others_are_refused() {
        assert_eq!(unhex(&hex(&[0, 0x7f, 0xff])), Some(vec![0, 0x7f, 0xff]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }
}
