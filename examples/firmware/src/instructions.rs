//! Counts executed instructions.
//!
//! With `-icount`, the emulator's clock advances by a fixed time for each instruction, and `SysTick` shows that clock. A
//! loop of known length calibrates the number of ticks per instruction.

use core::arch::asm;
use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// The timer and its calibration.
pub struct Instructions {
    timer: SYST,
    /// The ticks of 65,536 instructions.
    ticks: u64,
    /// The ticks of an empty measurement.
    own: u64,
}

const RELOAD: u32 = 0x00ff_ffff;
const CALIBRATION: u64 = 65_536;

impl Instructions {
    /// Starts and calibrates the timer. `None` if it is already in use.
    pub fn start() -> Option<Self> {
        let mut timer = Peripherals::take()?.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(RELOAD);
        timer.clear_current();
        timer.enable_counter();
        let mut this = Self { timer, ticks: CALIBRATION, own: 0 };
        let (_, empty) = this.ticks_of(|| ());
        let (_, full) = this.ticks_of(|| {
            // SAFETY: only counts a register down, with two instructions per iteration.
            unsafe {
                asm!(
                    "2: subs {count}, #1",
                    "bne 2b",
                    count = inout(reg) CALIBRATION as u32 / 2 => _,
                    options(nomem, nostack)
                );
            }
        });
        this.ticks = full.saturating_sub(empty).max(1);
        this.own = empty;
        Some(this)
    }

    /// Runs `f` and returns the number of instructions it executed.
    #[inline(always)]
    pub fn of<T>(&mut self, f: impl FnOnce() -> T) -> (T, u32) {
        let (result, ticks) = self.ticks_of(f);
        let ticks = ticks.saturating_sub(self.own);
        let nearest = (ticks * CALIBRATION + self.ticks / 2).checked_div(self.ticks);
        (result, nearest.unwrap_or_default() as u32)
    }

    #[inline(always)]
    fn ticks_of<T>(&mut self, f: impl FnOnce() -> T) -> (T, u64) {
        let before = SYST::get_current();
        let result = f();
        let after = SYST::get_current();
        let _ = &self.timer;
        // The timer counts down and wraps at zero.
        (result, u64::from(before.wrapping_sub(after) & RELOAD))
    }
}
