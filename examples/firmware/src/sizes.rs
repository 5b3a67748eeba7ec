//! Code that the images for size comparisons share: input, an output buffer, and a log message.

use core::hint::black_box;

/// Returns the input and an output buffer.
///
/// The input is opaque to the compiler, so it cannot remove code.
pub fn buffers() -> (&'static [u8], &'static mut [u8]) {
    static RECEIVED: [u8; 1024] = [0; 1024];
    let room = cortex_m::singleton!(: [u8; 1024] = [0; 1024]).map_or(&mut [][..], |room| &mut room[..]);
    (black_box(&RECEIVED[..]), black_box(room))
}

/// Logs the number of packets and bytes, and ends the program.
pub fn report(packets: usize, sent: &[u8]) -> ! {
    defmt::info!("{=usize} packets, {=usize} bytes", packets, black_box(sent).len());
    crate::stop(true)
}
