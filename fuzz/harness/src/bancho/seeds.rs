//! Seeds of the targets for osu! Bancho: the golden vectors, the captures, and inputs that these lack.

use super::bytes_of;
use crate::corpus::{files, fuzz_dir};
use lobbywire::bancho::{Codec, Outbox, Received, Side, Version};
use std::collections::BTreeSet;
use std::fs;

/// A stream that another implementation has written or accepted.
struct Sent {
    version: Version,
    side: Side,
    bytes: Vec<u8>,
    /// Its line of JSON, if it is a golden vector.
    json: Option<serde_json::Value>,
}

fn sent() -> Vec<Sent> {
    let repository = fuzz_dir().join("..");
    let mut all = Vec::new();
    for side in ["client", "server"] {
        let path = repository.join(format!("core/tests/golden/{side}.jsonl"));
        for line in fs::read_to_string(path).expect("the golden vectors").lines() {
            let json: serde_json::Value = serde_json::from_str(line).expect("a vector");
            let version =
                json["version"].as_str().and_then(|version| version.parse().ok()).expect("a version");
            let bytes = hex::decode(json["hex"].as_str().expect("bytes")).expect("hexadecimal");
            let side = if side == "client" { Side::Client } else { Side::Server };
            all.push(Sent { version, side, bytes, json: Some(json) });
        }
    }
    for (path, bytes) in files(&repository.join("examples/captures")).expect("the captures") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some((version, side)) = name.strip_suffix(".bin").and_then(|name| name.split_once('-')) {
            let side = if side == "client" { Side::Client } else { Side::Server };
            let version = version.parse().expect("a version");
            all.push(Sent { version, side, bytes: bytes[..bytes.len().min(1500)].to_vec(), json: None });
        }
    }
    all
}

/// The seeds of a target.
pub(crate) fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    let mut inputs = BTreeSet::new();
    let input = |version: Version, more: &[u8]| [&bytes_of(version), more].concat();
    match target {
        "names" => inputs.extend(named()),
        "chat_links" => inputs.extend(LINKS.map(|text| text.as_bytes().to_vec())),
        "scores" => inputs.extend(scores()),
        "custom_payload" => inputs.extend(custom_payload()),
        _ => {}
    }
    if target.ends_with("_stream") {
        // Frames that announce too long a payload: longer than the stream, than the smaller limits, and than any limit.
        for (build, len) in [300, 400, 1800].into_iter().flat_map(|build| {
            [1 << 8, (1 << 15) + 1, (1 << 16) + 1, u32::MAX].map(|len| (Version::from_build(build), len))
        }) {
            let header = |id: u16| {
                let flag: &[u8] = if build.header_len() == 7 { &[0] } else { &[] };
                [&id.to_le_bytes(), flag, &len.to_le_bytes()].concat()
            };
            let frames = [header(68), header(0), vec![0; 40]].concat();
            inputs.extend([0, 1, 2].map(|seed| input(build, &[&[seed], &frames[..]].concat())));
            // The whole payload, and a frame after it.
            if (len >> 15) == 1 {
                let whole = [header(0), vec![0; (1 << 15) + 1], vec![0; build.header_len()]].concat();
                inputs.insert(input(build, &[&[0], &whole[..]].concat()));
            }
        }
    }
    if target == "login" {
        inputs.extend(LOGINS.map(|text| text.as_bytes().to_vec()));
        inputs.insert(b"peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb394a|8|\xff\n".to_vec());
        inputs.insert([b'x'; 4200].to_vec());
        inputs.insert(b"peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n\x04\0\0\0\0\0\0".to_vec());
        inputs.insert(
            b"peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20130815.3cuttingedge|-5|1|a:1.2.:b:c:d:|0\n"
                .to_vec(),
        );
    }
    if target.ends_with("_packet") {
        // Packets of all kinds, from arbitrary bytes.
        for (version, kind) in
            Version::all().flat_map(|version| (0..=255u8).step_by(7).map(move |kind| (version, kind)))
        {
            inputs.insert(input(version, &[&[kind; 4][..], &[1, 2, 4, 0x0b, 1, b'a'].repeat(20)].concat()));
        }
    }
    for (index, Sent { version, side, bytes, json }) in sent().into_iter().enumerate() {
        let on_side = target.starts_with(if side == Side::Client { "client" } else { "server" });
        let number = u8::try_from(index % 251).unwrap_or(0);
        let other = Version::all().nth(index % Version::all().count()).unwrap_or(Version::LATEST);
        if target.ends_with("_stream") && on_side {
            inputs.insert(input(version, &[&[number][..], &bytes].concat()));
        }
        if target == "bridge" {
            let len = if side == Side::Client { bytes.len().min(usize::from(u16::MAX)) } else { 0 };
            let len = u16::try_from(len).unwrap_or(0).to_le_bytes();
            let (client, server) = if side == Side::Client { (version, other) } else { (other, version) };
            let versions = [bytes_of(client), bytes_of(server)].concat();
            inputs.insert([&versions, &[number][..], &len, &bytes].concat());
        }
        let (mut codec, mut stream) = (Codec::reading(side, version), bytes[..].into());
        while let Some(Ok(received)) = codec.next_packet(&mut stream) {
            let side = u8::from(side == Side::Server);
            let packet = [&received.wire_id().to_le_bytes()[..], received.payload()].concat();
            match target {
                "client_payload" | "server_payload" if on_side => {
                    inputs.insert(input(version, &packet));
                }
                "transcoding" => {
                    inputs.insert(input(version, &[&bytes_of(other)[..], &[side], &packet].concat()));
                }
                "json" => {
                    inputs.insert(input(version, &[&[side][..], &packet].concat()));
                    if let Some(json) = &json {
                        let line = serde_json::json!({ "packet": json["packet"], "data": json["data"] });
                        for line in [Some(line.to_string()), rewritten(&line, index)].into_iter().flatten() {
                            inputs.insert(input(version, line.as_bytes()));
                        }
                    }
                }
                "inflate" if received.is_compressed() => {
                    let member = &received.frame()[version.header_len()..];
                    inputs.insert([&[255][..], member].concat());
                }
                "bancho_packets" => inputs.extend(for_bancho_packets(&received)),
                _ => {}
            }
        }
    }
    inputs
}

