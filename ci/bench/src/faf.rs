//! The FAF lobby: its two framings and GPGNet.
//!
//! Routed means that the message is checked as a whole, and its command and its target are known; forwarded, that one
//! that came is written again. The peer in Rust makes UTF-8 of it with encoding_rs and has serde_json look whether that
//! is JSON, and keeps nothing. Decoded and encoded are types of the std adapter. The peer in Python reads from a stream
//! with what its standard library has for it, as the server does; so does ours where it is compared with that.

use crate::clock::Clock;
use crate::figures::{Direction, record};
use bytes::BytesMut;
use encoding_rs::UTF_16BE;
use lobbywire::faf::{Codec, Framing, server};
use lobbywire_core::faf::{Body, Message, Mode, gpgnet, qdatastream, simple_json};
use lobbywire_core::wire::{self, FrameDecoder, SliceSink};
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::hint::black_box;
use std::process::{Command, Stdio};

/// What the server of FAForever says, in its own form: a game, five players, a word, and a command to the game.
fn texts() -> Vec<(&'static str, String)> {
    let game = concat!(
        r#"{"command":"game_info","visibility":"public","password_protected":false,"uid":22451907,"#,
        r#""title":"4v4 Setons 1000+ all welcome","state":"open","game_type":"custom","featured_mod":"faf","#,
        r#""sim_mods":{"a1b2c3d4-0000-4000-8000-123456789abc":"Supreme Score Board"},"#,
        r#""mapname":"scmp_009.v0001","map_file_path":"maps/scmp_009.v0001.zip","host":"Rhiza_42","#,
        r#""num_players":6,"max_players":8,"hosted_at":"2025-03-01T18:20:31.123456+00:00","launched_at":null,"#,
        r#""rating_type":"global","rating_min":1000.0,"rating_max":null,"enforce_rating_range":true,"#,
        r#""teams_ids":[{"team_id":2,"player_ids":[101,202,303]},{"team_id":3,"player_ids":[404,505,606]}],"#,
        r#""teams":{"2":["Rhiza_42","Dostya","Brackman"],"3":["Thel-Uuthow","Fletcher","Ga\u00e9lle"]}}"#,
    );
    let player = |id: u32, name: &str| {
        format!(
            concat!(
                r#"{{"id":{0},"login":"{1}","avatar":{{"url":"https://content.faforever.com/avatars/{0}.png","#,
                r#""tooltip":"Ladder season 12"}},"country":"DE","clan":"UEF","ratings":{{"global":{{"rating":"#,
                r#"[1534.8123,78.102],"number_of_games":1204}},"ladder_1v1":{{"rating":[1220.5,102.75],"#,
                r#""number_of_games":88}}}},"global_rating":[1534.8123,78.102],"ladder_rating":[1220.5,102.75],"#,
                r#""number_of_games":1204}}"#
            ),
            id, name
        )
    };
    let names = ["Rhiza_42", "Dostya", "Brackman", "Thel-Uuthow", "Ga\\u00e9lle"];
    let players: Vec<_> = (100_001..).zip(names).map(|(id, name)| player(id, name)).collect();
    let peer = r#"{"command":"ConnectToPeer","args":["Dostya",100002,true],"target":"game"}"#;
    vec![
        ("game_info", game.to_owned()),
        ("player_info", format!(r#"{{"command":"player_info","players":[{}]}}"#, players.join(","))),
        ("ping", r#"{"command":"ping"}"#.to_owned()),
        ("to the game", peer.to_owned()),
    ]
}

/// Commands of a game.
fn commands() -> Vec<(&'static str, Vec<gpgnet::Arg<'static>>)> {
    use gpgnet::Arg::{Int, Text};
    vec![
        ("GameState", vec![Text("Lobby")]),
        ("PlayerOption", vec![Int(100_001), Text("StartSpot"), Int(3)]),
        ("CreateLobby", vec![Int(0), Int(6112), Text("Rhiza_42"), Int(100_001), Int(1)]),
        ("GameResult", vec![Int(1), Text("recall defeat -5")]),
    ]
}

fn written(write: impl Fn(&mut SliceSink<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 14];
    let mut sink = SliceSink::new(&mut buffer);
    write(&mut sink);
    let room = sink.room();
    buffer.truncate(buffer.len() - room);
    buffer
}

fn message(text: &str) -> Message<'_> {
    Message::parse(text, Mode::Strict).expect("a message")
}

fn block_of(text: &str) -> Vec<u8> {
    written(|out| qdatastream::write(out, &message(text), Mode::Strict).expect("enough room"))
}

fn line_of(text: &str) -> Vec<u8> {
    written(|out| simple_json::write(out, &message(text)).expect("enough room"))
}

fn command_of(name: &str, args: &[gpgnet::Arg<'_>]) -> Vec<u8> {
    written(|out| gpgnet::write(out, &(name, args)).expect("enough room"))
}

/// Who it is for and what it is.
fn routed(message: &Message<'_>) -> u64 {
    u64::from(message.is_for_game()) + message.command().raw().len() as u64
}

fn read_block(block: &[u8], scratch: &mut [u8]) -> u64 {
    qdatastream::read(block, Mode::Strict, scratch).map_or(0, |read| routed(&read.message))
}

fn read_line(line: &[u8]) -> u64 {
    simple_json::read(line, Mode::Strict, &mut []).ok().flatten().map_or(0, |message| routed(&message))
}

fn read_command(frame: &[u8]) -> u64 {
    gpgnet::Message::read(frame, Mode::Strict).map_or(0, |message| {
        let args = message.args().map(|arg| match arg {
            gpgnet::Arg::Int(number) => number as u64,
            gpgnet::Arg::Text(text) => text.len() as u64,
            _ => 0,
        });
        message.command().len() as u64 + args.sum::<u64>()
    })
}

fn write_block(body: &impl Body, out: &mut [u8]) -> u64 {
    u64::from(qdatastream::write(&mut SliceSink::new(out), body, Mode::Strict).is_ok())
}

fn write_line(body: &impl Body, out: &mut [u8]) -> u64 {
    u64::from(simple_json::write(&mut SliceSink::new(out), body).is_ok())
}

/// A stream of messages with all their values, as a connection reads and writes it.
#[derive(Clone)]
struct Typed {
    codec: Codec,
    stream: BytesMut,
}

impl Typed {
    fn new(framing: Framing) -> Self {
        Self { codec: Codec::new(framing), stream: BytesMut::new() }
    }

    fn read(&mut self, frame: &[u8]) -> u64 {
        self.stream.extend_from_slice(frame);
        let received = self.codec.next_message(&mut self.stream).and_then(Result::ok);
        let message = received.and_then(|received| received.server().ok());
        message.map_or(0, |message| black_box(message).command().len() as u64)
    }

    fn write(&mut self, message: &server::Message) -> u64 {
        self.stream.clear();
        u64::from(self.codec.write(message, &mut self.stream).is_ok()) * self.stream.len() as u64
    }
}

/// Takes a frame out of a stream, in which it comes whole.
fn next<F: wire::Framing>(
    stream: &mut FrameDecoder<F, Vec<u8>>,
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> u64,
) -> u64 {
    stream.push(bytes);
    stream.next_frame().and_then(Result::ok).map_or(0, read)
}

/// The string of a block in UTF-8, and whether that is JSON.
fn scan_block(block: &[u8], text: &mut str) -> u64 {
    let mut decoder = UTF_16BE.new_decoder_without_bom_handling();
    let (_, _, len) =
        decoder.decode_to_str_without_replacement(block.get(8..).unwrap_or_default(), text, true);
    let text = text.get(..len).unwrap_or_default();
    u64::from(text == "PING" || serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn scan_line(line: &[u8]) -> u64 {
    u64::from(serde_json::from_slice::<IgnoredAny>(line).is_ok())
}

/// What Python takes for the same, in nanoseconds a message: by framing, direction and frame.
fn python(frames: &[(String, Vec<u8>)]) -> HashMap<String, f64> {
    let mut input = String::new();
    for (name, bytes) in frames {
        input += name;
        input.push(' ');
        input.extend(bytes.iter().map(|byte| format!("{byte:02x}")));
        input.push('\n');
    }
    let output = Command::new("python3")
        .args(["-c", include_str!("faf.py"), &input])
        .stderr(Stdio::inherit())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let rows = output.lines().filter_map(|line| {
        let (name, nanoseconds) = line.rsplit_once(' ')?;
        Some((name.to_owned(), nanoseconds.parse().ok()?))
    });
    rows.collect()
}

pub fn run() {
    let texts = texts();
    let mut frames = Vec::new();
    for (name, text) in &texts {
        frames.push((format!("qdatastream/{}", name.replace(' ', "_")), block_of(text)));
        frames.push((format!("json/{}", name.replace(' ', "_")), line_of(text)));
    }
    for (name, args) in commands() {
        frames.push((format!("gpgnet/{name}"), command_of(name, &args)));
    }
    let python = python(&frames);
    let of_python = |framing: &str, direction: &str, name: &str, ours: f64| {
        let theirs = python.get(&format!("{framing}/{} {direction}", name.replace(' ', "_")));
        theirs.map_or("-".to_owned(), |theirs| format!("{:.0}", theirs / ours))
    };
    let record_python = |work: &str, framing: &str, name: &str, direction: Direction, ours: f64| {
        let key = if matches!(direction, Direction::Decode) { "decode" } else { "encode" };
        if let Some(theirs) = python.get(&format!("{framing}/{} {key}", name.replace(' ', "_"))) {
            record(work, "Python's standard library", direction, theirs / ours);
        }
    };

    println!(
        "\nFAF lobby, routed and forwarded: time over that of encoding_rs and serde_json, and of serde_json; Python's"
    );
    println!("time over ours, which reads values and writes them, where ours keeps the text");
    println!(
        "{:<12} {:>6} {:>8} {:>8} {:>14} {:>14} {:>14} {:>14}",
        "message",
        "chars",
        "blocks",
        "lines",
        "route blocks",
        "forward blocks",
        "route lines",
        "forward lines"
    );
    for (name, text) in &texts {
        let (block, line) = (&block_of(text), &line_of(text));
        let message = &message(text);
        let mut scratch = vec![0; qdatastream::scratch_len(block.len(), Mode::Strict)];
        let mut utf8 = "\0".repeat(3 * block.len());
        let mut stream_scratch = scratch.clone();
        let mut blocks = FrameDecoder::new(qdatastream::Blocks::new(Mode::Strict), vec![0; 1 << 14]);
        let mut lines = FrameDecoder::new(simple_json::Lines::new(Mode::Strict), vec![0; 1 << 14]);
        let (mut out, mut line_out) = (vec![0; 2 * block.len()], vec![0; 2 * block.len()]);
        let mut clock = Clock::default();
        clock.measure("block: lobbywire", 1.0, || read_block(black_box(block), &mut scratch));
        clock.measure("block: encoding_rs, serde_json", 1.0, || scan_block(black_box(block), &mut utf8));
        clock.measure("block of a stream", 1.0, || {
            next(&mut blocks, black_box(block), |block| read_block(block, &mut stream_scratch))
        });
        clock.measure("line of a stream", 1.0, || next(&mut lines, black_box(line), read_line));
        clock.measure("line: lobbywire", 1.0, || read_line(black_box(line)));
        clock.measure("line: serde_json", 1.0, || scan_line(black_box(line)));
        clock.measure("forward a block", 1.0, || write_block(black_box(message), &mut out));
        clock.measure("forward a line", 1.0, || write_line(black_box(message), &mut line_out));
        clock.run();
        println!(
            "{name:<12} {:>6} {:>8.2} {:>8.2} {:>14} {:>14} {:>14} {:>14}",
            text.len(),
            clock.of("block: lobbywire") / clock.of("block: encoding_rs, serde_json"),
            clock.of("line: lobbywire") / clock.of("line: serde_json"),
            of_python("qdatastream", "decode", name, clock.of("block of a stream")),
            of_python("qdatastream", "encode", name, clock.of("forward a block")),
            of_python("json", "decode", name, clock.of("line of a stream")),
            of_python("json", "encode", name, clock.of("forward a line")),
        );
        for (ours, theirs) in
            [("block: lobbywire", "block: encoding_rs, serde_json"), ("line: lobbywire", "line: serde_json")]
        {
            let peer = "encoding_rs and serde_json (Rust)";
            record("FAF lobby messages, routed", peer, Direction::Decode, clock.of(theirs) / clock.of(ours));
        }
    }

    println!("\nFAF lobby, as types with a name for each field: Python's time over ours");
    println!(
        "{:<12} {:>6} {:>13} {:>13} {:>13} {:>13}",
        "message", "chars", "decode blocks", "encode blocks", "decode lines", "encode lines"
    );
    for (name, text) in &texts {
        let (block, line) = (&block_of(text), &line_of(text));
        let typed = &server::Message::parse(text, Mode::Strict).expect("a message of a server");
        let (mut blocks, mut lines) = (Typed::new(Framing::QDataStream), Typed::new(Framing::SimpleJson));
        let (mut block_out, mut line_out) = (blocks.clone(), lines.clone());
        let mut clock = Clock::default();
        clock.measure("decode a block", 1.0, || blocks.read(black_box(block)));
        clock.measure("decode a line", 1.0, || lines.read(black_box(line)));
        clock.measure("encode a block", 1.0, || block_out.write(black_box(typed)));
        clock.measure("encode a line", 1.0, || line_out.write(black_box(typed)));
        clock.run();
        println!(
            "{name:<12} {:>6} {:>13} {:>13} {:>13} {:>13}",
            text.len(),
            of_python("qdatastream", "decode", name, clock.of("decode a block")),
            of_python("qdatastream", "encode", name, clock.of("encode a block")),
            of_python("json", "decode", name, clock.of("decode a line")),
            of_python("json", "encode", name, clock.of("encode a line")),
        );
        for (framing, direction, ours) in [
            ("qdatastream", Direction::Decode, "decode a block"),
            ("qdatastream", Direction::Encode, "encode a block"),
            ("json", Direction::Decode, "decode a line"),
            ("json", Direction::Encode, "encode a line"),
        ] {
            record_python("FAF lobby messages, typed", framing, name, direction, clock.of(ours));
        }
    }

    println!("\nGPGNet: Python's time over ours");
    println!("{:<12} {:>6} {:>8} {:>8}", "command", "bytes", "decode", "encode");
    for (name, args) in commands() {
        let frame = &command_of(name, &args);
        let (args, mut out) = (&args[..], vec![0; 2 * frame.len()]);
        let mut commands = FrameDecoder::new(gpgnet::Messages::new(Mode::Strict), vec![0; 1 << 12]);
        let mut clock = Clock::default();
        clock.measure("decode", 1.0, || next(&mut commands, black_box(frame), read_command));
        clock.measure("encode", 1.0, || {
            let mut sink = SliceSink::new(&mut out);
            u64::from(gpgnet::write(&mut sink, black_box(&(name, args))).is_ok())
        });
        clock.run();
        println!(
            "{name:<12} {:>6} {:>8} {:>8}",
            frame.len(),
            of_python("gpgnet", "decode", name, clock.of("decode")),
            of_python("gpgnet", "encode", name, clock.of("encode")),
        );
        for (direction, ours) in [(Direction::Decode, "decode"), (Direction::Encode, "encode")] {
            record_python("GPGNet commands", "gpgnet", name, direction, clock.of(ours));
        }
    }
}

/// A message with all that it takes to read and to write it.
pub struct Work {
    block: Vec<u8>,
    line: Vec<u8>,
    text: &'static str,
    buffer: Vec<u8>,
    typed: (Typed, server::Message),
}

/// The message of this name.
pub fn work(name: &str) -> Work {
    let (_, text) = texts().into_iter().find(|(known, _)| *known == name).expect("the name of a message");
    let (block, line) = (block_of(&text), line_of(&text));
    let buffer = vec![0; qdatastream::scratch_len(block.len(), Mode::Strict)];
    let message = server::Message::parse(&text, Mode::Strict).expect("a message of a server");
    let typed = (Typed::new(Framing::SimpleJson), message);
    Work { block, line, text: text.leak(), buffer, typed }
}

impl Work {
    pub fn decode_block(&mut self) -> u64 {
        read_block(&self.block, &mut self.buffer)
    }

    pub fn decode_line(&self) -> u64 {
        read_line(&self.line)
    }

    /// Reads a line as a message with all its values.
    pub fn decode_typed(&mut self) -> u64 {
        self.typed.0.read(&self.line)
    }

    /// Writes such a message as a line.
    pub fn encode_typed(&mut self) -> u64 {
        self.typed.0.write(&self.typed.1)
    }

    /// Writes what was read, both forms of it.
    pub fn forward(&mut self) -> u64 {
        let message = message(self.text);
        write_block(&message, &mut self.buffer) + write_line(&message, &mut self.buffer)
    }
}
