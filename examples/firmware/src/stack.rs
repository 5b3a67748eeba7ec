//! Measures the stack depth of a function by painting the free stack before the call.

use core::ptr::{read_volatile, write_volatile};
use cortex_m::register::msp;

const PAINT: u32 = 0xa5a5_5a5a;
/// Bytes that the painting itself may use below the stack pointer.
const OWN: u32 = 64;

unsafe extern "C" {
    /// The end of static data, from `link.x`.
    static mut __sheap: u32;
}

/// Runs `f` and returns the number of bytes of stack that it used.
#[inline(never)]
pub fn deepest<T>(f: impl FnOnce() -> T) -> (T, u32) {
    let bottom = &raw mut __sheap;
    let top = msp::read();
    let words = ((top - OWN).saturating_sub(bottom as u32) / 4) as usize;
    for index in 0..words {
        // SAFETY: the RAM between the end of static data and the stack pointer is free.
        unsafe { write_volatile(bottom.add(index), PAINT) };
    }
    let result = run(f);
    // SAFETY: as above.
    let untouched = (0..words).take_while(|index| unsafe { read_volatile(bottom.add(*index)) } == PAINT);
    let lowest = bottom as u32 + 4 * untouched.count() as u32;
    (result, top - lowest)
}

/// Calls `f` in a separate stack frame, below the stack pointer that was read.
#[inline(never)]
fn run<T>(f: impl FnOnce() -> T) -> T {
    f()
}
