//! Hands the shared images to burn as tensors.

use std::sync::Arc;

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::prelude::*;
use mnist_shared::{Epoch, SIDE, Supply};

/// One batch on a device.
#[derive(Clone, Debug)]
pub(super) struct DigitBatch<B: Backend> {
    pub(super) images: Tensor<B, 4>,
    pub(super) labels: Tensor<B, 1, Int>,
}

/// burn's own loader shuffles from its seed anew after a resume; a [`Supply`] goes on.
pub(super) struct Loader<B: Backend> {
    supply: Supply,
    device: B::Device,
}

impl<B: Backend> Loader<B> {
    pub(super) fn new(supply: Supply, device: B::Device) -> Arc<Self> {
        Arc::new(Self { supply, device })
    }
}

impl<B: Backend> DataLoader<B, DigitBatch<B>> for Loader<B> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<DigitBatch<B>> + 'a> {
        Box::new(Batches::<B> { epoch: self.supply.epoch(), device: self.device.clone() })
    }

    fn num_items(&self) -> usize {
        self.supply.len()
    }

    fn to_device(&self, device: &B::Device) -> Arc<dyn DataLoader<B, DigitBatch<B>>> {
        Self::new(self.supply.clone(), device.clone())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<B, DigitBatch<B>>> {
        Self::new(self.supply.slice(start, end), self.device.clone())
    }
}

struct Batches<B: Backend> {
    epoch: Epoch,
    device: B::Device,
}

impl<B: Backend> Iterator for Batches<B> {
    type Item = DigitBatch<B>;

    fn next(&mut self) -> Option<DigitBatch<B>> {
        let batch = self.epoch.next()?;
        let items = batch.labels.len();
        let pixels = TensorData::new(batch.pixels, [items, 1, SIDE, SIDE]);
        let labels = TensorData::new(batch.labels, [items]);
        Some(DigitBatch {
            images: Tensor::from_data(pixels, &self.device),
            labels: Tensor::from_data(labels, &self.device),
        })
    }
}

impl<B: Backend> DataLoaderIterator<DigitBatch<B>> for Batches<B> {
    fn progress(&self) -> Progress {
        Progress::new(self.epoch.done(), self.epoch.total())
    }
}
