//! A binary without std that runs `sched-core`: if it links, the core needs no std.
//!
//! It brings what std would: an allocator, a panic handler and an entry point. Its exit code is 0 if the rates are right.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use sched_core::{OnMismatch, Schedule, ScheduleError, Scheduler};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// The C library, for the entry point and the allocator's memory; std would bring it.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

// The precompiled `alloc` refers to these for unwinding, which does not happen here: a panic aborts.
// SAFETY: nothing else defines the symbols, and nothing calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    loop {}
}

// SAFETY: the C runtime calls `main` once, with arguments that are not looked at.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: i32, _argv: *const *const u8) -> i32 {
    match rates_are_right() {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(_) => 2,
    }
}

fn rates_are_right() -> Result<bool, ScheduleError> {
    let schedule = Schedule::cosine_annealing(0.1, 0.0, 100)?.warmup(0.0, 10)?;
    let mut scheduler = Scheduler::new(schedule.clone());
    scheduler.seek(60);
    let mut resumed = Scheduler::new(schedule);
    let loaded = resumed.load_state(&scheduler.state(), OnMismatch::Refuse).is_ok();
    Ok(loaded && resumed.step() == 0.05 && resumed.at(10) == 0.1 && resumed.at(u64::MAX) == 0.0)
}
