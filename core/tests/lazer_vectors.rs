//! Types of the spectator hub against bytes built by the rules of MessagePack-CSharp, truncated and changed.
#![cfg(feature = "lazer")]

mod hex;

use hex::unhex;
use lobbywire_core::lazer::{
    APIMod, DateTimeOffset, FrameDataBundle, FrameHeader, HitResult, LegacyReplayFrame, Map, Payload,
    ReplayButtonState, ScoreProcessorStatistics, Setting, Side, SpectatedUserState, SpectatorState,
    SpectatorUser, laws, spectator,
};
use lobbywire_core::signalr::{Encoding, Message, WriteInvocation};
use lobbywire_core::wire::{Counter, ErrorKind, MsgPackReader, MsgPackWriter, SliceSink};

fn written<'a>(value: &impl Payload<'a>) -> Vec<u8> {
    let mut counter = Counter::default();
    value.write(&mut MsgPackWriter::new(&mut counter)).unwrap();
    let mut bytes = vec![0xa5; counter.0];
    let mut out = SliceSink::new(&mut bytes);
    value.write(&mut MsgPackWriter::new(&mut out)).unwrap();
    assert_eq!(out.room(), 0);
    bytes
}

fn frame(call: &impl WriteInvocation, id: Option<&str>) -> Vec<u8> {
    let mut counter = Counter::default();
    call.write_frame(id, &mut counter).unwrap();
    let mut bytes = vec![0xa5; counter.0];
    let mut out = SliceSink::new(&mut bytes);
    call.write_frame(id, &mut out).unwrap();
    assert_eq!(out.room(), 0);
    bytes
}

const SEND_FRAME_DATA_V2: &str = "ae 01 96 01 80 c0 af 53 65 6e 64 46 72 61 6d 65 44 61 74 61 56 32
    92 cf 00 00 00 02 18 71 1a 00 92 9a ce 00 01 e2 40 cb 3f e0 00 00 00 00 00 00 07 2a 82 05 28 01 02
    95 cb 40 72 c0 00 00 00 00 00 cb 40 82 c0 00 00 00 00 00 02 cb 3f d0 00 00 00 00 00 00
    cb 00 00 00 00 00 00 00 00 92 c7 0c ff 00 00 00 00 ff ff ff f1 88 6e 09 00 00
    91 92 a2 44 54 91 ac 73 70 65 65 64 5f 63 68 61 6e 67 65 cb 3f f4 00 00 00 00 00 00 c0 c0
    92 94 cb 40 8f 40 00 00 00 00 00 ca 43 80 00 00 ca 43 40 80 00 01
    94 cb 40 8f c0 00 00 00 00 00 c0 c0 00 90";

const USER_BEGAN_PLAYING: &str = "29 96 01 80 c0 b0 55 73 65 72 42 65 67 61 6e 50 6c 61 79 69 6e 67 92 02
    95 4b 00 91 92 a2 48 44 90 01 82 05 cd 01 2c 10 50 90";

#[test]
fn replay_frames_match_their_encoding() {
    let settings = [("speed_change", Setting::Double(1.25))];
    let mods = [APIMod { acronym: "DT", settings: (&settings).into(), ..Default::default() }];
    let statistics = [(HitResult::GREAT, 40), (HitResult::MISS, 2)];
    let frames = [
        LegacyReplayFrame {
            time: 1000.0,
            mouse_x: Some(256.0),
            mouse_y: Some(192.5),
            button_state: ReplayButtonState::LEFT1,
            ..Default::default()
        },
        LegacyReplayFrame { time: 1016.0, ..Default::default() },
    ];
    let header = FrameHeader {
        total_score: 123_456,
        accuracy: 0.5,
        combo: 7,
        max_combo: 42,
        statistics: (&statistics).into(),
        score_processor_statistics: ScoreProcessorStatistics {
            base_score: 300.0,
            maximum_base_score: 600.0,
            accuracy_judgement_count: 2,
            combo_portion: 0.25,
            ..Default::default()
        },
        mods: (&mods).into(),
        ..Default::default()
    };
    let bundle = FrameDataBundle { header, frames: (&frames).into(), ..Default::default() };
    let call = spectator::client::SendFrameDataV2 { score_token: Some(9_000_000_000), bundle };

    let bytes = unhex(SEND_FRAME_DATA_V2);
    assert_eq!(frame(&call, None), bytes);
    let Message::Invocation(invocation) = Message::read(&bytes, Encoding::MessagePack).unwrap() else {
        panic!()
    };
    let read = spectator::client::Call::of(&invocation).unwrap();
    assert_eq!(read, call.into());
    let spectator::client::Call::SendFrameDataV2(read) = read else { panic!() };
    assert_eq!(
        read.bundle.header.mods.iter().next().unwrap().settings.get("speed_change"),
        Some(settings[0].1)
    );
    assert_eq!(read.bundle.header.statistics.get(HitResult::GREAT), Some(40));
    assert!(read.bundle.frames.iter().eq(frames));
    assert_eq!(frame(&read, None), bytes);
}

