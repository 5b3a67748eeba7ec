//! Microsoft's JavaScript client against our hubs, and its writers and parsers against our messages.
//!
//! Needs `node` and the packages of `tests/node/package.json`; `ci/node.sh` installs them and runs these tests.
#![cfg(all(feature = "signalr-client", feature = "signalr-server"))]

mod signalr;

use lobbywire::signalr::{
    Arguments, Buffer, CancelInvocation, Close, Completion, CompletionResult, Encoding, Headers, Invocation,
    Message, OwnedArguments, OwnedValue, Serde, ServerOptions, StreamIds, StreamInvocation, StreamItem, Text,
    Value,
};
use lobbywire::wire::{Json, JsonSyntax};
use serde_json::{Map, json};
use signalr::{Break, Proxy, lobby};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

const ENCODINGS: [Encoding; 2] = [Encoding::MessagePack, Encoding::Json];

fn node(script: &str, arguments: &[&str]) -> Child {
    Command::new("node")
        .arg(format!("{}/tests/node/{script}", env!("CARGO_MANIFEST_DIR")))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is installed; run ci/node.sh")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs node"]
async fn microsofts_client_works_with_our_hubs() {
    let server = lobby(ServerOptions::new().allow_stateful_reconnects(true));
    let proxy = Proxy::start(signalr::listen(&server).await).await;
    for scenario in ["calls", "streams", "groups", "authentication", "closed", "reconnects", "resumes"] {
        for encoding in ENCODINGS {
            let url = format!("http://{}", proxy.address);
            let mut client = node("client.js", &[&url, encoding.name(), scenario]);
            let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
            let mut is_done = false;
            let conversation = async {
                while let Some(line) = lines.next_line().await.unwrap() {
                    match line.as_str() {
                        "break" => proxy.break_all(Break::Both),
                        "done" => is_done = true,
                        other => println!("{other}"),
                    }
                }
                client.wait().await.unwrap()
            };
            let status = tokio::time::timeout(Duration::from_secs(60), conversation)
                .await
                .expect("the scenario ends in time");
            assert!(is_done && status.success(), "{scenario} in {}: {status}", encoding.name());
            signalr::until(|| server.clients().is_empty()).await;
            signalr::until(|| server.hub().streams() == 0).await;
            server.hub().wake();
        }
    }
    signalr::until(|| server.hub().connected() == server.hub().disconnected()).await;
}

/// A value as JSON.
fn to_json(value: Value<'_>) -> serde_json::Value {
    OwnedValue::from(value).read::<Serde<serde_json::Value>>().unwrap().0
}

/// A message as the object of Microsoft's client.
fn describe(message: &Message<'_>) -> serde_json::Value {
    let mut object = Map::new();
    object.insert("type".into(), message.kind().into());
    let mut text = |name: &str, text: Option<Text<'_>>| {
        if let Some(text) = text {
            object.insert(name.into(), text.to_string().into());
        }
    };
    let (headers, call) = match message {
        Message::Invocation(call) => {
            text("invocationId", call.invocation_id);
            text("target", Some(call.target));
            (Some(call.headers), Some((call.arguments, call.stream_ids)))
        }
        Message::StreamInvocation(call) => {
            text("invocationId", Some(call.invocation_id));
            text("target", Some(call.target));
            (Some(call.headers), Some((call.arguments, call.stream_ids)))
        }
        Message::StreamItem(item) => {
            text("invocationId", Some(item.invocation_id));
            object.insert("item".into(), to_json(item.item));
            (Some(item.headers), None)
        }
        Message::Completion(completion) => {
            text("invocationId", Some(completion.invocation_id));
            match completion.result {
                CompletionResult::Error(error) => text("error", Some(error)),
                CompletionResult::Void => {}
                CompletionResult::Result(value) => drop(object.insert("result".into(), to_json(value))),
            }
            (Some(completion.headers), None)
        }
        Message::CancelInvocation(cancel) => {
            text("invocationId", Some(cancel.invocation_id));
            (Some(cancel.headers), None)
        }
        Message::Close(close) => {
            text("error", close.error);
            object.insert("allowReconnect".into(), close.allow_reconnect.into());
            (None, None)
        }
        Message::Ack { sequence_id } | Message::Sequence { sequence_id } => {
            object.insert("sequenceId".into(), (*sequence_id).into());
            (None, None)
        }
        _ => (None, None),
    };
    if let Some(headers) = headers {
        let pairs = headers.iter().map(Result::unwrap);
        let pairs: Map<_, _> =
            pairs.map(|(name, value)| (name.to_string(), value.to_string().into())).collect();
        object.insert("headers".into(), pairs.into());
    }
    if let Some((arguments, stream_ids)) = call {
        let arguments: Vec<_> = arguments.values().map(|value| to_json(value.unwrap())).collect();
        let stream_ids: Vec<_> = stream_ids.iter().map(|id| id.to_string()).collect();
        object.insert("arguments".into(), arguments.into());
        object.insert("streamIds".into(), stream_ids.into());
    }
    object.into()
}

