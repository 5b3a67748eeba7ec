//! Single packets of each kind.

use crate::clock::Clock;
use crate::{inputs, ours, peer};
use std::hint::black_box;

pub(crate) fn run() {
    println!("\nsingle packets, times as fast as bancho-packets");
    println!("{:<12} {:>6} {:>8} {:>8}", "packet", "bytes", "decode", "encode");
    for (name, packet) in inputs::single_packets() {
        let bytes = inputs::bytes_of(&packet);
        let packets = std::slice::from_ref(&packet);
        let mut out = vec![0u8; bytes.len() * 2];
        let out = &mut out;
        let mut clock = Clock::default();
        clock.measure("decode: lobbywire", 1.0, || ours::decode(black_box(&bytes)));
        clock.measure("decode: bancho-packets", 1.0, || peer::decode(black_box(&bytes)));
        clock.measure("encode: lobbywire", 1.0, || ours::encode(black_box(packets), out));
        clock.measure("encode: bancho-packets", 1.0, || peer::encode(black_box(packets)));
        clock.run();
        println!(
            "{name:<12} {:>6} {:>8.2} {:>8.2}",
            bytes.len(),
            clock.factor("decode: lobbywire", "decode: bancho-packets"),
            clock.factor("encode: lobbywire", "encode: bancho-packets"),
        );
    }
}
