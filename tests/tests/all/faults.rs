//! Small files that once made the core panic, compute for minutes, or return what is no rate.

use std::fs;
use std::path::Path;

use sched_core::{Beyond, LoadError, OnMismatch, Ramp, Schedule, Scheduler, SchedulerState, Shape};

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/faults").join(name)).unwrap()
}

fn read(name: &str) -> Schedule {
    serde_json::from_slice(&file(name)).unwrap()
}

/// Averages near the largest number evaluated their children twice, so 24 of them took 2^24 evaluations.
#[test]
fn nested_averages_evaluate_each_child_once() {
    assert_eq!(read("average-24.json").at(0), 1e300);
    let state: SchedulerState = rmp_serde::from_slice(&file("average-16.mpk")).unwrap();
    let mut scheduler = Scheduler::new(state.schedule.clone().unwrap());
    scheduler.load_state(&state, OnMismatch::Refuse).unwrap();
    assert_eq!(scheduler.step(), 1e300);
}

#[test]
fn a_sum_past_the_largest_number_is_the_largest() {
    assert_eq!(read("nan-sum-constants.json").at(0), f64::MAX);
}

#[test]
fn cycles_far_past_the_last_step_have_seams() {
    let schedule = read("next_seam-overflow.json");
    let seams: Vec<u64> = std::iter::successors(Some(0), |&seam| schedule.next_seam(seam)).take(4).collect();
    assert_eq!(seams, [0, 1, 2, 3]);
}

#[test]
fn a_rule_with_a_negative_multiplier_is_refused_by_its_field() {
    let error =
        serde_json::from_slice::<SchedulerState>(&file("greedy-negative-multiplier.json")).unwrap_err().to_string();
    assert!(error.contains("`multiplier` is -1, but must be 0 or more"), "{error}");
}

#[test]
fn minus_zero_is_zero_in_files_and_in_code() {
    let read = read("negative-zero-ramp.json");
    for step in [4, 1000, u64::MAX] {
        assert_eq!(read.at(step).to_bits(), 0, "step {step}");
    }
    let mut rates = [1.0; 8];
    read.sample(0, &mut rates);
    assert!(rates[4..].iter().all(|rate| rate.to_bits() == 0), "{rates:?}");

    let given = Scheduler::new(Schedule::linear(0.1, -0.0, 4).unwrap());
    let file = serde_json::to_string(&given.state()).unwrap();
    let mut resumed = Scheduler::new(Schedule::linear(0.1, 0.0, 4).unwrap());
    resumed.load_state(&serde_json::from_str(&file).unwrap(), OnMismatch::Refuse).unwrap();
}

#[test]
fn a_last_rate_that_is_no_rate_is_refused_by_its_field() {
    let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4).unwrap());
    scheduler.step();
    let mut state = scheduler.state();
    for (last_lr, message) in [(-32.0, "`last_lr` is -32, but must be 0 or more"), (f64::NAN, "`last_lr` is NaN")] {
        state.last_lr = Some(last_lr);
        let files = [rmp_serde::to_vec_named(&state).unwrap(), rmp_serde::to_vec(&state).unwrap()];
        for file in files {
            let error = rmp_serde::from_slice::<SchedulerState>(&file).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
    state.last_lr = Some(-0.0);
    let Err(LoadError::Damaged { expected, .. }) = state.verify() else { panic!("its checksum is that of 1.0") };
    state.checksum = expected;
    assert_eq!(Scheduler::from_state(&state).unwrap().last_rate().map(f64::to_bits), Some(0));
}

#[test]
fn a_tiny_rest_beside_a_late_step_counts_to_the_horizon() {
    // From a file: after 1e-18 steps, the ramp takes its end value.
    let start = 16_792_486_406_049_826_827;
    let shape = Shape::Tanh { lb: 0.0, ub: 0.25 };
    let jump = Ramp { from: 0.0, to: 1e-3, steps: 1e-9, shape, beyond: Beyond::Hold }.build().unwrap();
    let late = jump.stretch(1e-9).unwrap().delay(start).unwrap();
    assert_eq!(late.at(start), 5e-4);
    assert_eq!((late.at(start + 1), late.at(u64::MAX)), (1e-3, 1e-3));
    assert_eq!(late.horizon(), Some(start + 1));
}

#[test]
fn a_head_start_too_small_for_logarithms_is_none() {
    // From a file that ended in a panic: at the start of a cycle, all that is left of the time is 2e-311.
    let shape = Shape::OneMinusPower(5e-324);
    let ramp = Ramp { from: 0.0, to: 0.5, steps: 2.0_f64.powi(64), shape, beyond: Beyond::Repeat }.build().unwrap();
    let cycles = ramp.repeat(46).unwrap();
    assert_eq!(cycles.at(46), 0.0);
    assert_eq!(cycles.clone().advance(2e-311).unwrap().at(46), 0.0);
    let phases = Schedule::constant(1.0).unwrap().then_at(7, cycles).unwrap();
    assert_eq!(phases.advance(2e-311).unwrap().at(7), 0.0);
}
