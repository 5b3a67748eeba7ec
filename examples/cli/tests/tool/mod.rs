//! Runs the tool, and reads and writes frames independently of the library.

// Each test file is a separate program that uses some of these items.
#![allow(dead_code)]

#[path = "../../../../core/tests/hex/mod.rs"]
mod hex;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
pub(crate) use hex::unhex;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_lobbywire");

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// The exit code, or `None` if a signal ended the process.
    pub(crate) code: Option<i32>,
}

impl Outcome {
    /// The JSON objects on standard output. Panics if a line is not JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        json_lines(std::str::from_utf8(&self.stdout).unwrap())
    }

    /// The JSON objects on standard error. Panics if a line is not JSON.
    pub(crate) fn reports(&self) -> Vec<Value> {
        json_lines(&self.stderr)
    }

    /// Panics unless the exit code is 0 and nothing was reported.
    #[track_caller]
    pub(crate) fn expect_success(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self
    }
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// Starts the tool with these arguments, separated by spaces. All its streams are pipes.
pub(crate) fn start(arguments: &str) -> Child {
    piped(Command::new(TOOL).args(arguments.split_whitespace()))
}

fn piped(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs a command with this input and collects its output.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child = piped(command);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // In a thread: the tool may stop reading until its output is read.
    let writer = std::thread::spawn(move || {
        // Fails if the tool has exited.
        let _ = stdin.write_all(&input);
    });
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Outcome { stdout, stderr: String::from_utf8(stderr).unwrap(), code: status.code() }
}

/// Runs the tool with these arguments, separated by spaces.
pub(crate) fn run(arguments: &str, input: &[u8]) -> Outcome {
    feed(Command::new(TOOL).args(arguments.split_whitespace()), input)
}

/// `lobbywire bancho decode` with these flags.
pub(crate) fn decode(version: &str, side: &str, flags: &str, input: &[u8]) -> Outcome {
    run(&format!("bancho decode --build {version} --side {side} {flags}"), input)
}

/// `lobbywire bancho encode`
pub(crate) fn encode(version: &str, side: &str, lines: &str) -> Outcome {
    run(&format!("bancho encode --build {version} --side {side}"), lines.as_bytes())
}

/// A line of input for `encode`.
pub(crate) fn line(packet: &str, data: Value) -> String {
    serde_json::json!({ "packet": packet, "data": data }).to_string() + "\n"
}

/// A frame of a stream.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The offset of the frame.
    pub(crate) at: usize,
    pub(crate) id: u16,
    pub(crate) header: Vec<u8>,
    /// Decompressed.
    pub(crate) payload: Vec<u8>,
    pub(crate) is_compressed: bool,
}

impl Frame {
    /// The parts that do not depend on the compressor.
    pub(crate) fn meaning(&self) -> (u16, &[u8]) {
        (self.id, &self.payload)
    }
}

/// The size of headers in bytes.
pub(crate) fn header_len(build: u32) -> usize {
    if build < 334 { 6 } else { 7 }
}

/// The frames of a stream. Panics if a frame is incomplete.
pub(crate) fn frames(build: u32, bytes: &[u8]) -> Vec<Frame> {
    let (mut frames, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (header, rest) = bytes[at..].split_at(header_len(build));
        let len = header.last_chunk::<4>().map(|len| u32::from_le_bytes(*len)).unwrap() as usize;
        let is_compressed = build < 334 || header[2] != 0;
        let mut payload = rest[..len].to_vec();
        if is_compressed {
            payload.clear();
            GzDecoder::new(&rest[..len]).read_to_end(&mut payload).unwrap();
        }
        let id = u16::from_le_bytes([header[0], header[1]]);
        frames.push(Frame { at, id, header: header.to_vec(), payload, is_compressed });
        at += header.len() + len;
    }
    frames
}

/// A frame with this payload, compressed only if the build requires it.
pub(crate) fn frame(build: u32, id: u16, payload: &[u8]) -> Vec<u8> {
    if build < 334 { compressed_frame(build, id, &gzip(payload)) } else { plain_frame(id, payload) }
}

fn plain_frame(id: u16, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap();
    [&id.to_le_bytes(), &[0][..], &len.to_le_bytes(), payload].concat()
}

/// A frame whose payload is this gzip member.
pub(crate) fn compressed_frame(build: u32, id: u16, member: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if build < 334 { &[] } else { &[1] };
    let len = u32::try_from(member.len()).unwrap();
    [&id.to_le_bytes(), flag, &len.to_le_bytes(), member].concat()
}

pub(crate) fn gzip(payload: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(payload).unwrap();
    encoder.finish().unwrap()
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One of the captures in `examples/captures`.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) path: PathBuf,
    pub(crate) build: u32,
    pub(crate) side: String,
    pub(crate) bytes: Vec<u8>,
}

impl Capture {
    /// The version as an argument.
    pub(crate) fn version(&self) -> String {
        self.build.to_string()
    }
}

/// All captures. `b388-server.bin` contains the packets of a server for a client of version b388.
pub(crate) fn captures() -> Vec<Capture> {
    let mut captures = Vec::new();
    for entry in std::fs::read_dir(root().join("examples/captures")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (build, side) = name.strip_prefix('b').unwrap().split_once('-').unwrap();
        let (build, side) = (build.parse().unwrap(), side.to_owned());
        captures.push(Capture { build, side, bytes: std::fs::read(&path).unwrap(), path });
    }
    captures.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(captures.len() >= 16, "captures of eight versions, of both sides");
    captures
}

/// A row of `core/tests/golden`: a packet and its frames in a version.
#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) version: String,
    pub(crate) build: u32,
    pub(crate) packet: String,
    pub(crate) data: Value,
    pub(crate) bytes: Vec<u8>,
    /// Ids and decompressed payloads.
    pub(crate) frames: Vec<(u16, Vec<u8>)>,
}

/// The golden vectors of a side, grouped by version.
pub(crate) fn golden(side: &str) -> Vec<Vec<Vector>> {
    let path = root().join(format!("core/tests/golden/{side}.jsonl"));
    let mut versions: std::collections::BTreeMap<u32, Vec<Vector>> = std::collections::BTreeMap::new();
    for row in json_lines(&std::fs::read_to_string(path).unwrap()) {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        assert_eq!(text("from"), side);
        let version = text("version");
        let build = version.strip_prefix('b').unwrap().parse().unwrap();
        let frames = row["frames"].as_array().unwrap().iter().map(|frame| {
            let id = u16::try_from(frame["id"].as_u64().unwrap()).unwrap();
            (id, unhex(frame["payload"].as_str().unwrap()))
        });
        versions.entry(build).or_default().push(Vector {
            version,
            build,
            packet: text("packet"),
            data: row["data"].clone(),
            bytes: unhex(row["hex"].as_str().unwrap()),
            frames: frames.collect(),
        });
    }
    assert!(versions.len() > 20, "vectors of every version in which something changes");
    versions.into_values().collect()
}