#[test]
fn spectator_states_match_their_encoding() {
    let mods = [APIMod { acronym: "HD", ..Default::default() }];
    let statistics = [(HitResult::GREAT, 300), (HitResult::SLIDER_TAIL_HIT, 80)];
    let state = SpectatorState {
        beatmap_id: Some(75),
        ruleset_id: Some(0),
        mods: (&mods).into(),
        state: SpectatedUserState::PLAYING,
        maximum_statistics: Map::from(&statistics),
        ..Default::default()
    };
    let call = spectator::server::UserBeganPlaying { user_id: 2, state };
    let bytes = unhex(USER_BEGAN_PLAYING);
    assert_eq!(frame(&call, None), bytes);
    let Message::Invocation(invocation) = Message::read(&bytes, Encoding::MessagePack).unwrap() else {
        panic!()
    };
    assert_eq!(spectator::server::Call::of(&invocation), Ok(call.into()));
    let watch = spectator::client::StartWatchingUser { user_id: 2 };
    let bytes = unhex("1a 96 01 80 a1 31 b1 53 74 61 72 74 57 61 74 63 68 69 6e 67 55 73 65 72 91 02 90");
    assert_eq!(frame(&watch, Some("1")), bytes);
}

#[test]
fn every_setting_type_matches_its_encoding() {
    for (bytes, time) in [
        ("92 d6 ff 6a 88 ca c9 cd 02 1c", DateTimeOffset::from_unix(1_787_317_305, 0, 540)),
        ("92 d6 ff 6a 88 4c 39 00", DateTimeOffset::from_unix(1_787_317_305, 0, 0)),
        ("92 d6 ff 6a 88 ca c9 d1 ff 2e", DateTimeOffset::from_unix(1_787_362_305, 0, -210)),
        (
            "92 d7 ff 77 35 94 00 6a 88 ca c9 00",
            DateTimeOffset { local_seconds: 1_787_349_705, nanoseconds: 500_000_000, offset_minutes: 0 },
        ),
        ("92 c7 0c ff 00 00 00 00 ff ff ff f1 88 6e 09 00 00", DateTimeOffset::default()),
    ] {
        let bytes = unhex(bytes);
        assert_eq!(written(&time), bytes);
        assert_eq!(DateTimeOffset::read(&mut MsgPackReader::new(&bytes)), Ok(time));
    }
    let wind_up = [("initial_rate", Setting::Double(0.75)), ("adjust_pitch", Setting::Bool(false))];
    let mirror = [("reflection", Setting::Int(1))];
    let with = |acronym, settings| APIMod { acronym, settings, ..Default::default() };
    for (bytes, value) in [
        ("92 a2 48 44 90", with("HD", Default::default())),
        (
            "92 a2 57 55 92 ac 69 6e 69 74 69 61 6c 5f 72 61 74 65 cb 3f e8 00 00 00 00 00 00
             ac 61 64 6a 75 73 74 5f 70 69 74 63 68 c2",
            with("WU", (&wind_up).into()),
        ),
        ("92 a2 4d 52 91 aa 72 65 66 6c 65 63 74 69 6f 6e d2 00 00 00 01", with("MR", (&mirror).into())),
    ] {
        let bytes = unhex(bytes);
        assert_eq!(written(&value), bytes);
        assert_eq!(APIMod::read(&mut MsgPackReader::new(&bytes)), Ok(value));
    }
    // A relay re-encodes values in the form of their type.
    for (given, gives) in [
        ("05", "cc 05"),
        ("ff", "d0 ff"),
        ("cd 00 05", "cd 00 05"),
        ("ce 00 00 00 05", "ce 00 00 00 05"),
        ("cf 00 00 00 00 00 00 00 05", "cf 00 00 00 00 00 00 00 05"),
        ("d1 00 05", "d1 00 05"),
        ("d3 00 00 00 00 00 00 00 05", "d3 00 00 00 00 00 00 00 05"),
        ("ca 3f 80 00 00", "ca 3f 80 00 00"),
        ("c0", "c0"),
        ("a1 78", "a1 78"),
        ("92 01 02", "92 01 02"),
        ("c4 01 09", "c4 01 09"),
    ] {
        let bytes = unhex(&format!("92 a2 58 58 91 a1 61 {given}"));
        let read = APIMod::read(&mut MsgPackReader::new(&bytes)).unwrap();
        assert_eq!(written(&read), unhex(&format!("92 a2 58 58 91 a1 61 {gives}")));
    }
}

