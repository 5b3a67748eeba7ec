//! What FAForever's server, its adapters and its games write and refuse, replayed.
//!
//! The bytes of `faf/vectors.jsonl` were made by Python's `struct` and codecs or by the server itself, and what
//! the lenient mode makes of blocks and lines is what the server's decoder made of them. A line has, for either
//! mode, the message, or the kind of the error and its offset.

use lobbywire_core::faf::gpgnet::{self, Arg, Command};
use lobbywire_core::faf::ice::Datagram;
use lobbywire_core::faf::qdatastream::Blocks;
use lobbywire_core::faf::replay::{Direction, Request};
use lobbywire_core::faf::simple_json::Lines;
use lobbywire_core::faf::{Message, Mode, qdatastream, simple_json};
use lobbywire_core::wire::{Error, FrameDecoder, Framing, SliceSink};
use serde_json::{Value, json};

struct Vector {
    name: String,
    framing: String,
    bytes: Vec<u8>,
    strict: Value,
    lenient: Value,
}

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("faf/vectors.jsonl").lines();
    let vectors: Vec<_> = lines
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            Vector {
                name: text("vector"),
                framing: text("framing"),
                bytes: unhex(&text("hex")),
                strict: row["strict"].clone(),
                lenient: row["lenient"].clone(),
            }
        })
        .collect();
    assert_eq!(vectors.len(), 64);
    vectors
}

/// The first frame of a stream, what is read of it, and an error as `kind@offset`.
fn first<F: Framing>(
    framing: F,
    bytes: &[u8],
    piece: usize,
    read: impl Fn(&[u8]) -> Result<Value, Error>,
) -> Value {
    let mut decoder = FrameDecoder::new(framing, [0; 256]);
    let shown = |read: Result<Value, Error>| match read {
        Ok(value) => value,
        Err(error) => json!(format!("{}@{}", error.kind.name(), error.offset)),
    };
    for piece in bytes.chunks(piece) {
        assert_eq!(decoder.push(piece), piece.len());
        if let Some(frame) = decoder.next_frame() {
            return shown(frame.and_then(&read));
        }
    }
    shown(decoder.finish().expect("a frame, or the reason why there is none").and_then(read))
}

fn message(message: Message<'_>) -> Value {
    let text = message.json().text();
    // What serde_json can't read is shown as the text itself.
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn command(command: &impl Command) -> Value {
    let mut shown = vec![json!(command.command())];
    let done: Result<(), ()> = command.each_arg(&mut |arg| {
        shown.push(match arg {
            Arg::Int(number) => json!(number),
            Arg::Text(text) => json!(text),
            Arg::RawText(bytes) => json!({ "raw": hex(bytes) }),
            Arg::Data(bytes) => json!({ "data": hex(bytes) }),
            other => panic!("{other:?} is not of the binary wire"),
        });
        Ok(())
    });
    done.unwrap();
    Value::Array(shown)
}

fn read(vector: &Vector, mode: Mode, piece: usize) -> Value {
    let bytes = &vector.bytes;
    let mut scratch = [0; 1024];
    match &*vector.framing {
        "qdatastream" => first(Blocks::new(mode), bytes, piece, |block| {
            Ok(message(qdatastream::read(block, mode, &mut scratch.clone())?.message))
        }),
        "json" => first(Lines::new(mode), bytes, piece, |line| {
            Ok(simple_json::read(line, mode, &mut scratch.clone())?.map_or(Value::Null, message))
        }),
        "gpgnet" => first(gpgnet::Messages::new(mode), bytes, piece, |frame| {
            Ok(command(&gpgnet::Message::read(frame, mode)?))
        }),
        "ice" => {
            let datagram = Datagram::read(bytes);
            let mut written = [0; 64];
            let mut sink = SliceSink::new(&mut written);
            datagram.write(&mut sink).unwrap();
            let len = 64 - sink.room();
            assert_eq!(&written[..len], bytes);
            match datagram {
                Datagram::Game(content) => json!(["game", hex(content)]),
                Datagram::Echo { millis } => json!(["echo", millis]),
                Datagram::Ping => json!(["ping"]),
                other => panic!("{other:?}"),
            }
        }
        "replay" => {
            let (request, used) = Request::read(bytes).unwrap().unwrap();
            assert_eq!(used, bytes.len());
            let mut sink = SliceSink::new(&mut scratch);
            request.write(&mut sink).unwrap();
            let len = 1024 - sink.room();
            let shown = json!([
                if request.direction == Direction::Put { "P" } else { "G" },
                request.game,
                request.name
            ]);
            assert_eq!(&scratch[..len], bytes);
            shown
        }
        other => panic!("no framing {other}"),
    }
}

#[test]
fn every_vector_is_read_as_it_was_meant_however_it_is_cut() {
    for vector in vectors() {
        for piece in [1, 2, 3, 7, 256] {
            let name = &vector.name;
            assert_eq!(read(&vector, Mode::Strict, piece), vector.strict, "{name}, strict");
            assert_eq!(read(&vector, Mode::Lenient, piece), vector.lenient, "{name}, lenient");
        }
    }
}
