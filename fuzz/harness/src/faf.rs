//! Fuzz targets for the lobby protocol of Forged Alliance Forever.
//!
//! An input starts with a byte that selects the mode: even for strict, odd for lenient. Each target documents the rest of
//! its input.

use crate::corpus::fuzz_dir;
use crate::{Family, Outcome, Target, hold};
use lobbywire::faf::{DecodeError, client, server};
use lobbywire_core::faf::gpgnet::{self, Arg, IntoArg, Limits, Messages};
use lobbywire_core::faf::json_rpc::Objects;
use lobbywire_core::faf::laws::{self, Buffers};
use lobbywire_core::faf::qdatastream::{self, Blocks, Strings};
use lobbywire_core::faf::replay::{LARGEST_HEADER, LONGEST_REQUEST};
use lobbywire_core::faf::simple_json::{self, Lines};
use lobbywire_core::faf::{Body, Error, ErrorKind, Message, Mode, WriteError};
use lobbywire_core::wire::{
    self, Counter, FrameDecoder, Framing, Json, JsonBoundary, JsonKind, JsonSyntax, ObjectWriter, Sink,
    SliceSink, Utf16Be,
};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

const TARGETS: &[Target] = &[
    ("faf_stream", faf_stream),
    ("qdatastream", qdatastream),
    ("simple_json", simple_json),
    ("gpgnet", gpgnet),
    ("faf_json", faf_json),
    ("utf16", utf16),
    ("faf_replay", faf_replay),
];

pub(crate) const FAMILY: Family = Family { name: "faf", targets: TARGETS, seeds };

/// The seeds of a target, in both modes: the vectors, and inputs that these lack.
fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    let path = fuzz_dir().join("../core/tests/faf/vectors.jsonl");
    let vectors = fs::read_to_string(path).expect("the vectors");
    let vectors = vectors.lines().map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).expect("a vector");
        (
            row["framing"].as_str().unwrap_or_default().to_owned(),
            hex::decode(row["hex"].as_str().expect("bytes")).expect("hexadecimal"),
        )
    });
    let mut inputs = BTreeSet::new();
    let mut give = |selected: u8, bytes: &[&[u8]]| {
        inputs.insert([&[&[selected][..]], bytes].concat().concat());
        inputs.insert([&[&[selected | 1][..]], bytes].concat().concat());
    };
    for (index, (framing, bytes)) in vectors.enumerate() {
        let number = u8::try_from(index).unwrap_or(0);
        let string = bytes.get(8..).unwrap_or_default();
        match (target, &*framing) {
            ("faf_stream", "qdatastream" | "json" | "gpgnet") => {
                let framing = match &*framing {
                    "qdatastream" => 0,
                    "json" => 1,
                    _ => 2,
                };
                give(0, &[&[framing, number, 0, 0], &bytes, &bytes]);
                give(2, &[&[framing, number, 24, 32], &bytes, &bytes]);
                give(0, &[&[3, number, 0, 0], &bytes]);
                // Longer than the decoder's buffer, and truncated.
                give(0, &[&[framing, number, 0, 9], &bytes, &bytes]);
                give(0, &[&[3, number, 0, 9], &bytes, &bytes]);
                give(0, &[&[framing, number, 0, 0], &bytes, &bytes[..bytes.len() / 2]]);
                give(0, &[&[framing, number, 0, 0], &bytes, &[0; 4]]);
            }
            ("qdatastream", "qdatastream") | ("simple_json", "json") | ("gpgnet", "gpgnet") => {
                give(0, &[&bytes])
            }
            ("faf_replay", "replay" | "ice") | ("faf_json", "json") => give(0, &[&bytes]),
            ("utf16", "qdatastream") => give(0, &[string]),
            _ => {}
        }
    }
    for text in TEXTS {
        match target {
            "qdatastream" => give(2, &[text.as_bytes()]),
            "simple_json" | "faf_json" => give(0, &[text.as_bytes(), b"\n"]),
            "utf16" => give(0, &[&block_of(text)[8..]]),
            _ => {}
        }
    }
    if target == "simple_json" {
        // All encodings that Python detects, with and without a byte order mark; lone surrogates and invalid code points.
        for text in TEXTS {
            let mark = ["", "\u{feff}"].map(|mark| format!("{mark}{text}"));
            for text in mark {
                let (wide, wider): (Vec<_>, Vec<_>) =
                    (text.encode_utf16().collect(), text.chars().map(u32::from).collect());
                let all = [
                    wide.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>(),
                    wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
                    wider.iter().flat_map(|char| char.to_le_bytes()).collect(),
                    wider.iter().flat_map(|char| char.to_be_bytes()).collect(),
                    wider.iter().chain(&[0xd800, 0x22]).flat_map(|char| char.to_be_bytes()).collect(),
                    wider.iter().chain(&[0x11_0000]).flat_map(|char| char.to_le_bytes()).collect(),
                    wide.iter().chain(&[0xd800, 0x22]).flat_map(|unit| unit.to_be_bytes()).collect(),
                ];
                for text in all {
                    give(0, &[&text]);
                    give(0, &[&text, b"{"]);
                }
            }
        }
        for line in [&b"{\"command\":\"\xed\xa0\x80\"}"[..], b"{\"command\":\"\xff\"}", b"{\"command\":1}"] {
            give(0, &[line]);
        }
    }
    if target == "faf_replay" {
        for input in replay_requests().chain(recordings()) {
            give(0, &[&input]);
        }
        for datagram in [&b"e123"[..], b"e12345678", b"ICEADAPTERPING\0", b"ICEADAPTERPONG\0", b"d", b"x"] {
            give(0, &[datagram]);
        }
    }
    if ["utf16", "faf_replay"].contains(&target) {
        // These ignore the mode.
        inputs.retain(|input| input.first().is_some_and(|mode| mode % 2 == 0));
    }
    inputs
}

