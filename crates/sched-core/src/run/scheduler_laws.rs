//! Laws of a scheduler on any schedule with any rule: it resumes to the bit, and never from a damaged state.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use std::string::ToString;

use proptest::option;
use proptest::prelude::*;

use crate::feedback::Feedback;
use crate::feedback::any::{feedback, metrics, plateau};
use crate::run::{Factor, LoadError, OnMismatch, Scheduler, SchedulerState};
use crate::schedule::Schedule;
use crate::schedule::any::{ending, factor, schedule, step};

fn scheduler(schedule: &Schedule, feedback: &Option<impl Into<Feedback> + Clone>) -> Scheduler {
    let scheduler = Scheduler::new(schedule.clone());
    match feedback {
        Some(feedback) => scheduler.with_feedback(feedback.clone()),
        None => scheduler,
    }
}

/// Steps and observes; the bits of the rates.
fn run(scheduler: &mut Scheduler, metrics: &[Option<f64>]) -> Vec<u64> {
    let each = metrics.iter().map(|metric| {
        let rate = scheduler.step();
        if let Some(metric) = metric {
            let _ = scheduler.observe(*metric); // without a rule, or one that does not accept it: refused, in every run alike
        }
        rate.to_bits()
    });
    each.collect()
}

/// The state in each file format, read back.
fn through_files(state: &SchedulerState) -> Vec<SchedulerState> {
    vec![
        serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec_named(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec(state).unwrap()).unwrap(),
    ]
}

