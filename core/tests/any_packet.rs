//! Generated packets satisfy the properties in every version.

mod bytes;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Numbers;
use lobbywire_core::bancho::laws::{self, Broken, Buffers, Outcome};
use lobbywire_core::bancho::{Version, client, server};
use std::collections::BTreeMap;

/// The number of packets, and the versions: few in Miri, which is a thousand times slower.
const PACKETS: usize = if cfg!(miri) { 40 } else { 20_000 };
const EACH_VERSION: usize = if cfg!(miri) { 11 } else { 1 };
const ROOM: usize = if cfg!(miri) { 1 << 10 } else { 1 << 13 };

/// Random input for `arbitrary`: mostly small numbers and string markers.
fn random(numbers: &mut Numbers, len: usize) -> Vec<u8> {
    (0..len).map(|_| [0, 0x0b, 1, 2, b'a', 0xff, numbers.below(256) as u8][numbers.below(7)]).collect()
}

/// Checks a property of the packets that `arbitrary` generates from each input, in every version. Returns how many
/// times it held, and an example of each violation.
fn check<'a, P: Arbitrary<'a> + std::fmt::Debug>(
    bytes: &'a [Vec<u8>],
    property: impl Fn(Version, &P, &mut Buffers<'_>) -> Result<Outcome, Broken>,
) -> (usize, BTreeMap<String, String>) {
    let (mut first, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    let mut buffers = Buffers { first: &mut first, second: &mut second };
    let (mut held, mut found) = (0, BTreeMap::new());
    for bytes in bytes {
        let packet = P::arbitrary(&mut Unstructured::new(bytes)).unwrap();
        for version in Version::all().step_by(EACH_VERSION) {
            match property(version, &packet, &mut buffers) {
                Ok(Outcome::Held) => held += 1,
                Ok(Outcome::Skipped) => {}
                Err(broken) => {
                    let name = format!("{} ({})", broken.law, broken.packet);
                    found.entry(name).or_insert(format!("{broken}: {packet:?}"));
                }
            }
        }
    }
    (held, found)
}

#[test]
fn generated_packets_satisfy_the_properties_in_every_version() {
    let mut numbers = Numbers(29);
    let bytes: Vec<_> = (0..PACKETS)
        .map(|_| {
            let len = numbers.below(400);
            random(&mut numbers, len)
        })
        .collect();
    let (held_client, mut found) = check::<client::Packet<'_>>(&bytes, |version, packet, buffers| {
        laws::client_packet(version, packet, buffers)
    });
    let (held_server, of_server) = check::<server::Packet<'_>>(&bytes, |version, packet, buffers| {
        laws::server_packet(version, packet, buffers)
    });
    found.extend(of_server);
    for (property, example) in &found {
        println!("{property}\n    {example}");
    }
    assert!(found.is_empty(), "{} properties are violated", found.len());
    // Most versions have most packets.
    let checked = PACKETS * Version::all().step_by(EACH_VERSION).count();
    assert!(
        held_client > checked / 2 && held_server > checked / 2,
        "{held_client} {held_server} of {checked}"
    );
}
