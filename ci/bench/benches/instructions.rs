//! Runs one benchmark of the codec, for callgrind to count the instructions of [`measured`]. Unlike times, they do not
//! depend on the load of the machine.
//!
//!     instructions [--list]     prints the names
//!     instructions NAME CASE    runs one benchmark
//!
//! `ci/bench.sh instructions` compares the counts with `instructions.json`.

use lobbywire_bench::inputs::{self, Packet, Stream};
use lobbywire_bench::{faf, lazer, ours};
use lobbywire_core::bancho::Version;
use std::hint::black_box;

fn benchmarks() -> [Benchmark; 28] {
    [
        benchmark("walk", "mixed", mixed, walk),
        benchmark("decode", "mixed", mixed, decode),
        benchmark("decode", "foreign", foreign, decode),
        benchmark("decode", "message", || single("message"), decode),
        benchmark("decode", "stats", || single("stats"), decode),
        benchmark("decode", "game", || single("match"), decode),
        benchmark("decode", "frames", || single("frames"), decode),
        benchmark("decode", "presence", || single("presence"), decode),
        benchmark("decode", "ids", || single("ids"), decode),
        benchmark("decode_typed", "mixed", mixed, decode_typed),
        benchmark("decode_old", "b1700", || old(1700), decode_old),
        benchmark("encode", "mixed", mixed, encode),
        benchmark("encode", "message", || single("message"), encode),
        benchmark("encode", "stats", || single("stats"), encode),
        benchmark("encode", "game", || single("match"), encode),
        benchmark("encode", "frames", || single("frames"), encode),
        benchmark("encode", "presence", || single("presence"), encode),
        benchmark("encode", "ids", || single("ids"), encode),
        benchmark("encode_old", "b1700", || old(1700), encode_old),
        benchmark("transcode", "same_layouts", || transcoding(20160404, 20161101), transcode),
        benchmark("transcode", "other_layouts", || transcoding(20130801, 20250306), transcode),
        benchmark("faf_block", "game_info", game_info, faf::Work::decode_block),
        benchmark("faf_line", "game_info", game_info, |work| work.decode_line()),
        benchmark("faf_forward", "game_info", game_info, faf::Work::forward),
        benchmark("faf_typed_decode", "game_info", game_info, faf::Work::decode_typed),
        benchmark("faf_typed_encode", "game_info", game_info, faf::Work::encode_typed),
        benchmark("lazer_decode", "send_frame_data", call, |frame| lazer::decode_frame(black_box(frame))),
        benchmark("lazer_encode", "send_frame_data", place, lazer::encode_frame),
    ]
}

struct Benchmark {
    name: &'static str,
    case: &'static str,
    run: Box<dyn Fn()>,
}

/// A benchmark of `work`. Only `work` is counted, not making its input.
fn benchmark<I>(
    name: &'static str,
    case: &'static str,
    input: impl Fn() -> I + 'static,
    work: impl Fn(I) -> u64 + 'static,
) -> Benchmark {
    let run = move || {
        black_box(measured(&work, input()));
    };
    Benchmark { name, case, run: Box::new(run) }
}

/// `instructions.py` counts the functions of this name.
#[inline(never)]
fn measured<I>(work: &impl Fn(I) -> u64, input: I) -> u64 {
    work(input)
}

fn main() {
    // `cargo bench` adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["--list"] => {
            for Benchmark { name, case, .. } in benchmarks() {
                println!("{name} {case}");
            }
        }
        [name, case] => match benchmarks().iter().find(|one| one.name == name && one.case == case) {
            Some(benchmark) => (benchmark.run)(),
            None => fail(&format!("no benchmark {name} {case}")),
        },
        _ => fail("usage: instructions [--list | NAME CASE]"),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(2);
}

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

fn walk((stream, _): Input) -> u64 {
    ours::walk(black_box(&stream.bytes))
}

fn decode((stream, _): Input) -> u64 {
    ours::decode(black_box(&stream.bytes))
}

fn decode_typed((stream, _): Input) -> u64 {
    ours::decode_typed(black_box(&stream.bytes))
}

fn decode_old((stream, _): Input) -> u64 {
    ours::decode_in(black_box(Version::from_build(1700)), black_box(&stream.bytes))
}

fn encode((stream, out): Input) -> u64 {
    ours::encode(black_box(&stream.packets), out)
}

fn encode_old((stream, out): Input) -> u64 {
    ours::encode_in(black_box(Version::from_build(1700)), black_box(&stream.packets), out)
}

fn transcoding(from: u32, to: u32) -> (Input, &'static mut ours::Transcoding) {
    let transcoding = ours::Transcoding::new(Version::from_build(from), Version::from_build(to));
    (old(from), Box::leak(Box::new(transcoding)))
}

fn transcode(((stream, out), transcoding): (Input, &'static mut ours::Transcoding)) -> u64 {
    transcoding.transcode(black_box(&stream.bytes), out)
}

fn game_info() -> &'static mut faf::Work {
    Box::leak(Box::new(faf::work("game_info")))
}

fn call() -> &'static [u8] {
    lazer::frame().leak()
}

fn place() -> &'static mut [u8] {
    vec![0; 4096].leak()
}