#[test]
fn fields_of_newer_and_older_peers_are_accepted() {
    // An additional field is kept; a missing one has its default.
    let newer = unhex("93 02 a1 61 92 c0 01");
    let user = SpectatorUser::read(&mut MsgPackReader::new(&newer)).unwrap();
    assert_eq!((user.online_id, user.username, user.extra.len()), (2, "a", 1));
    assert_eq!(user.extra.bytes(), unhex("92 c0 01"));
    assert_eq!(written(&user), newer);
    let older = SpectatorUser::read(&mut MsgPackReader::new(b"\x91\x02"));
    assert_eq!(older, Ok(SpectatorUser { online_id: 2, ..Default::default() }));
    // Numbers in any encoding.
    let frame = unhex("94 ca 44 7a 00 00 cb 40 70 00 00 00 00 00 00 07 d0 10");
    let frame = LegacyReplayFrame::read(&mut MsgPackReader::new(&frame)).unwrap();
    assert_eq!((frame.time, frame.mouse_x, frame.mouse_y), (1000.0, Some(256.0), Some(7.0)));
    assert_eq!(frame.button_state, ReplayButtonState::SMOKE);
    // A frame with an additional element is not in the common form.
    let bytes = unhex("95 cb 40 8f 40 00 00 00 00 00 ca 43 80 00 00 ca 43 40 80 00 01 07");
    let frame = LegacyReplayFrame::read(&mut MsgPackReader::new(&bytes)).unwrap();
    assert_eq!((frame.time, frame.extra.bytes()), (1000.0, &[7][..]));
    assert_eq!(written(&frame), bytes);
}

#[test]
fn errors_name_type_and_field() {
    let explained = |bytes: &str| {
        let bytes = unhex(bytes);
        SpectatorState::explain(MsgPackReader::new(&bytes)).map(|explained| {
            let place = explained.location;
            (explained.error.kind, explained.error.offset, place.record, place.field)
        })
    };
    use ErrorKind::*;
    for (bytes, expected) in [
        ("95 4b 00 91 92 a2 48 44 90 01 80", None),
        ("c0", None),
        ("95 4b 00 c0 01 c0", None),
        ("85 4b 00", Some((UnexpectedType, 0, "SpectatorState", ""))),
        ("95 a1 61 00 90 01 80", Some((UnexpectedType, 1, "SpectatorState", "beatmap_id"))),
        ("95 ce ff ff ff ff 00 90 01 80", Some((OutOfRange, 1, "SpectatorState", "beatmap_id"))),
        ("95 4b 00 91 92 a2 ff 44 90 01 80", Some((Utf8, 6, "APIMod", "acronym"))),
        ("95 4b 00 91 92 a2 48 44 91 05 06 01 80", Some((UnexpectedType, 9, "APIMod", "settings"))),
        ("95 4b 00 9f 01 80", Some((ListLength, 3, "SpectatorState", "mods"))),
        ("95 4b 00 90 c0 80", Some((UnexpectedType, 4, "SpectatorState", "state"))),
        ("95 4b 00 90 01 81 05", Some((ListLength, 5, "SpectatorState", "maximum_statistics"))),
        ("96 4b 00 90 01 80 c1", Some((UnexpectedType, 6, "SpectatorState", "extra"))),
    ] {
        assert_eq!(explained(bytes), expected, "{bytes}");
    }
    let mut bytes = unhex(USER_BEGAN_PLAYING);
    // Three arguments instead of two.
    bytes[22] = 0x93;
    let Message::Invocation(invocation) = Message::read(&bytes, Encoding::MessagePack).unwrap() else {
        panic!()
    };
    assert_eq!(spectator::server::Call::of(&invocation).unwrap_err().kind, BadArgCount);
    let explained = spectator::server::Call::explain(&invocation).unwrap();
    assert_eq!(explained.to_string().split(':').next(), Some("UserBeganPlaying"));
}

#[test]
fn single_byte_changes_satisfy_the_properties() {
    let (mut held, mut skipped) = (0, 0);
    let (mut first, mut second) = ([0; 512], [0; 512]);
    let vectors = [(Side::Client, SEND_FRAME_DATA_V2), (Side::Server, USER_BEGAN_PLAYING)];
    for (side, bytes) in vectors {
        let whole = unhex(bytes);
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                match laws::call(side, &bytes, &mut first, &mut second) {
                    Ok(laws::Outcome::Held) => held += 1,
                    Ok(laws::Outcome::Skipped) => skipped += 1,
                    Err(broken) => panic!("{broken:?} with {byte:02x} at {at}"),
                }
            }
        }
    }
    assert!(held > 30_000 && skipped > 20_000, "{held} held, {skipped} skipped");
}
