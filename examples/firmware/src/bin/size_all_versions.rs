//! The codec with every version and every packet of both sides, with compression.
#![no_std]
#![no_main]

use core::hint::black_box;
use lobbywire_core::bancho::{FrameWriter, Version, client, server};
use lobbywire_core::wire::Inflater;
use lobbywire_firmware::sizes;

#[cortex_m_rt::entry]
fn main() -> ! {
    let (received, room) = sizes::buffers();
    let version = Version::from_build(black_box(282));
    let inflated = cortex_m::singleton!(: [u8; 1024] = [0; 1024]);
    let inflater = cortex_m::singleton!(: Inflater = Inflater::new());
    let (Some(inflated), Some(inflater)) = (inflated, inflater) else { sizes::report(0, &[]) };
    let mut out = FrameWriter::new(version, room);
    let mut packets = 0;
    for packet in server::packets(version, received).with_scratch(inflater, inflated).flatten() {
        packets += usize::from(out.write_frame(&packet).is_ok());
    }
    for packet in client::packets(version, received).flatten() {
        packets += usize::from(out.write_frame(&packet).is_ok());
    }
    sizes::report(packets, out.written())
}
