//! Any bytes as another library's scheduler in JSON: an error, or schedules of which everything holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sched_core::Scheduler;
use sched_dialects::Dialect;

fuzz_target!(|data: &[u8]| {
    match serde_json::from_slice::<Dialect>(data) {
        Ok(dialect) => {
            for group in dialect.groups() {
                sched_fuzz::check_schedule(&group.lr);
                if let Some(momentum) = &group.momentum {
                    sched_fuzz::check_schedule(momentum);
                }
                if let Some(feedback) = &group.feedback {
                    let scheduler = Scheduler::new(group.lr.clone()).with_feedback(feedback.clone());
                    sched_fuzz::check_state(scheduler.state());
                }
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
