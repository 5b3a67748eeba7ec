//! What the programs in `bin` share: a logger, a way to stop, and what measures them.
#![no_std]

pub mod instructions;
mod logger;
pub mod sizes;
pub mod stack;

use core::hint::black_box;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};

/// Ends the run, and the emulator with an exit code that says how it went.
pub fn stop(is_well: bool) -> ! {
    exit(if is_well { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::bkpt();
    }
}

/// Fails the run. Nothing in these programs panics: in the image of a release build, this is not there
/// at all, which the host checks.
#[panic_handler]
#[inline(never)]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    black_box(());
    stop(false)
}
