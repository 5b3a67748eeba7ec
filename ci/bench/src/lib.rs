//! Benchmarks: ratios to peers and to physical limits, measured in the same run.
//!
//! Times are printed, not tested. Only instruction counts (`benches/instructions.rs`) are compared with stored ones.
//! *Decode* reads every field: strings are checked as UTF-8, and lists are visited.

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
pub use figures::Figures;
use std::hint::black_box;

const BANCHO_PACKETS: &str = "bancho-packets 5.3.1 (Rust)";

/// Prints all tables. `optimized` is this program with link-time optimization of all crates.
pub fn run(optimized: Option<&str>) -> Figures {
    let mut figures = Figures::default();
    mixed(&mut figures);
    random_order(&mut figures);
    single::run();
    versions::run();
    streams::run();
    if let Some(program) = optimized {
        optimized::run(program);
    }
    other_languages::run(&mut figures);
    lazer::run(&mut figures);
    faf::run(&mut figures);
    figures
}

fn mixed(figures: &mut Figures) {
    let mixed = inputs::mixed_stream();
    let frames = mixed.packets.len() as f64;
    println!(
        "{} server packets with {} bytes, in a fixed random order\n",
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
    let factors = [
        clock.factor("decode: lobbywire, enum", "decode: bancho-packets"),
        clock.factor("encode: lobbywire", "encode: bancho-packets"),
    ];
    figures.add("Bancho, 1,000 mixed packets", BANCHO_PACKETS, factors);
    clock.print_factor("decode, bancho-packets", "decode: lobbywire, enum", "decode: bancho-packets");
    clock.print_multiple(
        "decode, walk + UTF-8 check",
        "decode: lobbywire, enum",
        &["walk over the frames", "from_utf8 over the strings"],
    );
    clock.print_factor("encode, bancho-packets", "encode: lobbywire", "encode: bancho-packets");
    clock.print_multiple("encode, memcpy", "encode: lobbywire", &["memcpy"]);

    let foreign = inputs::foreign_stream();
    let spans = inputs::text_spans(&foreign.bytes);
    let mut clock = Clock::default();
    clock.measure("walk", frames, || ours::walk(black_box(&foreign.bytes)));
    clock.measure("from_utf8", frames, || inputs::check_spans(black_box(&foreign.bytes), &spans));
    clock.measure("lobbywire", frames, || ours::decode(black_box(&foreign.bytes)));
    clock.measure("bancho-packets", frames, || peer::decode(black_box(&foreign.bytes)));
    clock.run();
    println!("\nwithout ASCII texts");
    clock.print_factor("decode, bancho-packets", "lobbywire", "bancho-packets");
    clock.print_multiple("decode, walk + UTF-8 check", "lobbywire", &["walk", "from_utf8"]);
}

/// A random order that is too long for the branch predictor, which learns that of 1,000 packets.
fn random_order(figures: &mut Figures) {
    const COUNT: usize = 200_000;
    let (mixed, long) = (inputs::mixed_stream(), inputs::long_stream(COUNT));
    let order = inputs::random_order(COUNT, mixed.packets.len());
    // The output buffer is reused, so memory bandwidth is not measured.
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
    clock.print_factor("decode, bancho-packets", "decode: lobbywire", "decode: bancho-packets");
    clock.print_factor("encode, bancho-packets", "encode: lobbywire", "encode: bancho-packets");
    let factors = [
        clock.factor("decode: lobbywire", "decode: bancho-packets"),
        clock.factor("encode: lobbywire", "encode: bancho-packets"),
    ];
    figures.add("Bancho, 200,000 packets in random order", BANCHO_PACKETS, factors);
}

/// Nanoseconds per packet of the mix, for decoding and encoding.
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
