//! A data loader that tells the feed where in the training its thread is.

use std::sync::Arc;

use super::burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use super::burn::data::dataset::DatasetError;
use super::burn::tensor::Device;

use crate::feed::{EpochWatch, LoaderWatch};

/// Returns the batches of another loader.
pub(super) struct Watched<O> {
    watch: LoaderWatch,
    inner: Arc<dyn DataLoader<O>>,
}

impl<O: 'static> Watched<O> {
    pub(super) fn wrap(inner: Arc<dyn DataLoader<O>>, watch: LoaderWatch) -> Arc<dyn DataLoader<O>> {
        Arc::new(Self { watch, inner })
    }
}

impl<O: 'static> DataLoader<O> for Watched<O> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<O> + 'a> {
        let watch = self.watch.begin();
        Box::new(Batches { watch, inner: self.inner.iter() })
    }

    fn num_items(&self) -> usize {
        self.inner.num_items()
    }

    since_0_23! {
        {
            fn expected_num_items(&self) -> Option<usize> {
                self.inner.expected_num_items()
            }
        } else {}
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<O>> {
        Self::wrap(self.inner.to_device(device), self.watch.derived())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<O>> {
        Self::wrap(self.inner.slice(start, end), self.watch.derived())
    }
}

struct Batches<'a, O> {
    watch: EpochWatch<'a>,
    inner: Box<dyn DataLoaderIterator<O> + 'a>,
}

impl<O> Iterator for Batches<'_, O> {
    type Item = Result<O, DatasetError>;

    /// A metric that cannot be followed surfaces as an error of the dataset, which stops the training.
    fn next(&mut self) -> Option<Result<O, DatasetError>> {
        if let Err(error) = self.watch.check() {
            return Some(Err(DatasetError::new(error)));
        }
        let batch = self.inner.next();
        self.watch.returned(batch.as_ref(), || {
            let progress = self.inner.progress();
            let total = since_0_23!({ progress.total } else { Some(progress.items_total) });
            (progress.items_processed, total)
        });
        batch
    }
}

impl<O> DataLoaderIterator<O> for Batches<'_, O> {
    fn progress(&self) -> Progress {
        self.inner.progress()
    }
}
