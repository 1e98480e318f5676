//! Whether a schedule is as long as the run that follows it.

use alloc::string::{String, ToString};
use core::fmt;

use crate::schedule::{Rounded, Schedule};

/// A ramp that is done earlier in the run than this leaves a tail that nobody planned.
const EARLY: f64 = 0.95;
/// Milestones may well be over by half the run, but hardly in its first quarter.
const EARLY_MILESTONE: f64 = 0.25;
/// A change of the rate that is worth a word, as a part of the rate.
const NOTABLE: f64 = 0.05;
/// From here on the run is so much longer than the schedule that epochs may have been taken for steps.
const EPOCHS: u64 = 10;

/// Up to so many steps all are looked at for the highest rate; of more, so many.
const LOOKS: u64 = 1_000_000;
/// And so many seams, beside which a rate may be the highest for a few steps only.
const SEAMS: usize = 2_000;

/// How a schedule's length and a run's differ, in a way that is likely a mistake; from [`Schedule::compare_horizon`].
///
/// The message says what happens to the rate and how to change that, so it can be logged as a warning.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HorizonMismatch {
    /// The schedule is over long before the run is.
    TooShort {
        /// The schedule, in words.
        schedule: String,
        /// How many updates the run has.
        run_steps: u64,
        /// The first step from which the rate never changes again.
        horizon: u64,
        /// The rate from there on.
        rate: f64,
    },
    /// The run is over while the schedule still has something to do.
    TooLong {
        /// The schedule, in words.
        schedule: String,
        /// How many updates the run has.
        run_steps: u64,
        /// The first step from which the rate would never change again.
        horizon: u64,
        /// The rate of the run's last update.
        last: f64,
        /// The rate at the horizon.
        goal: f64,
    },
}

impl fmt::Display for HorizonMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { schedule, run_steps, horizon, rate } => {
                write!(
                    f,
                    "the schedule `{schedule}` is over at step {horizon}, but the run has {run_steps} steps: the rate stays {} \
                     for the remaining {}; make the schedule {run_steps} steps long",
                    Rounded(*rate),
                    run_steps.saturating_sub(*horizon)
                )?;
                if run_steps / horizon.max(&1) < EPOCHS {
                    return Ok(());
                }
                f.write_str(", or, if its times are epochs, put it into `every` with the steps per epoch")
            }
            Self::TooLong { schedule, run_steps, horizon, last, goal } => write!(
                f,
                "the schedule `{schedule}` is over at step {horizon}, but the run has only {run_steps} steps: it ends at a rate of \
                 {}, and the schedule would go on to {}; make the schedule {run_steps} steps long, or the run {horizon}",
                Rounded(*last),
                Rounded(*goal)
            ),
        }
    }
}

impl core::error::Error for HorizonMismatch {}

impl Schedule {
    /// What is likely wrong with the schedule's length for a run of `run_steps` updates, to say at the start of a training.
    ///
    /// - Too short: the [horizon](Self::horizon) comes before 95 % of the run (a milestone that is the end: before 25 %),
    ///   and the rate that then stays is not that of a warmup's end, within 5 % of the run's highest.
    /// - Too long: the horizon comes after the run, and the rate that the schedule goes on to, at its next seam or at its
    ///   horizon, is off the run's last by more than 5 % of the run's highest.
    ///
    /// `None` if neither is so: for a constant, for a schedule that never ends, and for a run of 0 steps. Of a run of more
    /// than a million steps the highest rate is that of a million of them.
    ///
    /// ```
    /// use sched_core::{HorizonMismatch, Schedule};
    ///
    /// # fn main() -> Result<(), sched_core::ScheduleError> {
    /// let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 10_000)?;
    /// assert_eq!(schedule.compare_horizon(10_000), None);
    ///
    /// let mismatch = schedule.compare_horizon(1_563);
    /// assert!(matches!(mismatch, Some(HorizonMismatch::TooLong { horizon: 10_000, goal: 1e-5, .. })));
    /// assert_eq!(
    ///     mismatch.map_or(String::new(), |mismatch| mismatch.to_string()),
    ///     "the schedule `cosine 1e-3 -> 1e-5 over 10000` is over at step 10000, but the run has only 1563 steps: it ends at \
    ///      a rate of 9.41588e-4, and the schedule would go on to 1e-5; make the schedule 1563 steps long, or the run 10000"
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn compare_horizon(&self, run_steps: u64) -> Option<HorizonMismatch> {
        let horizon = self.horizon().filter(|_| run_steps > 0)?;
        if horizon > run_steps { self.too_long(horizon, run_steps) } else { self.too_short(horizon, run_steps) }
    }

