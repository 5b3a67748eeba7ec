//! The most frequent message of the osu!lazer hubs, replay frames, compared with rmp-serde.
//!
//! *Decode* reads every field and visits every frame. The peer borrows strings. The mods have no settings, because the
//! peer cannot read them.

use crate::Figures;
use crate::clock::Clock;
use lobbywire_core::lazer::spectator::client;
use lobbywire_core::lazer::{
    APIMod, FrameDataBundle, FrameHeader, HitResult, LegacyReplayFrame, Payload, ReplayButtonState,
    ScoreProcessorStatistics,
};
use lobbywire_core::signalr::{Encoding, Message, WriteInvocation};
use lobbywire_core::wire::{MsgPackReader, MsgPackWriter, SliceSink};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hint::black_box;

/// The measured call, in the tables.
pub(crate) const WORK: &str = "osu!lazer, SendFrameData with 30 frames";

/// The number of frames in a bundle.
const FRAMES: usize = 30;

/// The same fields for rmp-serde.
mod peer {
    use super::*;

    #[derive(Deserialize, Serialize)]
    pub struct Bundle<'a> {
        #[serde(borrow)]
        pub header: Header<'a>,
        pub frames: Vec<Frame>,
    }

    #[derive(Deserialize, Serialize)]
    pub struct Header<'a> {
        pub total_score: i64,
        pub accuracy: f64,
        pub combo: i32,
        pub max_combo: i32,
        pub statistics: BTreeMap<i32, i32>,
        pub score_processor_statistics: (f64, f64, i32, f64, f64),
        #[serde(borrow)]
        pub received_time: (Timestamp<'a>, i16),
        #[serde(borrow)]
        pub mods: Vec<Mod<'a>>,
        pub total_score_without_mods: Option<i64>,
        pub pauses: Option<Vec<i32>>,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(rename = "_ExtStruct")]
    pub struct Timestamp<'a>(#[serde(borrow)] pub (i8, &'a serde_bytes::Bytes));

    #[derive(Deserialize, Serialize)]
    pub struct Mod<'a> {
        pub acronym: &'a str,
        pub settings: [(); 0],
    }

    #[derive(Deserialize, Serialize)]
    pub struct Frame {
        pub time: f64,
        pub mouse_x: Option<f32>,
        pub mouse_y: Option<f32>,
        pub button_state: i32,
    }

    pub fn decode(bytes: &[u8]) -> u64 {
        let bundle: Bundle<'_> = rmp_serde::from_slice(bytes).expect("the bundle is valid");
        let header = &bundle.header;
        let hits: i32 = header.statistics.values().sum();
        let mods: usize = header.mods.iter().map(|one| one.acronym.len()).sum();
        let frames: f64 = bundle
            .frames
            .iter()
            .map(|frame| {
                let place = frame.mouse_x.unwrap_or_default() + frame.mouse_y.unwrap_or_default();
                frame.time + f64::from(place) + f64::from(frame.button_state)
            })
            .sum();
        let statistics = header.score_processor_statistics;
        let numbers = header.total_score as f64
            + header.accuracy
            + f64::from(header.combo + header.max_combo + hits + statistics.2)
            + (statistics.0 + statistics.1 + statistics.3 + statistics.4);
        let nanoseconds = header.received_time.0.0.1.iter().take(4).map(|byte| f64::from(*byte)).sum::<f64>();
        (frames + numbers + mods as f64 + nanoseconds).to_bits()
    }
}

const STATISTICS: [(HitResult, i32); 3] =
    [(HitResult::GREAT, 420), (HitResult::OK, 15), (HitResult::MISS, 4)];

fn frames() -> Vec<LegacyReplayFrame<'static>> {
    (0..FRAMES)
        .map(|index| LegacyReplayFrame {
            time: 83_125.0 + 16.65 * index as f64,
            mouse_x: Some(256.0 + 3.25 * index as f32),
            mouse_y: Some(192.0 - 1.75 * index as f32),
            button_state: ReplayButtonState([0, 1, 5, 2][index % 4]),
            ..Default::default()
        })
        .collect()
}

fn bundle<'a>(
    frames: &'a [LegacyReplayFrame<'a>],
    mods: &'a [APIMod<'a>],
    statistics: &'a [(HitResult, i32)],
) -> FrameDataBundle<'a> {
    let header = FrameHeader {
        total_score: 612_345,
        accuracy: 0.987,
        combo: 312,
        max_combo: 415,
        statistics: statistics.into(),
        score_processor_statistics: ScoreProcessorStatistics {
            base_score: 128_400.0,
            maximum_base_score: 131_700.0,
            accuracy_judgement_count: 439,
            combo_portion: 71_234.5,
            bonus_portion: 1_500.0,
            ..Default::default()
        },
        mods: mods.into(),
        ..Default::default()
    };
    FrameDataBundle { header, frames: frames.into(), ..Default::default() }
}