proptest! {
    #[test]
    fn a_scaled_scheduler_is_on_the_multiplied_curve(
        schedule in schedule(),
        plateau in option::of(plateau()),
        factor in factor(),
        metrics in metrics(),
    ) {
        let factor = Factor::new(factor).unwrap();
        let mut whole = scheduler(&schedule, &plateau);
        run(&mut whole, &metrics);
        let mut part = whole.scaled(factor).unwrap();
        // Of a closure, the rates are multiplied one by one.
        let code = schedule.clone();
        let mut coded = Scheduler::new(move |step| factor.apply(code.at(step)));
        if let Some(feedback) = whole.feedback() {
            coded = coded.with_feedback(feedback.clone());
        }
        coded.seek(whole.position());
        prop_assert_eq!(part.position(), whole.position());
        prop_assert_eq!(part.feedback(), whole.feedback());
        prop_assert_eq!(part.last_rate().is_some(), whole.last_rate().is_some());
        for _ in 0..40 {
            let (part, coded) = (part.step(), coded.step());
            // The product is rounded once, the closure's rate twice, and the plateau rounds again.
            let ulp = coded.next_up() - coded;
            prop_assert!((part - coded).abs() <= 3.0 * ulp, "{} and {} of {}", part, coded, schedule);
        }
    }

    #[test]
    fn a_resumed_run_is_one_that_never_stopped(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        before in metrics(),
        after in metrics(),
    ) {
        let mut unbroken = scheduler(&schedule, &feedback);
        unbroken.seek(start);
        run(&mut unbroken, &before);
        let state = unbroken.state();
        state.verify().unwrap();
        let mut resumed = Vec::new();
        // No file holds the code of a rule, so nothing can be observed without configuring it.
        if !matches!(feedback, Some(Feedback::Custom(_))) {
            resumed.push(Scheduler::from_state(&state).unwrap());
        }
        for read in through_files(&state) {
            prop_assert_eq!(&read, &state);
            let mut fresh = scheduler(&schedule, &feedback);
            fresh.load_state(&read, OnMismatch::Refuse).unwrap();
            fresh.load_state(&read, OnMismatch::Refuse).unwrap(); // set, not added
            resumed.push(fresh);
        }
        let rates = run(&mut unbroken, &after);
        for mut resumed in resumed {
            prop_assert_eq!(run(&mut resumed, &after), rates.clone());
            prop_assert_eq!(resumed.state(), unbroken.state());
        }
        for rate in rates {
            let rate = f64::from_bits(rate);
            prop_assert!(rate.is_finite() && rate >= 0.0, "{rate} of {unbroken}");
        }
    }

    #[test]
    fn a_clone_has_a_position_of_its_own(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        metrics in metrics(),
    ) {
        let mut original = scheduler(&schedule, &feedback);
        original.seek(start);
        original.step();
        let mut clone = original.clone();
        let state = original.state();
        let rates = run(&mut clone, &metrics);
        prop_assert_eq!(original.state(), state);
        prop_assert_eq!(run(&mut original, &metrics), rates);
        prop_assert_eq!(original.state(), clone.state());
    }

    #[test]
    fn seeking_is_stepping(schedule in schedule(), start in step(), count in 1..20_u64) {
        let mut stepped = Scheduler::new(schedule.clone());
        stepped.seek(start);
        for _ in 0..count {
            let step = stepped.position();
            prop_assert_eq!(stepped.peek().to_bits(), schedule.at(step).to_bits());
            prop_assert_eq!(stepped.step().to_bits(), schedule.at(step).to_bits());
        }
        let mut sought = Scheduler::new(schedule);
        sought.seek(start.saturating_add(count));
        prop_assert_eq!(sought.position(), stepped.position());
        prop_assert_eq!(sought.step().to_bits(), stepped.step().to_bits());
    }

    #[test]
    fn what_wins_is_what_was_chosen(
        saved in ending(),
        configured in ending(),
        saved_plateau in option::of(plateau()),
        plateau in option::of(plateau()),
        start in step(),
        metrics in metrics(),
    ) {
        prop_assume!(saved != configured);
        let mut old = scheduler(&saved, &saved_plateau);
        old.seek(start);
        run(&mut old, &metrics);
        let state = old.state();
        let fresh = scheduler(&configured, &plateau);
        let load = |on_mismatch| {
            let mut fresh = fresh.clone();
            let result = fresh.load_state(&state, on_mismatch);
            (fresh, result)
        };

        let (refused, error) = load(OnMismatch::Refuse);
        let in_words = [&saved, &configured].map(|schedule| schedule.to_string());
        let in_full = [&saved, &configured].map(|schedule| format!("{schedule:#}"));
        let expected = if in_words[0] == in_words[1] { &in_full } else { &in_words };
        let named = matches!(&error, Err(LoadError::Schedule { saved: s, configured: c, .. })
            if *s == expected[0] && *c == expected[1] && s != c);
        prop_assert!(named, "{error:?}");
        prop_assert_ne!(&in_full[0], &in_full[1]);
        prop_assert_eq!(refused.state(), fresh.state());

        let (kept, result) = load(OnMismatch::KeepConfigured);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(kept.position(), old.position());
        prop_assert_eq!(kept.schedule(), Some(configured.clone()));
        prop_assert_eq!(kept.plateau().is_some(), plateau.is_some());
        if let (Some(kept), Some(old)) = (kept.plateau(), old.plateau()) {
            prop_assert_eq!((kept.best(), kept.reductions()), (old.best(), old.reductions()));
        }

        let (taken, result) = load(OnMismatch::TakeSaved);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(taken.state(), state.clone());

        let (moved, result) = load(OnMismatch::KeepProgress);
        let (from, to) = (saved.horizon().unwrap(), configured.horizon().unwrap());
        if from == 0 || to == 0 {
            prop_assert!(matches!(result, Err(LoadError::NoHorizon { .. })), "{result:?}");
            prop_assert_eq!(moved.state(), fresh.state());
        } else {
            prop_assert_eq!(result, Ok(()));
            prop_assert_eq!(moved.schedule(), Some(configured));
            // |position / to - old position / from| <= 1 / (2 to), unless there is no such step.
            let (position, old) = (u128::from(moved.position()), u128::from(old.position()));
            let difference = (position * u128::from(from)).abs_diff(old * u128::from(to));
            prop_assert!(difference <= u128::from(from / 2) || moved.position() == u64::MAX, "{old} of {from} to {position} of {to}");
        }
    }
}

proptest! {
    // Every case flips thousands of bits.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_flipped_bit_of_a_state_goes_unnoticed(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        metrics in metrics(),
    ) {
        let mut scheduler = scheduler(&schedule, &feedback);
        scheduler.seek(start);
        run(&mut scheduler, &metrics);
        let state = scheduler.state();
        let bytes = rmp_serde::to_vec_named(&state).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(read) = rmp_serde::from_slice::<SchedulerState>(&flipped) else {
                continue;
            };
            if read.verify().is_ok() {
                prop_assert_eq!(rmp_serde::to_vec_named(&read).unwrap(), bytes.clone(), "bit {}", bit);
            } else {
                let before = scheduler.state();
                prop_assert!(scheduler.load_state(&read, OnMismatch::TakeSaved).is_err());
                prop_assert_eq!(scheduler.state(), before);
            }
        }
    }
}