    fn too_short(&self, horizon: u64, run_steps: u64) -> Option<HorizonMismatch> {
        if horizon <= 1 {
            return None;
        }
        let arrives_by_jump = self.at(horizon - 1) == self.at(horizon - 2);
        let early = if arrives_by_jump { EARLY_MILESTONE } else { EARLY };
        if horizon as f64 >= run_steps as f64 * early {
            return None;
        }
        let rate = self.at(horizon);
        // A warmup to a rate that is then held is whole. After the horizon there is nothing higher.
        let highest = self.highest(horizon).max(rate);
        if highest - rate <= NOTABLE * highest {
            return None;
        }
        Some(HorizonMismatch::TooShort { schedule: self.to_string(), run_steps, horizon, rate })
    }

    fn too_long(&self, horizon: u64, run_steps: u64) -> Option<HorizonMismatch> {
        let (last, goal) = (self.at(run_steps - 1), self.at(horizon));
        // A tail in which nothing happens is not missed.
        let next = self.next_seam(run_steps).unwrap_or(horizon);
        let change = [goal, self.at(next)].into_iter().map(|rate| (rate - last).abs()).fold(0.0, f64::max);
        if change <= NOTABLE * self.highest(run_steps) {
            return None;
        }
        Some(HorizonMismatch::TooLong { schedule: self.to_string(), run_steps, horizon, last, goal })
    }

