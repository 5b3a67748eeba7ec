//! Targets for the module `wire`, which is independent of the protocols.

use crate::{Family, Outcome, Target};
use lobbywire::wire::{
    AnySink, Counter, Error, Full, GZIP_STORED_OVERHEAD, Inflater, Json, JsonSyntax, ObjectWriter, Sink,
    SliceSink, read_text, read_uleb128, store_gzip, stored_gzip_len, text_len, uleb128_len, write_json_float,
    write_text, write_text_parts, write_uleb128,
};
use std::collections::BTreeSet;

const TARGETS: &[Target] = &[("wire", wire), ("json_writer", json_writer)];

pub(crate) const FAMILY: Family = Family { name: "wire", targets: TARGETS, seeds };

fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    if target == "json_writer" {
        let floats = [
            0.0,
            -0.0,
            1.0,
            0.5,
            1e16,
            1e15,
            1.5e22,
            -1e-5,
            1.25e-4,
            1e-300,
            5e-324,
            f64::MAX,
            9007199254740993.0,
        ];
        let more = [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            2.0f64.powi(70),
            7207720651816765.0 / 4.0,
            7207720651816767.0 / 4.0,
            1e23,
            1.0 / 16777216.0,
        ];
        let texts = ["", "a", "\"\\\n\u{7f}\u{e9}\u{1F600}", "\\u0041\\ud83d\\ude00\\n"];
        return floats
            .into_iter()
            .chain(more)
            .flat_map(|float| texts.map(|text| [&float.to_le_bytes(), text.as_bytes()].concat()))
            .collect();
    }
    let text = |text: &str| [&[0x0b, u8::try_from(text.len()).unwrap_or(0)], text.as_bytes()].concat();
    let inputs: [&[u8]; 9] = [
        b"",
        b"\x00",
        b"\x0b",
        b"\x0b\x00",
        b"\x0b\x80\x00",
        b"\x0b\x02\xc3\x28",
        b"\x0b\xff\xff\xff\xff\xff\x01",
        b"\xac\x02",
        b"\x80\x80\x80\x80\x10",
    ];
    let texts = ["a", "Côte d'Ivoire", "\u{1F600}", &"x".repeat(127)].map(text);
    let long = [&b"\x0b\xac\x02"[..], &b"y".repeat(300)].concat();
    inputs.map(<[u8]>::to_vec).into_iter().chain(texts).chain([long]).collect()
}

/// Writes into a counter, and into buffers of exactly the encoded length and of one byte less.
fn written(len: usize, write: impl Fn(&mut AnySink<'_>) -> Result<(), Full>) -> Vec<u8> {
    const POISON: u8 = 0xa5;
    let mut counter = Counter::default();
    assert_eq!(write(&mut AnySink::new(&mut counter)), Ok(()));
    assert_eq!(counter.0, len, "the counter agrees with the encoded length");
    let mut bytes = vec![POISON; len + 1];
    let mut sink = SliceSink::new(&mut bytes);
    assert_eq!(write(&mut AnySink::new(&mut sink)), Ok(()));
    assert_eq!(sink.room(), 1, "the encoded length is written");
    assert_eq!(bytes.pop(), Some(POISON), "bytes after the written ones are untouched");
    if let Some(short) = len.checked_sub(1) {
        let mut room = vec![POISON; short];
        let mut sink = SliceSink::new(&mut room);
        assert_eq!(write(&mut AnySink::new(&mut sink)), Err(Full), "a buffer that is too short is rejected");
    }
    bytes
}

/// The offset of an error is within the input of this length, and its kind has a name for programs.
pub(crate) fn check_error(error: Error, len: usize) {
    let (offset, kind) = (error.offset as usize, error.kind);
    assert!(offset <= len, "{error} in {len} bytes");
    assert_eq!(error.after(7), Error::new(kind, offset + 7));
    assert!(
        kind.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    );
}

/// The input as a ULEB128, as a string, and as the content of a stored gzip member.
pub fn wire(input: &[u8]) -> Outcome {
    match read_uleb128(input) {
        Ok((value, len)) => {
            let shortest = written(uleb128_len(value), |out| write_uleb128(out, value));
            assert!(shortest.len() <= len && len <= input.len().min(5));
            assert_eq!(read_uleb128(&shortest), Ok((value, shortest.len())));
        }
        Err(error) => check_error(error, input.len()),
    }
    match read_text(input) {
        Ok((text, len)) => {
            let whole = written(text_len(text), |out| write_text(out, text));
            assert!(whole.len() <= len && len <= input.len());
            assert_eq!(read_text(&whole), Ok((text, whole.len())));
            let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (front, back) = text.split_at(middle);
            let parts = written(whole.len(), |out| write_text_parts(out, [front, "", back].into_iter()));
            assert_eq!(parts, whole);
        }
        Err(error) => check_error(error, input.len()),
    }
    stored(input);
    Outcome::Held
}

/// A stored gzip member inflates to its content. With a flipped bit it is an error or inflates to the same content.
fn stored(payload: &[u8]) {
    let total = stored_gzip_len(payload.len());
    assert!(total >= payload.len() + GZIP_STORED_OVERHEAD);
    let mut member = payload.to_vec();
    member.resize(total, 0xee);
    assert_eq!(store_gzip(&mut member[..total - 1], payload.len()), Err(Full));
    assert_eq!(store_gzip(&mut member, payload.len()), Ok(total));
    let mut inflater = Inflater::new();
    let mut inflated = vec![0; payload.len()];
    assert_eq!(inflater.inflate(&member, &mut inflated), Ok(payload.len()));
    assert_eq!(inflated, payload);
    let at =
        payload.iter().fold(total, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into())) % total;
    // Bytes 4 to 9 of the header are time, flags and operating system, which are ignored.
    if !(4..10).contains(&at) {
        member[at] ^= 0x40;
        match inflater.inflate(&member, &mut inflated) {
            // The header's flag for text is ignored.
            Ok(len) => assert_eq!((len, &inflated[..]), (payload.len(), payload)),
            Err(error) => check_error(error, total),
        }
    }
    let mut small = vec![0; 8];
    let mut sink = SliceSink::new(&mut small);
    let mut any = AnySink::new(&mut sink);
    let fits = (&mut &mut any).put(payload) == Ok(());
    assert_eq!(fits, payload.len() <= 8);
}

