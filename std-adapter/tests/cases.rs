//! Inputs of real peers, from public bug reports: `cases` has one small file for each class of faults.
#![cfg(feature = "lazer")]

use lobbywire::bancho::login::{Credential, LoginRequest, OAUTH_USERNAME};
use lobbywire::bancho::types::{Match, ScoringType, UserInfo, UserStatus, Users};
use lobbywire::bancho::{
    Bridge, Change, ChangeKind, Codec, Decode, Encode, FrameWriter, Frames, Mode, Mods, Options, Outbox,
    TextMode, Transcoder, Version, client, owned, server,
};
use lobbywire::lazer::borrowed::spectator as borrowed;
use lobbywire::lazer::{
    Hub, MatchServerEvent, MultiplayerCountdown, MultiplayerRoom, Side, UserPresence, multiplayer, referee,
    spectator,
};
use lobbywire::signalr::{
    Arguments, Encoding, FromCall, FromValue, HandshakeRequest, Message, OwnedValue, Text, ToArguments,
};
use lobbywire::wire::{Inflater, Json, JsonSyntax, MsgPackReader, SliceSink};

/// Reads the call in a file.
fn call<C: FromCall>(file: &[u8], encoding: Encoding) -> C {
    let Message::Invocation(call) = Message::read(file, encoding).unwrap() else {
        panic!("not an invocation")
    };
    let target = match call.target {
        Text::Plain(target) => target,
        Text::Json(target) => target.as_plain().unwrap(),
    };
    C::from_call(target, call.arguments).unwrap()
}

#[test]
fn nil_mods_of_a_score_are_no_mods() {
    let file = include_bytes!("cases/spectator-watch-mods-nil.msgpack");
    let spectator::server::Call::UserSentFrames(frames) = call(file, Encoding::MessagePack) else {
        panic!("another call")
    };
    assert_eq!((frames.bundle.header.mods.len(), frames.bundle.frames.len()), (0, 1));
    assert_eq!(frames.bundle.header.score_processor_statistics.accuracy_judgement_count, 3);

    let Message::Invocation(invocation) = Message::read(file, Encoding::MessagePack).unwrap() else {
        panic!("not an invocation")
    };
    let Ok(borrowed::server::Call::UserSentFrames(frames)) = borrowed::server::Call::of(&invocation) else {
        panic!("another call")
    };
    assert_eq!((frames.bundle.header.mods.len(), frames.bundle.frames.len()), (0, 1));
}

#[test]
fn nil_countdowns_of_a_room_are_no_countdowns() {
    let file = include_bytes!("cases/multiplayer-room-countdowns-nil.msgpack");
    let multiplayer::client::Call::CreateRoom(create) = call(file, Encoding::MessagePack) else {
        panic!("another call")
    };
    assert_eq!((create.room.room_id, create.room.active_countdowns.len()), (5, 0));
}

#[test]
fn a_null_name_of_a_room_is_empty() {
    let file = include_bytes!("cases/referee-make-room-name-null.json");
    let referee::client::Call::MakeRoom(make) = call(file, Encoding::Json) else { panic!("another call") };
    assert_eq!((make.request.beatmap_id, make.request.name.as_str()), (75, ""));
}

#[test]
fn nil_of_a_union_is_no_member() {
    // A room whose countdowns are a match start of one second, and nil.
    let start = [0x92, 0, 0x92, 1, 0xce, 0, 0x98, 0x96, 0x80];
    let countdowns = [&[0x92][..], &start, &[0xc0]].concat();
    let room = [&[0x98, 5, 0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0][..], &countdowns].concat();
    let room = MultiplayerRoom::from_messagepack(&mut MsgPackReader::new(&room)).unwrap();
    let [MultiplayerCountdown::MatchStartCountdown(_), MultiplayerCountdown::Null] =
        &room.active_countdowns[..]
    else {
        panic!("{room:?}")
    };
    let written = OwnedValue::of(&room, Encoding::MessagePack).unwrap();
    assert!(written.bytes().windows(countdowns.len()).any(|bytes| bytes == countdowns));
    let json = OwnedValue::of(&room, Encoding::Json).unwrap();
    assert_eq!(json.read::<MultiplayerRoom>(), Ok(room));

    // As an argument.
    let arguments = Arguments::of_messagepack(1, &[0xc0]);
    let multiplayer::server::Call::MatchEvent(event) =
        multiplayer::server::Call::from_call("MatchEvent", arguments).unwrap()
    else {
        panic!("another call")
    };
    assert_eq!(event.event, MatchServerEvent::Null);
    assert_eq!(event.to_arguments(Encoding::MessagePack).unwrap().bytes()[..], [0xc0]);
    assert_eq!(event.to_arguments(Encoding::Json).unwrap().bytes()[..], *b"[null]");
}

