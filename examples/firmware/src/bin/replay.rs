//! Replays the captures: splits, decodes and encodes every frame and compares the result. Uses versions at run time, and
//! for the capture of the newest version also that version at compile time.
//!
//! Logs the results, and lines that start with `figure`, which the host compares with the budgets.
#![no_std]
#![no_main]

use lobbywire_core::bancho::{
    Dialect, Encode, Fixed, FrameDecoder, FrameWriter, Frames, PacketId, Side, Version, client, server,
};
use lobbywire_core::wire::{Error, Inflater};
use lobbywire_firmware::instructions::Instructions;
use lobbywire_firmware::{stack, stop};

/// The version that is fixed at compile time. It has the most packets.
const ONE: Fixed<20250306> = Fixed;

struct Capture {
    name: &'static str,
    build: u32,
    side: Side,
    bytes: &'static [u8],
}

/// Captures in flash. The builds are listed in the README of the captures.
macro_rules! captures {
    ($($name:literal $build:literal,)+) => {
        [$(
            captures!(@ Client $build concat!($name, "-client.bin")),
            captures!(@ Server $build concat!($name, "-server.bin")),
        )+]
    };
    (@ $side:ident $build:literal $name:expr) => {
        Capture {
            name: $name,
            build: $build,
            side: Side::$side,
            bytes: include_bytes!(concat!("../../../captures/", $name)),
        }
    };
}

static CAPTURES: [Capture; 16] = captures! {
    "b282" 282,
    "b388" 394,
    "b504" 504,
    "b1600" 1700,
    "b20120806" 20120812,
    "b20130801" 20140127,
    "b20160404" 20160404,
    "b20250306" 20250306,
};

/// The size of the buffers, which fits the largest frame of the captures.
const ROOM: usize = 1024;

/// Buffers that are reused for each frame.
struct Buffers {
    inflater: &'static mut Inflater,
    inflated: &'static mut [u8; ROOM],
    again: &'static mut [u8; ROOM],
    output: &'static mut [u8; ROOM],
}

/// Sums over frames.
#[derive(Default)]
struct Tally {
    frames: u32,
    same: u32,
    /// Server frames whose payload continues after the layout of the version.
    longer: u32,
    inflated_bytes: u32,
    walk: u32,
    inflate: u32,
    decode: u32,
    most_decode: u32,
    encode: u32,
    inflate_stack: u32,
    decode_stack: u32,
    encode_stack: u32,
}

/// Why a replay failed.
#[derive(defmt::Format)]
enum Failure {
    Malformed(Error),
    NotWritten,
    /// The encoded frame differs from the original.
    Different(Option<PacketId>),
    /// The frames of the stream in pieces differ from those of the slice.
    Stream,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Malformed(error)
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let instructions = Instructions::start();
    let buffers = (
        cortex_m::singleton!(: Inflater = Inflater::new()),
        cortex_m::singleton!(: [u8; ROOM] = [0; ROOM]),
        cortex_m::singleton!(: [u8; ROOM] = [0; ROOM]),
        cortex_m::singleton!(: [u8; ROOM] = [0; ROOM]),
    );
    let (Some(mut instructions), (Some(inflater), Some(inflated), Some(again), Some(output))) =
        (instructions, buffers)
    else {
        stop(false)
    };
    let mut buffers = Buffers { inflater, inflated, again, output };
    let (mut one, mut all) = (Tally::default(), Tally::default());
    for capture in &CAPTURES {
        let version = Version::from_build(capture.build);
        if version == ONE.version() {
            replay_or_stop(ONE, "at compile time", capture, &mut buffers, &mut instructions, &mut one);
        }
        replay_or_stop(version, "at run time", capture, &mut buffers, &mut instructions, &mut all);
    }
    report("one_version", &one);
    report("all_versions", &all);
    figure("all_versions", "stack_inflate", all.inflate_stack);
    figure("all_versions", "instructions_inflate_a_byte", all.inflate / all.inflated_bytes.max(1));
    stop(true)
}

fn report(versions: &str, tally: &Tally) {
    let mean = |sum: u32| sum / tally.frames.max(1);
    figure(versions, "stack_decode", tally.decode_stack);
    figure(versions, "stack_encode", tally.encode_stack);
    figure(versions, "instructions_walk", mean(tally.walk));
    figure(versions, "instructions_decode", mean(tally.decode));
    figure(versions, "instructions_decode_most", tally.most_decode);
    figure(versions, "instructions_encode", mean(tally.encode));
}

fn figure(versions: &str, what: &str, value: u32) {
    defmt::println!("figure {=str}.{=str} {=u32}", versions, what, value);
}

