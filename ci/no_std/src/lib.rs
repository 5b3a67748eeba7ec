//! What firmware does with the core, linked whole and without an allocator.
//!
//! The compiler refuses a linked program whose crates reach `alloc` and that has no allocator. Looking
//! for an allocator's symbols in the library would not do: most of the core is generic, and has no code
//! until somebody uses it, as this does.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Reads what both sides may send in any version, and writes it again.
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

/// The floor alone.
#[unsafe(no_mangle)]
pub extern "C" fn text_len(len: u32) -> usize {
    lobbywire_core::wire::uleb128_len(len)
}
