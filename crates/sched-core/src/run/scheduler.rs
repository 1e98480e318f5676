//! A position on a curve.

use alloc::sync::Arc;
use core::fmt;

use super::ahead::Ahead;
use super::curve::Curve;
use crate::feedback::{Custom, Feedback, Greedy, Observation, ObserveError, Plateau, Rule};
use crate::schedule::{Schedule, ScheduleError};

/// A position on a [`Curve`], and optionally a rule beside it that follows a metric: a [`Plateau`], a [`Greedy`] or
/// a [`Rule`] of one's own.
///
/// [`step`](Self::step) returns the rate of the next optimizer update and moves on; nothing else moves it. A clone has a
/// position of its own.
///
/// ```
/// use sched_core::{Schedule, Scheduler};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
/// assert_eq!(scheduler.last_rate(), None);
/// assert_eq!(scheduler.step(), 1.0); // update 0
/// assert_eq!(scheduler.step(), 0.75); // update 1
/// assert_eq!(scheduler.position(), 2);
/// assert_eq!(scheduler.last_rate(), Some(0.75));
/// assert_eq!(scheduler.peek(), 0.5);
/// scheduler.seek(4);
/// assert_eq!(scheduler.step(), 0.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Scheduler {
    curve: Arc<dyn Curve + Send + Sync>,
    feedback: Option<Feedback>,
    /// The position, the last rate, and the next ones.
    ahead: Ahead,
    /// Code may look at the step that it is asked for, or not be defined past the end of a run: it is asked step by step.
    one_by_one: bool,
}

impl Scheduler {
    /// At the start of a [`Schedule`], a constant `f64`, or a closure from step to rate.
    pub fn new(curve: impl Curve + Send + Sync + 'static) -> Self {
        Self::assemble(Arc::new(curve), 0, None, None)
    }

    /// With a plateau that multiplies the curve's rate.
    pub fn with_plateau(self, plateau: Plateau) -> Self {
        self.with_feedback(plateau)
    }

    /// With a greedy rule that multiplies the curve's rate.
    pub fn with_greedy(self, greedy: Greedy) -> Self {
        self.with_feedback(greedy)
    }

    /// With a rule of one's own that multiplies the curve's rate.
    ///
    /// # Errors
    ///
    /// What the rule remembers at the start is NaN or infinite.
    pub fn with_rule(self, rule: impl Rule + 'static) -> Result<Self, ScheduleError> {
        Ok(self.with_feedback(Custom::new(rule)?))
    }

    /// With a rule that multiplies the curve's rate, of any kind.
    pub fn with_feedback(mut self, feedback: impl Into<Feedback>) -> Self {
        self.feedback = Some(feedback.into());
        self.ahead.forget();
        self
    }

    /// The rate of the next update, and on to the one after it.
    #[inline]
    pub fn step(&mut self) -> f64 {
        match self.ahead.step() {
            Some(rate) => rate,
            None => self.step_and_look_ahead(),
        }
    }

    #[cold]
    #[inline(never)]
    fn step_and_look_ahead(&mut self) -> f64 {
        let Self { curve, feedback, ahead, one_by_one } = self;
        let computed = !*one_by_one
            && ahead.refill(|first, rates| {
                curve.sample(first, rates);
                if let Some(feedback) = feedback {
                    rates.iter_mut().for_each(|rate| *rate = feedback.apply(*rate));
                }
            });
        if computed && let Some(rate) = ahead.step() {
            return rate;
        }
        let rate = self.peek();
        self.ahead.step_alone(rate);
        rate
    }

    /// The rate of the next update, which the next [`step`](Self::step) will return.
    pub fn peek(&self) -> f64 {
        self.at(self.position())
    }

    /// The rate that update `step` has with the feedback as it is now.
    pub fn at(&self, step: u64) -> f64 {
        self.apply(self.curve.at(step))
    }

    fn apply(&self, scheduled: f64) -> f64 {
        match &self.feedback {
            Some(feedback) => feedback.apply(scheduled),
            None => scheduled,
        }
    }

    /// How many updates have been made, which is the index of the next one.
    pub fn position(&self) -> u64 {
        self.ahead.position()
    }

    /// The rate that the last [`step`](Self::step) returned; `None` before the first.
    pub fn last_rate(&self) -> Option<f64> {
        self.ahead.last_rate()
    }

    /// Makes `position` the next update. The feedback stays as it is, and the last rate becomes the one that the update
    /// before `position` has.
    pub fn seek(&mut self, position: u64) {
        self.ahead = Ahead::new(position, position.checked_sub(1).map(|last| self.at(last)));
    }

    /// Takes a validation metric in, usually at the end of an epoch. The next [`step`](Self::step) has the new rate.
    ///
    /// # Errors
    ///
    /// There is no rule to follow it, or the metric is not finite and the rule does not accept that. A rule of one's own
    /// was read from a file without its code, or its answer is not finite. Nothing has changed then.
    pub fn observe(&mut self, metric: f64) -> Result<Observation, ObserveError> {
        let Some(feedback) = &mut self.feedback else {
            return Err(ObserveError::NoFeedback);
        };
        let position = self.ahead.position();
        let scheduled = self.curve.at(position.saturating_sub(1));
        let observation = feedback.observe(metric, scheduled, position)?;
        self.ahead.forget();
        Ok(observation)
    }

    /// The rule that follows a metric, with what it has seen.
    pub fn feedback(&self) -> Option<&Feedback> {
        self.feedback.as_ref()
    }

    /// The plateau, with what it has seen.
    pub fn plateau(&self) -> Option<&Plateau> {
        match &self.feedback {
            Some(Feedback::Plateau(plateau)) => Some(plateau),
            _ => None,
        }
    }

    /// The curve as data; `None` for a closure.
    pub fn schedule(&self) -> Option<Schedule> {
        self.curve.to_schedule()
    }

    pub(crate) fn curve(&self) -> &Arc<dyn Curve + Send + Sync> {
        &self.curve
    }

    pub(crate) fn assemble(
        curve: Arc<dyn Curve + Send + Sync>,
        position: u64,
        feedback: Option<Feedback>,
        last_rate: Option<f64>,
    ) -> Self {
        let one_by_one = curve.to_schedule().is_none();
        Self { curve, feedback, ahead: Ahead::new(position, last_rate), one_by_one }
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("schedule", &self.schedule())
            .field("position", &self.position())
            .field("feedback", &self.feedback)
            .field("last_rate", &self.last_rate())
            .finish()
    }
}

/// `step 120 of: cosine 0.1 -> 0 over 500`, and the rule that follows a metric, if there is one.
impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of: ", self.position())?;
        match self.schedule() {
            Some(schedule) => write!(f, "{schedule}")?,
            None => f.write_str("a function")?,
        }
        match &self.feedback {
            Some(feedback) => write!(f, ", {feedback}"),
            None => Ok(()),
        }
    }
}