/// Valid and invalid requests to a replay server.
fn replay_requests() -> impl Iterator<Item = Vec<u8>> {
    let requests: [&[u8]; 20] = [
        b"P/18234567/Rhiza.SCFAreplay\0",
        b"G/18234567/Rhiza.SCFAreplay\0",
        b"P/18234567/Rhiza.SCFAreplay\0Supreme Commander v1.50.3701\0",
        b"G/1/name/with/slash\0",
        b"G/0/x\0",
        b"P/007/Dostya.SCFAreplay\0",
        b"P/10/Zo\xc3\xab \xe6\xbc\xa2.SCFAreplay\0",
        b"G/18446744073709551615/x\0",
        b"G/18446744073709551616/x\0",
        b"P/+1/a\0",
        b"P/-1/a\0",
        b"P//a\0",
        b"P/1/\0",
        b"P/1\0",
        b"P/\0",
        b"P/1/\xff\0",
        b"p/1/a\0",
        b"PG",
        b"P/1/a",
        b"",
    ];
    // Around the largest request, with and without its final zero.
    let long = [LONGEST_REQUEST - 1, LONGEST_REQUEST, LONGEST_REQUEST + 1].into_iter().flat_map(|len| {
        let request = [b"P/1/", &*vec![b'a'; len - 5]].concat();
        [[&request[..], b"\0"].concat(), [&request[..], b"a"].concat()]
    });
    requests.into_iter().map(<[u8]>::to_vec).chain(long)
}

/// Recordings of games of different sizes, truncated ones, and ones with lengths that exceed the limit.
fn recordings() -> impl Iterator<Item = Vec<u8>> {
    let usual = recording(&["Rhiza", "Dostya"], 3);
    let mods = usual.windows(4).position(|bytes| bytes == b"\x04\x01na").unwrap_or(0) - 4;
    let long = [LARGEST_HEADER, LARGEST_HEADER - mods - 4, 1 << 16].map(|len| {
        let len = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
        [&usual[..mods], &len, &usual[mods + 4..]].concat()
    });
    let truncated: Vec<_> = (0..usual.len()).step_by(37).map(|len| usual[..len].to_vec()).collect();
    let players = ["Brackman"; 16];
    [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (8, 9), (16, 17)]
        .into_iter()
        .map(move |(sources, armies)| recording(&players[..sources], armies))
        .chain([usual])
        .chain(long)
        .chain(truncated)
}

