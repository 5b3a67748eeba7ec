//! The JSON parser accepts and rejects the same texts as serde_json, and finds the same values.

use lobbywire_core::wire::{ErrorKind, Json, JsonKind, JsonSyntax, SliceSink, write_json};
use serde_json::Value;

/// Calls a function with every text of up to `longest` of these pieces.
fn texts(pieces: &[&str], longest: usize, look: &mut impl FnMut(&str)) {
    fn next(pieces: &[&str], left: usize, text: &mut String, look: &mut impl FnMut(&str)) {
        look(text);
        if left > 0 {
            for piece in pieces {
                let len = text.len();
                text.push_str(piece);
                next(pieces, left - 1, text, look);
                text.truncate(len);
            }
        }
    }
    next(pieces, longest, &mut String::new(), look);
}

/// Compares the parsers on a text. Returns whether it is valid JSON.
fn check(text: &str) -> bool {
    let theirs: Result<Value, _> = serde_json::from_str(text);
    match (Json::parse(text, JsonSyntax::STRICT), theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_same(ours, &theirs);
            let mut written = vec![0; 6 * text.len() + 32];
            let room = written.len();
            let mut sink = SliceSink::new(&mut written);
            write_json(&mut sink, ours).unwrap();
            let len = room - sink.room();
            let again: Value = serde_json::from_slice(&written[..len]).unwrap();
            assert!(is_same(&again, &theirs), "{text} became {again}");
            true
        }
        (Err(_), Err(_)) => false,
        (ours, theirs) => panic!("{text:?}: {ours:?}, but serde_json returns {theirs:?}"),
    }
}

/// Python's integers have no negative zero.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((a, one), (b, other))| a == b && is_same(one, other))
        }
        _ => one == other,
    }
}

fn assert_same(ours: Json<'_>, theirs: &Value) {
    match theirs {
        Value::Null => assert!(ours.is_null()),
        Value::Bool(value) => assert_eq!(ours.as_bool(), Some(*value)),
        Value::Number(number) => {
            assert_eq!(ours.kind(), JsonKind::Number);
            assert_eq!(ours.as_f64(), number.as_f64(), "{ours}");
            if number.is_i64() {
                assert_eq!(ours.as_i64(), number.as_i64());
            }
        }
        Value::String(text) => assert_eq!(ours, text.as_str()),
        Value::Array(items) => {
            assert_eq!(ours.items().count(), items.len());
            ours.items().zip(items).for_each(|(ours, theirs)| assert_same(ours, theirs));
        }
        Value::Object(members) => {
            for (name, theirs) in members {
                assert_same(ours.get(name).unwrap(), theirs);
            }
            for (name, _) in ours.members() {
                assert!(members.contains_key(&name.to_string()), "{name}");
            }
        }
    }
}

#[test]
fn every_short_text_parses_as_in_serde_json() {
    let (mut taken, mut refused) = (0, 0);
    let mut count = |text: &str| if check(text) { taken += 1 } else { refused += 1 };
    // Structure, with a string and a number.
    texts(&["{", "}", "[", "]", ",", ":", "\"a\"", "1", " "], 6, &mut count);
    // Numbers and literals.
    texts(&["0", "1", "9", "-", "+", ".", "e", "E", "null", "true"], 5, &mut count);
    // Strings and escapes.
    texts(&["\"", "\\", "u", "d83d", "dc00", "00e9", "n", "é", "\u{1f}", "/"], 5, &mut |text| {
        count(text);
        count(&format!("\"{text}\""));
    });
    assert!(taken > 10_000, "{taken}");
    assert!(refused > 800_000, "{refused}");
}

#[test]
fn long_strings_end_at_the_same_byte_as_in_serde_json() {
    for len in 0..40 {
        for at in 0..len {
            for other in ["\\\"", "\\\\", "\\u0022", "é", "\u{7f}", "\u{1}", "\"", "\\x"] {
                let mut text: String = "x".repeat(at);
                text.push_str(other);
                text.push_str(&"y".repeat(len - at));
                check(&format!("\"{text}\""));
                check(&format!("{{\"{text}\":[1,\"{text}\"],\"z\":2}}"));
            }
        }
    }
}

#[test]
fn strings_are_unescaped_as_by_serde_json_and_lone_surrogates_become_replacement_characters() {
    let pieces = ["a", "é", "😀", r"\n", r#"\""#, r"\u00e9", r"\ud83d", r"\ude00"];
    texts(&pieces, 4, &mut |content| {
        let quoted = format!("\"{content}\"");
        let text = Json::parse(&quoted, JsonSyntax::PYTHON).unwrap().as_text().unwrap();
        let unescaped = text.to_string();
        assert!(text.chars().eq(unescaped.chars()), "{quoted}");
        assert_eq!(text.utf8_len(), unescaped.len());
        match serde_json::from_str::<String>(&quoted) {
            Ok(theirs) => assert_eq!(unescaped, theirs),
            Err(_) => assert!(text.has_lone_surrogates() && unescaped.contains('\u{fffd}'), "{quoted}"),
        }
    });
}

#[test]
fn deep_nesting_is_rejected_without_recursion() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let of = |depth, syntax| Json::parse(&nested(depth), syntax).map(drop).map_err(|error| error.kind);
    assert_eq!(of(64, JsonSyntax::STRICT), Ok(()));
    assert_eq!(of(65, JsonSyntax::STRICT), Err(ErrorKind::TooDeep));
    assert_eq!(of(127, JsonSyntax::PYTHON), Ok(()));
    assert_eq!(of(128, JsonSyntax::PYTHON), Err(ErrorKind::TooDeep));
    let text = "{\"a\":[".repeat(1 << 20);
    assert_eq!(Json::parse(&text, JsonSyntax::PYTHON).unwrap_err().kind, ErrorKind::TooDeep);
}

#[test]
fn long_numbers_are_kept_and_out_of_range_floats_are_reported() {
    let digits = "9".repeat(4300);
    let json = Json::parse(&digits, JsonSyntax::STRICT).unwrap();
    assert_eq!((json.text(), json.as_i64()), (digits.as_str(), None));
    assert!(Json::parse(&"9".repeat(4301), JsonSyntax::PYTHON).is_err());
    for text in ["1e400", "-1e999", "NaN", "Infinity", "-Infinity"] {
        assert_eq!(Json::parse(text, JsonSyntax::STRICT).unwrap_err().kind, ErrorKind::NonFiniteNumber);
        assert!(Json::parse(text, JsonSyntax::PYTHON).is_ok_and(|json| !json.as_f64().unwrap().is_finite()));
    }
}
