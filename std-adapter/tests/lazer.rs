//! Calls of the osu!lazer hubs against bytes built by the rules of MessagePack-CSharp and .NET's JSON, and
//! properties of arbitrary calls of all methods.
#![cfg(feature = "lazer")]

#[path = "../../core/tests/hex/mod.rs"]
mod hex;

use arbitrary::{Arbitrary, Unstructured};
use hex::unhex;
use lobbywire::lazer::*;
use lobbywire::signalr::{
    Arguments, Buffer, Call, DecodeError, Encoding, FromCall, FromValue, Message, OwnedArguments,
    ToArguments, ToValue,
};
use lobbywire::wire::{Json, JsonSyntax, MsgPackReader};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Checks that a value has these bytes, and that it round-trips through them and through JSON.
#[track_caller]
fn same<T>(bytes: &str, value: T)
where
    T: ToValue + FromValue + PartialEq + Debug + Serialize + DeserializeOwned,
{
    let bytes = unhex(bytes);
    let mut out = Buffer::new();
    value.write_messagepack(&mut out).unwrap();
    assert_eq!(out.as_slice(), bytes, "{value:?}");
    let mut reader = MsgPackReader::new(&bytes);
    assert_eq!(T::from_messagepack(&mut reader).as_ref(), Ok(&value));
    assert!(reader.rest().is_empty());
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// A MessagePack frame with this call.
#[track_caller]
fn call<C: FromCall + Call + PartialEq + Debug>(frame: &str, expected: impl Into<C>) {
    let (frame, expected) = (unhex(frame), expected.into());
    let Message::Invocation(invocation) = Message::read(&frame, Encoding::MessagePack).unwrap() else {
        panic!()
    };
    let target = invocation.target.as_plain().unwrap();
    assert_eq!(C::from_call(target, invocation.arguments).as_ref(), Ok(&expected));
    assert_eq!(expected.target(), target);
    let arguments = expected.to_arguments(Encoding::MessagePack).unwrap();
    assert_eq!(arguments.len(), invocation.arguments.len());
    // Followed by an empty list of stream ids.
    assert_eq!(
        [arguments.bytes(), &b"\x90"[..]].concat(),
        invocation.arguments.messagepack().unwrap().rest()
    );
}

/// Checks a call in JSON.
#[track_caller]
fn json_call<C: FromCall + Call + PartialEq + Debug>(target: &str, arguments: &str, expected: impl Into<C>) {
    let expected = expected.into();
    let given = Arguments::of_json(Json::parse(arguments, JsonSyntax::STRICT).unwrap()).unwrap();
    assert_eq!(C::from_call(target, given).as_ref(), Ok(&expected));
    assert_eq!(expected.target(), target);
    let written = expected.to_arguments(Encoding::Json).unwrap();
    assert_eq!(str::from_utf8(written.bytes()), Ok(arguments));
}

#[test]
fn calls_match_their_encoding() {
    call::<spectator::server::Call>(
        "29 96 01 80 c0 b0 55 73 65 72 42 65 67 61 6e 50 6c 61 79 69 6e 67 92 02 95 4b 00 91 92 a2 48 44 90
         01 82 05 cd 01 2c 10 50 90",
        spectator::server::UserBeganPlaying {
            user_id: 2,
            state: SpectatorState {
                beatmap_id: Some(75),
                ruleset_id: Some(0),
                mods: vec![APIMod::new("HD")],
                state: SpectatedUserState::PLAYING,
                maximum_statistics: [(HitResult::GREAT, 300), (HitResult::SLIDER_TAIL_HIT, 80)]
                    .into_iter()
                    .collect(),
                ..Default::default()
            },
        },
    );
    let countdown = Countdown { id: 1, time_remaining: TimeSpan(100_000_000), ..Default::default() };
    call::<multiplayer::server::Call>(
        "1d 96 01 80 c0 aa 4d 61 74 63 68 45 76 65 6e 74 91 92 00 91 92 00 92 01 ce 05 f5 e1 00 90",
        multiplayer::server::MatchEvent {
            event: MatchServerEvent::CountdownStartedEvent(CountdownStartedEvent {
                countdown: Some(MultiplayerCountdown::MatchStartCountdown(countdown)),
                ..Default::default()
            }),
        },
    );
    call::<metadata::client::Call>(
        "36 96 01 80 a1 33 ae 55 70 64 61 74 65 41 63 74 69 76 69 74 79 91 92 0c 94 4b a9 41 20 2d 20 42 20
         5b 43 5d 00 b0 43 6c 69 63 6b 69 6e 67 20 63 69 72 63 6c 65 73 90",
        metadata::client::UpdateActivity {
            activity: Some(UserActivity::InSoloGame(InGame {
                beatmap_id: 75,
                beatmap_display_title: "A - B [C]".into(),
                ruleset_playing_verb: "Clicking circles".into(),
                ..Default::default()
            })),
        },
    );
    let mut double_time = APIMod::new("DT");
    double_time.settings.insert("speed_change", 1.25);
    let frame = |time, mouse_x, mouse_y, button_state| LegacyReplayFrame {
        time,
        mouse_x,
        mouse_y,
        button_state: ReplayButtonState(button_state),
        ..Default::default()
    };
    call::<spectator::client::Call>(
        "ae 01 96 01 80 c0 af 53 65 6e 64 46 72 61 6d 65 44 61 74 61 56 32 92 cf 00 00 00 02 18 71 1a 00 92
         9a ce 00 01 e2 40 cb 3f e0 00 00 00 00 00 00 07 2a 82 05 28 01 02 95 cb 40 72 c0 00 00 00 00 00 cb
         40 82 c0 00 00 00 00 00 02 cb 3f d0 00 00 00 00 00 00 cb 00 00 00 00 00 00 00 00 92 c7 0c ff 00 00
         00 00 ff ff ff f1 88 6e 09 00 00 91 92 a2 44 54 91 ac 73 70 65 65 64 5f 63 68 61 6e 67 65 cb 3f f4
         00 00 00 00 00 00 c0 c0 92 94 cb 40 8f 40 00 00 00 00 00 ca 43 80 00 00 ca 43 40 80 00 01 94 cb 40
         8f c0 00 00 00 00 00 c0 c0 00 90",
        spectator::client::SendFrameDataV2 {
            score_token: Some(9_000_000_000),
            bundle: FrameDataBundle {
                header: FrameHeader {
                    total_score: 123_456,
                    accuracy: 0.5,
                    combo: 7,
                    max_combo: 42,
                    statistics: [(HitResult::GREAT, 40), (HitResult::MISS, 2)].into_iter().collect(),
                    score_processor_statistics: ScoreProcessorStatistics {
                        base_score: 300.0,
                        maximum_base_score: 600.0,
                        accuracy_judgement_count: 2,
                        combo_portion: 0.25,
                        ..Default::default()
                    },
                    mods: vec![double_time],
                    ..Default::default()
                },
                frames: vec![frame(1000.0, Some(256.0), Some(192.5), 1), frame(1016.0, None, None, 0)],
                ..Default::default()
            },
        },
    );
    let watch = "1a 96 01 80 a1 31 b1 53 74 61 72 74 57 61 74 63 68 69 6e 67 55 73 65 72 91 02 90";
    call::<spectator::client::Call>(watch, spectator::client::StartWatchingUser { user_id: 2 });
}

#[test]
fn values_match_their_encoding() {
    for (bytes, time) in [
        ("92 d6 ff 6a 88 ca c9 cd 02 1c", DateTimeOffset::from_unix(1_787_317_305, 0, 540)),
        ("92 c7 0c ff 00 00 00 00 ff ff ff f1 88 6e 09 00 00", DateTimeOffset::default()),
    ] {
        let mut out = Buffer::new();
        time.write_messagepack(&mut out).unwrap();
        assert_eq!(out.as_slice(), unhex(bytes));
    }
    let mut wind_up = APIMod::new("WU");
    wind_up.settings.insert("initial_rate", 0.75);
    wind_up.settings.insert("adjust_pitch", false);
    same(
        "92 a2 57 55 92 ac 69 6e 69 74 69 61 6c 5f 72 61 74 65 cb 3f e8 00 00 00 00 00 00
         ac 61 64 6a 75 73 74 5f 70 69 74 63 68 c2",
        wind_up,
    );
    let mut mirror = APIMod::new("MR");
    mirror.settings.insert("reflection", 1);
    same("92 a2 4d 52 91 aa 72 65 66 6c 65 63 74 69 6f 6e d2 00 00 00 01", mirror);
    same("92 0b 90", UserActivity::ChoosingBeatmap(Empty::default()));
    // Elements without a field are nil.
    same(
        "92 03 93 c0 c3 92 02 c0",
        MatchRoomState::StandardMatchRoomState(StandardMatchRoomState {
            locked: true,
            slots: Some(vec![Some(2), None]),
            ..Default::default()
        }),
    );
    let team = |id, name: &str| MultiplayerTeam { id, name: name.into(), ..Default::default() };
    same(
        "92 00 93 92 92 00 a8 54 65 61 6d 20 52 65 64 92 01 a9 54 65 61 6d 20 42 6c 75 65 c2 c0",
        MatchRoomState::TeamVersusRoomState(TeamVersusRoomState {
            teams: vec![team(0, "Team Red"), team(1, "Team Blue")],
            ..Default::default()
        }),
    );
    same(
        "94 90 92 92 cd 05 dc 0c 92 cd 05 f5 09 c0 90",
        MatchmakingLobbyStatus { rating_distribution: vec![(1500, 12), (1525, 9)], ..Default::default() },
    );
    same(
        "91 d9 24 36 66 39 36 31 39 66 66 2d 38 62 38 36 2d 64 30 31 31 2d 62 34 32 64 2d 30 30 63 30 34 66 63
         39 36 34 66 66",
        RankedPlayCardItem {
            id: "6f9619ff-8b86-d011-b42d-00c04fc964ff".parse().unwrap(),
            ..Default::default()
        },
    );
    same(
        "92 cd 03 e7 c0",
        MatchServerEvent::Unknown { discriminator: 999, value: RawValue::new([0xc0]).unwrap() },
    );
}

#[test]
fn referee_calls_match_dotnet() {
    use referee::{client, server};
    json_call::<client::Call>("Roll", "[123,null]", client::Roll { room_id: 123, request: None });
    let event =
        referee::RollCompletedEvent { room_id: 123, user_id: 2, max: 100, result: 57, ..Default::default() };
    json_call::<server::Call>(
        "RollCompleted",
        r#"[{"room_id":123,"user_id":2,"max":100,"result":57}]"#,
        server::RollCompleted { event },
    );
    let event = referee::MatchStartedEvent {
        room_id: 1,
        playlist_item_id: 7,
        match_type: referee::MatchType::TeamVersus,
        teams: Some([(2, referee::MatchTeam::Red), (3, referee::MatchTeam::from(5))].into_iter().collect()),
        ..Default::default()
    };
    json_call::<server::Call>(
        "MatchStarted",
        r#"[{"room_id":1,"playlist_item_id":7,"type":"team_versus","teams":{"2":"red","3":5},"slots":null}]"#,
        server::MatchStarted { event },
    );
    json_call::<client::Call>(
        "EditCurrentPlaylistItem",
        r#"[1,{"ruleset_id":null,"beatmap_id":75,"required_mods":[{"acronym":"DT","settings":{"speed_change":1.5}}],"allowed_mods":null,"freestyle":null}]"#,
        client::EditCurrentPlaylistItem {
            room_id: 1,
            request: referee::EditCurrentPlaylistItemRequest {
                beatmap_id: Some(75),
                required_mods: Some(vec![{
                    let mut settings = Settings::default();
                    settings.insert("speed_change", 1.5);
                    referee::Mod { acronym: "DT".into(), settings: Some(settings), ..Default::default() }
                }]),
                ..Default::default()
            },
        },
    );
    // Names in another case, missing and unknown properties, and an unknown enum name.
    let text = r#"{"Room_ID":5,"new":[1,{"x":null}],"type":"of_another_time"}"#;
    let event: referee::CountdownStoppedEvent = serde_json::from_str(text).unwrap();
    assert_eq!((event.room_id, event.countdown_id), (5, 0));
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"room_id":5,"countdown_id":0,"type":"of_another_time","new":[1,{"x":null}]}"#
    );
    // The referee hub supports JSON only.
    assert!(client::Roll { room_id: 1, request: None }.to_arguments(Encoding::MessagePack).is_err());
}