fn replay_or_stop<V: Dialect>(
    version: V,
    how: &str,
    capture: &Capture,
    buffers: &mut Buffers,
    instructions: &mut Instructions,
    tally: &mut Tally,
) {
    let (frames, same, longer) = (tally.frames, tally.same, tally.longer);
    if let Err(failure) = replay(version, capture, buffers, instructions, tally) {
        defmt::error!(
            "{=str} as {}: frame {=u32}: {}",
            capture.name,
            version.version(),
            tally.frames - frames,
            failure
        );
        stop(false);
    }
    defmt::info!(
        "{=str} as {}, {=str}: {=u32} frames, {=u32} encoded unchanged, {=u32} without extra bytes",
        capture.name,
        version.version(),
        how,
        tally.frames - frames,
        tally.same - same,
        tally.longer - longer,
    );
}

/// Decodes and encodes all frames of a capture.
fn replay<V: Dialect>(
    version: V,
    capture: &Capture,
    buffers: &mut Buffers,
    instructions: &mut Instructions,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let Capture { side, bytes, .. } = *capture;
    let mut frames = Frames::new(version, side, bytes);
    let mut count = 0;
    loop {
        let (frame, took) = instructions.of(|| frames.next());
        let Some(frame) = frame else { break };
        let frame = frame?;
        tally.walk += took;
        count += 1;

        let ((payload, took), deep) =
            stack::deepest(|| instructions.of(|| frame.payload(buffers.inflater, &mut buffers.inflated[..])));
        let payload = payload?;
        if frame.is_compressed {
            tally.inflate += took;
            tally.inflated_bytes += payload.len() as u32;
            tally.inflate_stack = tally.inflate_stack.max(deep);
        }
        let mut out = FrameWriter::new(version, &mut buffers.output[..]);
        match side {
            Side::Client => {
                let decode = || client::Packet::decode(version, frame.wire_id, payload);
                let packet = measure_decode(decode, instructions, tally)?;
                measure_encode(&packet, &mut out, instructions, tally)?;
            }
            Side::Server => {
                let decode = || server::Packet::decode(version, frame.wire_id, payload);
                let packet = measure_decode(decode, instructions, tally)?;
                measure_encode(&packet, &mut out, instructions, tally)?;
            }
        }

        // Compressed frames are compared inflated, since compressors differ.
        let Some(Ok(written)) = Frames::new(version, side, out.written()).next() else {
            return Err(Failure::NotWritten);
        };
        let again = written.payload(buffers.inflater, &mut buffers.again[..])?;
        if written.wire_id == frame.wire_id && again == payload {
            tally.same += 1;
        } else if written.wire_id == frame.wire_id && side == Side::Server && payload.starts_with(again) {
            tally.longer += 1;
        } else {
            return Err(Failure::Different(PacketId::from_wire(version, frame.wire_id)));
        }
        tally.frames += 1;
    }

    // The same frames from a stream that returns a few bytes at a time.
    let mut stream = InPieces(bytes);
    let mut decoder = FrameDecoder::new(version, side, &mut buffers.output[..]);
    while let Ok(Some(frame)) = decoder.read_frame(&mut stream) {
        frame?;
        count -= 1;
    }
    if count == 0 && decoder.is_between_frames() { Ok(()) } else { Err(Failure::Stream) }
}

/// Decodes a packet twice: to measure the stack, and to measure the instructions.
#[inline(always)]
fn measure_decode<P>(
    decode: impl Fn() -> Result<P, Error>,
    instructions: &mut Instructions,
    tally: &mut Tally,
) -> Result<P, Failure> {
    let (result, deep) = stack::deepest(&decode);
    tally.decode_stack = tally.decode_stack.max(deep);
    result?;
    let (result, took) = instructions.of(decode);
    tally.decode += took;
    tally.most_decode = tally.most_decode.max(took);
    Ok(result?)
}

/// Encodes a packet twice, with the same measurements.
#[inline(always)]
fn measure_encode<V: Dialect>(
    packet: &impl Encode,
    out: &mut FrameWriter<'_, V>,
    instructions: &mut Instructions,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let (result, deep) = stack::deepest(|| out.write_frame(packet));
    tally.encode_stack = tally.encode_stack.max(deep);
    result.map_err(|_| Failure::NotWritten)?;
    out.clear();
    let (result, took) = instructions.of(|| out.write_frame(packet));
    tally.encode += took;
    result.map_err(|_| Failure::NotWritten)
}

/// A reader that returns at most seven bytes at a time.
struct InPieces(&'static [u8]);

impl embedded_io::ErrorType for InPieces {
    type Error = core::convert::Infallible;
}

impl embedded_io::Read for InPieces {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Self::Error> {
        let count = room.len().min(self.0.len()).min(7);
        if let (Some(room), Some((piece, rest))) = (room.get_mut(..count), self.0.split_at_checked(count)) {
            for (place, byte) in room.iter_mut().zip(piece) {
                *place = *byte;
            }
            self.0 = rest;
        }
        Ok(count)
    }
}
