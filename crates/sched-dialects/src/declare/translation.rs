//! What a scheduler of another library is here.

use sched_core::{Feedback, Schedule};

/// What a parameter group of another library's scheduler is here.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The learning rate.
    pub lr: Schedule,
    /// The momentum, or the first beta, where the scheduler drives it.
    pub momentum: Option<Schedule>,
    /// The weight decay, where the scheduler drives it.
    pub weight_decay: Option<Schedule>,
    /// The rule that follows a metric, where the scheduler has one; it multiplies the learning rate.
    pub feedback: Option<Feedback>,
    /// Another quantity that follows the learning rate: what pytorch_optimizer's `ProportionScheduler` gives.
    pub value: Option<Schedule>,
}

/// Only a learning rate.
impl From<Schedule> for Translation {
    fn from(lr: Schedule) -> Self {
        Self { lr, momentum: None, weight_decay: None, feedback: None, value: None }
    }
}

impl Translation {
    /// The learning rate, times the factor of a rule that follows a metric.
    pub(crate) fn with_feedback(self, feedback: impl Into<Feedback>) -> Self {
        Self { feedback: Some(feedback.into()), ..self }
    }
}
