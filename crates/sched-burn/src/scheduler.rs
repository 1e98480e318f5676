//! The scheduler that burn drives.

use sched_core::{
    Curve, Factor, Feedback, Greedy, LoadError, Observation, ObserveError, OnMismatch, Plateau, RateError, Rule,
    Schedule, ScheduleError, SchedulerState,
};

#[cfg(feature = "train")]
use crate::feed::{Follower, Steps};
#[cfg(feature = "train")]
use crate::log::Tap;

/// A position on a schedule, as burn's `LrScheduler`.
///
/// Pass it to burn's `Learner::new(model, optimizer, scheduler)`, or call [`step`](Self::step) in your own training
/// loop: it returns the rate of the next update and moves on.
///
/// ```
/// use sched_burn::prelude::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let schedule = Schedule::linear(1.0, 0.0, 4)?;
/// let mut scheduler = Scheduler::new(schedule.clone());
/// assert_eq!(scheduler.step(), 1.0);
/// assert_eq!(scheduler.step(), 0.75);
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("scheduler.mpk");
/// scheduler.save(&path)?;
///
/// let mut resumed = Scheduler::new(schedule);
/// resumed.load(&path)?;
/// assert_eq!(resumed.step(), 0.5);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a scheduler does nothing until burn or a training loop steps it"]
pub struct Scheduler {
    pub(crate) inner: sched_core::Scheduler,
    on_mismatch: OnMismatch,
    #[cfg(feature = "train")]
    pub(crate) follower: Option<Follower>,
    #[cfg(feature = "train")]
    pub(crate) steps: Option<Steps>,
    #[cfg(feature = "train")]
    pub(crate) tap: Option<Tap>,
    /// Whether it has been said that nothing feeds the rule.
    told: bool,
}

impl Scheduler {
    /// Starts at step 0 of a [`Schedule`], or of a closure from step to rate. For a constant rate, use
    /// [`Schedule::constant`]`(rate)?`.
    pub fn new(curve: impl Curve + Send + Sync + 'static) -> Self {
        sched_core::Scheduler::new(curve).into()
    }

    /// Multiplies the schedule's rate by the factor of a plateau.
    pub fn with_plateau(self, plateau: Plateau) -> Self {
        Self { inner: self.inner.with_plateau(plateau), ..self }
    }

    /// Multiplies the schedule's rate by the factor of a greedy rule.
    pub fn with_greedy(self, greedy: Greedy) -> Self {
        Self { inner: self.inner.with_greedy(greedy), ..self }
    }

    /// Multiplies the schedule's rate by the factor of your own rule.
    ///
    /// # Errors
    ///
    /// The rule's initial memory contains NaN or an infinity.
    pub fn with_rule(self, rule: impl Rule + 'static) -> Result<Self, ScheduleError> {
        Ok(Self { inner: self.inner.with_rule(rule)?, ..self })
    }

    /// Multiplies the schedule's rate by the factor of a rule of any kind.
    pub fn with_feedback(self, feedback: impl Into<Feedback>) -> Self {
        Self { inner: self.inner.with_feedback(feedback), ..self }
    }

    /// Decides what loading does if the saved schedule or rule differs from the configured one. The default is to
    /// refuse, which is a panic when burn itself resumes.
    pub fn on_mismatch(mut self, on_mismatch: OnMismatch) -> Self {
        self.on_mismatch = on_mismatch;
        self
    }

    /// Returns the rate of the next update and moves on to the one after it.
    ///
    /// # Panics
    ///
    /// The scheduler runs a closure, and that returned NaN, an infinity or a negative number; [`try_step`](Self::try_step)
    /// returns an error instead. A schedule never panics.
    #[inline]
    pub fn step(&mut self) -> f64 {
        self.catch_up();
        let rate = self.inner.step();
        self.note(rate);
        rate
    }

    /// Returns the rate of the next update and moves on to the one after it.
    ///
    /// # Errors
    ///
    /// The scheduler runs a closure, and that returned NaN, an infinity or a negative number. The position is unchanged.
    #[inline]
    pub fn try_step(&mut self) -> Result<f64, RateError> {
        self.catch_up();
        let rate = self.inner.try_step()?;
        self.note(rate);
        Ok(rate)
    }

