//! What the images have in common whose sizes are compared: bytes that come and go, and a log of each.

use core::hint::black_box;

/// What has come, and room for what goes.
///
/// The compiler can't know what is in there, so it leaves nothing out.
pub fn buffers() -> (&'static [u8], &'static mut [u8]) {
    static RECEIVED: [u8; 1024] = [0; 1024];
    let room = cortex_m::singleton!(: [u8; 1024] = [0; 1024]).map_or(&mut [][..], |room| &mut room[..]);
    (black_box(&RECEIVED[..]), black_box(room))
}

/// Ends a program that has written so many bytes, of so many packets.
pub fn report(packets: usize, sent: &[u8]) -> ! {
    defmt::info!("{=usize} packets, {=usize} bytes", packets, black_box(sent).len());
    crate::stop(true)
}
