//! Uses the core as firmware does, linked into a program without an allocator.
//!
//! The compiler rejects a program that depends on `alloc` and has no allocator. Searching the library for an allocator's
//! symbols would not suffice, since most of the core is generic and has no code until it is used.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Decodes and encodes any packet of both sides in any version.
#[cfg(any(feature = "bancho", feature = "default-features", feature = "all-features"))]
#[unsafe(no_mangle)]
pub extern "C" fn read_and_write(build: u32) -> usize {
    use lobbywire_core::bancho::{FrameDecoder, FrameWriter, Side, Version, client, server};
    use lobbywire_core::wire::Inflater;

    let version = Version::from_build(build);
    let (mut output, mut scratch, mut inflater) = ([0; 512], [0; 512], Inflater::new());
    let mut out = FrameWriter::new(version, &mut output);
    for side in [Side::Client, Side::Server] {
        let mut decoder = FrameDecoder::new(version, side, [0; 512]);
        decoder.push(&build.to_le_bytes());
        let written = match side {
            Side::Client => match decoder.next_packet::<client::Packet<'_>>(&mut inflater, &mut scratch) {
                Some(Ok(packet)) => out.write(&packet),
                _ => Ok(0),
            },
            Side::Server => match decoder.next_packet::<server::Packet<'_>>(&mut inflater, &mut scratch) {
                Some(Ok(packet)) => out.write(&packet),
                _ => Ok(0),
            },
        };
        if written.is_err() {
            out.clear();
        }
    }
    out.written().len()
}

/// Decodes and encodes lobby messages in both framings, and GPGNet commands.
#[cfg(any(feature = "faf", feature = "default-features", feature = "all-features"))]
#[unsafe(no_mangle)]
pub extern "C" fn read_and_write_faf(bytes: u64, mode: bool) -> usize {
    use lobbywire_core::faf::{Mode, gpgnet, qdatastream, simple_json};
    use lobbywire_core::wire::{FrameDecoder, SliceSink};

    let mode = if mode { Mode::Lenient } else { Mode::Strict };
    let (mut output, mut scratch, mut slots) = ([0; 512], [0; 512], [gpgnet::Arg::Int(0); 8]);
    let mut out = SliceSink::new(&mut output);
    let mut blocks = FrameDecoder::new(qdatastream::Blocks::new(mode), [0; 256]);
    blocks.push(&bytes.to_le_bytes());
    if let Some(Ok(block)) = blocks.next_frame()
        && let Ok(read) = qdatastream::read(block, mode, &mut scratch)
    {
        let _ = simple_json::write(&mut out, &read.message);
    }
    let mut lines = FrameDecoder::new(simple_json::Lines::new(mode), [0; 256]);
    lines.push(&bytes.to_le_bytes());
    let mut args_scratch = [0; 256];
    if let Some(Ok(line)) = lines.next_frame()
        && let Ok(Some(message)) = simple_json::read(line, mode, &mut scratch)
    {
        let _ = qdatastream::write(&mut out, &message, mode);
        if let Ok(args) = gpgnet::args_of(&message, &mut slots, &mut args_scratch)
            && let Ok(command) = gpgnet::server::Command::read("JoinGame", args)
        {
            let _ = gpgnet::write(&mut out, &command);
        }
    }
    let mut commands = FrameDecoder::new(gpgnet::Messages::new(mode), [0; 256]);
    commands.push(&bytes.to_le_bytes());
    if let Some(Ok(frame)) = commands.next_frame()
        && let Ok(message) = gpgnet::Message::read(frame, mode)
    {
        let _ = simple_json::write(&mut out, &gpgnet::OverJson(message));
    }
    out.room()
}

/// Decodes and encodes SignalR messages in both encodings.
#[cfg(any(feature = "signalr", feature = "default-features", feature = "all-features"))]
#[unsafe(no_mangle)]
pub extern "C" fn pass_on(word: u32) -> usize {
    use lobbywire_core::signalr::{Encoding, Frames, Message};
    use lobbywire_core::wire::{FrameDecoder, SliceSink};

    let mut output = [0; 512];
    let mut decoder = FrameDecoder::new(Frames::new(), [0; 512]);
    decoder.push(&word.to_le_bytes());
    let mut sink = SliceSink::new(&mut output);
    while let Some(Ok(frame)) = decoder.next_frame() {
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            if let Ok(message) = Message::read(frame, encoding) {
                let _ = message.write(&mut sink, encoding);
            }
        }
    }
    sink.room()
}

/// Decodes and encodes calls of the spectator hub of osu!lazer.
#[cfg(any(feature = "lazer", feature = "default-features", feature = "all-features"))]
#[unsafe(no_mangle)]
pub extern "C" fn watch(word: u32) -> usize {
    use lobbywire_core::lazer::spectator::client::Call;
    use lobbywire_core::signalr::{Encoding, Message, WriteInvocation};
    use lobbywire_core::wire::SliceSink;

    let mut output = [0; 512];
    let mut sink = SliceSink::new(&mut output);
    let frame = word.to_le_bytes();
    if let Ok(Message::Invocation(invocation)) = Message::read(&frame, Encoding::MessagePack)
        && let Ok(call) = Call::of(&invocation)
    {
        let _ = call.write_frame(None, &mut sink);
    }
    sink.room()
}

/// Uses only the module `wire`.
#[unsafe(no_mangle)]
pub extern "C" fn text_len(len: u32) -> usize {
    lobbywire_core::wire::uleb128_len(len)
}
