//! Decoding and encoding packets does not allocate. A counting allocator verifies this.

mod bytes;

use bytes::golden;
use lobbywire_core::bancho::{FrameDecoder, FrameWriter, Frames, Side, Version, client, server};
use lobbywire_core::wire::Inflater;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: forwards to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn reading_and_writing_a_mixed_stream_allocates_nothing() {
    let vectors = golden();
    let (mut scratch, mut output) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut inflater = Inflater::new();
    for version in Version::all() {
        for side in [Side::Client, Side::Server] {
            let of_both = vectors.iter().filter(|vector| (vector.version, vector.side) == (version, side));
            let stream: Vec<u8> = of_both.flat_map(|vector| vector.bytes.iter().copied()).collect();
            let mut decoder = FrameDecoder::new(version, side, vec![0; 1 << 16]);

            let before = ALLOCATIONS.get();
            let mut out = FrameWriter::new(version, &mut output);
            let mut visited = 0usize;
            for frame in Frames::new(version, side, &stream) {
                let frame = frame.unwrap();
                let payload = frame.payload(&mut inflater, &mut scratch).unwrap();
                match side {
                    Side::Client => {
                        let packet = client::Packet::decode(version, frame.wire_id, payload).unwrap();
                        visited += visit(&packet);
                        out.clear();
                        out.write(&packet).unwrap();
                    }
                    Side::Server => {
                        let packet = server::Packet::decode(version, frame.wire_id, payload).unwrap();
                        visited += visit(&packet);
                        out.clear();
                        out.write(&packet).unwrap();
                    }
                }
            }
            let mut rest = &stream[..];
            while !rest.is_empty() {
                let taken = decoder.push(&rest[..rest.len().min(5)]);
                rest = &rest[taken..];
                while let Some(frame) = decoder.next_frame() {
                    visited += frame.unwrap().body.len();
                }
            }
            assert_eq!(ALLOCATIONS.get() - before, 0, "{side} in {version}, {visited} bytes");
        }
    }
}

#[test]
fn reading_and_writing_faf_messages_allocates_nothing() {
    use lobbywire_core::faf::ice::Datagram;
    use lobbywire_core::faf::replay::Request;
    use lobbywire_core::faf::{Message, Mode, gpgnet, qdatastream, simple_json};
    use lobbywire_core::wire::{FrameDecoder, SliceSink};

    fn send(message: &Message<'_>, mode: Mode, out: &mut SliceSink<'_>) -> usize {
        let (mut slots, mut scratch) = ([gpgnet::Arg::Int(0); 8], [0; 256]);
        let args = gpgnet::args_of(message, &mut slots, &mut scratch).unwrap();
        let command = gpgnet::server::Command::read("ConnectToPeer", args);
        simple_json::write(out, message).unwrap();
        qdatastream::write(out, message, mode).unwrap();
        visit(message) + visit(&command)
    }

    let vectors: Vec<(String, Vec<u8>)> = include_str!("faf/vectors.jsonl")
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let bytes = bytes::unhex(row["hex"].as_str().unwrap());
            (row["framing"].as_str().unwrap().to_owned(), bytes)
        })
        .collect();
    let (mut scratch, mut output) = ([0; 2048], [0; 2048]);
    let (mut read, mut visited) = (0, 0);
    for mode in [Mode::Strict, Mode::Lenient] {
        for (framing, bytes) in &vectors {
            let mut blocks = FrameDecoder::new(qdatastream::Blocks::new(mode), [0; 256]);
            let mut lines = FrameDecoder::new(simple_json::Lines::new(mode), [0; 256]);
            let mut commands = FrameDecoder::new(gpgnet::Messages::new(mode), [0; 256]);

            let before = ALLOCATIONS.get();
            let mut out = SliceSink::new(&mut output);
            for piece in bytes.chunks(7) {
                match &**framing {
                    "qdatastream" => {
                        blocks.push(piece);
                        if let Some(Ok(block)) = blocks.next_frame()
                            && let Ok(got) = qdatastream::read(block, mode, &mut scratch)
                        {
                            visited += send(&got.message, mode, &mut out);
                            read += 1;
                        }
                    }
                    "json" => {
                        lines.push(piece);
                        if let Some(Ok(line)) = lines.next_frame()
                            && let Ok(Some(message)) = simple_json::read(line, mode, &mut scratch)
                        {
                            visited += send(&message, mode, &mut out);
                            read += 1;
                        }
                    }
                    "gpgnet" => {
                        commands.push(piece);
                        if let Some(Ok(frame)) = commands.next_frame()
                            && let Ok(message) = gpgnet::Message::read(frame, mode)
                        {
                            let command = gpgnet::game::Command::read(message.command(), message.args());
                            command.iter().for_each(|command| visited += visit(command));
                            gpgnet::write(&mut out, &message).unwrap();
                            read += 1;
                        }
                    }
                    _ => {
                        Datagram::read(bytes).write(&mut out).unwrap();
                        visited += visit(&Request::read(bytes));
                    }
                }
            }
            assert_eq!(ALLOCATIONS.get() - before, 0, "{framing} {mode:?}, {visited} bytes");
        }
    }
    assert!(read > 50, "{read}");
}

#[test]
fn reading_and_writing_replay_frames_allocates_nothing() {
    use lobbywire_core::lazer::spectator::client::{Call, SendFrameData};
    use lobbywire_core::lazer::{APIMod, HitResult, LegacyReplayFrame, Setting};
    use lobbywire_core::signalr::{Encoding, Message, WriteInvocation};
    use lobbywire_core::wire::SliceSink;

    let frames = [LegacyReplayFrame { time: 1.0, mouse_x: Some(2.0), ..Default::default() }; 30];
    let settings = [("speed_change", Setting::Double(1.25))];
    let mods = [APIMod { acronym: "DT", settings: (&settings).into(), ..Default::default() }];
    let statistics = [(HitResult::GREAT, 300)];
    let mut call = SendFrameData::default();
    call.bundle.frames = (&frames).into();
    call.bundle.header.mods = (&mods).into();
    call.bundle.header.statistics = (&statistics).into();

    let before = ALLOCATIONS.get();
    let (mut first, mut second) = ([0; 2048], [0; 2048]);
    let mut out = SliceSink::new(&mut first);
    call.write_frame(Some("1"), &mut out).unwrap();
    let written = 2048 - out.room();
    let Ok(Message::Invocation(invocation)) = Message::read(&first[..written], Encoding::MessagePack) else {
        panic!("no invocation");
    };
    let Ok(Call::SendFrameData(read)) = Call::of(&invocation) else { panic!("no frames") };
    let visited = visit(&read);
    read.write_frame(Some("1"), &mut SliceSink::new(&mut second)).unwrap();
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(visited > 1000);
    assert_eq!(first, second);
}

/// Reads every field and list item of a packet, by formatting it.
fn visit(packet: &impl std::fmt::Debug) -> usize {
    struct Length(usize);
    impl std::fmt::Write for Length {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut length = Length(0);
    std::fmt::Write::write_fmt(&mut length, format_args!("{packet:?}")).unwrap();
    length.0
}

#[test]
fn allocations_are_counted() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![1u8; 100]));
    assert!(ALLOCATIONS.get() > before);
}
