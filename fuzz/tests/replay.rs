//! Every stored input is replayed through its target, on stable Rust and without libFuzzer.

use arbitrary::{Arbitrary, Unstructured};
use lobbywire::bancho::{Encode, Version, client, server};
use lobbywire_fuzz::bancho::version_of;
use lobbywire_fuzz::{corpus, targets};
use std::collections::BTreeSet;

#[test]
fn every_input_of_every_target_is_held() {
    for (_, (target, run)) in targets() {
        let inputs = corpus::all(target).unwrap();
        assert!(!inputs.is_empty(), "{target} has nothing to start from");
        for (name, input) in inputs {
            // Printed where the target panics.
            println!("{target}: {name}");
            run(&input);
        }
    }
}

#[test]
fn every_version_is_reached_by_packets_of_both_sides() {
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
    assert_eq!(all.len(), 75);
    for target in ["client_payload", "server_payload", "client_stream", "server_stream", "transcoding"] {
        let versions = corpus::all(target).unwrap().iter().filter_map(|(_, input)| version_of(input)).count();
        assert!(versions > 75, "{target}");
    }
}

#[test]
fn every_program_is_a_target_and_the_other_way_round() {
    let programs: BTreeSet<_> = corpus::files(&corpus::home().join("fuzz_targets"))
        .unwrap()
        .into_iter()
        .map(|(path, _)| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(programs, targets().map(|(_, (name, _))| name.to_owned()).collect());
}
