//! A data loader that tells the feed where in the training its thread is.

use std::sync::Arc;

use burn_0_21::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn_0_21::tensor::backend::Backend;

use crate::feed::{EpochWatch, LoaderWatch};

/// Returns the batches of another loader.
pub(super) struct Watched<B: Backend, O> {
    watch: LoaderWatch,
    inner: Arc<dyn DataLoader<B, O>>,
}

impl<B: Backend, O: 'static> Watched<B, O> {
    pub(super) fn wrap(inner: Arc<dyn DataLoader<B, O>>, watch: LoaderWatch) -> Arc<dyn DataLoader<B, O>> {
        Arc::new(Self { watch, inner })
    }
}

impl<B: Backend, O: 'static> DataLoader<B, O> for Watched<B, O> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<O> + 'a> {
        let watch = self.watch.begin();
        Box::new(Batches { watch, inner: self.inner.iter() })
    }

    fn num_items(&self) -> usize {
        self.inner.num_items()
    }

    fn to_device(&self, device: &B::Device) -> Arc<dyn DataLoader<B, O>> {
        Self::wrap(self.inner.to_device(device), self.watch.derived())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<B, O>> {
        Self::wrap(self.inner.slice(start, end), self.watch.derived())
    }
}

struct Batches<'a, O> {
    watch: EpochWatch<'a>,
    inner: Box<dyn DataLoaderIterator<O> + 'a>,
}

impl<O> Iterator for Batches<'_, O> {
    type Item = O;

    /// # Panics
    ///
    /// The feed does not go with the training, or a metric cannot be followed: burn 0.21's training cannot be stopped with an error.
    fn next(&mut self) -> Option<O> {
        if let Err(error) = self.watch.check() {
            panic!("cannot train with this feed: {error}");
        }
        let batch = self.inner.next();
        self.watch.returned(batch.as_ref(), || {
            let progress = self.inner.progress();
            (progress.items_processed, Some(progress.items_total))
        });
        batch
    }
}

impl<O> DataLoaderIterator<O> for Batches<'_, O> {
    fn progress(&self) -> Progress {
        self.inner.progress()
    }
}
