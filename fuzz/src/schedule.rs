//! What must hold of every schedule.

use sched_core::{Schedule, Scheduler};

use crate::state::through_files;

/// How many rates are compared at once: more than a scheduler computes ahead at first.
const RATES: usize = 12;

/// Every rate is a rate, by all ways the same, and files keep all bits.
pub fn check_schedule(schedule: &Schedule) {
    let rate = |step: u64| {
        let rate = schedule.at(step);
        assert!(rate.is_finite() && rate.is_sign_positive(), "{rate} at {step} of {schedule:#}");
        rate.to_bits()
    };
    let files: [Schedule; 2] = [
        serde_json::from_slice(&serde_json::to_vec(schedule).expect("it can be written")).expect("it can be read"),
        rmp_serde::from_slice(&rmp_serde::to_vec(schedule).expect("it can be written")).expect("it can be read"),
    ];
    for read in &files {
        assert_eq!(read, schedule);
    }
    let mut scheduler = Scheduler::new(schedule.clone());
    let firsts = steps(schedule);
    for &first in &firsts {
        let expected: Vec<u64> = (0..RATES as u64).map(|offset| rate(first.saturating_add(offset))).collect();
        let mut rates = [f64::NAN; RATES];
        schedule.sample(first, &mut rates);
        assert_eq!(rates.map(f64::to_bits).as_slice(), expected, "sampled from {first} of {schedule:#}");
        scheduler.seek(first);
        for (offset, expected) in (0..).zip(&expected) {
            let step = first.saturating_add(offset);
            assert_eq!(scheduler.position(), step);
            assert_eq!(scheduler.step().to_bits(), *expected, "stepped at {step} of {schedule:#}");
        }
    }
    let middle = firsts[firsts.len() / 2];
    scheduler.seek(middle);
    for mut resumed in through_files(&scheduler) {
        assert_eq!(resumed.step().to_bits(), rate(middle), "resumed at {middle} of {schedule:#}");
    }
    if let Some(horizon) = schedule.horizon() {
        for later in [1, 2, 1000, u64::MAX] {
            assert_eq!(rate(horizon.saturating_add(later)), rate(horizon), "{later} after {horizon} of {schedule:#}");
        }
    }
    let mismatch = schedule.compare_horizon(20);
    assert!(mismatch.is_none_or(|mismatch| !mismatch.to_string().is_empty()));
    assert!(!schedule.to_string().is_empty());
}

/// The start, the first seams, the horizon, and where numbers end.
fn steps(schedule: &Schedule) -> Vec<u64> {
    let next = |seam: u64| {
        let next = schedule.next_seam(seam);
        assert!(next.is_none_or(|next| next > seam), "{next:?} after {seam} of {schedule:#}");
        next
    };
    let seams = std::iter::successors(Some(0), |&seam| next(seam)).take(5);
    let mut steps: Vec<u64> = seams.chain(schedule.horizon()).chain([1 << 53, 1 << 63]).collect();
    steps.iter_mut().for_each(|step| *step = step.saturating_sub(RATES as u64 / 2));
    next(u64::MAX - 1);
    steps.push(u64::MAX - RATES as u64 / 2);
    steps.sort_unstable();
    steps.dedup();
    steps
}
