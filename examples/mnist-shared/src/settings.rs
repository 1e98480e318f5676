//! What a run was started with, kept beside its checkpoints in `run.json`.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use sched_burn::{Plateau, Schedule, ScheduleError, ThresholdMode};
use sched_files::{Limit, read, replace};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::args::{Args, DataSet};
use crate::error::Error;

/// The default of `--peak-lr`.
const PEAK: f64 = 2e-3;
/// The relative improvement of the validation loss below which an epoch is bad.
const THRESHOLD: f64 = 0.01;

/// The content of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The settings.
    pub(crate) settings: Settings,
    /// The schedule, in steps.
    pub(crate) schedule: Schedule,
}

/// The options of the command line, with defaults filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The images.
    pub data: DataSet,
    /// The seed of the digits, the initial weights and the order of the images.
    pub seed: u64,
    /// The number of training images; `None` is all.
    pub train_items: Option<usize>,
    /// The number of validation images; `None` is all.
    pub valid_items: Option<usize>,
    /// Images per step.
    pub batch_size: usize,
    /// Epochs in the whole run.
    pub epochs: usize,
    /// The peak of the default schedule.
    pub peak_lr: f64,
    /// The reduction on a plateau of the validation loss, if any.
    pub plateau: Option<Reduction>,
    /// The ratio of a layer's rate to that of the next layer; `None` is one rate for all.
    pub layer_decay: Option<f64>,
}

/// How the rate is reduced on a plateau.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// The number of bad epochs in a row that are tolerated.
    pub patience: u64,
    /// The multiplier of the rate.
    pub factor: f64,
}

impl Reduction {
    /// The plateau rule.
    ///
    /// # Errors
    ///
    /// The factor is out of range.
    pub(crate) fn plateau(self) -> Result<Plateau, ScheduleError> {
        let plateau = Plateau::new().patience(self.patience).factor(self.factor);
        plateau.threshold(THRESHOLD, ThresholdMode::Relative).build()
    }
}

impl Settings {
    /// The settings of a new run.
    pub fn new(args: &Args) -> Self {
        let data = args.data.unwrap_or(DataSet::Digits);
        let drawn = |items| if data == DataSet::Digits { Some(items) } else { None };
        Self {
            data,
            seed: args.seed.unwrap_or(42),
            train_items: args.train_items.or(drawn(12_000)),
            valid_items: args.valid_items.or(drawn(2000)),
            batch_size: args.batch_size.unwrap_or(64),
            epochs: args.epochs.unwrap_or(4),
            peak_lr: args.peak_lr.unwrap_or(PEAK),
            plateau: args
                .plateau
                .then(|| Reduction { patience: args.patience.unwrap_or(1), factor: args.factor.unwrap_or(0.5) }),
            layer_decay: args.layer_decay,
        }
    }

    /// The settings of a resumed run: only the number of epochs and the peak of the default schedule may change. A changed
    /// schedule is up to `--on-mismatch`.
    ///
    /// # Errors
    ///
    /// An option differs from the run in a way that would invalidate its checkpoints.
    pub fn resumed(&self, args: &Args) -> Result<Self, Error> {
        let name = |data: DataSet| data.to_possible_value().map(|value| value.get_name().to_owned());
        unchanged("data", args.data.and_then(name), name(self.data), "")?;
        unchanged("seed", args.seed, Some(self.seed), "")?;
        unchanged("train-items", args.train_items, self.train_items, "all")?;
        unchanged("valid-items", args.valid_items, self.valid_items, "all")?;
        unchanged("batch-size", args.batch_size, Some(self.batch_size), "")?;
        unchanged("plateau", args.plateau.then_some("on"), self.plateau.map(|_| "on"), "off")?;
        unchanged("patience", args.patience, self.plateau.map(|plateau| plateau.patience), "off")?;
        unchanged("factor", args.factor, self.plateau.map(|plateau| plateau.factor), "off")?;
        unchanged("layer-decay", args.layer_decay, self.layer_decay, "off")?;
        Ok(Self {
            epochs: args.epochs.unwrap_or(self.epochs),
            peak_lr: args.peak_lr.unwrap_or(self.peak_lr),
            ..self.clone()
        })
    }
}

/// Refuses an option that differs from the run; `none` stands for a saved `None` in the message.
fn unchanged<T: PartialEq + ToString>(
    option: &'static str,
    given: Option<T>,
    saved: Option<T>,
    none: &str,
) -> Result<(), Error> {
    match given {
        Some(given) if saved.as_ref() != Some(&given) => Err(Error::Changed {
            option,
            given: given.to_string(),
            saved: saved.map_or(none.to_owned(), |saved| saved.to_string()),
        }),
        _ => Ok(()),
    }
}