/// The start of a recording with these players, and the first bytes of its commands. Every third army has no source.
fn recording(players: &[&str], armies: u8) -> Vec<u8> {
    // Lua values start with their type: 0 a float, 1 a string, 2 nil, 3 a bool, 4 a table, which ends with 5.
    let counted = |value: &[u8]| [&u32::try_from(value.len()).unwrap_or(0).to_le_bytes(), value].concat();
    let mut bytes =
        b"Supreme Commander v1.50.3701\0\r\n\0Replay v1.9\r\n/maps/scmp_009/scmp_009.scmap\0\r\n\x1a\0"
            .to_vec();
    bytes.extend(counted(b"\x04\x01name\0\x01Forged Alliance Forever\0\x01selectable\0\x03\0\x05"));
    bytes.extend(counted(
        b"\x04\x01name\0\x01Seton's Clutch\0\x01size\0\x04\0\0\0\x80\x44\0\0\0\x80\x44\x05\x05",
    ));
    bytes.push(u8::try_from(players.len()).unwrap_or(u8::MAX));
    for (player, number) in players.iter().zip(1u32..) {
        bytes.extend([player.as_bytes(), b"\0", &number.to_le_bytes()].concat());
    }
    bytes.extend([u8::from(players.is_empty()), armies]);
    for army in 0..armies {
        bytes.extend(counted(b"\x04\x01PlayerName\0\x01Rhiza\0\x01Faction\0\0\0\0\0\x40\x05"));
        if army % 3 == 2 {
            bytes.push(u8::MAX);
        } else {
            bytes.extend([army, 0xff]);
        }
    }
    bytes.extend(b"\x78\x56\x34\x12\0\x07\0\x01\0\0\0");
    bytes
}

/// Splits an input into the mode, the second bit of the first byte, and the rest.
fn mode_of(input: &[u8]) -> Option<(Mode, bool, &[u8])> {
    let (byte, rest) = input.split_first()?;
    let mode = if byte % 2 == 0 { Mode::Strict } else { Mode::Lenient };
    Some((mode, byte & 2 != 0, rest))
}

