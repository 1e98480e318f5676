//! Any bytes as a schedule in JSON: an error, or a schedule of which everything holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sched_core::Schedule;

fuzz_target!(|data: &[u8]| {
    match serde_json::from_slice::<Schedule>(data) {
        Ok(schedule) => sched_fuzz::check_schedule(&schedule),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
