//! Laws of every rule with any options: a saved and loaded run is one that never stopped, and every rate is a rate.

use alloc::vec::Vec;

use proptest::prelude::*;

use crate::feedback::Feedback;
use crate::feedback::any::{feedback, metrics};
use crate::run::{OnMismatch, Scheduler, SchedulerState};
use crate::schedule::Schedule;

/// Schedules on which rules behave differently: falling, zero, tiny, huge.
fn schedule() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        3 => Just(Schedule::cosine_annealing(0.1, 0.0, 10).unwrap().warmup(0.0, 3).unwrap()),
        3 => (0.0..1.0_f64).prop_map(|rate| Schedule::constant(rate).unwrap()),
        1 => prop::sample::select(alloc::vec![0.0, 5e-324, f64::MAX]).prop_map(|rate| Schedule::constant(rate).unwrap()),
    ]
}

/// Steps and observes. What a rule refuses is refused in every run alike.
fn advance(scheduler: &mut Scheduler, metric: Option<f64>) -> u64 {
    let rate = scheduler.step();
    if let Some(metric) = metric {
        let _ = scheduler.observe(metric);
    }
    rate.to_bits()
}

fn through_files(state: &SchedulerState) -> [SchedulerState; 3] {
    [
        serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec_named(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec(state).unwrap()).unwrap(),
    ]
}

proptest! {
    #[test]
    fn saved_and_loaded_at_any_observation_is_never_stopped(
        schedule in schedule(),
        feedback in feedback(),
        metrics in metrics(),
    ) {
        let configured = Scheduler::new(schedule).with_feedback(feedback);
        let mut unbroken = configured.clone();
        let mut resumed: Vec<Scheduler> = Vec::new();
        for metric in metrics {
            let rate = advance(&mut unbroken, metric);
            prop_assert!(f64::from_bits(rate).is_finite() && f64::from_bits(rate).is_sign_positive(), "{unbroken}");
            for resumed in &mut resumed {
                prop_assert_eq!(advance(resumed, metric), rate, "{}", unbroken);
            }
            let state = unbroken.state();
            for read in through_files(&state) {
                prop_assert_eq!(&read, &state);
                let mut fresh = configured.clone();
                fresh.load_state(&read, OnMismatch::Refuse).unwrap();
                resumed.push(fresh);
            }
            for resumed in &resumed {
                prop_assert_eq!(resumed.state().checksum, state.checksum, "{}", unbroken);
            }
        }
    }

    #[test]
    fn only_the_same_options_are_the_same_rule(one in feedback(), other in feedback()) {
        let data = |feedback: &Feedback| serde_json::to_value(feedback).unwrap();
        prop_assert!(one.same_rule(&one.clone().without_code()));
        if !matches!(one, Feedback::Custom(_)) {
            prop_assert_eq!(one.same_rule(&other), data(&one) == data(&other));
        }
    }

    /// Another rule's memory is taken or left, but never makes a rate that is none, nor a state that cannot be read.
    #[test]
    fn any_memory_is_safe_with_any_options(one in feedback(), other in feedback(), before in metrics(), after in metrics()) {
        let schedule = Schedule::constant(0.1).unwrap();
        let mut saved = Scheduler::new(schedule.clone()).with_feedback(one);
        before.into_iter().for_each(|metric| {
            advance(&mut saved, metric);
        });
        let mut scheduler = Scheduler::new(schedule).with_feedback(other);
        scheduler.load_state(&saved.state(), OnMismatch::KeepConfigured).unwrap();
        for metric in after {
            let rate = f64::from_bits(advance(&mut scheduler, metric));
            prop_assert!(rate.is_finite() && rate.is_sign_positive(), "{rate} of {scheduler}");
            for read in through_files(&scheduler.state()) {
                prop_assert_eq!(read, scheduler.state());
            }
        }
    }
}