/// Provides buffers of the size that an input of this length needs. Larger ones would be slower, as they are filled.
fn with_buffers<T>(len: usize, check: impl FnOnce(&mut Buffers<'_>) -> T) -> T {
    thread_local! {
        static MEMORY: RefCell<[Vec<u8>; 4]> = const { RefCell::new([const { Vec::new() }; 4]) };
    }
    MEMORY.with_borrow_mut(|memory| {
        let len = 18 * len + 256;
        for part in memory.iter_mut() {
            part.resize(part.len().max(len), 0);
        }
        let [read, written, read_again, written_again] = memory.each_mut().map(|part| &mut part[..len]);
        check(&mut Buffers { read, written, read_again, written_again })
    })
}

/// The framing, a seed for the pieces, the largest frame and the size of the decoder's buffer (one byte each), and the
/// stream: [`laws::stream`].
pub fn faf_stream(input: &[u8]) -> Outcome {
    let Some((mode, is_small, rest)) = mode_of(input) else { return Outcome::Skipped };
    let Some(([framing, seed, limit, room], bytes)) = rest.split_first_chunk() else {
        return Outcome::Skipped;
    };
    let limit = if is_small { usize::from(*limit) } else { 4096 };
    let room = if *room == 0 { 8192 } else { 8 + usize::from(*room) };
    let pieces = crate::pieces(*seed);
    let mut limits = Limits::USUAL;
    (limits.message, limits.string) = (limit, limit);
    let buffer = &mut vec![0; room];
    let outcome = hold(match framing % 4 {
        0 => laws::stream(&Blocks { limit, mode }, bytes, pieces, buffer),
        1 => laws::stream(&Lines { limit, mode }, bytes, pieces, buffer),
        2 => laws::stream(&Messages { limits, mode }, bytes, pieces, buffer),
        _ => laws::stream(&Objects::new(limit), bytes, pieces, buffer),
    });
    match framing % 4 {
        0 => same_frames(&mut Blocks { limit, mode }, bytes, room),
        1 => same_frames(&mut Lines { limit, mode }, bytes, room),
        2 => same_frames(&mut Messages { limits, mode }, bytes, room),
        _ => same_frames(&mut Objects::new(limit), bytes, room),
    }
    outcome
}

/// A decoder splits a stream into the same frames, whether it is pushed or read into the decoder's buffer.
fn same_frames<F: Framing<Error: PartialEq> + Clone>(framing: &mut F, bytes: &[u8], room: usize) {
    let kept = |frame: Result<&[u8], F::Error>| frame.map(<[u8]>::to_vec);
    let mut pushed = FrameDecoder::new(framing.clone(), vec![0; room]);
    let (mut as_pushed, mut piece) = (Vec::new(), bytes);
    loop {
        let taken = pushed.push(piece);
        piece = &piece[taken..];
        let before = as_pushed.len();
        while let Some(frame) = pushed.next_frame() {
            as_pushed.push(kept(frame));
        }
        if taken == 0 && as_pushed.len() == before {
            break;
        }
    }

    let mut decoder = FrameDecoder::new(framing, vec![0; room]);
    let (mut in_room, mut rest) = (Vec::new(), bytes);
    loop {
        let place = decoder.room();
        let len = place.len().min(rest.len()).min(7);
        place[..len].copy_from_slice(&rest[..len]);
        decoder.filled(len);
        rest = &rest[len..];
        let before = in_room.len();
        while let Some(frame) = decoder.next_frame() {
            in_room.push(kept(frame));
        }
        assert!(decoder.frame_position() <= decoder.position() && decoder.position() <= bytes.len() as u64);
        if len == 0 && in_room.len() == before {
            break;
        }
    }
    assert_eq!(in_room, as_pushed);
    assert_eq!(decoder.is_between_frames(), pushed.is_between_frames());
    assert_eq!(decoder.is_lost(), pushed.is_lost());
    let _: &&mut F = decoder.framing();
    assert_eq!(decoder.finish(), pushed.finish());
}

/// A block, or texts separated by zeros that become one: [`laws::block`]. In strict mode, the message equals the string
/// decoded by the standard library and `serde_json`.
pub fn qdatastream(input: &[u8]) -> Outcome {
    let Some((mode, is_made, rest)) = mode_of(input) else { return Outcome::Skipped };
    let made: Vec<u8>;
    let bytes = if is_made {
        made = block_of(&String::from_utf8_lossy(rest));
        &made
    } else {
        rest
    };
    let outcome = hold(with_buffers(bytes.len(), |buffers| laws::block(bytes, mode, buffers)));
    custom_message(&String::from_utf8_lossy(rest), mode);
    let strings: Vec<_> = Strings::new(bytes).collect();
    assert!(strings.iter().rev().skip(1).all(Result::is_ok), "iteration ends with an error");
    if mode.is_lenient() {
        return outcome;
    }
    let mut scratch = vec![0; qdatastream::scratch_len(bytes.len(), mode)];
    let ours = qdatastream::read(bytes, mode, &mut scratch).map(|read| read.message);
    let string = bytes.get(4..).and_then(|body| {
        let (len, string) = body.split_first_chunk()?;
        (usize::try_from(u32::from_be_bytes(*len)) == Ok(string.len())).then_some(string)
    });
    let units: Option<Vec<u16>> = string
        .filter(|string| string.len() % 2 == 0)
        .map(|string| string.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit)).collect());
    let text = units.and_then(|units| String::from_utf16(&units).ok());
    match text.as_deref() {
        Some("PING") => assert_eq!(ours, Ok(Message::PING)),
        Some("PONG") => assert_eq!(ours, Ok(Message::PONG)),
        Some(text) => same_message(ours, text.as_bytes()),
        None => assert!(ours.is_err(), "{ours:?}"),
    }
    outcome
}

/// A block of texts, which are separated by zeros.
fn block_of(texts: &str) -> Vec<u8> {
    let mut block = vec![0; 4];
    for text in texts.split('\0') {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        block.extend(u32::try_from(units.len()).unwrap_or(0).to_be_bytes());
        block.extend(units);
    }
    let len = u32::try_from(block.len() - 4).unwrap_or(0);
    block[..4].copy_from_slice(&len.to_be_bytes());
    block
}