/// Encodes a list of arguments.
fn arguments(list: &serde_json::Value, encoding: Encoding) -> OwnedArguments {
    if encoding == Encoding::Json {
        let text = list.to_string();
        return OwnedArguments::json(Json::parse(&text, JsonSyntax::STRICT).unwrap()).unwrap();
    }
    let list = list.as_array().unwrap();
    let values = list.iter().map(|value| OwnedValue::of(&Serde(value), encoding).unwrap());
    OwnedArguments::messagepack(
        list.len(),
        values.flat_map(|value| value.bytes().to_vec()).collect::<Vec<_>>(),
    )
}

fn write(message: &Message<'_>, encoding: Encoding) -> Vec<u8> {
    let mut out = Buffer::new();
    message.write(&mut out, encoding).unwrap();
    out.as_slice().to_vec()
}

/// Encodes the object of Microsoft's client.
fn compose(message: &serde_json::Value, encoding: Encoding) -> Vec<u8> {
    let text = |name: &str| message[name].as_str();
    let plain = |name: &str| Text::Plain(text(name).unwrap());
    let pairs: Vec<_> = message["headers"].as_object().into_iter().flatten().collect();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let headers = if pairs.is_empty() { Headers::None } else { Headers::Listed(&pairs) };
    let ids: Vec<_> =
        message["streamIds"].as_array().into_iter().flatten().map(|id| id.as_str().unwrap()).collect();
    let stream_ids = StreamIds::Listed(&ids);
    let value = |name: &str| OwnedValue::of(&Serde(&message[name]), encoding).unwrap();
    let call = arguments(message.get("arguments").unwrap_or(&json!([])), encoding);
    let arguments: Arguments<'_> = call.as_arguments();
    let sequence_id = message["sequenceId"].as_i64().unwrap_or_default();
    let (item, result) = (value("item"), value("result"));
    let invocation_id = || plain("invocationId");
    let message = match message["type"].as_i64().unwrap() {
        1 => Message::Invocation(Invocation {
            headers,
            invocation_id: text("invocationId").map(Text::Plain),
            target: plain("target"),
            arguments,
            stream_ids,
        }),
        2 => {
            Message::StreamItem(StreamItem { headers, invocation_id: invocation_id(), item: item.as_value() })
        }
        3 => {
            let result = match text("error") {
                Some(error) => CompletionResult::Error(Text::Plain(error)),
                None if message.get("result").is_some() => CompletionResult::Result(result.as_value()),
                None => CompletionResult::Void,
            };
            Message::Completion(Completion { headers, invocation_id: invocation_id(), result })
        }
        4 => Message::StreamInvocation(StreamInvocation {
            headers,
            invocation_id: invocation_id(),
            target: plain("target"),
            arguments,
            stream_ids,
        }),
        5 => Message::CancelInvocation(CancelInvocation { headers, invocation_id: invocation_id() }),
        6 => Message::Ping,
        7 => Message::Close(Close {
            error: text("error").map(Text::Plain),
            allow_reconnect: message["allowReconnect"].as_bool().unwrap(),
        }),
        8 => Message::Ack { sequence_id },
        _ => Message::Sequence { sequence_id },
    };
    write(&message, encoding)
}

#[tokio::test]
#[ignore = "needs node"]
async fn microsofts_writers_and_parsers_agree_with_ours() {
    const COUNT: usize = 5000;
    for encoding in ENCODINGS {
        let mut peer = node("protocol.js", &[encoding.name(), "20261125", &COUNT.to_string()]);
        let mut input = peer.stdin.take().unwrap();
        let mut lines = BufReader::new(peer.stdout.take().unwrap()).lines();
        let mut kinds = [0usize; 10];
        for _ in 0..COUNT {
            let line = lines.next_line().await.unwrap().expect("the script writes a line for each message");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            let frame = base64(line["frame"].as_str().unwrap());
            let message = Message::read(&frame, encoding).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(describe(&message), line["written"], "{line}");
            kinds[usize::try_from(message.kind()).unwrap()] += 1;
            for frame in [write(&message, encoding), compose(&line["wanted"], encoding)] {
                input.write_all(format!("{}\n", to_base64(&frame)).as_bytes()).await.unwrap();
            }
        }
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("done"));
        assert!(peer.wait().await.unwrap().success());
        assert!(kinds[1..].iter().all(|count| *count > COUNT / 20), "{kinds:?}");
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|digit| ALPHABET.iter().position(|of| *of == digit));
    let digits: Vec<u32> = digits.map(|digit| digit as u32).collect();
    let groups = digits.chunks(4).map(|chunk| {
        let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        bits.to_be_bytes()[1..chunk.len()].to_vec()
    });
    groups.flatten().collect()
}
