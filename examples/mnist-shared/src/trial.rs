//! `--find-lr`: a learning-rate range test in place of training.

use std::path::Path;

use sched_burn::sched_plot::RangePlot;
use sched_burn::{RangeCurve, RangeTest, write_csv};
use sched_files::{replace, replace_with};

use crate::args::Args;
use crate::command;
use crate::error::Error;
use crate::images::{Data, Download, Supply, load};
use crate::settings::Settings;

/// What burn needs for a range test.
pub struct Trial {
    /// The settings of the run that it is for.
    pub settings: Settings,
    /// The rates to test.
    pub test: RangeTest,
    data: Data,
}

impl Trial {
    /// The training images of the first epoch.
    pub fn supply(&self) -> Supply {
        Supply::new(self.data.train.clone(), self.settings.batch_size).shuffled(self.settings.seed, 1)
    }

    pub(crate) fn prepare(args: &Args, mnist: Download) -> Result<Self, Error> {
        let settings = Settings::new(args);
        let data = load(&settings, mnist)?;
        Ok(Self { settings, test: RangeTest::new(1e-6, 1.0, 100), data })
    }
}

/// Writes `find-lr.csv` and `find-lr.svg`, and prints the picture, the suggestions and the command to train with one.
///
/// # Errors
///
/// The curve is too short to draw, or a file cannot be written.
pub(crate) fn show(curve: &RangeCurve, directory: &Path, command: &str) -> Result<(), Error> {
    let path = directory.join("find-lr.svg");
    let plot = RangePlot::new(curve).map_err(|source| Error::Plot { path: path.clone(), source })?;
    replace_with(&path, plot.svg().as_bytes())?;
    let csv = directory.join("find-lr.csv");
    replace(&csv, |file| Ok(write_csv(curve, file)?))?;
    println!("{}", plot.terminal());
    println!("the picture is in {}, the numbers in {}", path.display(), csv.display());
    match curve.suggest_valley().or_else(|_| curve.suggest_steepest()) {
        Ok(suggestion) => {
            let peak = format!("{:.2e}", suggestion.lr);
            println!("to train: {}", command::with_own_options(command, &["--find-lr"], &["--peak-lr", &peak]));
        }
        Err(reason) => println!("no rate to suggest: {reason}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A loss that falls up to a rate of 0.01 and soon rises.
    fn curve() -> RangeCurve {
        let mut recorder = RangeTest::new(1e-6, 1.0, 100).start().unwrap();
        while let Some(lr) = recorder.next_lr() {
            let _ = recorder.record(2.0 - 1.5 * (lr / 0.01).min(1.0) + (lr / 0.1).powi(2));
        }
        recorder.finish()
    }

    #[test]
    fn the_curve_is_written_as_csv_and_svg() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new");
        show(&curve(), &path, "test").unwrap();
        let csv = fs::read_to_string(path.join("find-lr.csv")).unwrap();
        assert!(csv.starts_with("step,lr,loss,smoothed\n0,1e-6,"), "{csv}");
        assert_eq!(csv.lines().count(), 1 + curve().points().len());
        assert!(fs::read_to_string(path.join("find-lr.svg")).unwrap().contains("valley"));
    }

    #[test]
    fn a_test_without_a_curve_writes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut recorder = RangeTest::new(1e-6, 1.0, 100).start().unwrap();
        let _ = recorder.record(f64::NAN);
        let path = directory.path().join("new");
        let error = show(&recorder.finish(), &path, "test").unwrap_err().to_string();
        assert!(error.contains("find-lr.svg"), "{error}");
        assert!(!path.exists());
    }
}