/// A line: [`laws::line`]. In strict mode, `serde_json` reads the same message. As a typed message of either side: `typed`.
pub fn simple_json(input: &[u8]) -> Outcome {
    let Some((mode, _, line)) = mode_of(input) else { return Outcome::Skipped };
    let outcome = hold(with_buffers(line.len(), |buffers| laws::line(line, mode, buffers)));
    if let Ok(text) = std::str::from_utf8(line) {
        typed(text, client::Message::parse, |text| serde_json::from_str(text));
        typed(text, server::Message::parse, |text| serde_json::from_str(text));
    }
    if !mode.is_lenient() {
        match simple_json::read(line, mode, &mut []) {
            Ok(message) => same_message(Ok(message.expect("strict mode has no blank lines")), line),
            Err(error) => same_message(Err(error), line),
        }
    }
    outcome
}

/// A typed message that strict mode reads is the same in lenient mode and with serde, and is written and read unchanged.
/// In lenient mode every object is a message, unless a field does not fit.
fn typed<M: Body + PartialEq + std::fmt::Debug>(
    text: &str,
    parse: impl Fn(&str, Mode) -> Result<M, DecodeError>,
    deserialize: impl Fn(&str) -> serde_json::Result<M>,
) {
    let lenient = parse(text, Mode::Lenient);
    match parse(text, Mode::Strict) {
        Ok(message) => {
            assert_eq!(lenient.as_ref(), Ok(&message), "strict and lenient mode read the same message");
            // serde_json has a limit of its own for numbers.
            if let Ok(other) = deserialize(text) {
                assert_eq!(other, message, "serde reads the same message");
            }
            let mut written = Vec::new();
            message.write_json(&mut written).expect("a message that was read can be written");
            let written = String::from_utf8(written).expect("JSON");
            assert_eq!(parse(&written, Mode::Strict).as_ref(), Ok(&message), "{written}");
        }
        Err(error) => {
            let is_object =
                Json::parse(text, JsonSyntax::PYTHON).is_ok_and(|json| json.kind() == JsonKind::Object);
            if let (true, Err(error)) = (is_object, lenient) {
                assert!(!error.field.is_empty(), "lenient mode rejects only fields, not {error}");
            }
            let kind = error.kind;
            let is_of_type = [wire::ErrorKind::MissingField, wire::ErrorKind::UnexpectedType]
                .map(ErrorKind::from)
                .contains(&kind);
            assert!(!is_of_type || !error.field.is_empty(), "{error} names no field");
        }
    }
}

/// Input is a message exactly if `serde_json` reads it as an object with a command.
fn same_message(ours: Result<Message<'_>, Error>, text: &[u8]) {
    let theirs = same_json(ours.map(|message| message.json()), text);
    let command = theirs.as_ref().and_then(|theirs| theirs.get("command")).and_then(Value::as_str);
    match ours {
        // serde_json rejects numbers that are out of range.
        Ok(message) if theirs.is_some() => assert_eq!(command, Some(&*message.command().to_string())),
        Ok(_) => {}
        Err(error) if error.kind == wire::ErrorKind::TooDeep.into() => {}
        Err(_) => assert_eq!(command, None, "{ours:?} for a message with a command"),
    }
}

/// A command: [`laws::gpgnet`].
pub fn gpgnet(input: &[u8]) -> Outcome {
    let Some((mode, _, bytes)) = mode_of(input) else { return Outcome::Skipped };
    let outcome = hold(with_buffers(bytes.len(), |buffers| laws::gpgnet(bytes, mode, buffers)));
    if let Ok(message) = gpgnet::Message::read(bytes, mode) {
        let text = String::from_utf8_lossy(bytes);
        let replaced = text.replace("/t", "\t").replace("/n", "\n");
        assert!(gpgnet::without_escapes(&text).eq(replaced.chars()));
        // A reference to a command is a command, and so is a name with arguments.
        let args: Vec<_> = message.args().collect();
        let mut counter = Counter::default();
        assert_eq!(gpgnet::write(&mut counter, &&(message.command(), &args[..])), Ok(()));
        assert_eq!(counter.0, bytes.len());
    }
    every_arg(&String::from_utf8_lossy(bytes));
    outcome
}

