//! Where in the training a thread is.
//!
//! Under data parallelism, every worker is a thread with a clone of the scheduler, and may be behind or ahead of the
//! others. burn starts an epoch of a worker's data loader and then steps its scheduler on the same thread, so the
//! loader knows which epoch the steps on its thread belong to.

use std::cell::Cell;

use super::pace::{Pace, StepsPerEpoch};
use super::watch::Split;

/// The place of a thread in a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    feed: u64,
    pub(super) run: u64,
    /// The number of training epochs begun so far.
    pub(super) begun: usize,
    /// Whether the current epoch has passed over all its training batches, and all its validation batches.
    trained: bool,
    validated: bool,
    pace: Pace,
}

thread_local! {
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

impl Place {
    /// This thread begins an epoch, perhaps with one of several loaders. Returns the steps of the one before, if there was one.
    pub(super) fn enter(feed: u64, run: u64, begun: usize) -> Option<StepsPerEpoch> {
        let before = Self::of(feed).filter(|place| place.run == run);
        let pace = before.filter(|place| place.begun == begun).map_or_else(Pace::default, |place| place.pace);
        PLACE.set(Some(Self { feed, run, begun, trained: false, validated: false, pace }));
        before.filter(|place| place.begun != begun)?.pace.whole()
    }

    /// Changes what is known of this thread's pace.
    pub(super) fn pace<T>(feed: u64, change: impl FnOnce(&mut Pace) -> T) -> Option<T> {
        let mut place = Self::of(feed)?;
        let result = change(&mut place.pace);
        PLACE.set(Some(place));
        Some(result)
    }

    /// A training of a feed is over on this thread.
    pub(super) fn leave(feed: u64, run: u64) {
        if Self::of(feed).is_some_and(|place| place.run == run) {
            PLACE.set(None);
        }
    }

    /// The place of this thread in the trainings of a feed.
    pub(super) fn of(feed: u64) -> Option<Self> {
        PLACE.get().filter(|place| place.feed == feed)
    }

    /// The pass over a split is complete.
    pub(super) fn gone_through(split: Split) {
        if let Some(mut place) = PLACE.get() {
            match split {
                Split::Train => place.trained = true,
                Split::Valid => place.validated = true,
            }
            PLACE.set(Some(place));
        }
    }

    /// Whether burn has reported the end of a split in this epoch; it does so before it moves on.
    pub(super) fn is_over(self, split: Split) -> bool {
        match split {
            Split::Train => self.trained && self.validated,
            Split::Valid => self.validated,
        }
    }
}
