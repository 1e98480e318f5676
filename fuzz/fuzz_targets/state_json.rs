//! Any bytes as a state in JSON, its checksum corrected: an error, or a state to go on from.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match serde_json::from_slice(data) {
        Ok(state) => sched_fuzz::check_state(state),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
