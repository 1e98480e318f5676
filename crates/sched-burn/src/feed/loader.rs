//! What a data loader tells the feed: where in the training its thread is.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::error::FeedError;
use super::handle::Feed;
use super::watch::Split;

/// The feed's side of a data loader.
pub(crate) struct LoaderWatch {
    feed: Feed,
    split: Split,
    run: u64,
    /// How many epochs this loader has begun.
    begun: AtomicUsize,
    validates: AtomicBool,
}

impl LoaderWatch {
    pub(crate) fn new(feed: &Feed, split: Split) -> Self {
        Self {
            feed: feed.clone(),
            split,
            run: feed.run(),
            begun: AtomicUsize::new(0),
            validates: AtomicBool::new(false),
        }
    }

    /// For a loader derived from this one, such as a worker's share of the data.
    pub(crate) fn derived(&self) -> Self {
        Self::new(&self.feed, self.split)
    }

    /// The loader begins an epoch on this thread.
    pub(crate) fn begin(&self) -> EpochWatch<'_> {
        match self.split {
            Split::Train => self.feed.begin_epoch(self.begun.fetch_add(1, Ordering::Relaxed)),
            Split::Valid => self.validates.store(true, Ordering::Relaxed),
        }
        EpochWatch { feed: &self.feed, split: self.split, batches: 0, over: false }
    }
}

/// The worker that validates owns the loader that it validates with, so this is the end of the training, however it
/// came about.
impl Drop for LoaderWatch {
    fn drop(&mut self) {
        if self.validates.load(Ordering::Relaxed) {
            self.feed.end(self.run);
        }
    }
}

/// The feed's side of one pass over a data loader.
pub(crate) struct EpochWatch<'a> {
    feed: &'a Feed,
    split: Split,
    batches: usize,
    over: bool,
}

impl EpochWatch<'_> {
    /// Before each batch.
    ///
    /// # Errors
    ///
    /// A metric cannot be followed, so the training has to stop.
    pub(crate) fn check(&self) -> Result<(), FeedError> {
        match self.split {
            Split::Train => {
                self.feed.fetch();
                self.feed.check(self.batches)
            }
            Split::Valid => Ok(()),
        }
    }

    /// After each batch, and after the last: `batch` is what the loader returned. `progress` is how many items it has
    /// returned so far, and of how many, if it knows.
    pub(crate) fn returned<B>(&mut self, batch: Option<&B>, progress: impl FnOnce() -> (usize, Option<usize>)) {
        if batch.is_none() && !self.over {
            self.over = true;
            self.feed.gone_through(self.split, true);
        }
        if batch.is_some()
            && self.split == Split::Train
            && self.batches == 0
            && let (batch_size, Some(items)) = progress()
        {
            self.feed.expect(items.div_ceil(batch_size.max(1)) as u64);
        }
        self.batches += 1;
    }
}

impl Drop for EpochWatch<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.feed.gone_through(self.split, false);
        }
    }
}
