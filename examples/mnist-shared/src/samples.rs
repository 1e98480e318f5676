//! Images in memory, and the order in which they are learnt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Images are squares of this many pixels a side.
pub const SIDE: usize = 28;

/// There are ten digits.
pub const CLASSES: usize = 10;

/// An image, row by row, 0 for the background.
pub type Image = [u8; SIDE * SIDE];

/// Images with what they show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    /// The images.
    pub images: Vec<Image>,
    /// The digit of each image.
    pub labels: Vec<u8>,
}

/// What to learn from, and what to measure on.
#[derive(Clone, Debug)]
pub struct Data {
    /// To learn from.
    pub train: Arc<Samples>,
    /// To measure on.
    pub valid: Arc<Samples>,
}

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The first so many; `None` is all.
    pub fn first(&self, items: Option<usize>) -> Self {
        let items = items.unwrap_or(usize::MAX).min(self.len());
        Self { images: self.images[..items].to_vec(), labels: self.labels[..items].to_vec() }
    }
}

/// What one step sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The pixels of all images, with about mean 0 and variance 1.
    pub pixels: Vec<f32>,
    /// The digit of each image.
    pub labels: Vec<i32>,
}

/// Gives out the images in batches, epoch after epoch.
///
/// The order of an epoch follows from the seed and the number of the epoch alone, unlike burn's own shuffling, which
/// begins anew on every start. So a resumed run sees what the whole one sees. Clones count epochs together.
#[derive(Clone, Debug)]
pub struct Supply {
    samples: Arc<Samples>,
    items: std::ops::Range<usize>,
    batch_size: usize,
    shuffle: Option<(u64, Arc<AtomicUsize>)>,
}

impl Supply {
    /// In the order that the images have.
    pub fn new(samples: Arc<Samples>, batch_size: usize) -> Self {
        Self { items: 0..samples.len(), samples, batch_size, shuffle: None }
    }

    /// In another order in every epoch; the first to be given out is `first_epoch`.
    pub fn shuffled(self, seed: u64, first_epoch: usize) -> Self {
        Self { shuffle: Some((seed, Arc::new(AtomicUsize::new(first_epoch)))), ..self }
    }

    /// A part of the images.
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let first = self.items.start;
        Self { items: first + start..first + end, ..self.clone() }
    }

    /// How many images an epoch has.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The next epoch.
    pub fn epoch(&self) -> Epoch {
        let mut order: Vec<usize> = self.items.clone().collect();
        if let Some((seed, epoch)) = &self.shuffle {
            let mut rng = ChaCha8Rng::seed_from_u64(*seed);
            // The digits are drawn from the streams that begin at 0.
            rng.set_stream(u64::MAX - epoch.fetch_add(1, Ordering::Relaxed) as u64);
            order.shuffle(&mut rng);
        }
        Epoch { samples: self.samples.clone(), order, batch_size: self.batch_size, done: 0 }
    }
}

/// The batches of one epoch.
#[derive(Debug)]
pub struct Epoch {
    samples: Arc<Samples>,
    order: Vec<usize>,
    batch_size: usize,
    done: usize,
}

impl Epoch {
    /// How many images have been given out.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many images there are.
    pub fn total(&self) -> usize {
        self.order.len()
    }
}

impl Iterator for Epoch {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        // MNIST's mean and standard deviation, which the drawn digits have roughly.
        let normalised = |pixel: &u8| (f32::from(*pixel) / 255.0 - 0.1307) / 0.3081;
        let picked = self.order[self.done..].iter().take(self.batch_size);
        let labels: Vec<i32> = picked.clone().map(|&index| self.samples.labels[index].into()).collect();
        let pixels = picked.flat_map(|&index| self.samples.images[index].iter().map(normalised)).collect();
        self.done += labels.len();
        if labels.is_empty() { None } else { Some(Batch { pixels, labels }) }
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
    fn every_epoch_has_all_images_in_an_order_of_its_own() {
        let supply = Supply::new(samples(50), 8).shuffled(1, 1);
        let (first, second) = (labels(supply.epoch()), labels(supply.epoch()));
        assert_ne!(first, second);
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_resumed_supply_goes_on_with_the_same_order() {
        let whole = Supply::new(samples(50), 8).shuffled(1, 1);
        whole.epoch();
        let resumed = Supply::new(samples(50), 8).shuffled(1, 2);
        assert_eq!(labels(whole.epoch()), labels(resumed.epoch()));
        assert_ne!(labels(whole.epoch()), labels(Supply::new(samples(50), 8).shuffled(2, 3).epoch()));
    }
}
