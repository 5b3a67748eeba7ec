//! No heap: an allocator that counts sees nothing while packets are read and written.

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

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
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
                        let packet = client::Packet::decode(version, frame.id, payload).unwrap();
                        visited += visit(&packet);
                        out.clear();
                        out.write(&packet).unwrap();
                    }
                    Side::Server => {
                        let packet = server::Packet::decode(version, frame.id, payload).unwrap();
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

/// Reads every field of a packet, lists too: formatting visits them all.
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
fn the_counter_counts() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![1u8; 100]));
    assert!(ALLOCATIONS.get() > before);
}
