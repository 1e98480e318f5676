//! burn's metrics, turned into history rows and printed lines.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::history::History;

/// The names of the metrics that the examples register; sched-burn registers the factor.
const RATE: &str = "Learning Rate";
const FACTOR: &str = "LR Factor";
const LOSS: &str = "Loss";
const ACCURACY: &str = "Accuracy";

/// A metric of burn after one batch.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// burn's name for it.
    pub metric: &'a str,
    /// The value of the batch.
    pub batch: f64,
    /// The mean of the epoch so far.
    pub epoch: f64,
}

/// The name of the metric of a layer's rate.
pub fn layer_rate(layer: &str) -> String {
    format!("{RATE} {layer}")
}

/// A part of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Training.
    Train,
    /// Validation.
    Valid,
}

/// Records burn's metrics, from any thread. Clones share one log.
///
/// It counts epochs and steps itself, because burn 0.21 reports wrong epochs after resuming.
#[derive(Clone)]
pub struct RunLog(Arc<Mutex<Inner>>);

struct Inner {
    history: History,
    failure: Option<csv::Error>,
    warnings: Vec<String>,
    epoch: usize,
    epochs: usize,
    print: bool,
    layers: &'static [&'static str],
    rate: f64,
    factor: f64,
    train: Means,
    valid: Means,
    /// Whether this epoch has had a validation batch.
    validated: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Means {
    loss: f64,
    accuracy_percent: f64,
}

