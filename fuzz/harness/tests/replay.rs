//! Replays all stored inputs on stable Rust, without libFuzzer.

use arbitrary::{Arbitrary, Unstructured};
use harness::bancho::version_of;
use harness::{Outcome, corpus, targets};
use lobbywire::bancho::{Encode, Version, client, server};
use std::collections::BTreeSet;

/// For how many stored inputs of each target its property holds at least, so that a property that silently stops applying
/// is noticed. About 90 % of today's numbers.
const HELD: &[(&str, usize)] = &[
    ("client_payload", 700),
    ("server_payload", 1000),
    ("client_packet", 2700),
    ("server_packet", 2800),
    ("client_stream", 320),
    ("server_stream", 530),
    ("transcoding", 2000),
    ("bridge", 2200),
    ("json", 2800),
    ("inflate", 180),
    ("login", 36),
    ("bancho_packets", 25),
    ("custom_payload", 410),
    ("chat_links", 14),
    ("names", 37),
    ("scores", 99),
    ("faf_stream", 400),
    ("qdatastream", 190),
    ("simple_json", 150),
    ("gpgnet", 98),
    ("faf_json", 140),
    ("utf16", 22),
    ("faf_replay", 20),
    ("lazer_spectator", 580),
    ("lazer_arguments", 3700),
    ("lazer_call", 810),
    ("signalr", 51),
    ("signalr_stream", 39),
    ("signalr_handshake", 60),
    ("signalr_arguments", 16),
    ("messagepack", 510),
    ("wire", 31),
    ("json_writer", 64),
];

#[test]
fn properties_hold_for_all_stored_inputs() {
    assert!(
        targets().map(|(_, (name, _))| name).eq(HELD.iter().map(|(name, _)| *name)),
        "HELD lists all targets"
    );
    for ((_, (target, run)), (_, expected)) in targets().zip(HELD) {
        let inputs = corpus::all(target).unwrap();
        let mut held = 0;
        for (name, input) in &inputs {
            // Shown if the target panics.
            println!("{target}: {name}");
            held += usize::from(run(input) == Outcome::Held);
        }
        assert!(held >= *expected, "{target}: held for only {held} of {} inputs", inputs.len());
    }
}

#[test]
fn stored_packets_cover_every_version() {
    let all: BTreeSet<_> = Version::all().map(Version::build).collect();
    let reached = |target: &str, is_written: fn(Version, &mut Unstructured<'_>) -> bool| {
        let inputs = corpus::all(target).unwrap();
        let versions = inputs.iter().filter_map(|(_, input)| version_of(input));
        versions
            .filter(|(version, rest)| is_written(*version, &mut Unstructured::new(rest)))
            .map(|(version, _)| version.build())
            .collect::<BTreeSet<_>>()
    };
    let client = reached("client_packet", |version, bytes| {
        client::Packet::arbitrary(bytes).is_ok_and(|packet| packet.wire_id(version).is_some())
    });
    let server = reached("server_packet", |version, bytes| {
        server::Packet::arbitrary(bytes).is_ok_and(|packet| packet.wire_id(version).is_some())
    });
    assert_eq!((&client, &server), (&all, &all));
}

#[test]
fn every_program_has_a_target_of_its_name() {
    let programs: BTreeSet<_> = corpus::files(&corpus::fuzz_dir().join("fuzz_targets"))
        .unwrap()
        .into_iter()
        .map(|(path, _)| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(programs, targets().map(|(_, (name, _))| name.to_owned()).collect());
}
