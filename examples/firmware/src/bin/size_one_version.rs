//! The codec with one version and every packet of both sides.
#![no_std]
#![no_main]

use lobbywire_core::bancho::{Fixed, FrameWriter, client, server};
use lobbywire_firmware::sizes;

const VERSION: Fixed<20250306> = Fixed;

#[cortex_m_rt::entry]
fn main() -> ! {
    let (received, room) = sizes::buffers();
    let mut out = FrameWriter::new(VERSION, room);
    let mut packets = 0;
    for packet in server::packets(VERSION, received).flatten() {
        packets += usize::from(out.write_frame(&packet).is_ok());
    }
    for packet in client::packets(VERSION, received).flatten() {
        packets += usize::from(out.write_frame(&packet).is_ok());
    }
    sizes::report(packets, out.written())
}