    /// Notes the rate of the step that has just been made, for the metric that shows it.
    #[inline]
    fn note(&self, rate: f64) {
        #[cfg(feature = "train")]
        if let Some(tap) = &self.tap {
            let multiplier = self.feedback().map(Feedback::multiplier);
            tap.record(self.position().saturating_sub(1), rate, multiplier);
        }
        #[cfg(not(feature = "train"))]
        let _ = rate;
    }

    /// Observes the metrics of the epochs that are over, and counts the step that follows.
    #[inline]
    pub(crate) fn catch_up(&mut self) {
        #[cfg(feature = "train")]
        {
            if let Some(follower) = &mut self.follower {
                follower.catch_up(&mut self.inner);
            }
            if let Some(steps) = &mut self.steps {
                steps.count();
            }
        }
    }

    /// The rate of the next update, without moving on.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub fn peek(&self) -> f64 {
        self.inner.peek()
    }

    /// The rate of update `step`, given the metrics observed so far.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step); see [`try_at`](Self::try_at).
    pub fn at(&self, step: u64) -> f64 {
        self.inner.at(step)
    }

    /// The rate of update `step`, given the metrics observed so far.
    ///
    /// # Errors
    ///
    /// The scheduler runs a closure, and that returned NaN, an infinity or a negative number.
    pub fn try_at(&self, step: u64) -> Result<f64, RateError> {
        self.inner.try_at(step)
    }

    /// The number of updates made so far, which is also the index of the next one.
    pub fn position(&self) -> u64 {
        self.inner.position()
    }

    /// The rate that the last [`step`](Self::step) returned; `None` before the first call.
    pub fn last_rate(&self) -> Option<f64> {
        self.inner.last_rate()
    }

    /// Jumps to a position: the next update is number `position`.
    pub fn seek(&mut self, position: u64) {
        self.inner.seek(position);
        self.sought();
    }

    /// Passes a validation metric to the rule, usually at the end of an epoch. The next [`step`](Self::step) returns
    /// the new rate.
    ///
    /// # Errors
    ///
    /// The scheduler has no rule, or the metric is not finite and the rule refuses that. Nothing changes then.
    pub fn observe(&mut self, metric: f64) -> Result<Observation, ObserveError> {
        self.inner.observe(metric)
    }

    /// The rule that follows a metric, in its current state.
    pub fn feedback(&self) -> Option<&Feedback> {
        self.inner.feedback()
    }

    /// The plateau, in its current state.
    pub fn plateau(&self) -> Option<&Plateau> {
        self.inner.plateau()
    }

    /// The schedule; `None` if the rates come from a closure.
    pub fn schedule(&self) -> Option<Schedule> {
        self.inner.schedule()
    }

    /// A copy of this scheduler on `factor` times its schedule, for one part of the model: at the same step, with a
    /// clone of the rule, with the same [`on_mismatch`](Self::on_mismatch), following the same feed.
    ///
    /// The rule's own bounds, such as a plateau's `min_lr`, are rates and are not multiplied.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    ///
    /// # fn main() -> Result<(), ScheduleError> {
    /// let scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
    /// let mut backbone = scheduler.scaled(Factor::new(0.5)?)?;
    /// assert_eq!([backbone.step(), backbone.step()], [0.5, 0.375]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The schedule is nested too deeply to be multiplied.
    pub fn scaled(&self, factor: Factor) -> Result<Self, ScheduleError> {
        Ok(Self { inner: self.inner.scaled(factor)?, ..self.clone() })
    }

    /// The state to save, as plain data for any serde format.
    pub fn state(&self) -> SchedulerState {
        #[cfg(feature = "train")]
        if let Some(Ok(settled)) = self.follower.as_ref().map(|follower| follower.settled(&self.inner)) {
            return settled.state();
        }
        self.inner.state()
    }

    /// Restores a saved state. [`on_mismatch`](Self::on_mismatch) decides what happens if its schedule or rule differs.
    ///
    /// # Errors
    ///
    /// The state belongs to something else, is too new or damaged, or differs where a difference is refused. The
    /// scheduler is unchanged then.
    pub fn load_state(&mut self, state: &SchedulerState) -> Result<(), LoadError> {
        self.inner.load_state(state, self.on_mismatch)?;
        #[cfg(feature = "train")]
        if let Some(follower) = &self.follower {
            follower.report(&self.inner);
        }
        self.sought();
        Ok(())
    }

    /// The position has been set.
    fn sought(&self) {
        #[cfg(feature = "train")]
        if let Some(tap) = &self.tap {
            tap.seek(self.position());
        }
    }

    /// Builds a scheduler from a state alone.
    ///
    /// # Errors
    ///
    /// The state belongs to something else, is too new or damaged, or comes from a closure and so holds no schedule.
    pub fn from_state(state: &SchedulerState) -> Result<Self, LoadError> {
        sched_core::Scheduler::from_state(state).map(Self::from)
    }
}