#[test]
fn referee_enums_keep_unknown_names_and_numbers_apart() {
    use referee::MatchTeam;

    let round_trip = |json: &str| {
        let team: MatchTeam = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&team).unwrap(), json);
        team
    };
    let (number, name) = (round_trip("2"), round_trip("\"green\""));
    let digits = round_trip("\"2\"");
    assert!(number != name && number != digits && name != digits);
    let MatchTeam::Unknown(number) = number else { panic!("2 has no name") };
    assert_eq!((number.number(), number.name()), (Some(2), None));
    let MatchTeam::Unknown(digits) = digits else { panic!("digits are not a known name") };
    assert_eq!((digits.number(), digits.name()), (None, Some("2")));
    // A known value is the same from its name and from its number, and is encoded by name.
    assert_eq!(round_trip("\"blue\""), MatchTeam::Blue);
    assert_eq!(serde_json::from_str::<MatchTeam>("1").unwrap(), MatchTeam::Blue);
    assert_eq!((MatchTeam::from(1), MatchTeam::from("blue")), (MatchTeam::Blue, MatchTeam::Blue));
}

#[test]
fn missing_fields_have_defaults_and_new_ones_are_kept() {
    let read = |bytes: &str| {
        MultiplayerRoomSettings::from_messagepack(&mut MsgPackReader::new(&unhex(bytes))).unwrap()
    };
    let settings = read("90");
    assert_eq!(settings, MultiplayerRoomSettings::default());
    assert_eq!((settings.name.as_str(), settings.match_type), ("Unnamed room", MatchType::HEAD_TO_HEAD));
    assert_eq!(RankedPlayUserInfo::default().life, 1_000_000);
    let newer = "9a a1 61 07 a0 02 01 00 c3 10 93 01 02 03 a1 78";
    let settings = read(newer);
    assert_eq!((settings.max_participants, settings.extra.len()), (Some(16), 2));
    same(newer, settings);
    // Types without fields accept more elements too.
    same("91 07", {
        let mut empty = Empty::default();
        empty.extra.push(&RawValue::new([7]).unwrap());
        empty
    });
}

