//! What a scheduler does that follows a metric.

#[cfg(feature = "train")]
use std::borrow::Cow;

#[cfg(feature = "train")]
use sched_core::Feedback;
use sched_core::SchedulerState;

#[cfg(feature = "train")]
use crate::feed::{FeedError, Follower};
use crate::scheduler::Scheduler;

#[cfg(feature = "train")]
impl Scheduler {
    /// Observes the metrics of the epochs that are over.
    #[inline]
    pub(crate) fn catch_up(&mut self) {
        // Most follow nothing, and are not to pay for those that do.
        if self.follower.is_some() {
            self.catch_up_with_feed();
        }
    }

    fn catch_up_with_feed(&mut self) {
        let Some(mut follower) = self.follower.take() else { return };
        for metric in follower.due() {
            self.observe_for(&follower, metric);
        }
        self.follower = Some(follower);
    }

    /// Shows what the schedule's rate is multiplied by.
    pub(crate) fn report(&self) {
        if let Some(follower) = &self.follower {
            follower.report(self.feedback().map_or(1.0, Feedback::multiplier));
        }
    }

    /// This scheduler as it goes into a checkpoint, and what a checkpoint would lack.
    pub(crate) fn settled(&self) -> (Cow<'_, Self>, Option<FeedError>) {
        let Some(mut follower) = self.follower.clone() else { return (Cow::Borrowed(self), None) };
        match follower.due_at_the_end() {
            Ok(due) if due.is_empty() => (Cow::Borrowed(self), None),
            Ok(due) => {
                let mut settled = self.clone();
                for metric in due {
                    settled.observe_for(&follower, metric);
                }
                (Cow::Owned(settled), None)
            }
            Err(error) => (Cow::Borrowed(self), Some(error)),
        }
    }

    /// A refused metric changes nothing here, and ends the training.
    fn observe_for(&mut self, follower: &Follower, (epoch, metric): (usize, f64)) {
        match self.inner.observe(metric) {
            Ok(_) => follower.report(self.feedback().map_or(1.0, Feedback::multiplier)),
            Err(error) => follower.fail(epoch, error),
        }
    }

    /// For burn's `step`, which cannot fail.
    ///
    /// # Panics
    ///
    /// The training was not made with the feed that the scheduler is to follow.
    #[inline]
    pub(crate) fn assert_connected(&self) {
        if let Some(follower) = &self.follower {
            follower.assert_connected();
        }
    }

    /// For burn's `to_record`, which cannot fail.
    ///
    /// # Panics
    ///
    /// The metric of this epoch will never come.
    pub(crate) fn state_at_checkpoint(&self) -> SchedulerState {
        match self.settled() {
            (settled, None) => settled.inner.state(),
            (_, Some(error)) => panic!("cannot save the learning-rate scheduler: {error}"),
        }
    }
}

/// Without a feed there is nothing to follow.
#[cfg(not(feature = "train"))]
impl Scheduler {
    #[inline]
    pub(crate) fn catch_up(&mut self) {}

    pub(crate) fn report(&self) {}

    pub(crate) fn settled(&self) -> (&Self, ()) {
        (self, ())
    }

    #[inline]
    pub(crate) fn assert_connected(&self) {}

    pub(crate) fn state_at_checkpoint(&self) -> SchedulerState {
        self.state()
    }
}