    /// The highest rate before a step.
    fn highest(&self, end: u64) -> f64 {
        let mut highest: f64 = 0.0;
        if end <= LOOKS {
            let mut rates = [0.0; 256];
            for first in (0..end).step_by(rates.len()) {
                let count = rates.len().min((end - first) as usize);
                self.sample(first, &mut rates[..count]);
                highest = rates[..count].iter().copied().fold(highest, f64::max);
            }
            return highest;
        }
        let spread = (0..LOOKS).map(|look| (u128::from(look) * u128::from(end) / u128::from(LOOKS)) as u64);
        let seams = core::iter::successors(self.next_seam(0), |&seam| self.next_seam(seam));
        let beside = seams.take_while(|&seam| seam < end).take(SEAMS).flat_map(|seam| [seam - 1, seam]);
        spread.chain(beside).chain([end - 1]).map(|step| self.at(step)).fold(highest, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::HorizonMismatch;
    use crate::{Cyclic, Node, Schedule};

    fn linear(from: f64, to: f64, steps: u64) -> Schedule {
        Schedule::linear(from, to, steps).unwrap()
    }

    /// The horizon and the rate that stays.
    fn too_short(schedule: &Schedule, run_steps: u64) -> (u64, f64) {
        match schedule.compare_horizon(run_steps) {
            Some(HorizonMismatch::TooShort { schedule: words, run_steps: run, horizon, rate }) => {
                assert_eq!((words, run), (schedule.to_string(), run_steps));
                (horizon, rate)
            }
            other => panic!("{schedule} in {run_steps}: {other:?}"),
        }
    }

    /// The horizon, the last rate and the goal.
    fn too_long(schedule: &Schedule, run_steps: u64) -> (u64, f64, f64) {
        match schedule.compare_horizon(run_steps) {
            Some(HorizonMismatch::TooLong { schedule: words, run_steps: run, horizon, last, goal }) => {
                assert_eq!((words, run), (schedule.to_string(), run_steps));
                (horizon, last, goal)
            }
            other => panic!("{schedule} in {run_steps}: {other:?}"),
        }
    }

    #[test]
    fn a_ramp_that_ends_before_95_percent_of_the_run_is_too_short() {
        assert_eq!(too_short(&linear(1.0, 0.25, 94), 100), (94, 0.25));
        assert_eq!(linear(1.0, 0.25, 95).compare_horizon(100), None);
        assert_eq!(linear(1.0, 0.25, 100).compare_horizon(100), None);
        assert_eq!(linear(1.0, 0.0, 2).compare_horizon(u64::MAX).map(|_| ()), Some(()));
    }

    #[test]
    fn milestones_that_end_in_the_first_quarter_are_too_short() {
        let milestones = Schedule::multi_step(0.5, &[30, 60], 0.5).unwrap();
        assert_eq!(too_short(&milestones, 241), (60, 0.125));
        assert_eq!(milestones.compare_horizon(240), None);
    }

    #[test]
    fn a_warmup_to_a_rate_that_is_held_is_whole() {
        let held = linear(0.0, 1.0, 10).then(Schedule::constant(1.0).unwrap()).unwrap();
        assert_eq!(held.compare_horizon(1_000), None);
        // 4 % below the highest is held, 6 % is not.
        let falls_to = |rate| linear(0.0, 1.0, 10).then(linear(1.0, rate, 10)).unwrap();
        assert_eq!(falls_to(0.96).compare_horizon(1_000), None);
        assert_eq!(too_short(&falls_to(0.94), 1_000), (20, 0.94));
    }

    #[test]
    fn a_run_that_ends_on_the_way_leaves_a_schedule_too_long() {
        assert_eq!(too_long(&linear(1.0, 0.0, 128), 97), (128, 0.25, 0.0)); // update 96 of 128
        assert_eq!(too_long(&linear(0.0, 1.0, 128), 1), (128, 0.0, 1.0));
        // 6 / 100 and 4 / 100 of the highest are left.
        assert_eq!(too_long(&linear(1.0, 0.0, 100), 95).0, 100);
        assert_eq!(linear(1.0, 0.0, 100).compare_horizon(97), None);
    }

    #[test]
    fn what_happens_between_the_run_and_the_horizon_counts() {
        // The rate is 1 at the end of the run and at the horizon, and 0 at step 200 between them.
        let valley = Schedule::constant(1.0).unwrap().then_at(100, linear(1.0, 0.0, 100)).unwrap();
        let valley = valley.then(linear(0.0, 1.0, 100)).unwrap();
        assert_eq!(too_long(&valley, 100), (300, 1.0, 1.0));
        // A tail in which nothing happens is not missed.
        let tail = linear(1.0, 0.0, 100).then(linear(0.0, 0.0, 100)).unwrap();
        assert_eq!(tail.compare_horizon(110), None);
    }

    #[test]
    fn long_runs_are_looked_at_in_part() {
        assert_eq!(too_long(&linear(1.0, 0.0, 1 << 23), (1 << 22) + 1), (1 << 23, 0.5, 0.0));
        // A peak of one step, 500_000, which none of a million looks spread over 1_000_002 steps hits.
        let with = |peak| linear(1e-3, 1e-3, 500_000).then(linear(peak, 0.03, 1)).unwrap();
        let tail = linear(0.0301, 0.03, 500_001);
        assert_eq!(too_short(&with(1.0).then(tail.clone()).unwrap(), 4_000_000), (1_000_002, 0.03));
        assert_eq!(with(0.03).then(tail).unwrap().compare_horizon(4_000_000), None);
        let longest = Schedule::linear(1.0, 0.0, u64::MAX).unwrap();
        assert_eq!(longest.compare_horizon(u64::MAX), None);
    }

    #[test]
    fn what_has_no_length_fits_every_run() {
        let cases = [
            Schedule::constant(0.1).unwrap(),
            Schedule::exponential(0.1, 0.9).unwrap(),
            Schedule::inverse_sqrt(0.1, 100.0).unwrap(),
            Cyclic::new(0.0, 1.0, 3).lr().unwrap(),
            Schedule::try_from(Node::Every { n: 7, of: Schedule::constant(0.1).unwrap() }).unwrap(),
        ];
        for schedule in cases {
            for run_steps in [0, 1, 2, 100, u64::MAX] {
                assert_eq!(schedule.compare_horizon(run_steps), None, "{schedule} in {run_steps}");
            }
        }
        assert_eq!(linear(1.0, 0.0, 100).compare_horizon(0), None);
    }

    #[test]
    fn it_is_said_in_words() {
        let schedule = linear(1.0, 0.25, 900);
        let said = |run_steps| schedule.compare_horizon(run_steps).map(|mismatch| mismatch.to_string());
        assert_eq!(
            said(1_200).as_deref(),
            Some(
                "the schedule `linear 1 -> 0.25 over 900` is over at step 900, but the run has 1200 steps: the rate stays \
                 0.25 for the remaining 300; make the schedule 1200 steps long"
            )
        );
        assert!(said(8_999).unwrap().ends_with("make the schedule 8999 steps long"));
        assert!(said(9_000).unwrap().ends_with(
            "the remaining 8100; make the schedule 9000 steps long, or, if its times are epochs, put it into `every` with \
             the steps per epoch"
        ));
    }
}