#[test]
fn errors_name_type_and_field() {
    let error = |target: &str, count, bytes: &str| {
        let bytes = unhex(bytes);
        multiplayer::client::Call::from_call(target, Arguments::of_messagepack(count, &bytes)).unwrap_err()
    };
    for (bytes, record, field, offset) in [
        ("80", "MultiplayerRoomSettings", "", 0),
        ("98 a1 ff 07 a0 02 01 00 c3 c0", "MultiplayerRoomSettings", "name", 2),
        ("98 a1 61 07 a0 02 01 00 c3 cd 01 00", "MultiplayerRoomSettings", "max_participants", 9),
    ] {
        let DecodeError::Field { record: in_record, field: in_field, error } =
            error("ChangeSettings", 1, bytes)
        else {
            panic!("{bytes}");
        };
        assert_eq!((in_record, in_field, error.offset), (record, field, offset), "{bytes}");
    }
    let DecodeError::Field { record, field, .. } = error("ChangeUserStyle", 2, "c0 a1 61") else { panic!() };
    assert_eq!((record, field), ("ChangeUserStyle", "ruleset_id"));
    assert_eq!(error("KickUser", 2, "01 02"), DecodeError::ArgumentCount { expected: 1, found: 2 });
    let text = r#"[5,{"max":"many"}]"#;
    let arguments = Arguments::of_json(Json::parse(text, JsonSyntax::STRICT).unwrap()).unwrap();
    let error = referee::client::Call::from_call("Roll", arguments).unwrap_err().to_string();
    assert!(error.contains("argument 1") && error.contains("max"), "{error}");
}

