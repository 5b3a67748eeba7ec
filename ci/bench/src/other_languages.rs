//! Peers in Python and JavaScript, which measure themselves on the same bytes.
//!
//! `ci/bench.sh` installs them and sets `PEERS_PYTHON` and `NODE_PATH`. Without these variables they are skipped.

use crate::clock::Clock;
use crate::{Figures, inputs, lazer, ours};
use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn run(figures: &mut Figures) {
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
    // A leftover file does no harm.
    let _ = std::fs::remove_dir_all(&folder);

    println!("\npeers in other languages, times as fast as");
    println!("{:<46} {:>8} {:>8}", "peer", "decode", "encode");
    let signalr = lazer::times_of_a_frame();
    let mixed = "Bancho, 1,000 mixed packets";
    for (work, name, peer, ours) in [
        (
            mixed,
            "osu-packet 4.1.2 (JavaScript)",
            "osu-packet",
            [clock.of("server decode"), clock.of("server encode")],
        ),
        // chio decodes what clients send and encodes what servers send.
        (mixed, "chio 1.1.21 (Python)", "chio", [clock.of("client decode"), clock.of("server encode")]),
        (lazer::WORK, "signalr-protocol-msgpack 10.0.11 (JavaScript)", "signalr", signalr),
    ] {
        let of = |direction: &str| times.get(&format!("{peer} {direction}")).copied().unwrap_or(f64::NAN);
        let factors = [of("decode") / ours[0], of("encode") / ours[1]];
        println!("{name:<46} {:>8.0} {:>8.0}", factors[0], factors[1]);
        if factors.iter().any(|factor| !factor.is_nan()) {
            figures.add(work, name, factors);
        }
    }
}

/// The names and nanoseconds that a peer prints.
fn timed(mut command: Command) -> Vec<(String, f64)> {
    let output = command.stderr(Stdio::inherit()).output().expect("the peer runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text.lines().filter_map(|line| {
        let (name, nanoseconds) = line.rsplit_once(' ')?;
        Some((name.to_owned(), nanoseconds.parse().ok()?))
    });
    rows.collect()
}
