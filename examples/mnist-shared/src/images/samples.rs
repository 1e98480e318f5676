//! Images in memory, in batches whose order a resumed run repeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The side of an image in pixels.
pub const SIDE: usize = 28;

/// The number of digits.
pub const CLASSES: usize = 10;

/// An image, row by row; 0 is the background.
pub type Image = [u8; SIDE * SIDE];

/// Labelled images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    /// The images.
    pub images: Vec<Image>,
    /// The digit of each image.
    pub labels: Vec<u8>,
}

/// The images for training and for validation.
#[derive(Clone, Debug)]
pub struct Data {
    /// For training.
    pub train: Arc<Samples>,
    /// For validation.
    pub valid: Arc<Samples>,
}

impl Samples {
    /// The number of images.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The first `items` images; `None` is all.
    pub fn first(&self, items: Option<usize>) -> Self {
        let items = items.unwrap_or(usize::MAX).min(self.len());
        Self { images: self.images[..items].to_vec(), labels: self.labels[..items].to_vec() }
    }
}

/// The images of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The pixels of all images, normalised to about mean 0 and variance 1.
    pub pixels: Vec<f32>,
    /// The digit of each image.
    pub labels: Vec<i32>,
}

/// Supplies the images in batches, epoch after epoch.
///
/// The order in an epoch depends only on the seed and the number of the epoch, so a resumed run sees the same images as an
/// uninterrupted one; burn's own shuffling starts over with the program. Clones share the count of epochs.
#[derive(Clone)]
pub struct Supply {
    samples: Arc<Samples>,
    items: std::ops::Range<usize>,
    batch_size: usize,
    shuffle: Option<(u64, Arc<AtomicUsize>)>,
    before_batch: Option<BeforeBatch>,
}

type BeforeBatch = Arc<dyn Fn() + Send + Sync>;

impl Supply {
    /// Supplies the images in their own order.
    pub fn new(samples: Arc<Samples>, batch_size: usize) -> Self {
        Self { items: 0..samples.len(), samples, batch_size, shuffle: None, before_batch: None }
    }

    /// Shuffles the images in every epoch; the next epoch is `first_epoch`.
    #[must_use]
    pub fn shuffled(self, seed: u64, first_epoch: usize) -> Self {
        Self { shuffle: Some((seed, Arc::new(AtomicUsize::new(first_epoch)))), ..self }
    }

    /// Calls `call` before it supplies a batch.
    #[must_use]
    pub fn before_batch(self, call: impl Fn() + Send + Sync + 'static) -> Self {
        Self { before_batch: Some(Arc::new(call)), ..self }
    }

    /// Supplies a part of the images.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let first = self.items.start;
        Self { items: first + start..first + end, ..self.clone() }
    }

    /// The number of images in an epoch.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Starts the next epoch.
    pub fn epoch(&self) -> Epoch {
        let mut order: Vec<usize> = self.items.clone().collect();
        if let Some((seed, epoch)) = &self.shuffle {
            let mut rng = ChaCha8Rng::seed_from_u64(*seed);
            // From the end, because the digits use the streams from 0 on.
            rng.set_stream(u64::MAX - epoch.fetch_add(1, Ordering::Relaxed) as u64);
            order.shuffle(&mut rng);
        }
        Epoch {
            samples: self.samples.clone(),
            order,
            batch_size: self.batch_size,
            before_batch: self.before_batch.clone(),
            done: 0,
        }
    }
}

/// The batches of one epoch.
pub struct Epoch {
    samples: Arc<Samples>,
    order: Vec<usize>,
    batch_size: usize,
    before_batch: Option<BeforeBatch>,
    done: usize,
}

impl Epoch {
    /// The number of images supplied so far.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The number of images in the epoch.
    pub fn total(&self) -> usize {
        self.order.len()
    }
}

impl Iterator for Epoch {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        if self.done == self.total() {
            return None;
        }
        if let Some(call) = &self.before_batch {
            call();
        }
        // The mean and the standard deviation of MNIST; the drawn digits are close.
        let normalised = |pixel: &u8| (f32::from(*pixel) / 255.0 - 0.1307) / 0.3081;
        let picked = self.order[self.done..].iter().take(self.batch_size);
        let labels: Vec<i32> = picked.clone().map(|&index| self.samples.labels[index].into()).collect();
        let pixels = picked.flat_map(|&index| self.samples.images[index].iter().map(normalised)).collect();
        self.done += labels.len();
        Some(Batch { pixels, labels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: u8) -> Arc<Samples> {
        let images = (0..count).map(|label| [label; SIDE * SIDE]).collect();
        Arc::new(Samples { images, labels: (0..count).collect() })
    }

    fn labels(epoch: Epoch) -> Vec<i32> {
        epoch.flat_map(|batch| batch.labels).collect()
    }

    #[test]
    fn a_batch_is_at_most_as_large_as_asked() {
        let sizes: Vec<usize> = Supply::new(samples(7), 3).epoch().map(|batch| batch.labels.len()).collect();
        assert_eq!(sizes, [3, 3, 1]);
        let batch = Supply::new(samples(7), 3).slice(4, 7).epoch().next().unwrap();
        assert_eq!(batch.labels, [4, 5, 6]);
        assert_eq!(batch.pixels.len(), 3 * SIDE * SIDE);
    }

    #[test]
    fn every_epoch_has_all_images_in_another_order() {
        let supply = Supply::new(samples(50), 8).shuffled(1, 1);
        let (first, second) = (labels(supply.epoch()), labels(supply.epoch()));
        assert_ne!(first, second);
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_resumed_supply_repeats_the_order() {
        let whole = Supply::new(samples(50), 8).shuffled(1, 1);
        whole.epoch();
        let resumed = Supply::new(samples(50), 8).shuffled(1, 2);
        assert_eq!(labels(whole.epoch()), labels(resumed.epoch()));
        assert_ne!(labels(whole.epoch()), labels(Supply::new(samples(50), 8).shuffled(2, 3).epoch()));
    }
}
