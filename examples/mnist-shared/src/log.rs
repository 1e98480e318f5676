//! What a run measures, from burn's metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::history::History;

/// burn's names of the metrics that the examples register.
const RATE: &str = "Learning Rate";
const LOSS: &str = "Loss";
const ACCURACY: &str = "Accuracy";

/// One of burn's metrics after one batch.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// burn's name for it.
    pub metric: &'a str,
    /// For the batch.
    pub batch: f64,
    /// For the epoch up to here.
    pub epoch: f64,
}

/// A part of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// In which the model learns.
    Train,
    /// In which it is measured.
    Valid,
}

/// Takes burn's metrics from its threads. Clones are the same log.
///
/// It counts epochs and steps by itself, because burn 0.21 gives wrong epochs after a resume.
#[derive(Clone)]
pub struct RunLog(Arc<Mutex<Inner>>);

struct Inner {
    history: History,
    failure: Option<csv::Error>,
    epoch: usize,
    epochs: usize,
    print: bool,
    rate: f64,
    train: Means,
    valid: Means,
}

#[derive(Clone, Copy, Debug, Default)]
struct Means {
    loss: f64,
    accuracy_percent: f64,
}

impl RunLog {
    /// Begins with `epoch`, counted from 1, of `epochs`. With `print`, every epoch is a line on the standard output.
    pub fn new(history: History, epoch: usize, epochs: usize, print: bool) -> Self {
        let (train, valid) = (Means::default(), Means::default());
        Self(Arc::new(Mutex::new(Inner { history, failure: None, epoch, epochs, print, rate: 0.0, train, valid })))
    }

    /// Takes in all metrics of one batch.
    pub fn batch<'a>(&self, split: Split, readings: impl IntoIterator<Item = Reading<'a>>) {
        let mut inner = self.inner();
        let (mut rate, mut loss) = (None, None);
        let means = match split {
            Split::Train => &mut inner.train,
            Split::Valid => &mut inner.valid,
        };
        for Reading { metric, batch, epoch } in readings {
            match metric {
                RATE => rate = Some(batch),
                LOSS => (loss, means.loss) = (Some(batch), epoch),
                ACCURACY => means.accuracy_percent = epoch,
                _ => {}
            }
        }
        if let (Split::Train, Some(rate), Some(loss)) = (split, rate, loss) {
            inner.rate = rate;
            if let Err(error) = inner.history.push(rate, loss) {
                inner.failure.get_or_insert(error);
            }
        }
    }

    /// The split is through for this epoch.
    pub fn end_of_epoch(&self, split: Split) {
        let mut inner = self.inner();
        if split == Split::Valid {
            if inner.print {
                println!("{}", inner.line());
            }
            inner.epoch += 1;
        }
    }

    /// The accuracy on the validation images after the last epoch, in percent.
    pub fn accuracy_percent(&self) -> f64 {
        self.inner().valid.accuracy_percent
    }

    /// The rate of the last step.
    pub fn rate(&self) -> f64 {
        self.inner().rate
    }

    /// The first failure to write the history, once.
    pub fn take_failure(&self) -> Option<csv::Error> {
        self.inner().failure.take()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn line(&self) -> String {
        let Self { epoch, epochs, rate, train, valid, .. } = self;
        format!(
            "epoch {epoch}/{epochs}: learning rate {rate:.3e}, training loss {:.4} accuracy {:.2} %, validation loss {:.4} \
             accuracy {:.2} %",
            train.loss, train.accuracy_percent, valid.loss, valid.accuracy_percent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{self, Row};

    fn readings(rate: f64, loss: f64, accuracy: f64) -> [Reading<'static>; 3] {
        [(RATE, rate), (LOSS, loss), (ACCURACY, accuracy)].map(|(metric, batch)| Reading {
            metric,
            batch,
            epoch: batch,
        })
    }

    #[test]
    fn training_batches_become_rows_and_validation_batches_do_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.csv");
        let log = RunLog::new(History::open(&path, 7).unwrap(), 2, 3, false);
        log.batch(Split::Train, readings(0.1, 2.0, 10.0));
        log.batch(Split::Train, readings(0.2, 1.0, 20.0));
        log.end_of_epoch(Split::Train);
        log.batch(Split::Valid, readings(0.0, 3.0, 50.0));
        log.end_of_epoch(Split::Valid);
        let rows = [Row { step: 7, lr: 0.1, loss: 2.0 }, Row { step: 8, lr: 0.2, loss: 1.0 }];
        assert_eq!(history::read(&path), rows);
        assert_eq!((log.rate(), log.accuracy_percent()), (0.2, 50.0));
        assert!(log.take_failure().is_none());
        assert_eq!(
            log.inner().line(),
            "epoch 3/3: learning rate 2.000e-1, training loss 1.0000 accuracy 20.00 %, validation loss 3.0000 accuracy \
             50.00 %"
        );
    }
}
