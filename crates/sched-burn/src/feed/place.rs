//! Where in the training a thread is.
//!
//! Under data parallelism, every worker is a thread with a clone of the scheduler, and may be behind or ahead of the
//! others. burn starts an epoch of a worker's data loader and then steps its scheduler on the same thread, so the
//! loader knows which epoch the steps on its thread belong to.

use std::cell::Cell;

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
}

thread_local! {
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

impl Place {
    /// This thread begins an epoch.
    pub(super) fn enter(feed: u64, run: u64, begun: usize) {
        PLACE.set(Some(Self { feed, run, begun, trained: false, validated: false }));
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
