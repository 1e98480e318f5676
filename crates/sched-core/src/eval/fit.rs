//! Whether a schedule is as long as the run that follows it.

use alloc::string::{String, ToString};

use thiserror::Error;

use crate::schedule::{Rounded, Schedule};

/// A ramp that ends earlier in the run than this leaves a tail that nobody planned.
const EARLY: f64 = 0.95;
/// Milestones may well be over by half the run, but hardly in its first quarter.
const EARLY_MILESTONE: f64 = 0.25;
/// The smallest change worth reporting, as a fraction of the highest rate.
const NOTABLE: f64 = 0.05;
/// A run this many times longer than its schedule suggests that epochs were taken for steps.
const EPOCHS: u64 = 10;

/// How many steps are searched for the highest rate: all of a run of this length, evenly spaced ones of a longer run.
const LOOKS: u64 = 1_000_000;
/// How many seams of a longer run are searched as well, because a rate may peak for only a few steps beside one.
const SEAMS: usize = 2_000;

/// A difference between the length of a schedule and that of a run which is probably a mistake; see
/// [`Schedule::compare_horizon`].
///
/// The message says what happens to the rate and how to change that, so it can be logged as a warning.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum HorizonMismatch {
    /// The schedule ends long before the run does.
    #[error(
        "the schedule `{schedule}` ends at step {horizon}, but the run has {run_steps} steps: the rate stays at {} for the \
         remaining {}; make the schedule {run_steps} steps long{}",
        Rounded(*.rate), run_steps.saturating_sub(*.horizon), epochs_hint(*.run_steps, *.horizon)
    )]
    TooShort {
        /// The schedule, in words.
        schedule: String,
        /// The number of updates in the run.
        run_steps: u64,
        /// The first step from which the rate never changes again.
        horizon: u64,
        /// The rate from there on.
        rate: f64,
    },
    /// The run ends before the schedule does.
    #[error(
        "the schedule `{schedule}` ends at step {horizon}, but the run has only {run_steps} steps: the run ends at a rate of \
         {}, and the schedule would go on to {}; make the schedule {run_steps} steps long, or the run {horizon}",
        Rounded(*.last), Rounded(*.goal)
    )]
    TooLong {
        /// The schedule, in words.
        schedule: String,
        /// The number of updates in the run.
        run_steps: u64,
        /// The first step from which the rate would never change again.
        horizon: u64,
        /// The rate of the run's last update.
        last: f64,
        /// The rate at the horizon.
        goal: f64,
    },
}

/// What to try besides another length, when the run is many times longer than the schedule.
fn epochs_hint(run_steps: u64, horizon: u64) -> &'static str {
    if run_steps / horizon.max(1) < EPOCHS {
        ""
    } else {
        "; if the schedule counts epochs, wrap it in `every` with the steps per epoch"
    }
}

impl Schedule {
    /// What is probably wrong with the schedule's length for a run of `run_steps` updates: a warning to print before
    /// training starts.
    ///
    /// - Too short: the [horizon](Self::horizon) comes before 95 % of the run (25 % if the last change is a milestone), and
    ///   the rate that stays is more than 5 % below the run's highest, so it is not the end of a warmup.
    /// - Too long: the horizon comes after the run, and the rate at the schedule's next seam or at its horizon differs from
    ///   the run's last by more than 5 % of the run's highest.
    ///
    /// `None` otherwise, so always for a constant, a schedule that never ends, and a run of 0 steps. The highest rate of a
    /// run of more than a million steps is that of a million of them.
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
    ///     "the schedule `cosine 1e-3 -> 1e-5 over 10000` ends at step 10000, but the run has only 1563 steps: the run \
    ///      ends at a rate of 9.41588e-4, and the schedule would go on to 1e-5; make the schedule 1563 steps long, or the run \
    ///      10000"
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
        // A warmup to a rate that is then held is complete. Nothing after the horizon is higher.
        let highest = self.highest(horizon).max(rate);
        if highest - rate <= NOTABLE * highest {
            return None;
        }
        Some(HorizonMismatch::TooShort { schedule: self.to_string(), run_steps, horizon, rate })
    }

    fn too_long(&self, horizon: u64, run_steps: u64) -> Option<HorizonMismatch> {
        let (last, goal) = (self.at(run_steps - 1), self.at(horizon));
        // A tail in which nothing changes is not missed.
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
                "the schedule `linear 1 -> 0.25 over 900` ends at step 900, but the run has 1200 steps: the rate stays at \
                 0.25 for the remaining 300; make the schedule 1200 steps long"
            )
        );
        assert!(said(8_999).unwrap().ends_with("make the schedule 8999 steps long"));
        assert!(said(9_000).unwrap().ends_with(
            "the remaining 8100; make the schedule 9000 steps long; if the schedule counts epochs, wrap it in `every` \
             with the steps per epoch"
        ));
    }
}
