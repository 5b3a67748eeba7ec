//! Writes defmt's frames to the emulator's standard output by semihosting.
//!
//! Unlike the crate `defmt-semihosting`, it writes a frame with one call and cannot panic.

use core::cell::UnsafeCell;
use cortex_m_semihosting::{nr, syscall};

#[defmt::global_logger]
struct Logger;

/// Buffers a frame until it is complete. Longer frames are written in parts.
struct Output {
    encoder: defmt::Encoder,
    bytes: [u8; 128],
    len: usize,
    /// The host's handle of standard output, once it is open.
    handle: Option<usize>,
}

impl Output {
    fn push(bytes: &mut [u8; 128], len: &mut usize, handle: Option<usize>, piece: &[u8]) {
        for byte in piece {
            if *len == bytes.len() {
                Self::send(bytes, len, handle);
            }
            if let Some(place) = bytes.get_mut(*len) {
                *place = *byte;
                *len += 1;
            }
        }
    }

    fn send(bytes: &[u8; 128], len: &mut usize, handle: Option<usize>) {
        if let Some(handle) = handle {
            // SAFETY: the host reads `len` bytes, and the buffer has at least that many.
            unsafe { syscall!(WRITE, handle, bytes.as_ptr(), *len) };
        }
        *len = 0;
    }

    fn open() -> Option<usize> {
        const WRITE: usize = nr::open::W_TRUNC;
        let name = b":tt\0";
        // SAFETY: the name is valid, and its length is that without the terminating zero.
        let handle = unsafe { syscall!(OPEN, name.as_ptr(), WRITE, name.len() - 1) };
        if handle == usize::MAX { None } else { Some(handle) }
    }
}

struct Shared(UnsafeCell<Output>);

// SAFETY: there is one core, and interrupts are never enabled.
unsafe impl Sync for Shared {}

static OUTPUT: Shared =
    Shared(UnsafeCell::new(Output { encoder: defmt::Encoder::new(), bytes: [0; 128], len: 0, handle: None }));

// SAFETY: interrupts are disabled, so nothing else logs between `acquire` and `release`, and each function borrows the
// output only while it runs.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        let Output { encoder, bytes, len, handle } = unsafe { &mut *OUTPUT.0.get() };
        if handle.is_none() {
            *handle = Output::open();
        }
        encoder.start_frame(|piece| Output::push(bytes, len, *handle, piece));
    }

    unsafe fn write(message: &[u8]) {
        let Output { encoder, bytes, len, handle } = unsafe { &mut *OUTPUT.0.get() };
        encoder.write(message, |piece| Output::push(bytes, len, *handle, piece));
    }

    unsafe fn release() {
        let Output { encoder, bytes, len, handle } = unsafe { &mut *OUTPUT.0.get() };
        encoder.end_frame(|piece| Output::push(bytes, len, *handle, piece));
        Output::send(bytes, len, *handle);
    }

    unsafe fn flush() {}
}