/// A float (8 bytes) and a text, written as JSON in all positions: the output is ASCII, and `serde_json` reads the same
/// values; the float is bit-identical.
pub fn json_writer(input: &[u8]) -> Outcome {
    let Some((float, text)) = input.split_first_chunk() else { return Outcome::Skipped };
    let (float, int) = (f64::from_le_bytes(*float), i64::from_le_bytes(*float));
    let text = &*String::from_utf8_lossy(text);
    let quoted = serde_json::to_string(text).expect("text");
    let json = Json::parse(&quoted, JsonSyntax::STRICT).expect("serde_json writes JSON");
    let read = json.as_text().expect("text");
    assert_eq!(read.to_string(), text);

    let mut counter = Counter::default();
    write_all(&mut counter, (float, int, text), json).expect("a counter is never full");
    let mut bytes = vec![0; counter.0];
    let mut sink = SliceSink::new(&mut bytes);
    write_all(&mut sink, (float, int, text), json).expect("the buffer has the encoded length");
    assert_eq!(sink.room(), 0);
    // Only raw JSON is copied as it is.
    let other = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii()).count();
    assert_eq!(other(&bytes), other(quoted.as_bytes()));
    if !float.is_finite() {
        return Outcome::Skipped;
    }
    let mut shown = vec![0; 64];
    let mut sink = SliceSink::new(&mut shown);
    write_json_float(&mut sink, float).expect("a float takes less than 64 bytes");
    let len = 64 - sink.room();
    let shown = std::str::from_utf8(&shown[..len]).expect("ASCII");
    assert_eq!(shown.parse().map(f64::to_bits), Ok(float.to_bits()), "{shown}");

    let theirs: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let all = serde_json::json!([text, text, int, float, int % 2 == 0, text]);
    assert_eq!(theirs["items"].as_array().map(Vec::len), Some(6));
    for (index, value) in [0, 1, 2, 4, 5].map(|index| (index, &all[index])) {
        assert_eq!(theirs["items"][index], *value);
    }
    assert_eq!(
        theirs["inner"],
        serde_json::json!({ "text": text, "escaped": text, "int": int, "raw": text })
    );
    assert_eq!(
        (&theirs["bool"], &theirs["json"]),
        (&serde_json::json!(int % 2 == 0), &serde_json::json!(text))
    );
    Outcome::Held
}

fn write_all<S: Sink>(out: &mut S, (float, int, text): (f64, i64, &str), json: Json<'_>) -> Result<(), Full> {
    let read = json.as_text().ok_or(Full)?;
    let mut object = ObjectWriter::new(out)?;
    object.float("float", float)?;
    object.bool("bool", int % 2 == 0)?;
    object.json("json", json)?;
    object.array("items", |items| {
        items.text(text)?;
        items.escaped(read)?;
        items.int(int)?;
        items.float(float)?;
        items.bool(int % 2 == 0)?;
        items.json(json)
    })?;
    object.object("inner", |inner| {
        inner.text("text", text)?;
        inner.escaped("escaped", read)?;
        inner.int("int", int)?;
        inner.raw("raw", Json::parse(json.text(), JsonSyntax::STRICT).map_err(|_| Full)?)
    })?;
    object.finish()
}