/// A packet of any version, encoded in the latest one, if the crate `bancho-packets` reads its payload. Messages, score
/// frames and lists of ids have the same layout in both directions.
fn for_bancho_packets(received: &Received) -> Option<Vec<u8>> {
    let kind = match received.name() {
        "BanchoMessage" | "OsuMessage" | "OsuPrivateMessage" | "OsuSetIrcAwayMessage" => 0,
        "BanchoMatchScoreUpdate" | "OsuMatchScoreUpdate" => 1,
        "BanchoFriendsList" | "BanchoUserPresenceBundle" | "OsuPresenceRequest" | "OsuUserStatsRequest" => 2,
        _ => return None,
    };
    let mut out = Outbox::new(Version::LATEST);
    match received.side() {
        Side::Client => out.write(&received.client().ok()?).ok()?,
        Side::Server => out.write(&received.server().ok()?).ok()?,
    };
    let frame = out.take();
    Some([&[kind], frame.get(Version::LATEST.header_len()..)?].concat())
}

/// The same packet in JSON, in which values of some type are replaced by another notation or by an invalid value.
/// `way` selects the type and the replacement. `None` if nothing changes.
fn rewritten(json: &serde_json::Value, way: usize) -> Option<String> {
    fn change(value: &mut serde_json::Value, way: usize, is_outermost: bool) {
        use serde_json::{Value, json};
        const FLOATS: [&str; 5] = ["NaN", "Infinity", "-Infinity", "0x7ff8000000000001", "much"];
        *value = match value {
            Value::Object(_) if !is_outermost && way % 9 == 5 => Value::Null,
            Value::Object(_) if !is_outermost && way % 9 == 7 => json!(way),
            Value::Array(values) => return values.iter_mut().for_each(|value| change(value, way, false)),
            Value::Object(fields) => return fields.values_mut().for_each(|value| change(value, way, false)),
            Value::Bool(is) if way.is_multiple_of(7) => json!(u8::from(*is)),
            Value::Bool(is) if way % 7 == 1 => json!(-i32::from(*is)),
            Value::Bool(_) if way % 7 == 2 => json!("perhaps"),
            Value::Number(number) if way.is_multiple_of(5) => json!(number.as_f64()),
            Value::Number(number) if way % 5 == 1 => json!(number.as_f64().map(|number| number + 0.5)),
            Value::Number(number) if way % 5 == 2 && number.is_f64() => {
                json!({ "more": [1], "$float": FLOATS[way / 5 % FLOATS.len()] })
            }
            Value::Number(number) if way % 5 == 3 && number.is_f64() => json!(-40 + way as i64 % 80),
            Value::Number(_) if way % 11 == 4 => json!("one"),
            Value::Number(_) if way % 11 == 7 => json!(true),
            Value::Number(_) if way % 11 == 9 => json!(-1e40),
            Value::Number(_) if way % 23 == 10 => Value::Null,
            Value::String(text) if way % 6 == 5 => json!(text.repeat(30)),
            Value::String(_) if way % 17 == 6 => Value::Null,
            _ => return,
        };
    }
    let mut other = json.clone();
    change(&mut other["data"], way, true);
    (other != *json).then(|| other.to_string())
}