fn look(bundle: &FrameDataBundle<'_>) -> u64 {
    let header = &bundle.header;
    let hits: i32 = header.statistics.iter().map(|(_, count)| count).sum();
    let mods: usize = header.mods.iter().map(|one| one.acronym.len()).sum();
    let frames: f64 = bundle
        .frames
        .iter()
        .map(|frame| {
            let place = frame.mouse_x.unwrap_or_default() + frame.mouse_y.unwrap_or_default();
            frame.time + f64::from(place) + f64::from(frame.button_state.0)
        })
        .sum();
    let statistics = &header.score_processor_statistics;
    let numbers = header.total_score as f64
        + header.accuracy
        + f64::from(header.combo + header.max_combo + hits + statistics.accuracy_judgement_count)
        + (statistics.base_score + statistics.maximum_base_score)
        + (statistics.combo_portion + statistics.bonus_portion);
    (frames + numbers + mods as f64 + f64::from(header.received_time.nanoseconds)).to_bits()
}

fn decode(bytes: &[u8]) -> u64 {
    look(&FrameDataBundle::read(&mut MsgPackReader::new(bytes)).expect("the bundle is valid"))
}

fn encode(bundle: &FrameDataBundle<'_>, buffer: &mut [u8]) -> u64 {
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    bundle.write(&mut MsgPackWriter::new(&mut out)).expect("the buffer is large enough");
    (room - out.room()) as u64
}

/// Routes a call by its name, without reading its arguments.
fn route(frame: &[u8]) -> u64 {
    match Message::read(frame, Encoding::MessagePack).expect("the message is valid") {
        Message::Invocation(call) => {
            (call.target.as_plain().map_or(0, str::len) + call.arguments.len()) as u64
        }
        _ => 0,
    }
}

/// Forwards a call without reading its arguments.
fn forward(frame: &[u8], buffer: &mut [u8]) -> u64 {
    let message = Message::read(frame, Encoding::MessagePack).expect("the message is valid");
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    message.write(&mut out, Encoding::MessagePack).expect("the buffer is large enough");
    (room - out.room()) as u64
}

/// Routes a JSON message by its target.
fn route_json(record: &[u8]) -> u64 {
    match Message::read(record, Encoding::Json).expect("the message is valid") {
        Message::Invocation(call) => call.target.as_plain().map_or(0, str::len) as u64,
        _ => 0,
    }
}

/// The same with a `serde_json::Value`.
fn route_json_value(record: &[u8]) -> u64 {
    let tree: serde_json::Value =
        serde_json::from_slice(&record[..record.len() - 1]).expect("the message is valid");
    tree["target"].as_str().map_or(0, str::len) as u64
}

/// A room from the referee hub in JSON, about 1,100 bytes.
fn room_in_json() -> Vec<u8> {
    let item = |id: u32| {
        format!(
            concat!(
                r#"{{"id":{0},"ruleset_id":0,"beatmap_id":{0}75,"required_mods":[{{"acronym":"HD","settings":{{}}}}],"#,
                r#""allowed_mods":[],"freestyle":false,"was_played":false,"order":{0}}}"#
            ),
            id
        )
    };
    let player = |id: u32| {
        format!(
            concat!(
                r#"{{"user_id":{0},"status":"idle","style":{{"ruleset_id":null,"beatmap_id":null}},"#,
                r#""mods":[],"team":"red"}}"#
            ),
            id
        )
    };
    let items: Vec<_> = (1..5).map(item).collect();
    let players: Vec<_> = (100..104).map(player).collect();
    let record = format!(
        concat!(
            r#"{{"type":1,"target":"RoomJoined","arguments":[{{"room_id":123,"name":"a room","playlist":[{}],"#,
            r#""players":[{}]}}]}}"#
        ),
        items.join(","),
        players.join(",")
    );
    [record.as_bytes(), b"\x1e"].concat()
}

/// Reads every field of a call.
fn decode_call(frame: &[u8]) -> u64 {
    let Ok(Message::Invocation(invocation)) = Message::read(frame, Encoding::MessagePack) else { return 0 };
    match client::Call::of(&invocation).expect("the call is valid") {
        client::Call::SendFrameData(call) => look(&call.bundle),
        _ => 0,
    }
}

fn work() -> (Vec<u8>, Vec<u8>) {
    let (frames, mods) = (frames(), [APIMod { acronym: "HD", ..Default::default() }]);
    let bundle = bundle(&frames, &mods, &STATISTICS);
    let mut buffer = vec![0; 4096];
    let len = encode(&bundle, &mut buffer) as usize;
    let bytes = buffer[..len].to_vec();
    let room = buffer.len();
    let mut out = SliceSink::new(&mut buffer);
    client::SendFrameData { bundle }.write_frame(Some("1"), &mut out).expect("the buffer is large enough");
    let len = room - out.room();
    (bytes, buffer[..len].to_vec())
}