/// Arguments of each kind are written, unless the binary form cannot represent them.
fn every_arg(text: &str) {
    let null = Json::parse("null", JsonSyntax::STRICT).expect("JSON");
    let args = [
        (Arg::Int(-1), true),
        (Arg::Text(text), true),
        (Arg::RawText(b"\xff"), true),
        (Arg::Data(text.as_bytes()), true),
        (Arg::Bool(true), true),
        (Arg::Float(0.5), false),
        (Arg::Json(null), false),
    ];
    for (arg, has_form) in args {
        let mut counter = Counter::default();
        let written = gpgnet::write(&mut counter, &&("Command", &[arg][..]));
        assert_eq!(written.is_ok(), has_form, "{arg:?}");
        let number = gpgnet::Number::from_arg(arg);
        assert_eq!(number.is_some(), matches!(arg, Arg::Int(_) | Arg::Text(_)));
        assert!(number.is_none_or(|number| number.into_arg() == arg));
    }
    let escaped = text.replace(' ', "/t").replace('"', "/n") + "/t/n/";
    let replaced = escaped.replace("/t", "\t").replace("/n", "\n");
    assert!(gpgnet::without_escapes(&escaped).eq(replaced.chars()));
}

/// A custom message body.
struct Own<'a>(&'a str);

impl Body for Own<'_> {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        let mut object = ObjectWriter::new(out)?;
        object.text("command", self.0)?;
        Ok(object.finish()?)
    }
}

/// A custom message is read back with its command, in both framings that carry messages.
fn custom_message(text: &str, mode: Mode) {
    let mut block = vec![0; 12 * text.len() + 64];
    let mut sink = SliceSink::new(&mut block);
    qdatastream::write(&mut sink, &&Own(text), mode).expect("the buffer is large enough");
    let len = 12 * text.len() + 64 - sink.room();
    let mut scratch = vec![0; qdatastream::scratch_len(len, mode)];
    let read =
        qdatastream::read(&block[..len], mode, &mut scratch).expect("a message that was written can be read");
    assert_eq!(read.message.command().to_string(), text);
    let mut line = vec![0; 6 * text.len() + 64];
    let mut sink = SliceSink::new(&mut line);
    simple_json::write(&mut sink, &&Own(text)).expect("the buffer is large enough");
    let len = 6 * text.len() + 64 - sink.room();
    let read =
        simple_json::read(&line[..len], mode, &mut []).expect("a message that was written can be read");
    assert_eq!(read.expect("a message").command().to_string(), text);
    // A ping with more members cannot be written as the word.
    let ping = Json::parse(r#"{"command":"ping","x":1}"#, JsonSyntax::STRICT).expect("JSON");
    let written = qdatastream::write(&mut Counter::default(), &ping, mode);
    assert_eq!(written, if mode.is_lenient() { Ok(()) } else { Err(WriteError::ExtraKeys) });
}

/// A text: [`laws::json`] and [`laws::json_text`]. In strict mode, `serde_json` reads the same value.
pub fn faf_json(input: &[u8]) -> Outcome {
    let Some((mode, _, bytes)) = mode_of(input) else { return Outcome::Skipped };
    let text = String::from_utf8_lossy(bytes);
    let outcome = hold(with_buffers(text.len(), |buffers| laws::json(&text, mode.json(), buffers)));
    hold(with_buffers(text.len(), |buffers| laws::json_text(&text, buffers)));
    if !mode.is_lenient() {
        same_json(Json::from_utf8(bytes, mode.json()).map_err(Error::from), bytes);
    }
    // JsonBoundary finds the end of an object.
    let mut boundary = JsonBoundary::NEW;
    if let Ok(json) = Json::parse(&text, mode.json())
        && json.kind() == JsonKind::Object
    {
        assert_eq!(boundary.find(text.as_bytes()), Some(text.trim_end().len()));
        assert!(boundary.is_between());
    }
    outcome
}

/// This crate and `serde_json` read the same value. Returns the latter's, if it accepts the text.
fn same_json(ours: Result<Json<'_>, Error>, text: &[u8]) -> Option<Value> {
    let theirs = serde_json::from_slice::<Value>(text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_same(ours, &theirs);
            Some(theirs)
        }
        (Err(_), Err(_)) => None,
        // Here, integers can have any number of digits.
        (Ok(_), Err(error)) => {
            assert!(error.to_string().contains("out of range"), "only serde_json returns {error}");
            None
        }
        (Err(error), Ok(theirs)) => {
            let is_message = matches!(
                error.kind,
                ErrorKind::Wire(wire::ErrorKind::NotAnObject)
                    | ErrorKind::MissingCommand
                    | ErrorKind::CommandNotString
            );
            assert!(
                is_message || error.kind == wire::ErrorKind::TooDeep.into(),
                "serde_json does not return {error}"
            );
            Some(theirs)
        }
    }
}