#[test]
fn unknown_methods_pass() {
    let arguments = OwnedArguments::messagepack(2, vec![0x92, 0xa2, b'H', b'D', 0x90, 0xc0]);
    let call = spectator::client::Call::from_call("OfAnotherTime", arguments.as_arguments()).unwrap();
    assert_eq!(call.target(), "OfAnotherTime");
    assert_eq!(call.to_arguments(Encoding::MessagePack), Ok(arguments));
}

/// Pseudo-random bytes.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed;
    std::iter::from_fn(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 56) as u8)
    })
}

/// Replay frames as serde types, for rmp-serde.
mod by_rmp_serde {
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Deserialize, Serialize)]
    pub(crate) struct FrameDataBundle {
        pub(crate) header: FrameHeader,
        pub(crate) frames: Vec<(f64, Option<f32>, Option<f32>, i32)>,
    }

    #[derive(Deserialize, Serialize)]
    pub(crate) struct FrameHeader {
        pub(crate) total_score: i64,
        pub(crate) accuracy: f64,
        pub(crate) combo: i32,
        pub(crate) max_combo: i32,
        pub(crate) statistics: BTreeMap<i32, i32>,
        pub(crate) score_processor_statistics: (f64, f64, i32, f64, f64),
        pub(crate) received_time: (Timestamp, i16),
        pub(crate) mods: Vec<(String, [(); 0])>,
        pub(crate) total_score_without_mods: Option<i64>,
        pub(crate) pauses: Option<Vec<i32>>,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(rename = "_ExtStruct")]
    pub(crate) struct Timestamp(pub(crate) (i8, serde_bytes::ByteBuf));
}