/// Prints the table.
pub fn run(figures: &mut Figures) {
    let (bytes, frame) = work();
    let (list, mods) = (frames(), [APIMod { acronym: "HD", ..Default::default() }]);
    let bundle = bundle(&list, &mods, &STATISTICS);
    let theirs: peer::Bundle<'_> = rmp_serde::from_slice(&bytes).expect("the bundle is valid");
    assert_eq!(
        rmp_serde::to_vec(&theirs).expect("the bundle is valid").len(),
        bytes.len(),
        "both write the same"
    );
    assert_eq!(decode(&bytes), peer::decode(&bytes), "both read the same");

    println!("\n{WORK}, {} bytes", frame.len());
    let (mut buffer, mut reused) = (vec![0u8; 4096], Vec::with_capacity(4096));
    let mut call_buffer = vec![0u8; 4096];
    let (mut copy, mut forwarded, record) = (bytes.clone(), vec![0u8; 4096], room_in_json());
    let mut clock = Clock::default();
    clock.measure("memcpy", 1.0, || copy.copy_from_slice(black_box(&bytes)));
    clock.measure("decode: lobbywire", 1.0, || decode(black_box(&bytes)));
    clock.measure("decode: lobbywire, from the frame", 1.0, || decode_call(black_box(&frame)));
    clock.measure("decode: rmp-serde", 1.0, || peer::decode(black_box(&bytes)));
    clock.measure("route by target", 1.0, || route(black_box(&frame)));
    clock.measure("forward", 1.0, || forward(black_box(&frame), &mut forwarded));
    clock.measure("route JSON: lobbywire", 1.0, || route_json(black_box(&record)));
    clock.measure("route JSON: serde_json::Value", 1.0, || route_json_value(black_box(&record)));
    clock.measure("encode: lobbywire", 1.0, || encode(black_box(&bundle), &mut buffer));
    clock.measure("encode: lobbywire, a frame", 1.0, || {
        let mut out = SliceSink::new(&mut call_buffer);
        client::SendFrameData { bundle: *black_box(&bundle) }
            .write_frame(Some("1"), &mut out)
            .expect("the buffer is large enough")
    });
    clock.measure("encode: rmp-serde", 1.0, || {
        reused.clear();
        rmp_serde::encode::write(&mut reused, black_box(&theirs)).expect("the buffer is large enough")
    });
    clock.run();
    clock.table();
    let factors = [
        clock.factor("decode: lobbywire", "decode: rmp-serde"),
        clock.factor("encode: lobbywire", "encode: rmp-serde"),
    ];
    figures.add(WORK, "rmp-serde 1.3.1 (Rust)", factors);
    clock.print_factor("decode, rmp-serde", "decode: lobbywire", "decode: rmp-serde");
    clock.print_factor("encode, rmp-serde", "encode: lobbywire", "encode: rmp-serde");
    clock.print_factor("encode a frame, rmp-serde", "encode: lobbywire, a frame", "encode: rmp-serde");
    clock.print_factor(
        "route JSON, serde_json::Value",
        "route JSON: lobbywire",
        "route JSON: serde_json::Value",
    );
    clock.print_multiple("forward, routing + memcpy", "forward", &["route by target", "memcpy"]);
    clock.print_multiple(
        "route, decoding the frame",
        "route by target",
        &["decode: lobbywire, from the frame"],
    );
}

/// The frame of a SendFrameData call.
pub fn frame() -> Vec<u8> {
    work().1
}

/// Reads every field of the call in a [`frame`].
pub fn decode_frame(frame: &[u8]) -> u64 {
    decode_call(frame)
}

/// Writes the call of [`frame`].
pub fn encode_frame(buffer: &mut [u8]) -> u64 {
    let (list, mods) = (frames(), [APIMod { acronym: "HD", ..Default::default() }]);
    encode_frame_of(&bundle(&list, &mods, &STATISTICS), buffer)
}

fn encode_frame_of(bundle: &FrameDataBundle<'_>, buffer: &mut [u8]) -> u64 {
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    client::SendFrameData { bundle: *bundle }
        .write_frame(Some("1"), &mut out)
        .expect("the buffer is large enough");
    (room - out.room()) as u64
}

/// Nanoseconds for decoding and encoding a call.
pub(crate) fn times_of_a_frame() -> [f64; 2] {
    let frame = frame();
    let (list, mods) = (frames(), [APIMod { acronym: "HD", ..Default::default() }]);
    let bundle = bundle(&list, &mods, &STATISTICS);
    let mut buffer = vec![0u8; 4096];
    let mut clock = Clock::default();
    clock.measure("decode", 1.0, || decode_call(black_box(&frame)));
    clock.measure("encode", 1.0, || encode_frame_of(black_box(&bundle), &mut buffer));
    clock.run();
    [clock.of("decode"), clock.of("encode")]
}
