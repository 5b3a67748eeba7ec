//! Speed, as ratios against a peer and against physical limits, all measured in one run.
//!
//! Nothing here is a test, and no time is compared with a stored one. *Decoded* means that every
//! field was read: strings checked as UTF-8, every frame and every id visited.

mod clock;
mod faf;
mod inputs;
mod lazer;
mod ours;
mod peer;

use clock::Clock;
use std::hint::black_box;

/// How often a profiler sees the stream.
const ROUNDS: usize = 2000;

fn main() {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next().as_deref(), args.next().as_deref()) {
        (None, ..) => {}
        (Some("faf"), Some(work), Some(name)) => {
            black_box(faf::once(work, name));
            return;
        }
        (Some("faf"), ..) => return faf::run(),
        (Some("lazer"), Some(work), _) => {
            black_box(lazer::once(work));
            return;
        }
        (Some("lazer"), ..) => return lazer::run(),
        (Some(kind), single, _) => return once(kind, single),
    }
    let mixed = inputs::mixed_stream();
    let frames = mixed.packets.len() as f64;
    println!("{} packets in {} bytes, in a fixed shuffle\n", mixed.packets.len(), mixed.bytes.len());

    let (mut copy, mut out) = (mixed.bytes.clone(), vec![0u8; mixed.bytes.len() * 2]);
    let spans = inputs::text_spans(&mixed.bytes);
    let mut clock = Clock::default();

    clock.measure("memcpy", frames, || copy.copy_from_slice(black_box(&mixed.bytes)));
    clock.measure("walk over the frames", frames, || ours::walk(black_box(&mixed.bytes)));
    clock.measure("from_utf8 over the strings", frames, || {
        inputs::check_spans(black_box(&mixed.bytes), &spans)
    });
    clock.measure("decode: lobbywire, enum", frames, || ours::decode(black_box(&mixed.bytes)));
    clock.measure("decode: lobbywire, typed", frames, || ours::decode_typed(black_box(&mixed.bytes)));
    clock.measure("decode: bancho-packets", frames, || peer::decode(black_box(&mixed.bytes)));
    clock.measure("encode: lobbywire", frames, || ours::encode(black_box(&mixed.packets), &mut out));
    clock.measure("encode: bancho-packets", frames, || peer::encode(black_box(&mixed.packets)));
    clock.run();
    clock.table();
    clock.ratio("decode, of bancho-packets' time", "decode: lobbywire, enum", &["decode: bancho-packets"]);
    clock.ratio(
        "decode, of walk + UTF-8 check",
        "decode: lobbywire, enum",
        &["walk over the frames", "from_utf8 over the strings"],
    );
    clock.ratio("encode, of bancho-packets' time", "encode: lobbywire", &["encode: bancho-packets"]);
    clock.ratio("encode, of memcpy", "encode: lobbywire", &["memcpy"]);

    println!("\nsingle packets: bancho-packets' time over lobbywire's");
    println!("{:<12} {:>6} {:>8} {:>8}", "packet", "bytes", "decode", "encode");
    for (name, packet) in inputs::single_packets() {
        let bytes = inputs::bytes_of(std::slice::from_ref(&packet));
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
            clock.of("decode: bancho-packets") / clock.of("decode: lobbywire"),
            clock.of("encode: bancho-packets") / clock.of("encode: lobbywire"),
        );
    }
    faf::run();
    lazer::run();
}

/// Does one piece of work many times, for a profiler: on the mixed stream, or on a thousand of one
/// kind of packet.
fn once(work: &str, single: Option<&str>) {
    let stream = match single {
        Some(name) => inputs::stream_of(name),
        None => inputs::mixed_stream(),
    };
    let mut out = vec![0u8; stream.bytes.len() * 2];
    let spans = inputs::text_spans(&stream.bytes);
    for _ in 0..std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS) {
        match work {
            "walk" => black_box(ours::walk(black_box(&stream.bytes))),
            "utf8" => black_box(inputs::check_spans(black_box(&stream.bytes), &spans)),
            "peer" => black_box(peer::decode(black_box(&stream.bytes))),
            "decode" => black_box(ours::decode(black_box(&stream.bytes))),
            "typed" => black_box(ours::decode_typed(black_box(&stream.bytes))),
            "encode" => black_box(ours::encode(black_box(&stream.packets), &mut out)),
            _ => return,
        };
    }
}
