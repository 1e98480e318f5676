//! `history.csv` and `epochs.csv`: every step and every epoch of a run, before and after resuming.

use std::fs::File;
use std::io::{self, Cursor};
use std::path::Path;

use sched_burn::ReadError;
use sched_files::{Limit, read, replace};
use serde::{Deserialize, Serialize};

pub(crate) const STEPS: &str = "history.csv";
pub(crate) const EPOCHS: &str = "epochs.csv";
/// Ten million steps have less.
const LIMIT: Limit = Limit::new(1 << 30);

/// One optimizer update.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Step {
    /// The step, from 0 over the whole run.
    pub(crate) step: u64,
    /// The learning rate of the update; that of the last layer if the layers have rates of their own.
    pub(crate) lr: f64,
    /// The training loss before the update.
    pub(crate) loss: f64,
    /// The rates of the other layers, from the input on.
    pub(crate) layers: Vec<f64>,
}

impl Step {
    /// Parses a line of the file, which may end in any number of layers.
    fn parse(line: &csv::StringRecord) -> Option<Self> {
        let mut numbers = line.iter().skip(1).map(|number| number.parse().ok());
        Some(Self {
            step: line.get(0)?.parse().ok()?,
            lr: numbers.next()??,
            loss: numbers.next()??,
            layers: numbers.collect::<Option<_>>()?,
        })
    }
}

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Epoch {
    /// The epoch, from 1 over the whole run.
    pub(crate) epoch: usize,
    /// The number of steps up to its end.
    pub(crate) steps: u64,
    /// The plateau's multiplier of the schedule's rate.
    pub(crate) factor: f64,
    /// The validation loss.
    pub(crate) valid_loss: f64,
    /// The validation accuracy in percent.
    pub(crate) valid_accuracy: f64,
}

/// Both files, open for appending.
pub struct History {
    steps: csv::Writer<File>,
    epochs: csv::Writer<File>,
    next_step: u64,
}

/// The rows of both files.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) steps: Vec<Step>,
    pub(crate) epochs: Vec<Epoch>,
}

impl History {
    /// Opens the files in a folder to continue with step `position`. Removes later rows, which a stopped run wrote after its
    /// last checkpoint, and a line that a crash left unfinished.
    ///
    /// `layers` are those whose rates have columns of their own beside `lr`.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn open(directory: &Path, position: u64, layers: &[&str]) -> Result<Self, csv::Error> {
        let Rows { mut steps, mut epochs } = Rows::try_read(directory)?;
        steps.retain(|row| row.step < position);
        epochs.retain(|row| row.steps <= position);
        let layers = layers.iter().map(|layer| format!("lr_{layer}"));
        let header: Vec<String> = ["step", "lr", "loss"].map(String::from).into_iter().chain(layers).collect();
        let steps = rewrite(&directory.join(STEPS), &header, &steps)?;
        let header = ["epoch", "steps", "factor", "valid_loss", "valid_accuracy"].map(String::from);
        let epochs = rewrite(&directory.join(EPOCHS), &header, &epochs)?;
        Ok(Self { steps, epochs, next_step: position })
    }

    /// Appends the next step and flushes it, so that only a crash of the machine can lose it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn push(&mut self, lr: f64, loss: f64, layers: Vec<f64>) -> Result<(), csv::Error> {
        self.steps.serialize(Step { step: self.next_step, lr, loss, layers })?;
        self.steps.flush()?;
        self.next_step += 1;
        Ok(())
    }

    /// Appends the epoch that the last step was in.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn end_epoch(
        &mut self,
        epoch: usize,
        factor: f64,
        valid_loss: f64,
        valid_accuracy: f64,
    ) -> Result<(), csv::Error> {
        self.epochs.serialize(Epoch { epoch, steps: self.next_step, factor, valid_loss, valid_accuracy })?;
        self.epochs.flush()?;
        Ok(())
    }
}

impl Rows {
    /// Reads the rows up to the first incomplete one; none if there is no file or it cannot be read.
    pub(crate) fn read(directory: &Path) -> Self {
        Self::try_read(directory).unwrap_or_default()
    }