impl RunLog {
    /// Starts with `epoch`, from 1, of `epochs`. With `print`, prints a line per epoch.
    ///
    /// `layers` have rates of their own, in metrics named by [`layer_rate`].
    pub fn new(history: History, epoch: usize, epochs: usize, print: bool, layers: &'static [&'static str]) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            history,
            failure: None,
            warnings: Vec::new(),
            epoch,
            epochs,
            print,
            layers,
            rate: 0.0,
            factor: 1.0,
            train: Means::default(),
            valid: Means::default(),
            validated: false,
        })))
    }

    /// Records all metrics of one batch.
    pub fn batch<'a>(&self, split: Split, readings: impl IntoIterator<Item = Reading<'a>>) {
        let mut inner = self.inner();
        let (mut rate, mut loss, mut factor) = (None, None, None);
        let mut layers = vec![0.0; inner.layers.len()];
        let mut means = match split {
            Split::Train => inner.train,
            Split::Valid => inner.valid,
        };
        for Reading { metric, batch, epoch } in readings {
            match metric {
                RATE => rate = Some(batch),
                FACTOR => factor = Some(batch),
                LOSS => (loss, means.loss) = (Some(batch), epoch),
                ACCURACY => means.accuracy_percent = epoch,
                _ => {
                    if let Some(layer) = inner.layers.iter().position(|layer| layer_rate(layer) == metric) {
                        layers[layer] = batch;
                    }
                }
            }
        }
        match split {
            Split::Train => inner.train = means,
            Split::Valid => {
                (inner.valid, inner.validated) = (means, true);
                // It is not there without a plateau, nor at the end of an epoch.
                if let Some(factor) = factor {
                    inner.multiplied_by(factor);
                }
            }
        }
        if let (Split::Train, Some(rate), Some(loss)) = (split, rate, loss) {
            inner.step(rate, loss, layers);
        }
    }

    /// Ends the split for this epoch.
    pub fn end_of_epoch(&self, split: Split) {
        let mut inner = self.inner();
        if split == Split::Valid {
            inner.end_epoch();
        }
    }

    /// Prints a warning, or keeps it while burn's full-screen display is up.
    pub fn warn(&self, warning: &str) {
        let mut inner = self.inner();
        if inner.print {
            eprintln!("warning: {warning}");
        } else {
            inner.warnings.push(warning.to_owned());
        }
    }

    /// The warnings kept so far, which are then forgotten.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().warnings)
    }

    /// The number of epochs that have been trained and validated, before and after resuming.
    pub fn epochs_done(&self) -> usize {
        self.inner().epoch - 1
    }

    /// The validation accuracy of the last epoch in percent.
    pub fn accuracy_percent(&self) -> f64 {
        self.inner().valid.accuracy_percent
    }

    /// The learning rate of the last step.
    pub fn rate(&self) -> f64 {
        self.inner().rate
    }

    /// The first failure to write the history, which is then forgotten.
    pub fn take_failure(&self) -> Option<csv::Error> {
        self.inner().failure.take()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// What sched-burn's metric of the validation says of this epoch.
    fn multiplied_by(&mut self, factor: f64) {
        if self.print && factor < self.factor {
            println!("the validation loss is on a plateau: the schedule's rate is now multiplied by {factor:.3e}");
        }
        self.factor = factor;
    }

    fn step(&mut self, rate: f64, loss: f64, layers: Vec<f64>) {
        self.rate = rate;
        let pushed = self.history.push(rate, loss, layers);
        self.keep_failure(pushed);
    }

    fn end_epoch(&mut self) {
        if std::mem::take(&mut self.validated) {
            if self.print {
                println!("{}", self.line());
            }
            let pushed = self.history.end_epoch(self.epoch, self.factor, self.valid.loss, self.valid.accuracy_percent);
            self.keep_failure(pushed);
        }
        self.epoch += 1;
    }

    fn keep_failure(&mut self, result: Result<(), csv::Error>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
    }

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
    use crate::record::history::{Epoch, Rows, Step};

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
        let path = directory.path();
        let log = RunLog::new(History::open(path, 7, &[]).unwrap(), 2, 3, false, &[]);
        log.batch(Split::Train, readings(0.1, 2.0, 10.0));
        log.batch(Split::Train, readings(0.2, 1.0, 20.0));
        log.end_of_epoch(Split::Train);
        log.batch(Split::Valid, readings(0.0, 3.0, 50.0));
        log.end_of_epoch(Split::Valid);
        let rows = Rows::read(path);
        let step = |step, lr, loss| Step { step, lr, loss, layers: vec![] };
        assert_eq!(rows.steps, [step(7, 0.1, 2.0), step(8, 0.2, 1.0)]);
        assert_eq!(rows.epochs, [Epoch { epoch: 2, steps: 9, factor: 1.0, valid_loss: 3.0, valid_accuracy: 50.0 }]);
        assert_eq!((log.rate(), log.accuracy_percent()), (0.2, 50.0));
        assert!(log.take_failure().is_none());
        assert_eq!(
            log.inner().line(),
            "epoch 3/3: learning rate 2.000e-1, training loss 1.0000 accuracy 20.00 %, validation loss 3.0000 accuracy \
             50.00 %"
        );
    }

    #[test]
    fn the_plateaus_factor_and_the_layers_rates_are_recorded() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let layers = &["conv1", "conv2"];
        let log = RunLog::new(History::open(path, 0, layers).unwrap(), 1, 2, false, layers);
        let more = |metric, batch| Reading { metric, batch, epoch: 0.0 };
        let layers = [more("Learning Rate conv2", 0.04), more("Learning Rate conv1", 0.02)];
        log.batch(Split::Train, readings(0.1, 2.0, 10.0).into_iter().chain(layers));
        log.batch(Split::Valid, readings(0.0, 3.0, 50.0).into_iter().chain([more(FACTOR, 0.5)]));
        log.end_of_epoch(Split::Valid);
        let rows = Rows::read(path);
        assert_eq!(rows.steps[0].layers, [0.02, 0.04]);
        assert_eq!(rows.epochs[0].factor, 0.5);
    }

    #[test]
    fn an_epoch_that_was_not_validated_is_no_row() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let log = RunLog::new(History::open(path, 0, &[]).unwrap(), 1, 2, false, &[]);
        log.batch(Split::Train, readings(0.1, 2.0, 10.0));
        log.end_of_epoch(Split::Valid);
        assert_eq!(Rows::read(path).epochs, []);
    }

    #[test]
    fn warnings_are_kept_for_the_end_of_the_display() {
        let directory = tempfile::tempdir().unwrap();
        let log = RunLog::new(History::open(directory.path(), 0, &[]).unwrap(), 1, 2, false, &[]);
        log.warn("too short");
        assert_eq!(log.take_warnings(), ["too short"]);
        assert!(log.take_warnings().is_empty());
    }
}
