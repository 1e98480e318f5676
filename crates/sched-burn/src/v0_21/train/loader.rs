//! A data loader that says where in the training its thread is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use burn_0_21::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn_0_21::tensor::backend::Backend;

use crate::feed::{Feed, Split};

/// Hands out what another loader does, and tells a feed.
pub(super) struct Watched<B: Backend, O> {
    inner: Arc<dyn DataLoader<B, O>>,
    split: Split,
    feed: Feed,
    run: u64,
    /// How many epochs have been begun with this loader.
    begun: AtomicUsize,
    validates: AtomicBool,
}

impl<B: Backend, O: 'static> Watched<B, O> {
    pub(super) fn wrap(inner: Arc<dyn DataLoader<B, O>>, split: Split, feed: &Feed) -> Arc<dyn DataLoader<B, O>> {
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

impl<B: Backend, O: 'static> DataLoader<B, O> for Watched<B, O> {
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

    fn to_device(&self, device: &B::Device) -> Arc<dyn DataLoader<B, O>> {
        Self::wrap(self.inner.to_device(device), self.split, &self.feed)
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<B, O>> {
        Self::wrap(self.inner.slice(start, end), self.split, &self.feed)
    }
}

/// The worker that validates owns the loader that it validates with, so it has ended, in whatever way.
impl<B: Backend, O> Drop for Watched<B, O> {
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
    type Item = O;

    /// # Panics
    ///
    /// A metric cannot be followed: burn 0.21's training has no other way to stop with an error.
    fn next(&mut self) -> Option<O> {
        if self.split == Split::Train
            && let Err(error) = self.feed.check(self.batches)
        {
            panic!("cannot follow a metric: {error}");
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
