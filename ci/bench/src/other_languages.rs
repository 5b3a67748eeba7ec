//! Peers in Python and JavaScript, which time themselves on the same bytes.
//!
//! They are left out where they are not installed: `ci/bench.sh` installs them, and says with `PEERS_PYTHON` and
//! `NODE_PATH` where.

use crate::clock::Clock;
use crate::figures::{Direction, record};
use crate::{inputs, lazer, ours};
use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn run() {
    let (server, client) = (inputs::mixed_stream(), inputs::client_stream());
    let mut out = vec![0u8; server.bytes.len() * 2];
    let mut clock = Clock::default();
    clock.measure("server decode", 1000.0, || ours::decode(black_box(&server.bytes)));
    clock.measure("client decode", 1000.0, || ours::decode_client(black_box(&client.bytes)));
    clock.measure("server encode", 1000.0, || ours::encode(black_box(&server.packets), &mut out));
    clock.run();

    let folder = std::env::temp_dir().join(format!("lobbywire-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the peers' input");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a file for a peer");
        path
    };
    let json: Vec<String> =
        server.packets.iter().map(|packet| serde_json::to_string(packet).expect("JSON")).collect();
    let (server, client) = (file("server.bin", &server.bytes), file("client.bin", &client.bytes));
    let (json, call) = (file("server.json", json.join("\n").as_bytes()), file("call.bin", &lazer::frame()));

    let mut times = HashMap::new();
    if let Some(python) = std::env::var_os("PEERS_PYTHON") {
        let mut chio = Command::new(python);
        chio.args(["-c", include_str!("chio.py")]).args([&client, &json]);
        times.extend(timed(chio));
    }
    if std::env::var_os("NODE_PATH").is_some() {
        let mut node = Command::new("node");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/peers.cjs");
        node.arg(script).args([&server, &call]);
        times.extend(timed(node));
    }
    // What can't be removed is for whoever empties the folder.
    let _ = std::fs::remove_dir_all(&folder);

    println!("\npeers in other languages: their time over lobbywire's");
    println!("{:<42} {:>8} {:>8}", "peer", "decode", "encode");
    let signalr = lazer::times_of_a_frame();
    let (packets, frames) = ("Bancho, 1,000 mixed packets", lazer::WORK);
    for (name, peer, figure, decode, encode) in [
        (
            "chio, a client's side and a server's",
            "chio",
            (packets, "chio 1.1.21 (Python)"),
            clock.of("client decode"),
            clock.of("server encode"),
        ),
        (
            "osu-packet, a server's side",
            "osu-packet",
            (packets, "osu-packet 4.1.2 (JavaScript)"),
            clock.of("server decode"),
            clock.of("server encode"),
        ),
        (
            "signalr-protocol-msgpack, SendFrameData",
            "signalr",
            (frames, "signalr-protocol-msgpack 10.0.11 (JavaScript)"),
            signalr[0],
            signalr[1],
        ),
    ] {
        let of = |direction: &str, ours: f64| {
            let theirs = times.get(&format!("{peer} {direction}"));
            theirs.map_or("-".to_owned(), |theirs| format!("{:.0}", theirs / ours))
        };
        println!("{name:<42} {:>8} {:>8}", of("decode", decode), of("encode", encode));
        for (direction, key, ours) in [(Direction::Decode, "decode", decode), (Direction::Encode, "encode", encode)] {
            if let Some(theirs) = times.get(&format!("{peer} {key}")) {
                record(figure.0, figure.1, direction, theirs / ours);
            }
        }
    }
}

/// What a peer prints: what it did, and nanoseconds.
fn timed(mut command: Command) -> Vec<(String, f64)> {
    let output = command.stderr(Stdio::inherit()).output().expect("the peer runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text.lines().filter_map(|line| {
        let (name, nanoseconds) = line.rsplit_once(' ')?;
        Some((name.to_owned(), nanoseconds.parse().ok()?))
    });
    rows.collect()
}
