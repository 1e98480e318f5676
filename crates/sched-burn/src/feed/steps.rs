//! The steps of a scheduler, for the comparison of its schedule with the length of the run.

use sched_core::Schedule;

use super::handle::Feed;
use super::place::Place;

/// Counts the steps of a scheduler in each epoch, until the feed knows how many there are.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    feed: Feed,
    /// The epoch, and the steps in it.
    run: u64,
    begun: usize,
    count: u64,
}

impl Steps {
    pub(crate) fn new(feed: &Feed, schedule: Option<Schedule>) -> Self {
        feed.lock().guarded.extend(schedule);
        Self { feed: feed.clone(), run: 0, begun: 0, count: 0 }
    }

    /// Before each step.
    #[inline]
    pub(crate) fn count(&mut self) {
        if !self.feed.knows_its_pace() {
            self.count_one();
        }
    }

    #[cold]
    fn count_one(&mut self) {
        let feed = self.feed.inner.id;
        let Some(place) = Place::of(feed) else { return };
        if (place.run, place.begun) != (self.run, self.begun) {
            (self.run, self.begun, self.count) = (place.run, place.begun, 0);
        }
        self.count += 1;
        Place::pace(feed, |pace| pace.stepped(self.count));
    }
}