/// Valid and invalid names of everything that has names.
fn named() -> impl Iterator<Item = Vec<u8>> {
    let texts = [
        "b20130815.3cuttingedge",
        "b20121003shine.test",
        "b394a",
        "b1.12345",
        "b1.2.3",
        "b1 2",
        "b123456789",
        "beta",
        "b20250306.2_________________________",
        "HDHR",
        "hdhrxx",
        "NM",
        "DTNCK4",
        "HTCP",
        "ctb",
        "Mania",
        "std",
        "au",
        "Germany",
        "Unknown",
        "BanchoMessage",
        "OsuMatchJoin",
    ];
    // Modes, countries, builds and slots by number.
    let numbers = (0..=255u8).step_by(5).chain(0..4).flat_map(|number| {
        let build = 20_130_801u32.wrapping_add(u32::from(number) << 16).to_le_bytes();
        [vec![number], vec![number, number, 2], build.to_vec()]
    });
    texts.map(|text| text.as_bytes().to_vec()).into_iter().chain(numbers)
}

/// Links of both forms, nested links, and texts that are almost links.
const LINKS: [&str; 16] = [
    "is listening to [http://osu.ppy.sh/b/75 Kenji Ninuma - DISCO PRINCE [Normal]]",
    "see (here (new))[http://osu.ppy.sh]",
    "[http://x [http://y b]]",
    "[http://x [a [http://y b] c]",
    "[http://[http://y b]",
    "[http://x y][https://z w]",
    "[http://x]",
    "[http:// y]",
    "[http://x y [z",
    "(y [z (w)] (a [b]))[http://x]",
    "((y)[http://x])[http://z]",
    "(a)[http://b(c d)[http://x]",
    "(a)[http://(a)[http://",
    "(a (b (c)))[http://x]([a)])[http://x]",
    "(y)[http://](z)[http://w]",
    "(b)[http:// (a)[http://x]",
];

/// Valid logins of all client generations, and invalid ones.
const LOGINS: [&str; 14] = [
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20250306.2|8|1|d41d8cd98f00b204e9800998ecf8427e:0011.2233.:x:y:z:|1|a|b\n",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20130815|8|0|d41d8cd98f00b204e9800998ecf8427e:runningunderwine.:x:y:z:|0",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20120812|-3|0|d41d8cd98f00b204e9800998ecf8427e\r\n",
    "peppy \n5f4dcc3b5aa765d61d8327deb882cf99 \nb20250306.2 |8| 1|\ta:b: |0 \n",
    "$oauth\nZm9vYmFyLXRva2VuLW9mLW5vLXVzZXI\nb20250815|2|0|a:runningunderwine:b:c:d:|0\n",
    "$oauth\n \nb20250815|2\n",
    "Zm9v|b|$oauth|c|d",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf9\nb394a|8\n",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb394.12345|8\n",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb394.1.2|8\n",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\n394|8\n",
    "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20130815.3cuttingedge_and_more|8\n",
    "GET / HTTP/1.1\r\nHost: osu\r\n\r\n",
    "a\nb|c|d\ne|5f4dcc3b5aa765d61d8327deb882cf99",
];

/// Scores of every rank in every mode, as input of `arbitrary`.
fn scores() -> impl Iterator<Item = Vec<u8>> {
    let hits: [[u16; 6]; 9] = [
        [0; 6],
        [10, 0, 0, 0, 0, 0],
        [95, 5, 0, 9, 9, 0],
        [95, 4, 0, 9, 9, 1],
        [85, 15, 0, 0, 0, 0],
        [85, 14, 0, 0, 0, 1],
        [75, 25, 0, 0, 0, 0],
        [65, 34, 0, 0, 1, 1],
        [1, 2, 3, 4, 5, 6],
    ];
    let modes = (0..5u8).flat_map(|mode| [0u32, 8].map(|mods| (mode, mods)));
    modes.flat_map(move |(mode, mods)| {
        hits.map(|hits| {
            let hits = hits.map(u16::to_le_bytes);
            // Mode and mods; no checksum; time and id; hits; then the rest.
            [&[mode][..], &mods.to_le_bytes(), &[0], &[1, 0, 0, 0, 2], hits.as_flattened(), &[1; 24]].concat()
        })
    })
}

/// Every form with payloads that it can and cannot read.
fn custom_payload() -> impl Iterator<Item = Vec<u8>> {
    (0..=255u8).step_by(3).flat_map(|form| {
        let payloads: [&[u8]; 6] = [
            b"",
            b"\x0b\x03own\x01\x02\x03\x04\x05\x06\x07\x08\x09",
            b"\x01\x00\x00\x00\x0b\x02hi\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b"\xff\xff\xc0\x7f\xff\xff\xc0\x7f",
            b"own\x00\x0b\x02hi",
            b"\x00\x0b\x01a\x0b\x01b\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        ];
        let version =
            Version::all().nth(usize::from(form) % Version::all().count()).unwrap_or(Version::LATEST);
        payloads.map(|payload| [&bytes_of(version)[..], &[2, form, form.wrapping_add(1)], payload].concat())
    })
}
