//! The FAF lobby: its two framings and GPGNet.
//!
//! *Route* validates the whole message and finds its command and target; *forward* writes a received message again. The
//! Rust peer converts the text to UTF-8 with encoding_rs and has serde_json validate it as JSON. *Decode* and *encode* use
//! the types of the std adapter; serde_json decodes the same line into derived structs of borrowed strings, which know only
//! the fields of these messages. The Python peer reads from a stream with its standard library, as the lobby server does;
//! for that comparison the codec reads from a stream too.

use crate::Figures;
use crate::clock::Clock;
use bytes::BytesMut;
use encoding_rs::UTF_16BE;
use lobbywire::faf::{Codec, Framing, server};
use lobbywire_core::faf::{Body, Message, Mode, gpgnet, qdatastream, simple_json};
use lobbywire_core::wire::{self, FrameDecoder, SliceSink};
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::hint::black_box;
use std::process::{Command, Stdio};

/// Messages as the lobby server formats them: a game, five players, a short one, and a command for the game.
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

const PYTHON: &str = "Python's standard library";
const SERDE_JSON: &str = "serde_json (Rust), borrowed strings";

/// The peer's messages.
mod derived {
    use serde::Deserialize;
    use std::borrow::Cow;
    use std::collections::HashMap;

    #[derive(Deserialize)]
    #[allow(dead_code)] // decoding them is what is measured
    pub(super) struct GameInfo<'a> {
        pub(super) command: &'a str,
        visibility: &'a str,
        password_protected: bool,
        uid: i64,
        #[serde(borrow)]
        title: Cow<'a, str>,
        state: &'a str,
        game_type: &'a str,
        featured_mod: &'a str,
        #[serde(borrow)]
        sim_mods: HashMap<&'a str, &'a str>,
        mapname: &'a str,
        map_file_path: &'a str,
        host: &'a str,
        num_players: i64,
        max_players: i64,
        hosted_at: Option<&'a str>,
        launched_at: Option<f64>,
        rating_type: &'a str,
        rating_min: Option<f64>,
        rating_max: Option<f64>,
        enforce_rating_range: bool,
        teams_ids: Vec<Team>,
        #[serde(borrow)]
        teams: HashMap<&'a str, Vec<Cow<'a, str>>>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct Team {
        team_id: i64,
        player_ids: Vec<i64>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct PlayerInfo<'a> {
        pub(super) command: &'a str,
        #[serde(borrow)]
        players: Vec<Player<'a>>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct Player<'a> {
        id: i64,
        #[serde(borrow)]
        login: Cow<'a, str>,
        avatar: Option<Avatar<'a>>,
        country: Option<&'a str>,
        clan: Option<&'a str>,
        #[serde(borrow)]
        ratings: HashMap<&'a str, Rating>,
        global_rating: Vec<f64>,
        ladder_rating: Vec<f64>,
        number_of_games: i64,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct Avatar<'a> {
        url: &'a str,
        tooltip: Option<&'a str>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct Rating {
        rating: Vec<f64>,
        number_of_games: i64,
    }

    #[derive(Deserialize)]
    pub(super) struct Ping<'a> {
        pub(super) command: &'a str,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct ForGame<'a> {
        pub(super) command: &'a str,
        args: Vec<serde_json::Value>,
        target: &'a str,
    }

    /// Decodes a line of [`texts`](super::texts).
    pub(super) fn read(name: &str, line: &[u8]) -> u64 {
        macro_rules! read {
            ($message:ty) => {
                serde_json::from_slice::<$message>(line)
                    .map(|message| std::hint::black_box(message).command.len() as u64)
            };
        }
        match name {
            "game_info" => read!(GameInfo<'_>),
            "player_info" => read!(PlayerInfo<'_>),
            "ping" => read!(Ping<'_>),
            _ => read!(ForGame<'_>),
        }
        .expect("the message is valid")
    }
}

/// GPGNet commands.
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
    Message::parse(text, Mode::Strict).expect("the message is valid")
}

fn block_of(text: &str) -> Vec<u8> {
    written(|out| qdatastream::write(out, &message(text), Mode::Strict).expect("the buffer is large enough"))
}

fn line_of(text: &str) -> Vec<u8> {
    written(|out| simple_json::write(out, &message(text)).expect("the buffer is large enough"))
}

fn command_of(name: &str, args: &[gpgnet::Arg<'_>]) -> Vec<u8> {
    written(|out| gpgnet::write(out, &(name, args)).expect("the buffer is large enough"))
}

/// Reads the target and the command.
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

/// A stream of typed messages, as a connection reads and writes it.
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

/// Reads a frame from a stream that receives it whole.
fn next<F: wire::Framing>(
    stream: &mut FrameDecoder<F, Vec<u8>>,
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> u64,
) -> u64 {
    stream.push(bytes);
    stream.next_frame().and_then(Result::ok).map_or(0, read)
}

/// Converts the string of a block to UTF-8 and validates it as JSON.
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

/// Python's nanoseconds per message, by framing, direction and frame.
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

pub fn run(figures: &mut Figures) {
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
        theirs.map_or(f64::NAN, |theirs| theirs / ours)
    };

    println!(
        "\nFAF lobby, route and forward: times as fast as encoding_rs and serde_json (block, line) and as Python,"
    );
    println!("which decodes and encodes values, while forwarding keeps the text");
    println!(
        "{:<12} {:>6} {:>8} {:>8} {:>14} {:>14} {:>14} {:>14}",
        "message", "chars", "block", "line", "route blocks", "forward blocks", "route lines", "forward lines"
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
        let block_factor = clock.factor("block: lobbywire", "block: encoding_rs, serde_json");
        let line_factor = clock.factor("line: lobbywire", "line: serde_json");
        let peer = "encoding_rs and serde_json (Rust)";
        figures.add("FAF lobby messages, routed", peer, [block_factor.min(line_factor), f64::NAN]);
        println!(
            "{name:<12} {:>6} {block_factor:>8.2} {line_factor:>8.2} {:>14.0} {:>14.0} {:>14.0} {:>14.0}",
            text.len(),
            of_python("qdatastream", "decode", name, clock.of("block of a stream")),
            of_python("qdatastream", "encode", name, clock.of("forward a block")),
            of_python("json", "decode", name, clock.of("line of a stream")),
            of_python("json", "encode", name, clock.of("forward a line")),
        );
    }

    println!("\nFAF lobby, typed messages: times as fast as Python; the last column as serde_json");
    println!(
        "{:<12} {:>6} {:>13} {:>13} {:>13} {:>13} {:>13}",
        "message", "chars", "decode blocks", "encode blocks", "decode lines", "encode lines", "decode lines"
    );
    for (name, text) in &texts {
        let (block, line) = (&block_of(text), &line_of(text));
        let typed = &server::Message::parse(text, Mode::Strict).expect("the message is valid");
        let (mut blocks, mut lines) = (Typed::new(Framing::QDataStream), Typed::new(Framing::SimpleJson));
        let (mut block_out, mut line_out) = (blocks.clone(), lines.clone());
        let mut clock = Clock::default();
        clock.measure("decode a block", 1.0, || blocks.read(black_box(block)));
        clock.measure("decode a line", 1.0, || lines.read(black_box(line)));
        clock.measure("serde_json", 1.0, || derived::read(name, black_box(line)));
        clock.measure("encode a block", 1.0, || block_out.write(black_box(typed)));
        clock.measure("encode a line", 1.0, || line_out.write(black_box(typed)));
        clock.run();
        let [block_decode, block_encode] = ["decode", "encode"].map(|direction| {
            of_python("qdatastream", direction, name, clock.of(&format!("{direction} a block")))
        });
        let [line_decode, line_encode] = ["decode", "encode"]
            .map(|direction| of_python("json", direction, name, clock.of(&format!("{direction} a line"))));
        let factors = [block_decode.min(line_decode), block_encode.min(line_encode)];
        figures.add("FAF lobby messages, typed", PYTHON, factors);
        let derived = clock.factor("decode a line", "serde_json");
        figures.add("FAF lobby messages, typed", SERDE_JSON, [derived, f64::NAN]);
        println!(
            "{name:<12} {:>6} {block_decode:>13.0} {block_encode:>13.0} {line_decode:>13.0} {line_encode:>13.0} {derived:>13.2}",
            text.len(),
        );
    }

    println!("\nGPGNet: times as fast as Python");
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
        let [decode, encode] =
            ["decode", "encode"].map(|direction| of_python("gpgnet", direction, name, clock.of(direction)));
        figures.add("GPGNet commands", PYTHON, [decode, encode]);
        println!("{name:<12} {:>6} {decode:>8.0} {encode:>8.0}", frame.len());
    }
}

/// A message with the buffers to read and write it.
pub struct Work {
    block: Vec<u8>,
    line: Vec<u8>,
    text: &'static str,
    buffer: Vec<u8>,
    typed: (Typed, server::Message),
}

/// Makes the message of this name.
pub fn work(name: &str) -> Work {
    let (_, text) = texts().into_iter().find(|(known, _)| *known == name).expect("texts has this name");
    let (block, line) = (block_of(&text), line_of(&text));
    let buffer = vec![0; qdatastream::scratch_len(block.len(), Mode::Strict)];
    let message = server::Message::parse(&text, Mode::Strict).expect("the message is valid");
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

    /// Reads a line as a typed message.
    pub fn decode_typed(&mut self) -> u64 {
        self.typed.0.read(&self.line)
    }

    /// Writes a typed message as a line.
    pub fn encode_typed(&mut self) -> u64 {
        self.typed.0.write(&self.typed.1)
    }

    /// Writes a received message in both framings.
    pub fn forward(&mut self) -> u64 {
        let message = message(self.text);
        write_block(&message, &mut self.buffer) + write_line(&message, &mut self.buffer)
    }
}
