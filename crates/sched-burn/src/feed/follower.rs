//! A scheduler's side of a feed.

use std::borrow::Cow;

use sched_core::{Feedback, Scheduler};

use super::error::FeedError;
use super::handle::Feed;
use super::place::Place;
use super::watch::Watch;

/// The link from a scheduler that follows a metric to its feed.
#[derive(Clone, Debug)]
pub(crate) struct Follower {
    feed: Feed,
    watch: Watch,
    /// The training whose epochs are counted.
    run: u64,
    /// The number of its epochs observed so far.
    observed: usize,
    /// Its index among the feed's followers.
    index: usize,
}

impl Follower {
    pub(crate) fn new(feed: &Feed, watch: Watch) -> Self {
        let mut state = feed.lock();
        state.watched.push(watch.clone());
        state.multipliers.push(1.0);
        let (run, index) = (state.run, state.watched.len() - 1);
        drop(state);
        Self { feed: feed.clone(), watch, run, observed: 0, index }
    }

    /// Lets the scheduler observe the metrics of the epochs that are over.
    pub(crate) fn catch_up(&mut self, scheduler: &mut Scheduler) {
        for metric in self.due() {
            self.observe(scheduler, metric);
        }
    }

    /// The scheduler as it belongs in a checkpoint.
    ///
    /// # Errors
    ///
    /// The epoch is over, but its metric will never arrive.
    pub(crate) fn settled<'a>(&self, scheduler: &'a Scheduler) -> Result<Cow<'a, Scheduler>, FeedError> {
        let mut scheduler = Cow::Borrowed(scheduler);
        for metric in self.clone().due_at_the_end()? {
            self.observe(scheduler.to_mut(), metric);
        }
        Ok(scheduler)
    }

    /// Shows the factor that the rule applies now.
    pub(crate) fn report(&self, scheduler: &Scheduler) {
        if let Some(shown) = self.feed.lock().multipliers.get_mut(self.index) {
            *shown = scheduler.feedback().map_or(1.0, Feedback::multiplier);
        }
    }

    /// A metric that the rule refuses changes nothing here, and ends the training.
    fn observe(&self, scheduler: &mut Scheduler, (epoch, metric): (usize, f64)) {
        match scheduler.observe(metric) {
            Ok(_) => self.report(scheduler),
            Err(source) => self.feed.fail(FeedError::Observe { watch: self.watch.clone(), epoch, source }),
        }
    }

    /// The metrics to observe before the next step, each with the number of its epoch.
    fn due(&mut self) -> Vec<(usize, f64)> {
        match Place::of(self.feed.inner.id) {
            // Other workers may be ahead; on this thread, the previous epoch is the last that counts.
            Some(place) if place.run == self.run && self.observed + 1 >= place.begun => Vec::new(),
            Some(place) => self.take(place.begun.saturating_sub(1)),
            None => self.take(usize::MAX),
        }
    }

    /// The metrics that belong in a checkpoint: those that are due, and that of this epoch if it is over.
    ///
    /// # Errors
    ///
    /// The epoch is over, but its metric will never arrive.
    fn due_at_the_end(&mut self) -> Result<Vec<(usize, f64)>, FeedError> {
        let split = self.watch.split;
        match Place::of(self.feed.inner.id).filter(|place| place.is_over(split)) {
            Some(place) => {
                self.feed.wait_for(split, place.begun);
                if self.feed.lock().published(split) < place.begun {
                    return Err(FeedError::Lost { watch: self.watch.clone() });
                }
                Ok(self.take(place.begun))
            }
            None => Ok(self.due()),
        }
    }

    fn take(&mut self, end: usize) -> Vec<(usize, f64)> {
        let state = self.feed.lock();
        if state.run != self.run {
            (self.run, self.observed) = (state.run, 0);
        }
        let values = state.values(&self.watch);
        let end = end.min(values.len());
        let due = (self.observed..end).filter(|index| !state.cut.contains(&(self.watch.split, index + 1)));
        let due = due.filter_map(|index| Some((values[index].0, values[index].1?))).collect();
        self.observed = self.observed.max(end);
        due
    }

    /// # Panics
    ///
    /// The feed is not part of a training, so no metric can ever arrive.
    pub(crate) fn assert_connected(&self) {
        if self.run == 0 && self.feed.lock().run == 0 {
            let error = FeedError::Unconnected { watch: self.watch.clone() };
            panic!("cannot follow a metric: {error}");
        }
    }
}
