//! A position on a curve.

use alloc::sync::Arc;
use core::fmt;

use crate::curve::Curve;
use crate::plateau::{Observation, ObserveError, Plateau};
use crate::schedule::Schedule;

/// A position on a [`Curve`], and optionally a [`Plateau`] beside it.
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
    position: u64,
    plateau: Option<Plateau>,
    last_rate: Option<f64>,
}

impl Scheduler {
    /// At the start of a [`Schedule`], a constant `f64`, or a closure from step to rate.
    pub fn new(curve: impl Curve + Send + Sync + 'static) -> Self {
        Self { curve: Arc::new(curve), position: 0, plateau: None, last_rate: None }
    }

    /// With a plateau that multiplies the curve's rate.
    pub fn with_plateau(mut self, plateau: Plateau) -> Self {
        self.plateau = Some(plateau);
        self
    }

    /// The rate of the next update, and on to the one after it.
    pub fn step(&mut self) -> f64 {
        let rate = self.peek();
        self.position = self.position.saturating_add(1);
        self.last_rate = Some(rate);
        rate
    }

    /// The rate of the next update, which the next [`step`](Self::step) will return.
    pub fn peek(&self) -> f64 {
        self.at(self.position)
    }

    /// The rate that update `step` has with the plateau as it is now.
    pub fn at(&self, step: u64) -> f64 {
        let scheduled = self.curve.at(step);
        match &self.plateau {
            Some(plateau) => plateau.apply(scheduled),
            None => scheduled,
        }
    }

    /// How many updates have been made, which is the index of the next one.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The rate that the last [`step`](Self::step) returned; `None` before the first.
    pub fn last_rate(&self) -> Option<f64> {
        self.last_rate
    }

    /// Makes `position` the next update. The plateau stays as it is, and the last rate becomes the one that the update
    /// before `position` has.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
        self.last_rate = position.checked_sub(1).map(|last| self.at(last));
    }

    /// Takes a validation metric in, usually at the end of an epoch. The next [`step`](Self::step) has the new rate.
    ///
    /// # Errors
    ///
    /// There is no plateau, or the metric is not finite and the plateau does not accept that; nothing has changed then.
    pub fn observe(&mut self, metric: f64) -> Result<Observation, ObserveError> {
        let Some(plateau) = &mut self.plateau else {
            return Err(ObserveError::NoPlateau);
        };
        let scheduled = self.curve.at(self.position.saturating_sub(1));
        plateau.observe(metric, scheduled, self.position)
    }

    /// The plateau, with what it has seen.
    pub fn plateau(&self) -> Option<&Plateau> {
        self.plateau.as_ref()
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
        plateau: Option<Plateau>,
        last_rate: Option<f64>,
    ) -> Self {
        Self { curve, position, plateau, last_rate }
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("schedule", &self.schedule())
            .field("position", &self.position)
            .field("plateau", &self.plateau)
            .field("last_rate", &self.last_rate)
            .finish()
    }
}

/// `step 120 of: cosine 0.1 -> 0 over 500`, and the plateau if there is one.
impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of: ", self.position)?;
        match self.schedule() {
            Some(schedule) => write!(f, "{schedule}")?,
            None => f.write_str("a function")?,
        }
        match &self.plateau {
            Some(plateau) => write!(f, ", {plateau}"),
            None => Ok(()),
        }
    }
}
