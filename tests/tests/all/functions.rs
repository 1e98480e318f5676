//! Proves that no value of a function reaches an optimizer unless it is a rate: NaN, infinities and negative numbers stop at the
//! step where they appear and change nothing, and the function is called for no other step.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use sched_core::{Factor, ObserveError, OnMismatch, Plateau, RateError, Rule, Schedule, Scheduler, Seen};

const BAD: [f64; 6] = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, -5e-324];

/// 0.5, but `bad` at step 3.
fn fails_at_3(bad: f64) -> Scheduler {
    Scheduler::new(move |step: u64| if step == 3 { bad } else { 0.5 })
}

fn assert_names(error: RateError, step: u64, value: f64) {
    assert_eq!((error.step, error.value.to_bits()), (step, value.to_bits()));
    let message = error.to_string();
    for part in [&format!("step {step} is {value}"), "must be finite and 0 or more", "correct the function"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_bad_value_stops_at_its_step_and_changes_nothing() {
    for bad in BAD {
        let plain = fails_at_3(bad);
        let plateau = fails_at_3(bad).with_plateau(Plateau::default());
        let scaled = fails_at_3(bad).scaled(Factor::new(0.5).unwrap()).unwrap();
        let frozen = fails_at_3(bad).scaled(Factor::ZERO).unwrap();
        for (mut scheduler, rate) in [(plain, 0.5), (plateau, 0.5), (scaled, 0.25), (frozen, 0.0)] {
            assert_eq!([(); 3].map(|()| scheduler.step()), [rate; 3]);
            let before = scheduler.state();
            for _ in 0..2 {
                assert_names(scheduler.try_step().unwrap_err(), 3, bad);
                assert_names(scheduler.try_at(3).unwrap_err(), 3, bad);
                assert_eq!(scheduler.state(), before);
            }
            scheduler.seek(4);
            assert_eq!(scheduler.last_rate(), None, "of the update before, which has none");
            assert_eq!(scheduler.try_step(), Ok(rate));
        }
    }
}

#[test]
fn step_at_and_peek_panic_with_the_message() {
    let mut scheduler = fails_at_3(f64::NAN);
    scheduler.seek(3);
    let before = scheduler.state();
    let calls: [fn(&mut Scheduler) -> f64; 3] =
        [Scheduler::step, |scheduler| scheduler.peek(), |scheduler| scheduler.at(3)];
    for call in calls {
        let panic = catch_unwind(AssertUnwindSafe(|| call(&mut scheduler))).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert_eq!(*message, scheduler.try_step().unwrap_err().to_string());
        assert_eq!(scheduler.state(), before);
    }
}

#[test]
fn a_function_is_called_for_the_step_itself_and_no_other() {
    let called = Arc::new(Mutex::new(Vec::new()));
    let log = called.clone();
    let mut scheduler = Scheduler::new(move |step: u64| {
        log.lock().unwrap().push(step);
        0.1
    });
    for _ in 0..300 {
        scheduler.step();
    }
    assert_eq!(*called.lock().unwrap(), (0..300).collect::<Vec<_>>());
}

#[test]
fn a_negative_zero_is_zero() {
    /// Answers with -0.0.
    struct Negative;
    impl Rule for Negative {
        fn name(&self) -> &str {
            "negative"
        }
        fn observe(&self, _: &Seen, _: &mut [f64]) -> f64 {
            -0.0
        }
    }
    let mut function = Scheduler::new(|_: u64| -0.0);
    assert_eq!(function.step().to_bits(), 0);
    assert_eq!(function.last_rate().map(f64::to_bits), Some(0));
    let mut custom = Scheduler::new(Schedule::constant(0.1).unwrap()).with_rule(Negative).unwrap();
    custom.observe(1.0).unwrap();
    assert_eq!([custom.step(), custom.at(7)].map(f64::to_bits), [0, 0]);
}

#[test]
fn a_metric_is_not_observed_beside_a_bad_value() {
    let mut scheduler = fails_at_3(f64::NAN).with_plateau(Plateau::default());
    scheduler.seek(4);
    let before = scheduler.state();
    let Err(ObserveError::Rate(error)) = scheduler.observe(1.0) else { panic!("it was observed") };
    assert_names(error, 3, f64::NAN);
    assert_eq!(scheduler.state(), before);
}

#[test]
fn a_bad_value_is_not_shown_beside_a_saved_schedule() {
    let mut saved = Scheduler::new(Schedule::constant(0.5).unwrap());
    saved.seek(3);
    let mut scheduler = fails_at_3(f64::NAN);
    let error = scheduler.load_state(&saved.state(), OnMismatch::Refuse).unwrap_err().to_string();
    assert!(error.starts_with("the saved schedule is `0.5`, the configured one is `none (or a function)`;"), "{error}");
}
