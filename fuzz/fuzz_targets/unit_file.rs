//! Any bytes as a schedule in JSON whose times have units, with the `plan` of its run: an error, or a schedule of which
//! everything holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sched_core::{Plan, Value};

fuzz_target!(|data: &[u8]| {
    let Ok(mut file) = serde_json::from_slice::<Value>(data) else { return };
    let mut plan = Plan::new();
    if let Value::Map(entries) = &mut file
        && let Some(index) = entries.iter().position(|(name, _)| name == "plan")
    {
        match Plan::deserialize(&entries.remove(index).1) {
            Ok(read) => plan = read,
            Err(error) => return assert!(!error.to_string().is_empty()),
        }
    }
    let _ = (plan.check(), plan.run_steps(), plan.to_string());
    match plan.schedule(&file) {
        Ok(schedule) => sched_fuzz::check_schedule(&schedule),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
