//! A tree of every node and shape with any numbers: if it is a schedule, everything holds of it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(schedule) = sched_fuzz::tree(data) {
        sched_fuzz::check_schedule(&schedule);
    }
});
