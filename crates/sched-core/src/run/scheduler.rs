//! A position on a curve.

use core::fmt;

use super::ahead::Ahead;
use super::curve::{Curve, Source};
use crate::eval::RateError;
use crate::feedback::{Custom, Feedback, Greedy, Observation, ObserveError, Plateau, Rule};
use crate::schedule::{Schedule, ScheduleError};

/// A position on a [`Curve`], optionally with a rule that follows a metric: a [`Plateau`], a [`Greedy`] or a custom
/// [`Rule`].
///
/// [`step`](Self::step) returns the rate of the next optimizer update and advances the position; nothing else does. A clone
/// has its own position.
///
/// Every rate is finite and 0 or more. A [`Schedule`] has no other. A function may return anything, so it is called step by
/// step, never ahead, and each value is checked: one that is NaN, infinite or negative is a [`RateError`] from
/// [`try_step`](Self::try_step) and [`try_at`](Self::try_at), and a panic with its message from [`step`](Self::step),
/// [`at`](Self::at) and [`peek`](Self::peek), because burn's `LrScheduler` trait leaves no room for an error.
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
    source: Source,
    feedback: Option<Feedback>,
    /// The position, the last rate, and the next ones.
    ahead: Ahead,
}

impl Scheduler {
    /// At step 0 of a [`Schedule`], or of a closure from step to rate. A constant rate is
    /// [`Schedule::constant`]`(rate)?`.
    pub fn new(curve: impl Curve + Send + Sync + 'static) -> Self {
        Self::assemble(Source::new(curve), 0, None, None)
    }

    /// Adds a plateau that multiplies the curve's rate.
    #[must_use]
    pub fn with_plateau(self, plateau: Plateau) -> Self {
        self.with_feedback(plateau)
    }

    /// Adds a greedy rule that multiplies the curve's rate.
    #[must_use]
    pub fn with_greedy(self, greedy: Greedy) -> Self {
        self.with_feedback(greedy)
    }

    /// Adds a custom rule that multiplies the curve's rate.
    ///
    /// # Errors
    ///
    /// The rule's memory at the start has a NaN or an infinity.
    pub fn with_rule(self, rule: impl Rule + 'static) -> Result<Self, ScheduleError> {
        Ok(self.with_feedback(Custom::new(rule)?))
    }

    /// Adds a rule of any kind that multiplies the curve's rate, in place of the one there may be.
    #[must_use]
    pub fn with_feedback(mut self, feedback: impl Into<Feedback>) -> Self {
        self.feedback = Some(feedback.into());
        self.ahead.forget();
        self
    }

    /// The rate of the next update; advances to the one after it.
    ///
    /// # Panics
    ///
    /// If the scheduler runs a function, and that returns NaN, an infinity or a negative number; see
    /// [`try_step`](Self::try_step). A schedule never panics.
    #[inline]
    pub fn step(&mut self) -> f64 {
        match self.try_step() {
            Ok(rate) => rate,
            Err(error) => panic_with(error),
        }
    }

    /// The rate of the next update; advances to the one after it.
    ///
    /// ```
    /// use sched_core::Scheduler;
    ///
    /// let mut scheduler = Scheduler::new(|step: u64| 1.0 - 0.75 * step as f64);
    /// assert_eq!(scheduler.try_step()?, 1.0);
    /// assert_eq!(scheduler.try_step()?, 0.25);
    /// let error = scheduler.try_step().unwrap_err();
    /// assert!(error.to_string().starts_with("the rate of step 2 is -0.5, but must be finite and 0 or more"));
    /// assert_eq!(scheduler.position(), 2);
    /// # Ok::<(), sched_core::RateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The scheduler runs a function, and that returned NaN, an infinity or a negative number. Nothing has changed, the
    /// position included.
    #[inline]
    pub fn try_step(&mut self) -> Result<f64, RateError> {
        match self.ahead.step() {
            Some(rate) => Ok(rate),
            None => self.step_and_look_ahead(),
        }
    }