fn assert_same(ours: Json<'_>, theirs: &Value) {
    assert_eq!(format!("{ours}"), ours.text());
    match theirs {
        Value::Null => assert!(ours.is_null()),
        Value::Bool(value) => assert_eq!(ours.as_bool(), Some(*value)),
        Value::Number(number) => {
            assert_eq!(ours.kind(), JsonKind::Number);
            assert_eq!(ours.as_f64(), number.as_f64(), "{ours}");
            // −0 is not an integer to serde_json.
            assert!(ours.as_i64() == number.as_i64() || ours.text() == "-0", "{ours}");
            assert_eq!(ours.as_u64(), number.as_u64(), "{ours}");
        }
        Value::String(text) => assert_eq!(ours, text.as_str()),
        Value::Array(items) => {
            assert_eq!(ours.items().count(), items.len());
            ours.items().zip(items).for_each(|(ours, theirs)| assert_same(ours, theirs));
        }
        Value::Object(members) => {
            for (name, theirs) in members {
                assert_same(ours.get(name).expect("a member that serde_json has"), theirs);
            }
            for (name, _) in ours.members() {
                assert!(members.contains_key(&name.to_string()), "{name}");
            }
        }
    }
}

/// A UTF-16 text, compared with the standard library: [`laws::utf16`]. The mode is ignored.
pub fn utf16(input: &[u8]) -> Outcome {
    let Some((_, _, bytes)) = mode_of(input) else { return Outcome::Skipped };
    let outcome = hold(with_buffers(bytes.len(), |buffers| laws::utf16(bytes, buffers)));
    let (units, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
    let theirs = String::from_utf16(&units).ok().filter(|_| odd.is_empty());
    let ours = Utf16Be::new(bytes);
    assert_eq!(ours.ok().map(|text| text.to_string()), theirs);
    if let (Ok(ours), Some(theirs)) = (ours, theirs) {
        assert_eq!((ours.is_empty(), ours == theirs.as_str()), (theirs.is_empty(), true));
    }
    outcome
}

/// The start of a connection to a replay server, the start of a recording, and a datagram of the ICE adapter:
/// [`laws::replay_request`], [`laws::replay_header`], [`laws::ice`]. The mode is ignored.
pub fn faf_replay(input: &[u8]) -> Outcome {
    let Some((_, _, bytes)) = mode_of(input) else { return Outcome::Skipped };
    with_buffers(bytes.len(), |buffers| {
        let request = hold(laws::replay_request(bytes, buffers));
        let header = hold(laws::replay_header(bytes, buffers));
        hold(laws::ice(bytes, buffers));
        if header == Outcome::Held { header } else { request }
    })
}

/// Strings of blocks, separated by zeros.
const TEXTS: &[&str] = &[
    r#"{"command":"ask_session","version":"1.2","user_agent":"é漢😀"}"#,
    r#"{"command":"ConnectToPeer","args":["Bob\n",7,true,1.5,null,{"a":[]}],"target":"game"}"#,
    r#" {"command":"game_info","launched_at":1.7e9,"rating_min":-0.0,"teams":{"1":["a"]},"x":1e400,"y":NaN} "#,
    "{\"command\":\"a\"}\0{\"b\":1}\0[[\"k\",1],[2,3]]\0[\"ab\",{\"a\":1,\"b\":2}]\0text",
    "{\"command\":\"a\",\"legacy\":[1 ]}\0hi\0{\"legacy\":[]}\0[[\"legacy\",[\"x\"]],1]\0\0\"\"\0[\"\\ud800a\"]",
    "PING\0PONG",
];
