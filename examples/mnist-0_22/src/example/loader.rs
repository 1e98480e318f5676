//! Hands the shared images to burn as tensors.

use std::sync::Arc;

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::prelude::*;
use mnist_shared::{Epoch, SIDE, Supply};

/// One batch on a device.
#[derive(Clone, Debug)]
pub(super) struct DigitBatch {
    pub(super) images: Tensor<4>,
    pub(super) labels: Tensor<1, Int>,
}

/// burn's own loader shuffles from its seed anew after a resume; a [`Supply`] goes on.
pub(super) struct Loader {
    supply: Supply,
    device: Device,
}

impl Loader {
    pub(super) fn new(supply: Supply, device: Device) -> Arc<Self> {
        Arc::new(Self { supply, device })
    }
}

impl DataLoader<DigitBatch> for Loader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<DigitBatch> + 'a> {
        Box::new(Batches { epoch: self.supply.epoch(), device: self.device.clone() })
    }

    fn num_items(&self) -> usize {
        self.supply.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<DigitBatch>> {
        Self::new(self.supply.clone(), device.clone())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<DigitBatch>> {
        Self::new(self.supply.slice(start, end), self.device.clone())
    }
}

struct Batches {
    epoch: Epoch,
    device: Device,
}

impl Iterator for Batches {
    type Item = Result<DigitBatch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.epoch.next()?;
        let items = batch.labels.len();
        let pixels = TensorData::new(batch.pixels, [items, 1, SIDE, SIDE]);
        let labels = TensorData::new(batch.labels, [items]);
        Some(Ok(DigitBatch {
            images: Tensor::from_data(pixels, &self.device),
            labels: Tensor::from_data(labels, &self.device),
        }))
    }
}

impl DataLoaderIterator<DigitBatch> for Batches {
    fn progress(&self) -> Progress {
        Progress::new(self.epoch.done(), self.epoch.total(), Some("items".to_owned()))
    }
}
