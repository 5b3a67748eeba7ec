//! How deep a function's stack gets, by painting what lies below.

use core::ptr::{read_volatile, write_volatile};
use cortex_m::register::msp;

const PAINT: u32 = 0xa5a5_5a5a;
/// What the painting itself may need below the stack pointer that it has read.
const OWN: u32 = 64;

unsafe extern "C" {
    /// The end of what is static, from `link.x`.
    static mut __sheap: u32;
}

/// Runs `f`, and says how many bytes of stack it took.
#[inline(never)]
pub fn deepest<T>(f: impl FnOnce() -> T) -> (T, u32) {
    let bottom = &raw mut __sheap;
    let top = msp::read();
    let words = ((top - OWN).saturating_sub(bottom as u32) / 4) as usize;
    for index in 0..words {
        // SAFETY: between the end of what is static and the stack pointer there is free RAM.
        unsafe { write_volatile(bottom.add(index), PAINT) };
    }
    let result = run(f);
    // SAFETY: as above.
    let untouched = (0..words).take_while(|index| unsafe { read_volatile(bottom.add(*index)) } == PAINT);
    let lowest = bottom as u32 + 4 * untouched.count() as u32;
    (result, top - lowest)
}

/// A frame of its own, below what is painted from.
#[inline(never)]
fn run<T>(f: impl FnOnce() -> T) -> T {
    f()
}