    /// As [`read`](Self::read), but a file that is there and cannot be read is an error.
    fn try_read(directory: &Path) -> Result<Self, csv::Error> {
        let open = |name| match read(directory.join(name), LIMIT) {
            Ok(bytes) => Ok(csv::Reader::from_reader(Cursor::new(bytes))),
            Err(ReadError::Open { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(csv::Reader::from_reader(Cursor::default()))
            }
            Err(error) => Err(io::Error::other(error)),
        };
        Ok(Self {
            steps: open(STEPS)?.into_records().map_while(|line| Step::parse(&line.ok()?)).collect(),
            epochs: open(EPOCHS)?.into_deserialize().map_while(Result::ok).collect(),
        })
    }
}

/// Replaces a file as a whole and keeps it open for appending.
fn rewrite<R: Serialize>(path: &Path, header: &[String], rows: &[R]) -> Result<csv::Writer<File>, csv::Error> {
    let replaced = replace(path, |file| {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(file);
        writer.write_record(header)?;
        rows.iter().try_for_each(|row| writer.serialize(row))?;
        Ok(writer.flush()?)
    });
    replaced.map_err(io::Error::other)?;
    let file = File::options().append(true).open(path)?;
    Ok(csv::WriterBuilder::new().has_headers(false).from_writer(file))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn text(directory: &Path, name: &str) -> String {
        fs::read_to_string(directory.join(name)).unwrap()
    }

    #[test]
    fn rows_after_the_checkpoint_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let mut history = History::open(path, 0, &[]).unwrap();
        for step in 0..6 {
            history.push(0.1 * f64::from(step), 1.0, vec![]).unwrap();
            if step % 3 == 2 {
                history.end_epoch(1 + step as usize / 3, 0.5, 2.0, 10.0).unwrap();
            }
        }
        drop(history);
        let mut history = History::open(path, 3, &[]).unwrap();
        history.push(0.7, 0.5, vec![]).unwrap();
        drop(history);
        let steps = [(0, 0.0, 1.0), (1, 0.1, 1.0), (2, 0.2, 1.0), (3, 0.7, 0.5)];
        let rows = Rows::read(path);
        assert_eq!(rows.steps, steps.map(|(step, lr, loss)| Step { step, lr, loss, layers: vec![] }));
        let first = Epoch { epoch: 1, steps: 3, factor: 0.5, valid_loss: 2.0, valid_accuracy: 10.0 };
        assert_eq!(rows.epochs, [first]);
        assert_eq!(text(path, STEPS), "step,lr,loss\n0,0.0,1.0\n1,0.1,1.0\n2,0.2,1.0\n3,0.7,0.5\n");
        assert_eq!(text(path, EPOCHS), "epoch,steps,factor,valid_loss,valid_accuracy\n1,3,0.5,2.0,10.0\n");
    }

    #[test]
    fn an_incomplete_line_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let whole = "step,lr,loss\n0,0.5,2.0\n";
        for torn in ["1,0.2", "1,0.2,"] {
            fs::write(path.join(STEPS), format!("{whole}{torn}")).unwrap();
            assert_eq!(Rows::read(path).steps.len(), 1);
            drop(History::open(path, 1, &[]).unwrap());
            assert_eq!(text(path, STEPS), whole);
        }
    }

    #[test]
    fn a_history_that_cannot_be_read_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir(path.join(STEPS)).unwrap();
        let error = History::open(path, 1, &[]).err().unwrap().to_string();
        assert!(error.contains("history.csv`: it is a folder, expected a regular file"), "{error}");
        assert!(!path.join(EPOCHS).exists());
        assert_eq!(Rows::read(path).steps, []);
    }

    #[test]
    fn every_layer_has_a_column() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        for position in 0..2 {
            let mut history = History::open(path, position, &["conv1", "conv2"]).unwrap();
            history.push(0.4, 2.0, vec![0.1, 0.2]).unwrap();
        }
        assert_eq!(text(path, STEPS), "step,lr,loss,lr_conv1,lr_conv2\n0,0.4,2.0,0.1,0.2\n1,0.4,2.0,0.1,0.2\n");
    }

    #[test]
    fn rates_keep_every_bit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let rates = [1e-300, 0.1 + 0.2, f64::MIN_POSITIVE, 1.0 / 3.0];
        let mut history = History::open(path, 0, &["conv1"]).unwrap();
        for rate in rates {
            history.push(rate, 0.0, vec![rate]).unwrap();
        }
        let steps = Rows::read(path).steps;
        assert!(steps.iter().map(|step| step.lr.to_bits()).eq(rates.map(f64::to_bits)));
        assert!(steps.iter().map(|step| step.layers[0].to_bits()).eq(rates.map(f64::to_bits)));
    }
}
