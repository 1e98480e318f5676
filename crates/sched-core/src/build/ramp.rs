//! One ramp.

use crate::schedule::{Beyond, Node, Ramp, Schedule, ScheduleError, Shape};

impl Ramp {
    /// A linear ramp that holds its end.
    pub fn new(from: f64, to: f64, steps: u64) -> Self {
        Self { from, to, steps: steps as f64, shape: Shape::Linear, beyond: Beyond::Hold }
    }

    /// Takes another way from one rate to the other.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// Does something else past the end than to hold.
    pub fn beyond(mut self, beyond: Beyond) -> Self {
        self.beyond = beyond;
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, a length or a parameter of the shape is out of range, or a geometric ramp has
    /// an end at 0.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        Node::Ramp(self).try_into()
    }
}
