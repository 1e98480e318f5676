//! Laws of every schedule: it is total and pure, the bulk path has the bits of the definition, and brackets change nothing.

use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::schedule::any::{ending, phases, ramp, schedule, span, step, steps_of};
use crate::schedule::{Node, Phase, Schedule};

fn bits(schedule: &Schedule, steps: &[u64]) -> Vec<u64> {
    steps.iter().map(|&step| schedule.at(step).to_bits()).collect()
}

proptest! {
    #[test]
    fn every_rate_is_finite_and_not_negative_in_any_order(schedule in schedule(), more in vec(step(), 8)) {
        let mut steps = steps_of(&schedule);
        steps.extend(more);
        for &step in &steps {
            let rate = schedule.at(step);
            prop_assert!(rate.is_finite() && rate >= 0.0, "{rate} at {step} of {schedule}");
        }
        let forwards = bits(&schedule, &steps);
        steps.reverse();
        let mut backwards = bits(&schedule, &steps);
        backwards.reverse();
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn many_rates_at_once_are_those_one_by_one(schedule in schedule(), more in vec(step(), 8), count in 1..200_usize) {
        for first in steps_of(&schedule).into_iter().chain(more) {
            let mut rates = vec![f64::NAN; count];
            schedule.sample(first, &mut rates);
            for (offset, rate) in (0..).zip(rates) {
                let step = first.saturating_add(offset);
                let alone = schedule.at(step);
                prop_assert_eq!(rate.to_bits(), alone.to_bits(), "{} or {} at {} of {}", rate, alone, step, &schedule);
            }
        }
    }

    #[test]
    fn the_smallest_of_one_is_that_one(schedule in schedule(), more in vec(step(), 8)) {
        // A minimum evaluates its parts with 106 bits of time, where the schedule alone may have a quicker way.
        let steps: Vec<u64> = steps_of(&schedule).into_iter().chain(more).collect();
        let smallest = Schedule::try_from(Node::Min(vec![schedule.clone()])).unwrap();
        prop_assert_eq!(bits(&smallest, &steps), bits(&schedule, &steps), "{}", schedule);
    }

    #[test]
    fn a_ramp_stays_between_its_ends(ramp in ramp(), more in vec(step(), 8), k in span()) {
        let schedule = ramp.build().unwrap();
        let (low, high) = (ramp.from.min(ramp.to), ramp.from.max(ramp.to));
        for of in [schedule.clone(), schedule.stretch(k).unwrap()] {
            for step in steps_of(&of).into_iter().chain(more.clone()) {
                let rate = of.at(step);
                prop_assert!((low..=high).contains(&rate), "{rate} at {step} of {of}");
            }
        }
    }

    #[test]
    fn nothing_changes_after_the_horizon(schedule in ending(), more in vec(step(), 8)) {
        let horizon = schedule.horizon().unwrap();
        let last = schedule.at(horizon);
        for step in steps_of(&schedule).into_iter().chain(more) {
            let step = step.saturating_add(horizon);
            prop_assert_eq!(schedule.at(step).to_bits(), last.to_bits(), "{} after {} of {}", step, horizon, schedule);
        }
    }

    #[test]
    fn brackets_around_sequences_change_nothing(phases in phases(schedule()), split in any::<prop::sample::Index>()) {
        let flat = Schedule::try_from(Node::Sequence(phases.clone())).unwrap();
        let steps = steps_of(&flat);
        let wrapped = Schedule::try_from(Node::Sequence(vec![Phase { start: 0, schedule: flat.clone() }])).unwrap();
        prop_assert_eq!(bits(&wrapped, &steps), bits(&flat, &steps));

        // The phases from `at` on as a sequence of their own.
        let at = split.index(phases.len());
        let start = phases[at].start;
        let tail = phases[at..].iter().map(|phase| Phase { start: phase.start - start, schedule: phase.schedule.clone() });
        let tail = Schedule::try_from(Node::Sequence(tail.collect())).unwrap();
        let mut head = phases[..at].to_vec();
        head.push(Phase { start, schedule: tail.clone() });
        let nested = Schedule::try_from(Node::Sequence(head)).unwrap();
        prop_assert_eq!(bits(&nested, &steps), bits(&flat, &steps));

        // And put together again.
        if at > 0 {
            let head = Schedule::try_from(Node::Sequence(phases[..at].to_vec())).unwrap();
            let joined = head.then_at(start, tail).unwrap();
            prop_assert_eq!(&joined, &flat);
        }
    }

    #[test]
    fn what_is_frozen_begins_at_its_own_step_0(schedule in schedule(), start in step(), more in vec(step(), 8)) {
        let frozen = schedule.clone().frozen_until(start).unwrap();
        for step in steps_of(&schedule).into_iter().chain(more) {
            if step < start {
                prop_assert_eq!(frozen.at(step).to_bits(), 0, "{} of {}", step, frozen);
            }
            if let Some(later) = start.checked_add(step) {
                prop_assert_eq!(frozen.at(later).to_bits(), schedule.at(step).to_bits(), "{} of {}", later, frozen);
            }
        }
        let last = u64::MAX - start;
        prop_assert_eq!(frozen.at(u64::MAX).to_bits(), schedule.at(last).to_bits(), "the last step of {}", frozen);
    }

    #[test]
    fn then_is_associative(a in ending(), b in ending(), c in schedule()) {
        let left = a.clone().then(b.clone()).unwrap().then(c.clone()).unwrap();
        let right = a.then(b.then(c).unwrap()).unwrap();
        prop_assert_eq!(&left, &right);
        let steps = steps_of(&left);
        prop_assert_eq!(bits(&left, &steps), bits(&right, &steps));
    }

    #[test]
    fn a_file_keeps_every_bit_of_a_schedule(schedule in schedule()) {
        prop_assert_eq!(&Schedule::try_from(Node::from(schedule.clone())).unwrap(), &schedule);
        let json = serde_json::to_string(&schedule).unwrap();
        let msgpack = rmp_serde::to_vec_named(&schedule).unwrap();
        let from_json: Schedule = serde_json::from_str(&json).unwrap();
        let from_msgpack: Schedule = rmp_serde::from_slice(&msgpack).unwrap();
        let steps = steps_of(&schedule);
        for read in [from_json, from_msgpack] {
            prop_assert_eq!(&read, &schedule);
            prop_assert_eq!(rmp_serde::to_vec_named(&read).unwrap(), msgpack.clone()); // -0 is not 0 here
            prop_assert_eq!(bits(&read, &steps), bits(&schedule, &steps));
        }
    }
}
