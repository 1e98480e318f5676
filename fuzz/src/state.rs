//! What must hold of every state.

use sched_core::{LoadError, OnMismatch, Schedule, Scheduler, SchedulerState};

/// The same scheduler, saved and loaded.
pub(crate) fn through_files(scheduler: &Scheduler) -> [Scheduler; 2] {
    let state = scheduler.state();
    let msgpack = rmp_serde::to_vec_named(&state).expect("it can be written");
    let json = serde_json::to_vec(&state).expect("it can be written");
    let read: [SchedulerState; 2] = [
        rmp_serde::from_slice(&msgpack).expect("it can be read"),
        serde_json::from_slice(&json).expect("it can be read"),
    ];
    read.map(|read| {
        assert_eq!(read, state);
        Scheduler::from_state(&read).expect("it can be loaded")
    })
}

/// With its checksum corrected, a state that can be read is one to go on from, and every rate is a rate.
pub fn check_state(mut state: SchedulerState) {
    if let Err(LoadError::Damaged { expected, .. }) = state.verify() {
        state.checksum = expected;
    }
    let mut other = Scheduler::new(Schedule::linear(1.0, 0.0, 100).expect("it is valid"));
    for choice in [OnMismatch::Refuse, OnMismatch::KeepConfigured, OnMismatch::TakeSaved, OnMismatch::KeepProgress] {
        match other.load_state(&state, choice) {
            Ok(()) => run(&mut other, 3),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    match Scheduler::from_state(&state) {
        Ok(mut scheduler) => {
            assert_eq!(scheduler.position(), state.position);
            run(&mut scheduler, 12);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Steps and observes, beside the same scheduler loaded anew each time.
fn run(scheduler: &mut Scheduler, steps: usize) {
    let metrics = [Some(1.0), Some(2.0), None, Some(f64::NAN), Some(0.5), Some(f64::INFINITY), Some(-1e300)];
    let is_rate = |rate: f64| rate.is_finite() && rate.is_sign_positive();
    for metric in metrics.into_iter().cycle().take(steps) {
        assert!(scheduler.last_rate().is_none_or(is_rate), "{:?} of {scheduler}", scheduler.last_rate());
        let mut saved = if scheduler.schedule().is_some() { through_files(scheduler).to_vec() } else { vec![] };
        let rate = scheduler.step();
        assert!(is_rate(rate), "{rate} of {scheduler}");
        let observed = metric.map(|metric| scheduler.observe(metric));
        for saved in &mut saved {
            assert_eq!(saved.step().to_bits(), rate.to_bits(), "{scheduler}");
            assert_eq!(metric.map(|metric| saved.observe(metric)), observed, "{scheduler}");
            assert_eq!(saved.state(), scheduler.state());
        }
    }
}
