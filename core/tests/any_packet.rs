//! Packets that say anything keep the laws in every version.

mod bytes;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Numbers;
use lobbywire_core::bancho::laws::{self, Broken, Buffers};
use lobbywire_core::bancho::{Version, client, server};
use std::collections::BTreeMap;

/// How many packets, and in which of the versions: in Miri, which takes a thousand times as long, a few.
const PACKETS: usize = if cfg!(miri) { 40 } else { 20_000 };
const EACH_VERSION: usize = if cfg!(miri) { 11 } else { 1 };
const ROOM: usize = if cfg!(miri) { 1 << 10 } else { 1 << 13 };

/// Bytes of which packets are made: mostly small ones, and the marks of strings.
fn random(numbers: &mut Numbers, len: usize) -> Vec<u8> {
    (0..len).map(|_| [0, 0x0b, 1, 2, b'a', 0xff, numbers.below(256) as u8][numbers.below(7)]).collect()
}

/// Makes packets of random bytes, holds them to a law in every version, and gives the laws that were broken.
fn broken<'a, P: Arbitrary<'a> + std::fmt::Debug>(
    bytes: &'a [Vec<u8>],
    law: impl Fn(Version, &P, &mut Buffers<'_>) -> Result<(), Broken>,
) -> BTreeMap<String, String> {
    let (mut first, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    let mut buffers = Buffers { first: &mut first, second: &mut second };
    let mut found = BTreeMap::new();
    for bytes in bytes {
        let packet = P::arbitrary(&mut Unstructured::new(bytes)).unwrap();
        for version in Version::all().step_by(EACH_VERSION) {
            if let Err(broken) = law(version, &packet, &mut buffers) {
                let name = format!("{} ({})", broken.law, broken.packet);
                found.entry(name).or_insert(format!("{broken}: {packet:?}"));
            }
        }
    }
    found
}

#[test]
fn any_packet_keeps_the_laws_in_every_version() {
    let mut numbers = Numbers(29);
    let bytes: Vec<_> = (0..PACKETS)
        .map(|_| {
            let len = numbers.below(400);
            random(&mut numbers, len)
        })
        .collect();
    let mut found = broken::<client::Packet<'_>>(&bytes, |version, packet, buffers| {
        laws::client_packet(version, packet, buffers)
    });
    found.extend(broken::<server::Packet<'_>>(&bytes, |version, packet, buffers| {
        laws::server_packet(version, packet, buffers)
    }));
    for (law, example) in &found {
        println!("{law}\n    {example}");
    }
    assert!(found.is_empty(), "{} laws are broken", found.len());
}
