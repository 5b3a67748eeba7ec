//! Speed, as ratios against peers and against physical limits, all measured in one run.
//!
//! Nothing here is a test, and no time is compared with a stored one; instructions are
//! (`benches/instructions.rs`). *Decoded* means that every field was read: strings checked as UTF-8, every frame and
//! every id visited.

mod clock;
pub mod faf;
mod figures;
pub mod inputs;
pub mod lazer;
mod optimized;
mod other_languages;
pub mod ours;
mod peer;
mod single;
mod streams;
mod versions;

use clock::Clock;
use figures::{Direction, record};
use std::hint::black_box;

/// Prints all tables. `optimized` is this program, built with link-time optimization over all crates.
///
/// Writes the figures for `docs/performance.csv` to the path `figures`.
pub fn run(optimized: Option<&str>, figures: Option<&str>) {
    mixed();
    random_order();
    single::run();
    versions::run();
    streams::run();
    if let Some(program) = optimized {
        optimized::run(program);
    }
    other_languages::run();
    faf::run();
    lazer::run();
    if let Some(path) = figures {
        figures::save(path).expect("a writable path for the figures");
    }
}

const BANCHO_PACKETS: &str = "bancho-packets 5.3.1 (Rust)";

fn mixed() {
    let mixed = inputs::mixed_stream();
    let frames = mixed.packets.len() as f64;
    println!(
        "{} packets of a server in {} bytes, in a fixed shuffle\n",
        mixed.packets.len(),
        mixed.bytes.len()
    );

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
    for (direction, ours, theirs) in [
        (Direction::Decode, "decode: lobbywire, enum", "decode: bancho-packets"),
        (Direction::Encode, "encode: lobbywire", "encode: bancho-packets"),
    ] {
        record("Bancho, 1,000 mixed packets", BANCHO_PACKETS, direction, clock.of(theirs) / clock.of(ours));
    }

    let foreign = inputs::foreign_stream();
    let spans = inputs::text_spans(&foreign.bytes);
    let mut clock = Clock::default();
    clock.measure("walk", frames, || ours::walk(black_box(&foreign.bytes)));
    clock.measure("from_utf8", frames, || inputs::check_spans(black_box(&foreign.bytes), &spans));
    clock.measure("lobbywire", frames, || ours::decode(black_box(&foreign.bytes)));
    clock.measure("bancho-packets", frames, || peer::decode(black_box(&foreign.bytes)));
    clock.run();
    println!("\nwhere no text is ASCII:");
    clock.ratio("decode, of bancho-packets' time", "lobbywire", &["bancho-packets"]);
    clock.ratio("decode, of walk + UTF-8 check", "lobbywire", &["walk", "from_utf8"]);
}

/// What nobody can learn by heart: the order of a thousand packets comes back soon enough for the branch predictor.
fn random_order() {
    const COUNT: usize = 200_000;
    let (mixed, long) = (inputs::mixed_stream(), inputs::long_stream(COUNT));
    let order = inputs::random_order(COUNT, mixed.packets.len());
    // Written is to one place again and again: this is not about memory.
    let mut out = vec![0u8; mixed.bytes.len() * 2];
    let mut clock = Clock::default();
    clock.measure("decode: lobbywire", COUNT as f64, || ours::decode(black_box(&long)));
    clock.measure("decode: bancho-packets", COUNT as f64, || peer::decode(black_box(&long)));
    clock.measure("encode: lobbywire", COUNT as f64, || {
        order
            .chunks(1000)
            .map(|order| ours::encode_picked(black_box(&mixed.packets), order, &mut out))
            .sum::<u64>()
    });
    clock.measure("encode: bancho-packets", COUNT as f64, || {
        order.chunks(1000).map(|order| peer::encode_picked(black_box(&mixed.packets), order)).sum::<u64>()
    });
    clock.run();
    println!("\n{COUNT} packets in random order");
    clock.ratio("decode, of bancho-packets' time", "decode: lobbywire", &["decode: bancho-packets"]);
    clock.ratio("encode, of bancho-packets' time", "encode: lobbywire", &["encode: bancho-packets"]);
    for (direction, ours, theirs) in [
        (Direction::Decode, "decode: lobbywire", "decode: bancho-packets"),
        (Direction::Encode, "encode: lobbywire", "encode: bancho-packets"),
    ] {
        let work = "Bancho, 200,000 packets in random order";
        record(work, BANCHO_PACKETS, direction, clock.of(theirs) / clock.of(ours));
    }
}

/// Nanoseconds a packet of the mix, to decode and to encode it.
pub fn times() -> [f64; 2] {
    let mixed = inputs::mixed_stream();
    let frames = mixed.packets.len() as f64;
    let mut out = vec![0u8; mixed.bytes.len() * 2];
    let mut clock = Clock::default();
    clock.measure("decode", frames, || ours::decode(black_box(&mixed.bytes)));
    clock.measure("encode", frames, || ours::encode(black_box(&mixed.packets), &mut out));
    clock.run();
    [clock.of("decode"), clock.of("encode")]
}