/// For burn's trait, whose methods cannot fail.
impl Scheduler {
    /// Warns once, at the first step, of a rule that cannot do anything.
    ///
    /// # Panics
    ///
    /// The scheduler follows a metric, and the training does not pass its metrics on.
    #[inline]
    pub(crate) fn check_connection(&mut self) {
        if !self.told {
            self.told = true;
            if let Some(warning) = self.unfed() {
                eprintln!("warning: {warning}");
            }
        }
        #[cfg(feature = "train")]
        if let Some(follower) = &self.follower {
            follower.assert_connected();
        }
    }

    /// What to say of a rule to which nothing passes a metric; burn's `step()` does not.
    fn unfed(&self) -> Option<String> {
        #[cfg(feature = "train")]
        if self.follower.is_some() {
            return None;
        }
        let rule = match self.feedback()? {
            Feedback::Plateau(_) => "plateau",
            Feedback::Greedy(_) => "greedy rule",
            _ => "rule",
        };
        Some(format!(
            "burn passes no metric to a learning-rate scheduler, so its {rule} never changes the rate; in burn's Learner, connect it \
             with `scheduler.follow(&feed, Watch::valid(\"Loss\"))?` and build the training with `supervised_training(&feed, ..)` \
             (sched-burn's feature `train`); in your own loop, call `scheduler.observe(metric)` on the `Scheduler` itself"
        ))
    }

    /// # Panics
    ///
    /// The scheduler follows a metric, and this epoch's value will never arrive.
    pub(crate) fn state_at_checkpoint(&self) -> SchedulerState {
        #[cfg(feature = "train")]
        if let Some(follower) = &self.follower {
            match follower.settled(&self.inner) {
                Ok(settled) => return settled.state(),
                Err(error) => panic!("cannot save the learning-rate scheduler: {error}"),
            }
        }
        self.state()
    }
}

impl From<sched_core::Scheduler> for Scheduler {
    fn from(inner: sched_core::Scheduler) -> Self {
        Self {
            inner,
            on_mismatch: OnMismatch::Refuse,
            #[cfg(feature = "train")]
            follower: None,
            #[cfg(feature = "train")]
            steps: None,
            #[cfg(feature = "train")]
            tap: None,
            told: false,
        }
    }
}

impl From<Schedule> for Scheduler {
    fn from(schedule: Schedule) -> Self {
        Self::new(schedule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_nothing_feeds_is_named() {
        let schedule = Schedule::constant(0.1).unwrap();
        assert_eq!(Scheduler::new(schedule.clone()).unfed(), None);
        let plateau = Plateau::new().build().unwrap();
        let warning = Scheduler::new(schedule.clone()).with_plateau(plateau.clone()).unfed().unwrap();
        assert!(
            warning.contains("its plateau never changes the rate") && warning.contains(".follow(&feed"),
            "{warning}"
        );
        #[cfg(feature = "train")]
        {
            use crate::feed::{Feed, Watch};
            let followed = Feed::new(3).reduce_on_plateau(Watch::valid("Loss"), schedule, plateau);
            assert_eq!(followed.unfed(), None);
        }
    }
}
