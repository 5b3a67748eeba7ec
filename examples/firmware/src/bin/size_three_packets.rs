//! The codec with one version and three packets: a chat message, a user's stats and a user's presence.
#![no_std]
#![no_main]

use lobbywire_core::bancho::{Decode, Fixed, FrameWriter, Frames, Side, WriteError, server};
use lobbywire_firmware::sizes;

const VERSION: Fixed<20250306> = Fixed;

#[cortex_m_rt::entry]
fn main() -> ! {
    let (received, room) = sizes::buffers();
    let mut out = FrameWriter::new(VERSION, room);
    let mut packets = 0;
    for frame in Frames::new(VERSION, Side::Server, received).flatten() {
        let written = match frame.wire_id {
            7 => pass::<server::Message<'_>>(frame.body, &mut out),
            11 => pass::<server::UserStats<'_>>(frame.body, &mut out),
            83 => pass::<server::UserPresence<'_>>(frame.body, &mut out),
            _ => continue,
        };
        packets += usize::from(written.is_ok());
    }
    sizes::report(packets, out.written())
}

/// Decodes a packet and encodes it again.
fn pass<'a, P: Decode<'a>>(
    payload: &'a [u8],
    out: &mut FrameWriter<'_, Fixed<20250306>>,
) -> Result<(), WriteError> {
    match P::decode(VERSION, payload) {
        Ok(packet) => out.write_frame(&packet),
        Err(_) => Ok(()),
    }
}