/// Reads a JSON file that should hold `expected`.
///
/// # Errors
///
/// The file cannot be read, or holds something else.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<T, Error> {
    let text = read(path, Limit::default())?;
    serde_json::from_slice(&text).map_err(|source| Error::Json { path: path.to_owned(), expected, source })
}

impl Run {
    /// Writes the file as a whole; on an error the old one stays.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Error> {
        Ok(replace(path, |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            Ok(file.write_all(b"\n")?)
        })?)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn args(line: &str) -> Args {
        Args::try_parse_from(std::iter::once("mnist").chain(line.split_whitespace())).unwrap()
    }

    #[test]
    fn a_resumed_run_keeps_its_settings() {
        let saved = Settings::new(&args("--epochs 3 --seed 7 --batch-size 16 --train-items 100"));
        assert_eq!(saved.resumed(&args("--resume")).unwrap(), saved);
        assert_eq!(saved.resumed(&args("--resume --seed 7")).unwrap(), saved);
        assert_eq!(saved.resumed(&args("--resume --epochs 5")).unwrap(), Settings { epochs: 5, ..saved.clone() });
        for (line, option) in [
            ("--seed 8", "--seed is 8"),
            ("--batch-size 32", "--batch-size is 32"),
            ("--data mnist", "--data is mnist"),
            ("--train-items 99", "--train-items is 99"),
            ("--valid-items 1", "--valid-items is 1"),
            ("--plateau", "--plateau is on, but the run was started with off"),
            ("--layer-decay 0.5", "--layer-decay is 0.5, but the run was started with off"),
        ] {
            let error = saved.resumed(&args(line)).unwrap_err().to_string();
            assert!(error.contains(option), "{error}");
        }
    }

    #[test]
    fn a_resumed_run_keeps_its_plateau_and_layer_decay() {
        let saved = Settings::new(&args("--plateau --factor 0.1 --layer-decay 0.8"));
        assert_eq!(saved.plateau, Some(Reduction { patience: 1, factor: 0.1 }));
        for line in ["--resume", "--resume --plateau --factor 0.1", "--resume --plateau --layer-decay 0.8"] {
            assert_eq!(saved.resumed(&args(line)).unwrap(), saved, "{line}");
        }
        for (line, option) in [
            ("--plateau --patience 2", "--patience is 2, but the run was started with 1"),
            ("--plateau --factor 0.5", "--factor is 0.5, but the run was started with 0.1"),
            ("--layer-decay 0.7", "--layer-decay is 0.7, but the run was started with 0.8"),
        ] {
            let error = saved.resumed(&args(line)).unwrap_err().to_string();
            assert!(error.contains(option), "{error}");
        }
    }

    #[test]
    fn the_plateau_follows_the_options() {
        let plateau = Settings::new(&args("--plateau")).plateau.unwrap().plateau().unwrap();
        assert_eq!(plateau.to_string(), "x 0.5 after 2 bad observations (min, by 0.01 x best)");
        let wrong = Settings::new(&args("--plateau --factor 1.5")).plateau.unwrap().plateau().unwrap_err().to_string();
        assert!(wrong.contains("`factor`"), "{wrong}");
    }

    #[test]
    fn the_command_line_is_checked() {
        for line in [
            "--epochs 0",
            "--batch-size -1",
            "--data letters",
            "--resume --overwrite",
            "--on-mismatch maybe",
            "--patience 2",
            "--schedule a.json --peak-lr 0.1",
        ] {
            let parsed = Args::try_parse_from(std::iter::once("mnist").chain(line.split_whitespace()));
            assert!(parsed.is_err(), "{line}");
        }
        assert_eq!(Settings::new(&args("--data mnist")).train_items, None, "all of MNIST");
        assert_eq!(Settings::new(&args("")).train_items, Some(12_000));
    }

    #[test]
    fn a_run_round_trips_through_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run.json");
        let settings = Settings::new(&args("--plateau --layer-decay 0.8"));
        let run = Run { schedule: Schedule::constant(0.1).unwrap(), settings };
        run.save(&path).unwrap();
        assert_eq!(read_json::<Run>(&path, "a run").unwrap(), run);
        let error = read_json::<Schedule>(&path, "a schedule").unwrap_err().to_string();
        assert!(error.contains("run.json` is not a schedule"), "{error}");
    }
}