#[test]
fn rmp_serde_round_trips_the_same_replay_frames() {
    let mut count = 0;
    for seed in 0..2_000 {
        let bytes: Vec<_> = noise(seed).take(600).collect();
        let Ok(mut bundle) = FrameDataBundle::arbitrary(&mut Unstructured::new(&bytes)) else { continue };
        // It ignores unknown elements and cannot read mods with settings.
        bundle.extra = Extra::default();
        bundle.header.extra = Extra::default();
        bundle.header.score_processor_statistics.extra = Extra::default();
        bundle.frames.iter_mut().for_each(|frame| frame.extra = Extra::default());
        for each in &mut bundle.header.mods {
            (each.settings, each.extra) = (Settings::default(), Extra::default());
        }
        // Its map is ordered and has no duplicate keys.
        let sorted: std::collections::BTreeMap<_, _> =
            bundle.header.statistics.iter().map(|(result, count)| (result.0, *count)).collect();
        bundle.header.statistics =
            sorted.into_iter().map(|(result, count)| (HitResult(result), count)).collect();

        let mut out = Buffer::new();
        bundle.write_messagepack(&mut out).unwrap();
        let read: by_rmp_serde::FrameDataBundle = rmp_serde::from_slice(out.as_slice()).unwrap();
        assert_eq!(read.header.combo, bundle.header.combo);
        assert_eq!(read.frames.len(), bundle.frames.len());
        for (theirs, ours) in read.frames.iter().zip(&bundle.frames) {
            assert_eq!(theirs.0.to_bits(), ours.time.to_bits());
            assert_eq!(theirs.1.map(f32::to_bits), ours.mouse_x.map(f32::to_bits));
            assert_eq!(theirs.3, ours.button_state.0);
        }
        assert_eq!(rmp_serde::to_vec(&read).unwrap(), out.as_slice(), "{bundle:?}");
        count += read.frames.len();
    }
    assert!(count > 1_000, "{count}");
}

fn any<C: Call + FromCall + Debug + for<'a> Arbitrary<'a>>(encoding: Encoding, methods: &[Method]) {
    let (mut seen, mut held) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..4_000 {
        let bytes: Vec<_> = noise(seed).take(50 + seed as usize % 2_000).collect();
        let Ok(call) = C::arbitrary(&mut Unstructured::new(&bytes)) else { continue };
        seen.insert(call.target().to_owned());
        let outcome = laws::call(&call, encoding).unwrap_or_else(|broken| panic!("{broken}\n{call:?}"));
        held += usize::from(outcome == laws::Outcome::Held);
    }
    assert!(held > 1_000, "{held}");
    assert_eq!(seen.len(), methods.len(), "each method was called");
}

#[test]
fn generated_calls_satisfy_the_properties() {
    let packed = Encoding::MessagePack;
    any::<spectator::client::Call>(packed, Hub::Spectator.methods(Side::Client));
    any::<spectator::server::Call>(packed, Hub::Spectator.methods(Side::Server));
    any::<multiplayer::client::Call>(packed, Hub::Multiplayer.methods(Side::Client));
    any::<multiplayer::server::Call>(packed, Hub::Multiplayer.methods(Side::Server));
    any::<metadata::client::Call>(packed, Hub::Metadata.methods(Side::Client));
    any::<metadata::server::Call>(packed, Hub::Metadata.methods(Side::Server));
    any::<referee::client::Call>(Encoding::Json, Hub::Referee.methods(Side::Client));
    any::<referee::server::Call>(Encoding::Json, Hub::Referee.methods(Side::Server));
}

#[test]
fn random_arguments_satisfy_the_properties() {
    for &hub in Hub::ALL {
        for side in [Side::Client, Side::Server] {
            for (index, method) in (0..).zip(hub.methods(side)) {
                for seed in 0..200u64 {
                    let bytes: Vec<_> = noise(seed << 8 | index).take(seed as usize % 120).collect();
                    let count = method.arguments.len();
                    laws::arguments(hub, side, method.target, count, &bytes, Encoding::MessagePack).unwrap();
                }
            }
        }
    }
}
