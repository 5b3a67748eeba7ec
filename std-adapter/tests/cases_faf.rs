//! Inputs of real peers of the FAF lobby, from public bug reports: `cases` has one small file for each class of faults.
//! Inputs without a file were reported with their text.

use lobbywire::faf::gpgnet::{self, Arg, game};
use lobbywire::faf::json_rpc::Objects;
use lobbywire::faf::{
    Codec, DecodeError, ErrorKind, Framing, Json, Mode, Number, Options, Received, Urls, client, server,
};
use lobbywire::wire::{self, FrameDecoder};

/// What a codec returns for the bytes of a stream.
fn read(framing: Framing, mode: Mode, stream: &[u8]) -> Vec<Result<Received, ErrorKind>> {
    let mut options = Options::default();
    options.mode = mode;
    let (mut codec, mut buffer) = (Codec::with_options(framing, options), stream.into());
    let mut given = vec![];
    while let Some(message) = codec.next_message(&mut buffer).or_else(|| codec.finish(&mut buffer)) {
        given.push(message.map_err(|error| error.error.kind));
    }
    given
}

fn one(mode: Mode, line: &[u8]) -> Received {
    let [Ok(message)] = &read(Framing::SimpleJson, mode, line)[..] else {
        panic!("{}", line.escape_ascii());
    };
    message.clone()
}

fn block(strings: &[&str]) -> Vec<u8> {
    let strings = strings.iter().map(|string| {
        let units: Vec<u8> = string.encode_utf16().flat_map(u16::to_be_bytes).collect();
        [&u32::try_from(units.len()).unwrap().to_be_bytes()[..], &units].concat()
    });
    let content: Vec<u8> = strings.flatten().collect();
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], &content].concat()
}

/// A message of a client in both modes: its type in the lenient mode, and the strict mode's error.
fn client(text: &str) -> (client::Message, DecodeError) {
    let strict = client::Message::parse(text, Mode::Strict).unwrap_err();
    (client::Message::parse(text, Mode::Lenient).unwrap(), strict)
}

fn server(text: &str) -> (server::Message, DecodeError) {
    let strict = server::Message::parse(text, Mode::Strict).unwrap_err();
    (server::Message::parse(text, Mode::Lenient).unwrap(), strict)
}

