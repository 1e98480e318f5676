//! A scheduler that follows a metric of a training.

use sched_core::{Curve, Plateau};

use crate::feed::{Feed, FeedError, Follower, Steps, Watch};
use crate::scheduler::Scheduler;

impl Scheduler {
    /// Follows a metric of the training that the [`Feed`] belongs to: the scheduler's rule observes it at the end of every
    /// epoch.
    ///
    /// A scheduler follows one metric; a second call replaces the first. The schedulers of several parameter groups may
    /// share a feed.
    ///
    /// # Errors
    ///
    /// The scheduler has no rule that could follow a metric.
    pub fn follow(mut self, feed: &Feed, watch: Watch) -> Result<Self, FeedError> {
        if self.feedback().is_none() {
            return Err(FeedError::NoRule { watch });
        }
        self.follower = Some(Follower::new(feed, watch));
        Ok(feed.guard(self))
    }
}

impl Feed {
    /// A scheduler whose rate is `curve` times the factor of a plateau that follows a metric: PyTorch's
    /// `ReduceLROnPlateau`, on top of any schedule.
    pub fn reduce_on_plateau(
        &self,
        watch: Watch,
        curve: impl Curve + Send + Sync + 'static,
        plateau: Plateau,
    ) -> Scheduler {
        let mut scheduler = Scheduler::new(curve).with_plateau(plateau);
        scheduler.follower = Some(Follower::new(self, watch));
        self.guard(scheduler)
    }

    /// Also compares this scheduler's schedule with the length of the run; train with the scheduler that is returned. One that
    /// [follows](Scheduler::follow) a metric is compared anyway.
    pub fn guard(&self, mut scheduler: Scheduler) -> Scheduler {
        scheduler.steps = Some(Steps::new(self, scheduler.schedule()));
        scheduler
    }
}