#[test]
fn nil_is_the_default_of_classes_and_an_error_for_structs_and_numbers() {
    let read = |bytes: &[u8]| MultiplayerRoom::from_messagepack(&mut MsgPackReader::new(bytes));
    assert_eq!(read(&[0xc0]), Ok(MultiplayerRoom::default()));
    assert_eq!(OwnedValue::of(&(), Encoding::Json).unwrap().read(), Ok(MultiplayerRoom::default()));
    // The first element is the room's id, the second an enum.
    assert!(read(&[0x91, 0xc0]).is_err());
    assert!(read(&[0x92, 5, 0xc0]).is_err());

    assert!(UserPresence::from_messagepack(&mut MsgPackReader::new(&[0xc0])).is_err());
    let null = Json::parse("null", JsonSyntax::STRICT).unwrap();
    assert!(UserPresence::from_json(null).is_err());
}

#[test]
fn the_case_of_method_names_is_ignored() {
    let file = include_bytes!("cases/spectator-method-camel-case.msgpack");
    let spectator::client::Call::StartWatchingUser(start) = call(file, Encoding::MessagePack) else {
        panic!("another call")
    };
    assert_eq!(start.user_id, 2);
    let Message::Invocation(invocation) = Message::read(file, Encoding::MessagePack).unwrap() else {
        panic!("not an invocation")
    };
    assert!(matches!(
        borrowed::client::Call::of(&invocation),
        Ok(borrowed::client::Call::StartWatchingUser(_))
    ));
    let method = Hub::Spectator.method(Side::Client, "startWatchingUser").unwrap();
    assert_eq!(method.target, "StartWatchingUser");
}

#[test]
fn the_case_of_protocol_names_is_ignored() {
    let file = include_bytes!("cases/hub-handshake-protocol-in-capitals.json");
    assert_eq!(HandshakeRequest::read(file).unwrap().encoding(), Some(Encoding::MessagePack));
}