#[test]
fn objects_without_a_command_are_messages() {
    // The tests of FAF's server have this one.
    let header = block(&[r#"{"some_header": true}"#, "Goodbye"]);
    let [Ok(message)] = &read(Framing::QDataStream, Mode::Lenient, &header)[..] else { panic!() };
    assert_eq!(message.json().text(), r#"{"some_header":true,"legacy":["Goodbye"]}"#);
    assert_eq!(
        (message.command(), message.message().has_command(), message.is_truncated()),
        ("", false, false)
    );
    assert!(
        matches!(message.client(), Ok(client::Message::Unknown(unknown)) if unknown.command().is_empty())
    );
    for text in ["{}", r#"{"command":7}"#, r#"{"command":null,"target":"game","args":[1]}"#] {
        let message = one(Mode::Lenient, text.as_bytes());
        assert_eq!((message.command(), message.text()), ("", text));
        let unknown = Json::new(&message.server().unwrap()).unwrap();
        assert_eq!(unknown.text(), text, "forwarded unchanged");
        assert!(read(Framing::SimpleJson, Mode::Strict, format!("{text}\n").as_bytes())[0].is_err());
    }
    // Other values are not messages. The next line is.
    let lines = b"[1]\n{\"command\":\"ping\"}\n";
    for mode in [Mode::Strict, Mode::Lenient] {
        let given = read(Framing::SimpleJson, mode, lines);
        assert_eq!(given[0].as_ref().unwrap_err(), &wire::ErrorKind::NotAnObject.into());
        assert_eq!(given[1].as_ref().unwrap().command(), "ping");
    }
}

#[test]
fn fields_of_clients_are_converted_as_the_server_converts_them() {
    let (message, error) = client(r#"{"command":"hello","login":"Cat","password":12345,"unique_id":null}"#);
    let client::Message::Hello(hello) = message else { panic!() };
    assert_eq!((hello.password.reveal(), hello.unique_id.reveal()), ("12345", ""));
    assert_eq!((error.kind, &*error.field), (wire::ErrorKind::UnexpectedType.into(), "password"));

    for (value, expected) in
        [("\"true\"", true), ("1", true), ("0", false), ("\"\"", false), ("null", false), ("[]", false)]
    {
        let text = format!(
            r#"{{"command":"game_host","visibility":"public","password":12345,"rating_min":"1500.5","rating_max":"2000","enforce_rating_range":{value}}}"#
        );
        let (client::Message::GameHost(host), _) = client(&text) else { panic!() };
        // An optional field that is null is missing.
        assert_eq!(host.enforce_rating_range.unwrap_or(false), expected, "{value}");
        assert_eq!(host.rating_min, Some(Some(Number::Float(1500.5))));
        assert_eq!(host.rating_max, Some(Some(Number::Int(2000))));
        assert_eq!(host.password.unwrap().unwrap().reveal(), "12345");
    }

    let (client::Message::SocialAdd(add), error) =
        client(r#"{"command":"social_add","friend":"17","foe":null}"#)
    else {
        panic!()
    };
    assert_eq!((add.friend, add.foe), (Some(17), None));
    assert_eq!(&*error.field, "friend");

    for (value, expected) in [("\" 17 \"", 17), ("17.9", 17), ("-17.9", -17), ("true", 1), ("null", 0)] {
        let text = format!(r#"{{"command":"invite_to_party","recipient_id":{value}}}"#);
        let (client::Message::InviteToParty(invite), _) = client(&text) else { panic!() };
        assert_eq!(invite.recipient_id, expected, "{value}");
    }
    // What Python's int() rejects, and what the server misses.
    for (text, kind, field) in [
        (
            r#"{"command":"invite_to_party","recipient_id":"x"}"#,
            wire::ErrorKind::UnexpectedType,
            "recipient_id",
        ),
        (
            r#"{"command":"invite_to_party","recipient_id":NaN}"#,
            wire::ErrorKind::UnexpectedType,
            "recipient_id",
        ),
        (
            r#"{"command":"invite_to_party","recipient_id":1e19}"#,
            wire::ErrorKind::UnexpectedType,
            "recipient_id",
        ),
        (
            r#"{"command":"invite_to_party","recipient_id":[]}"#,
            wire::ErrorKind::UnexpectedType,
            "recipient_id",
        ),
        (
            r#"{"command":"hello","login":{},"password":"","unique_id":""}"#,
            wire::ErrorKind::UnexpectedType,
            "login",
        ),
        (r#"{"command":"game_join"}"#, wire::ErrorKind::MissingField, "uid"),
    ] {
        let error = client::Message::parse(text, Mode::Lenient).unwrap_err();
        assert_eq!((error.kind, &*error.field), (kind.into(), field), "{text}");
    }
}

#[test]
fn fields_of_servers_may_be_null_or_missing() {
    let (message, error) =
        server(r#"{"command":"game_info","uid":"7","title":null,"state":"open","teams_ids":null}"#);
    let server::Message::GameInfo(game) = message else { panic!() };
    assert_eq!((game.uid, &*game.title, &*game.state, &*game.rating_type), (7, "", "open", ""));
    assert_eq!((game.teams_ids, game.enforce_rating_range), (None, false));
    assert_eq!(error.command, "game_info");
    let (server::Message::GameInfoList(list), _) =
        server(r#"{"command":"game_info","games":[{"uid":1},null]}"#)
    else {
        panic!()
    };
    assert_eq!(list.games.iter().map(|game| game.uid).collect::<Vec<_>>(), [1, 0]);
    // The mode of the connection applies.
    let line = br#"{"command":"session","session":"4294967294"}"#;
    let message = one(Mode::Lenient, line).server().unwrap();
    assert!(matches!(message, server::Message::Session(session) if session.session == 4_294_967_294));
    let strict = &read(Framing::SimpleJson, Mode::Strict, &[&line[..], b"\n"].concat())[0];
    assert!(strict.as_ref().unwrap().server().is_err());
}

#[test]
fn the_arguments_of_commands_are_spread_as_python_does() {
    for (args, expected) in [
        ("\"a\\u00e9\"", vec![Arg::from("a"), Arg::from("é")]),
        (r#"{"a":1,"b":2,"a":3}"#, vec![Arg::from("a"), Arg::from("b")]),
        ("null", vec![]),
    ] {
        let text = format!(r#"{{"command":"Chat","args":{args},"target":"game"}}"#);
        let (client::Message::Game(command), error) = client(&text) else { panic!() };
        assert_eq!(command.args, expected, "{args}");
        assert_eq!(&*error.field, "args");
    }
    assert!(client::Message::parse(r#"{"command":"Chat","args":7,"target":"game"}"#, Mode::Lenient).is_err());
}

#[test]
fn an_ice_server_may_have_a_single_url_as_text() {
    let file = include_bytes!("cases/faf-ice-servers-urls-text.json");
    for mode in [Mode::Strict, Mode::Lenient] {
        let server::Message::IceServers(servers) = one(mode, file).server().unwrap() else { panic!() };
        let [ice] = &servers.ice_servers[..] else { panic!() };
        assert_eq!(ice.url.as_deref(), Some("stun:stun.example.org:3478"));
        assert_eq!(
            ice.urls.as_ref().map(Urls::as_slice),
            Some(&["stun:stun.example.org:3478".to_owned()][..])
        );
        let text = Json::new(&servers).unwrap();
        assert_eq!(text.text().as_bytes(), file.trim_ascii_end(), "the form is kept");
    }
    let many = r#"{"command":"ice_servers","ice_servers":[{"urls":["a","b"]},{"urls":null}]}"#;
    let server::Message::IceServers(servers) = server::Message::parse(many, Mode::Strict).unwrap() else {
        panic!()
    };
    assert_eq!(servers.ice_servers[0].urls, Some(vec!["a".to_owned(), "b".to_owned()].into()));
    assert_eq!(servers.ice_servers[1].urls, None);
}

#[test]
fn ratings_may_be_nan() {
    let file = include_bytes!("cases/faf-player-info-rating-nan.json");
    let server::Message::PlayerInfo(info) = one(Mode::Lenient, file).server().unwrap() else { panic!() };
    let rating = info.players[0].global_rating.as_ref().unwrap();
    assert_eq!(rating[0], Number::Int(1500));
    assert!(rating[1].get().is_nan());
    let refused = &read(Framing::SimpleJson, Mode::Strict, file)[0];
    assert_eq!(refused.as_ref().unwrap_err(), &wire::ErrorKind::NonFiniteNumber.into());
}

#[test]
fn a_string_that_is_not_utf8_affects_only_itself() {
    use gpgnet::{Connection, Messages};

    let file = include_bytes!("cases/gpgnet-chat-windows-1252.bin");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::new(std::io::Cursor::new(file.to_vec()));
        let mut commands = vec![];
        while let Some(command) = connection.read().await.unwrap() {
            commands.push(command);
        }
        let [lobby, chat, launching] = &commands[..] else { panic!("{commands:?}") };
        assert_eq!(lobby.as_borrowed().game().unwrap(), game::GameState { state: "Lobby" }.into());
        assert_eq!(launching.as_borrowed().game().unwrap(), game::GameState { state: "Launching" }.into());
        let Arg::RawText(text) = &chat.args[0] else { panic!("{chat:?}") };
        assert_eq!((text.bytes(), text.text()), (&b"caf\xe9"[..], "caf\u{fffd}"));
        assert_eq!(chat.args[0].text(), Some("caf\u{fffd}"));
        assert_eq!(chat.as_borrowed().game().unwrap(), game::Chat { text: "caf\u{fffd}" }.into());
        // Written again, it has its bytes; as a lobby message, it has its text.
        let again: Vec<u8> = commands.iter().flat_map(|command| gpgnet::to_vec(command).unwrap()).collect();
        assert_eq!(again, file);
        let mut line = bytes::BytesMut::new();
        Codec::new(Framing::SimpleJson).write(chat, &mut line).unwrap();
        assert_eq!(line, "{\"command\":\"Chat\",\"args\":[\"caf\\ufffd\"],\"target\":\"game\"}\n");

        // In the strict mode, only the command with the string is lost.
        let stream = std::io::Cursor::new(file.to_vec());
        let mut strict = Connection::with_framing(stream, Messages::new(Mode::Strict));
        assert_eq!(strict.read().await.unwrap().unwrap(), *lobby);
        let error = strict.read().await.unwrap_err().to_string();
        assert!(error.contains("UTF-8"), "{error}");
        assert_eq!(strict.read().await.unwrap().unwrap(), *launching);
        assert!(strict.read().await.unwrap().is_none());
    });
}

#[test]
fn an_invalid_name_of_a_command_affects_only_its_command() {
    let valid = gpgnet::to_vec(&game::GameState { state: "Lobby" }).unwrap();
    let stream = [&b"\x02\0\0\0G\xe9\0\0\0\0"[..], &valid].concat();
    for mode in [Mode::Strict, Mode::Lenient] {
        let mut decoder = FrameDecoder::new(gpgnet::Messages::new(mode), [0; 64]);
        decoder.push(&stream);
        let error = gpgnet::Message::read(decoder.next_frame().unwrap().unwrap(), mode).unwrap_err();
        assert_eq!(error.kind, wire::ErrorKind::Utf8.into());
        assert_eq!(decoder.next_frame().unwrap().unwrap(), valid);
    }
    // The kinds of GPGNet are not lost in the framing.
    let mut decoder = FrameDecoder::new(gpgnet::Messages::new(Mode::Strict), [0; 64]);
    decoder.push(b"\x01\0\0\0X\x01\0\0\0\x07");
    let error = decoder.next_frame().unwrap().unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::UnknownArgType, 9));
}

#[test]
fn invalid_text_in_a_lobby_message_affects_only_its_message() {
    let ping = r#"{"command":"ping"}"#;
    // The same byte in JSON lines.
    let lines = [b"{\"command\":\"Chat\",\"args\":[\"caf\xe9\"]}\n", ping.as_bytes(), b"\n"].concat();
    for mode in [Mode::Strict, Mode::Lenient] {
        let given = read(Framing::SimpleJson, mode, &lines);
        assert_eq!(given[0].as_ref().unwrap_err(), &wire::ErrorKind::Utf8.into());
        assert_eq!(given[1].as_ref().unwrap().command(), "ping");
    }
    // A lone surrogate in a block.
    let mut blocks = block(&[r#"{"command":"Chat?"}"#]);
    let question = blocks.windows(2).position(|unit| unit == [0, b'?']).unwrap();
    blocks[question] = 0xd8;
    blocks.extend(block(&[ping]));
    for mode in [Mode::Strict, Mode::Lenient] {
        let given = read(Framing::QDataStream, mode, &blocks);
        assert_eq!(given[0].as_ref().unwrap_err(), &wire::ErrorKind::Utf16.into());
        assert_eq!(given[1].as_ref().unwrap().command(), "ping");
    }
}

#[test]
fn malformed_json_rpc_affects_only_its_object() {
    let valid = r#"{"jsonrpc":"2.0","id":7,"result":"ok"}"#;
    for malformed in [
        &b"{\"method\":\"onIceMsg\",\"params\":[\"caf\xe9\"]}\n"[..],
        b"{\"method\":\"onIceMsg\n",
        b"{\"method\":\"onIceMsg\",\"params\":[1\n",
        b"{\"method\":\"onIceMsg\",\"params\":[1}\n",
        b"not JSON\n",
    ] {
        let stream = [malformed, valid.as_bytes(), b"\n"].concat();
        let mut decoder = FrameDecoder::new(Objects::new(256), [0; 300]);
        decoder.push(&stream);
        let mut objects = vec![];
        while let Some(object) = decoder.next_frame() {
            objects.push(object.unwrap().trim_ascii().to_vec());
        }
        assert_eq!(objects.len(), 2, "{}", malformed.escape_ascii());
        assert_eq!(objects[1], valid.as_bytes());
    }
}