    #[cold]
    #[inline(never)]
    fn step_and_look_ahead(&mut self) -> Result<f64, RateError> {
        let Self { source, feedback, ahead } = self;
        if let Source::Schedule(schedule) = source {
            let computed = ahead.refill(|first, rates| {
                schedule.sample(first, rates);
                if let Some(feedback) = feedback {
                    feedback.apply_all(rates);
                }
            });
            if let Some(rate) = computed.then(|| ahead.step()).flatten() {
                return Ok(rate);
            }
        }
        let rate = self.try_at(self.position())?;
        self.ahead.step_alone(rate);
        Ok(rate)
    }

    /// The rate of the next update, which the next [`step`](Self::step) will return.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub fn peek(&self) -> f64 {
        self.at(self.position())
    }

    /// The rate of update `step` with the rule that follows a metric as it is now.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step); see [`try_at`](Self::try_at).
    pub fn at(&self, step: u64) -> f64 {
        match self.try_at(step) {
            Ok(rate) => rate,
            Err(error) => panic_with(error),
        }
    }

    /// The rate of update `step` with the rule that follows a metric as it is now.
    ///
    /// # Errors
    ///
    /// The scheduler runs a function, and that returned NaN, an infinity or a negative number.
    pub fn try_at(&self, step: u64) -> Result<f64, RateError> {
        let scheduled = self.source.at(step)?;
        Ok(match &self.feedback {
            Some(feedback) => feedback.apply(scheduled),
            None => scheduled,
        })
    }

    /// The number of updates made so far, which is the index of the next one.
    pub fn position(&self) -> u64 {
        self.ahead.position()
    }

    /// The rate that the last [`step`](Self::step) returned; `None` before the first one.
    pub fn last_rate(&self) -> Option<f64> {
        self.ahead.last_rate()
    }

    /// Makes `position` the next update. The rule that follows a metric stays as it is; the last rate becomes that of the
    /// update before `position`, or `None` if a function has no valid rate there.
    pub fn seek(&mut self, position: u64) {
        let last_rate = position.checked_sub(1).and_then(|last| self.try_at(last).ok());
        self.ahead = Ahead::new(position, last_rate);
    }

    /// Takes in a validation metric, usually at the end of an epoch. The next [`step`](Self::step) has the new rate.
    ///
    /// # Errors
    ///
    /// The scheduler has no rule to follow the metric, or the metric is not finite and the rule rejects that. A custom rule
    /// was read from a file without its code, or its answer or memory is not finite. A function that the scheduler runs has
    /// no valid rate for the last update. Nothing has changed then.
    pub fn observe(&mut self, metric: f64) -> Result<Observation, ObserveError> {
        let Some(feedback) = &mut self.feedback else {
            return Err(ObserveError::NoFeedback);
        };
        let position = self.ahead.position();
        let scheduled = self.source.at(position.saturating_sub(1))?;
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

    /// The schedule; `None` for a closure.
    pub fn schedule(&self) -> Option<Schedule> {
        self.source.schedule().cloned()
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn assemble(source: Source, position: u64, feedback: Option<Feedback>, last_rate: Option<f64>) -> Self {
        // A file may hold -0.0, which a rate is not.
        Self { source, feedback, ahead: Ahead::new(position, last_rate.map(|rate| rate + 0.0)) }
    }
}

/// Not an error, because burn's `step` cannot return one. The fault is in the function that the scheduler was given.
#[cold]
#[inline(never)]
fn panic_with(error: RateError) -> ! {
    panic!("{error}")
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("schedule", &self.source.schedule())
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
        match self.source.schedule() {
            Some(schedule) => write!(f, "{schedule}")?,
            None => f.write_str("a function")?,
        }
        match &self.feedback {
            Some(feedback) => write!(f, ", {feedback}"),
            None => Ok(()),
        }
    }
}