#[test]
fn login_codes_that_a_build_does_not_know_become_invalid_login() {
    let file = include_bytes!("cases/bancho-20250306-to-504-login-reply-8.bin");
    let (from, to) = (Version::LATEST, Version::from_build(504));
    let mut buffer = [0; 64];
    let mut out = FrameWriter::new(to, &mut buffer);
    let (mut changes, mut inflater) = (vec![], Inflater::new());
    let mut frames = Frames::new(from, lobbywire::bancho::Side::Server, file);
    let transcoder = Transcoder::new(lobbywire::bancho::Side::Server, from, to);
    transcoder
        .frames(&mut frames, &mut inflater, &mut [0; 64], &mut out, &mut |change| changes.push(change))
        .unwrap();
    assert_eq!(out.written(), [5, 0, 0, 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(changes, [Change::replaced("BanchoLoginReply", Some(""))]);

    // The lowest code that each build knows. A build between two layouts may know more.
    for (build, lowest) in
        [(282, -2), (589, -2), (591, -3), (1149, -3), (1183, -4), (1699, -4), (1788, i32::MIN)]
    {
        for code in [i32::MIN, -9, -8, -5, -4, -3, -2, -1, 0, 2, i32::MAX] {
            let mut payload = [0; 4];
            let expected = if code < lowest { -1 } else { code };
            server::LoginReply(code)
                .encode(Version::from_build(build), &mut SliceSink::new(&mut payload))
                .unwrap();
            assert_eq!(i32::from_le_bytes(payload), expected, "{code} in b{build}");
        }
    }
}

#[test]
fn blanks_at_the_line_ends_of_a_login_are_ignored() {
    let file = include_bytes!("cases/login-blanks-at-line-ends.txt");
    let (login, consumed) = LoginRequest::parse_http(file).unwrap();
    assert_eq!(LoginRequest::parse_tcp(file), Ok(Some((login, consumed))));
    assert_eq!((login.username, consumed), ("peppy", file.len()));
    assert_eq!(login.credential.password_md5(), Some("5f4dcc3b5aa765d61d8327deb882cf99"));
    assert_eq!(login.version.version(), Version::LATEST);
    assert_eq!((login.display_city, login.block_non_friend_dms), (Some(true), Some(false)));
}

#[test]
fn logins_with_80_network_adapters_fit_into_the_limit() {
    let file = include_bytes!("cases/login-80-adapters.txt");
    let (login, consumed) = LoginRequest::parse_http(file).unwrap();
    assert_eq!(LoginRequest::parse_tcp(file), Ok(Some((login, consumed))));
    assert_eq!(login.client_hash.unwrap().adapter_addresses().count(), 80);
    let mut out = Vec::new();
    login.write_http(&mut out).unwrap();
    assert_eq!(out, file);
}

#[test]
fn logins_of_neosu_contain_a_token() {
    let file = include_bytes!("cases/login-neosu-oauth.txt");
    let (login, _) = LoginRequest::parse_http(file).unwrap();
    assert_eq!(LoginRequest::parse_tcp(file), Ok(Some((login, file.len()))));
    assert_eq!(login.username, OAUTH_USERNAME);
    assert_eq!(login.credential, Credential::OAuthToken("Zm9vYmFyLXRva2VuLW9mLW5vLXVzZXI"));
    assert!(!format!("{login:?}").contains("Zm9v"));
    let mut out = Vec::new();
    login.write_http(&mut out).unwrap();
    assert_eq!(out, file);
}

#[test]
fn mods_are_written_and_read_as_clients_do() {
    let file = include_str!("cases/mods-acronyms.txt");
    let bits = |text: &str| text.parse::<Mods>().map(|mods| mods.bits());
    for line in file.lines() {
        let (given, expected) = line.split_once(" -> ").unwrap();
        match (given, expected.split_once(", got").unwrap().0) {
            ("NC", "576 (DT and NC)") => assert_eq!(bits("NC"), Ok(576)),
            ("PF", "16416 (SD and PF)") => assert_eq!(bits("PF"), Ok(16416)),
            ("576", "NC") => assert_eq!(Mods::from_bits_retain(576).to_string(), "NC"),
            ("16416", "PF") => assert_eq!(Mods::from_bits_retain(16416).to_string(), "PF"),
            ("4KHD", "Key4 and HD (lazer, website)") => {
                assert_eq!("4KHD".parse(), Ok(Mods::KEY4 | Mods::HIDDEN));
            }
            (r#"+HDDT, "HD DT", HD,DT"#, "HD and DT") => {
                for text in ["+HDDT", "HD DT", "HD,DT"] {
                    assert_eq!(text.parse(), Ok(Mods::HIDDEN | Mods::DOUBLE_TIME), "{text}");
                }
            }
            other => panic!("no test for {other:?}"),
        }
    }
    assert_eq!("HDDT??".parse::<Mods>().unwrap_err().offset, 4);
}

#[test]
fn clients_receive_only_modes_and_scoring_types_that_they_know() {
    // A match and a status, converted for clients of each age; the mode and the scoring type are open enums.
    let game = Match { mode: Mode::MANIA, scoring_type: ScoringType::SCORE_V2, ..Match::default() };
    let status = UserStatus { mode: Mode::MANIA, ..UserStatus::default() };
    let stats = server::UserStats::from(UserInfo { status, ..UserInfo::default() });
    for (build, mode, scoring) in [
        (1700, Mode::OSU, ScoringType::SCORE),
        (20121027, Mode::OSU, ScoringType::SCORE),
        (20121028, Mode::MANIA, ScoringType::SCORE),
        (20151105, Mode::MANIA, ScoringType::SCORE),
        (20151106, Mode::MANIA, ScoringType::SCORE_V2),
        (20250306, Mode::MANIA, ScoringType::SCORE_V2),
    ] {
        let version = Version::from_build(build);
        let mut payload = Vec::new();
        server::MatchUpdate(game).encode(version, &mut payload).unwrap();
        let read = server::MatchUpdate::decode(version, &payload).unwrap();
        assert_eq!((read.mode, read.scoring_type), (mode, scoring), "b{build}");
        let mut fields = Vec::new();
        server::MatchUpdate(game).visit_unrepresentable(version, &mut |field, kind| {
            if kind == ChangeKind::Replaced {
                fields.push(field);
            }
        });
        let mut expected = vec![];
        expected.extend((mode != Mode::MANIA).then_some("mode"));
        expected.extend((scoring != ScoringType::SCORE_V2).then_some("scoring_type"));
        assert_eq!(fields, expected, "b{build}");

        payload.clear();
        stats.encode(version, &mut payload).unwrap();
        let read = server::UserStats::decode(version, &payload).unwrap();
        assert_eq!(read.status.mode, mode, "b{build}");
        // Servers read what clients send, whatever it is.
        payload.clear();
        client::MatchCreate(game).encode(version, &mut payload).unwrap();
        let read = client::MatchCreate::decode(version, &payload).unwrap();
        assert_eq!((read.mode, read.scoring_type), (Mode::MANIA, ScoringType::SCORE_V2), "b{build}");
    }
}

#[test]
fn text_that_is_not_utf8_is_read_as_in_dotnet_and_strictly_on_request() {
    let file = include_bytes!("cases/bancho-20250306-server-chat-not-utf8.bin");
    let mut codec = Codec::client(Version::LATEST);
    let received = codec.next_packet(&mut file[..].into()).unwrap().unwrap();
    let server::Packet::Message(message) = received.server().unwrap() else { panic!("another packet") };
    assert_eq!((message.sender, message.content, message.target), ("b", "caf\u{fffd}", "#osu"));
    assert_eq!(received.get::<server::Message>().unwrap().unwrap(), message);
    let owned::server::Packet::Message(owned) = received.owned_server().unwrap() else { panic!("another") };
    assert_eq!(owned.content, "caf\u{fffd}");
    assert_eq!(received.to_json().unwrap()["data"]["content"], "caf\u{fffd}");
    // The bytes are available, and forwarded.
    assert_eq!((&received.frame()[..], received.payload()), (&file[..], &file[7..]));
    let mut outbox = Outbox::new(Version::LATEST);
    outbox.write_frames(&received.to_frames()).unwrap();
    outbox.write(&received).unwrap();
    assert_eq!(outbox.take(), file.repeat(2));

    let mut options = Options::client();
    options.text = TextMode::Strict;
    let mut codec = Codec::client(Version::LATEST).with_options(options);
    let received = codec.next_packet(&mut file[..].into()).unwrap().unwrap();
    let expected = "`content` of BanchoMessage: the string is not valid UTF-8 (byte 10)";
    assert_eq!(received.server().unwrap_err().to_string(), expected);
    assert_eq!(received.get::<server::Message>().unwrap().unwrap_err().to_string(), expected);
    assert_eq!(received.to_json().unwrap_err().to_string(), expected);
}

#[test]
fn bridges_keep_the_bytes_of_text() {
    let file = include_bytes!("cases/bancho-20250306-server-chat-not-utf8.bin");
    let (new, old) = (Version::LATEST, Version::from_build(1700));
    let mut bridge = Bridge::new(old, new);
    let (mut to_client, mut to_server) = (Outbox::new(old), Outbox::new(new));
    let mut pass = |frame: &[u8]| {
        let received = Codec::client(new).next_packet(&mut frame.into()).unwrap().unwrap();
        bridge.pass(&received, &mut to_client, Some(&mut to_server), &mut |_| ()).unwrap();
        to_client.take()
    };
    assert_eq!(&pass(file)[..], b"\x07\0\0\x0f\0\0\0\x0b\x01b\x0b\x04caf\xe9\x0b\x04#osu");
    // A name that the bridge stores and sends later.
    let presence = b"\x53\0\0\x19\0\0\0\x02\0\0\0\x0b\x04p\xe9pp\x20\x10\x05\0\0\0\0\0\0\0\0\x01\0\0\0";
    let sent = pass(presence);
    assert!(sent.windows(6).any(|bytes| bytes == b"\x0b\x04p\xe9pp"), "{sent:x?}");
    let mut ids = Outbox::new(new);
    ids.write(&server::UserPresenceBundle(Users::Ids((&[2][..]).into()))).unwrap();
    let sent = pass(&ids.take());
    assert!(sent.windows(6).any(|bytes| bytes == b"\x0b\x04p\xe9pp"), "{sent:x?}");
    // Private-use characters that the bridge uses for it.
    let text = "\u{10ff80}\u{10ffe9}";
    let mut chat = Outbox::new(new);
    chat.write(&server::Message::new("b", text, "#osu")).unwrap();
    assert!(pass(&chat.take()).windows(8).any(|bytes| bytes == text.as_bytes()));
}
