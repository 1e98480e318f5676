//! One ramp.

use crate::schedule::{Beyond, Given, Node, Ramp, Schedule, ScheduleError, Shape, StepCount};

impl Ramp {
    /// A linear ramp that holds its end.
    pub fn new(from: f64, to: f64, steps: impl StepCount) -> Self {
        Self { from, to, steps: Given::new(steps).steps(), shape: Shape::Linear, beyond: Beyond::Hold }
    }

    /// Sets the shape; linear by default.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// Sets what comes after the end; by default the ramp holds it.
    pub fn beyond(mut self, beyond: Beyond) -> Self {
        self.beyond = beyond;
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, the length or a parameter of the shape is out of range, or an end of a geometric
    /// ramp is 0.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        Node::Ramp(self).try_into()
    }
}
