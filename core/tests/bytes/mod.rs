//! Bytes for the tests: from hexadecimal digits, from the golden vectors, from captures.

#![allow(dead_code)] // each test uses its part

use lobbywire_core::bancho::{Frames, Side, Version};
use lobbywire_core::wire::Inflater;

/// More than any packet in the tests takes.
pub(crate) const ROOM: usize = 1 << 12;

/// The bytes that hexadecimal digits stand for.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A golden vector: frames that a program which nobody here wrote has written or accepted.
pub(crate) struct Vector {
    pub(crate) version: Version,
    pub(crate) side: Side,
    pub(crate) packet: String,
    /// The frames as they are on the wire.
    pub(crate) bytes: Vec<u8>,
    /// The ids on the wire, and the inflated payloads.
    pub(crate) frames: Vec<(u16, Vec<u8>)>,
}

impl Vector {
    /// Which vector this is, for the message of a test that fails.
    pub(crate) fn name(&self) -> String {
        format!("{} in {}", self.packet, self.version)
    }
}

/// Every golden vector of both sides.
pub(crate) fn golden() -> Vec<Vector> {
    let files = [include_str!("../golden/client.jsonl"), include_str!("../golden/server.jsonl")];
    files.iter().flat_map(|file| file.lines()).map(vector).collect()
}

fn vector(line: &str) -> Vector {
    let json: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let frame = |frame: &serde_json::Value| {
        (frame["id"].as_u64().unwrap() as u16, unhex(frame["payload"].as_str().unwrap()))
    };
    Vector {
        version: text("version").parse().unwrap(),
        side: if json["from"] == "client" { Side::Client } else { Side::Server },
        packet: text("packet"),
        bytes: unhex(&text("hex")),
        frames: json["frames"].as_array().unwrap().iter().map(frame).collect(),
    }
}

/// A small payload of every kind of packet that the vectors have, in each of their versions.
pub(crate) fn golden_payloads() -> impl Iterator<Item = (Version, Side, u16, Vec<u8>, String)> {
    golden().into_iter().flat_map(|vector| {
        let name = vector.name();
        let (version, side) = (vector.version, vector.side);
        vector.frames.into_iter().map(move |(id, payload)| (version, side, id, payload, name.clone()))
    })
}

/// The ids and inflated payloads of frames.
pub(crate) fn payloads(version: Version, side: Side, bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let (mut inflater, mut scratch) = (Inflater::new(), vec![0; ROOM]);
    Frames::new(version, side, bytes)
        .map(|frame| {
            let frame = frame.unwrap();
            (frame.wire_id, frame.payload(&mut inflater, &mut scratch).unwrap().to_vec())
        })
        .collect()
}

/// The same numbers on every machine.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
