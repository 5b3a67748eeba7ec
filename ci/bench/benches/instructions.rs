//! Instruction counts of the codec, from callgrind. Unlike times, they do not depend on the load of the machine.
//!
//! `ci/bench.sh instructions` compares them with `instructions.json`.

use gungraun::{library_benchmark, library_benchmark_group, main};
use lobbywire_bench::inputs::{self, Packet, Stream};
use lobbywire_bench::{faf, lazer, ours};
use lobbywire_core::bancho::Version;
use std::hint::black_box;

/// A stream and a buffer to write it to, leaked so that freeing them is not counted.
type Input = (&'static Stream<Packet>, &'static mut [u8]);

fn leaked(stream: Stream<Packet>) -> Input {
    let out = vec![0; stream.bytes.len() * 2].leak();
    (Box::leak(Box::new(stream)), out)
}

fn mixed() -> Input {
    leaked(inputs::mixed_stream())
}

fn foreign() -> Input {
    leaked(inputs::foreign_stream())
}

fn single(name: &str) -> Input {
    leaked(inputs::stream_of(name))
}

fn old(build: u32) -> Input {
    leaked(inputs::stream_in(Version::from_build(build)))
}

#[library_benchmark]
#[bench::mixed(mixed())]
fn walk((stream, _): Input) -> u64 {
    ours::walk(black_box(&stream.bytes))
}

#[library_benchmark]
#[bench::mixed(mixed())]
#[bench::foreign(foreign())]
#[bench::message(single("message"))]
#[bench::stats(single("stats"))]
#[bench::game(single("match"))]
#[bench::frames(single("frames"))]
#[bench::presence(single("presence"))]
#[bench::ids(single("ids"))]
fn decode((stream, _): Input) -> u64 {
    ours::decode(black_box(&stream.bytes))
}

#[library_benchmark]
#[bench::mixed(mixed())]
fn decode_typed((stream, _): Input) -> u64 {
    ours::decode_typed(black_box(&stream.bytes))
}

#[library_benchmark]
#[bench::b1700(old(1700))]
fn decode_old((stream, _): Input) -> u64 {
    ours::decode_in(black_box(Version::from_build(1700)), black_box(&stream.bytes))
}

#[library_benchmark]
#[bench::mixed(mixed())]
#[bench::message(single("message"))]
#[bench::stats(single("stats"))]
#[bench::game(single("match"))]
#[bench::frames(single("frames"))]
#[bench::presence(single("presence"))]
#[bench::ids(single("ids"))]
fn encode((stream, out): Input) -> u64 {
    ours::encode(black_box(&stream.packets), out)
}

#[library_benchmark]
#[bench::b1700(old(1700))]
fn encode_old((stream, out): Input) -> u64 {
    ours::encode_in(black_box(Version::from_build(1700)), black_box(&stream.packets), out)
}

#[library_benchmark]
#[bench::same_layouts(old(20160404), transcoding(20160404, 20161101))]
#[bench::other_layouts(old(20130801), transcoding(20130801, 20250306))]
fn transcode((stream, out): Input, mut transcoding: ours::Transcoding) -> u64 {
    transcoding.transcode(black_box(&stream.bytes), out)
}

fn transcoding(from: u32, to: u32) -> ours::Transcoding {
    ours::Transcoding::new(Version::from_build(from), Version::from_build(to))
}

fn game_info() -> &'static mut faf::Work {
    Box::leak(Box::new(faf::work("game_info")))
}

#[library_benchmark]
#[bench::game_info(game_info())]
fn faf_block(work: &'static mut faf::Work) -> u64 {
    work.decode_block()
}

#[library_benchmark]
#[bench::game_info(game_info())]
fn faf_line(work: &'static mut faf::Work) -> u64 {
    work.decode_line()
}

#[library_benchmark]
#[bench::game_info(game_info())]
fn faf_forward(work: &'static mut faf::Work) -> u64 {
    work.forward()
}

#[library_benchmark]
#[bench::game_info(game_info())]
fn faf_typed_decode(work: &'static mut faf::Work) -> u64 {
    work.decode_typed()
}

#[library_benchmark]
#[bench::game_info(game_info())]
fn faf_typed_encode(work: &'static mut faf::Work) -> u64 {
    work.encode_typed()
}

fn call() -> &'static [u8] {
    lazer::frame().leak()
}

#[library_benchmark]
#[bench::send_frame_data(call())]
fn lazer_decode(frame: &'static [u8]) -> u64 {
    lazer::decode_frame(black_box(frame))
}

fn place() -> &'static mut [u8] {
    vec![0; 4096].leak()
}

#[library_benchmark]
#[bench::send_frame_data(place())]
fn lazer_encode(out: &'static mut [u8]) -> u64 {
    lazer::encode_frame(out)
}

library_benchmark_group!(
    name = bancho;
    benchmarks = walk, decode, decode_typed, decode_old, encode, encode_old, transcode
);
library_benchmark_group!(name = lobby; benchmarks = faf_block, faf_line, faf_forward, faf_typed_decode, faf_typed_encode);
library_benchmark_group!(name = hubs; benchmarks = lazer_decode, lazer_encode);
main!(library_benchmark_groups = bancho, lobby, hubs);
