//! Code that the programs in `bin` share: a logger, an exit function, and measurements.
#![no_std]

pub mod instructions;
mod logger;
pub mod sizes;
pub mod stack;

use core::hint::black_box;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};

/// Ends the program, and the emulator with success or failure as its exit code.
pub fn stop(success: bool) -> ! {
    exit(if success { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::bkpt();
    }
}

/// Ends the program with a failure. The programs cannot panic, so the images of release builds do not contain this
/// function, which the host checks.
#[panic_handler]
#[inline(never)]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    black_box(());
    stop(false)
}
