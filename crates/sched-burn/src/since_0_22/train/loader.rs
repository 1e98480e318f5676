//! A data loader that says where in the training its thread is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use super::burn::data::dataset::DatasetError;
use super::burn::tensor::Device;

use crate::feed::{Feed, Split};

/// Hands out what another loader does, and tells a feed.
pub(super) struct Watched<O> {
    inner: Arc<dyn DataLoader<O>>,
    split: Split,
    feed: Feed,
    run: u64,
    /// How many epochs have been begun with this loader.
    begun: AtomicUsize,
    validates: AtomicBool,
}

impl<O: 'static> Watched<O> {
    pub(super) fn wrap(inner: Arc<dyn DataLoader<O>>, split: Split, feed: &Feed) -> Arc<dyn DataLoader<O>> {
        Arc::new(Self {
            inner,
            split,
            feed: feed.clone(),
            run: feed.run(),
            begun: AtomicUsize::new(0),
            validates: AtomicBool::new(false),
        })
    }
}

impl<O: 'static> DataLoader<O> for Watched<O> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<O> + 'a> {
        match self.split {
            Split::Train => self.feed.begin_epoch(self.begun.fetch_add(1, Ordering::Relaxed)),
            Split::Valid => self.validates.store(true, Ordering::Relaxed),
        }
        let inner = self.inner.iter();
        Box::new(Batches { inner, split: self.split, feed: &self.feed, batches: 0, over: false })
    }

    fn num_items(&self) -> usize {
        self.inner.num_items()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<O>> {
        Self::wrap(self.inner.to_device(device), self.split, &self.feed)
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<O>> {
        Self::wrap(self.inner.slice(start, end), self.split, &self.feed)
    }
}

/// The worker that validates owns the loader that it validates with, so it has ended, in whatever way.
impl<O> Drop for Watched<O> {
    fn drop(&mut self) {
        if self.validates.load(Ordering::Relaxed) {
            self.feed.end(self.run);
        }
    }
}

struct Batches<'a, O> {
    inner: Box<dyn DataLoaderIterator<O> + 'a>,
    split: Split,
    feed: &'a Feed,
    batches: usize,
    over: bool,
}

impl<O> Iterator for Batches<'_, O> {
    type Item = Result<O, DatasetError>;

    /// A metric that cannot be followed comes as an error of the data, which stops the training.
    fn next(&mut self) -> Option<Result<O, DatasetError>> {
        if self.split == Split::Train
            && let Err(error) = self.feed.check(self.batches)
        {
            return Some(Err(DatasetError::new(error)));
        }
        let batch = self.inner.next();
        if batch.is_none() && !self.over {
            self.over = true;
            self.feed.gone_through(self.split, true);
        }
        if batch.is_some() && self.split == Split::Train && self.batches == 0 {
            let progress = self.inner.progress();
            self.feed.measure(progress.items_processed, progress.items_total);
        }
        self.batches += 1;
        batch
    }
}

impl<O> DataLoaderIterator<O> for Batches<'_, O> {
    fn progress(&self) -> Progress {
        self.inner.progress()
    }
}

impl<O> Drop for Batches<'_, O> {
    fn drop(&mut self) {
        if !self.over {
            self.feed.gone_through(self.split, false);
        }
    }
}
