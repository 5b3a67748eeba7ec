//! Test data for Bancho: the golden vectors, and pseudorandom numbers.

#![allow(dead_code, unused_imports)] // each test uses a part

#[path = "../hex/mod.rs"]
mod hex;

pub(crate) use hex::unhex;
use lobbywire_core::bancho::{Frames, Side, Version};
use lobbywire_core::wire::Inflater;

/// Larger than any packet in the tests.
pub(crate) const ROOM: usize = 1 << 12;

/// A golden vector: frames that chio has written or accepted.
pub(crate) struct Vector {
    pub(crate) version: Version,
    pub(crate) side: Side,
    pub(crate) packet: String,
    /// The frames, as they are sent.
    pub(crate) bytes: Vec<u8>,
    /// The wire ids and the inflated payloads.
    pub(crate) frames: Vec<(u16, Vec<u8>)>,
}

impl Vector {
    /// A name for error messages.
    pub(crate) fn name(&self) -> String {
        format!("{} in {}", self.packet, self.version)
    }
}

/// All golden vectors of both sides.
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

/// The payloads of all golden vectors, with their names.
pub(crate) fn golden_payloads() -> impl Iterator<Item = (Version, Side, u16, Vec<u8>, String)> {
    golden().into_iter().flat_map(|vector| {
        let name = vector.name();
        let (version, side) = (vector.version, vector.side);
        vector.frames.into_iter().map(move |(id, payload)| (version, side, id, payload, name.clone()))
    })
}

/// The wire ids and inflated payloads of frames.
pub(crate) fn payloads(version: Version, side: Side, bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let (mut inflater, mut scratch) = (Inflater::new(), vec![0; ROOM]);
    Frames::new(version, side, bytes)
        .map(|frame| {
            let frame = frame.unwrap();
            (frame.wire_id, frame.payload(&mut inflater, &mut scratch).unwrap().to_vec())
        })
        .collect()
}

/// A pseudorandom generator (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
