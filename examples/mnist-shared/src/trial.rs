//! `--find-lr`: a range test instead of a training.

use std::fs;
use std::path::Path;

use sched_burn::sched_plot::RangePlot;
use sched_burn::{RangeCurve, RangeTest, write_csv};

use crate::args::Args;
use crate::error::Error;
use crate::example::Example;
use crate::job::load;
use crate::samples::{Data, Supply};
use crate::settings::Settings;

/// All that burn needs to find a rate.
pub struct Trial {
    /// What the command line says.
    pub settings: Settings,
    /// The rates to try.
    pub test: RangeTest,
    data: Data,
}

impl Trial {
    /// What the first epoch of a training learns from.
    pub fn supply(&self) -> Supply {
        Supply::new(self.data.train.clone(), self.settings.batch_size).shuffled(self.settings.seed, 1)
    }

    pub(crate) fn prepare(example: &Example, args: &Args) -> Result<Self, Error> {
        let settings = Settings::new(args);
        let data = load(&settings, example)?;
        Ok(Self { settings, test: RangeTest::new(1e-6, 1.0, 100), data })
    }
}

/// Writes `find-lr.csv` and `find-lr.svg`, and prints the same as a picture of characters, what it suggests, and how to train
/// with that.
///
/// # Errors
///
/// There is nothing to draw, or a file cannot be written.
pub(crate) fn show(curve: &RangeCurve, directory: &Path, command: &str) -> Result<(), Error> {
    let path = directory.join("find-lr.svg");
    let wrong =
        |error: sched_burn::sched_plot::PlotError| Error::Plot { path: path.clone(), reason: error.to_string() };
    let plot = RangePlot::new(curve).map_err(wrong)?;
    let svg = plot.svg().map_err(wrong)?;
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    };
    fs::create_dir_all(directory).map_err(io("create", directory))?;
    fs::write(&path, svg).map_err(io("write", &path))?;
    let csv = directory.join("find-lr.csv");
    fs::File::create(&csv).and_then(|file| write_csv(curve, file)).map_err(io("write", &csv))?;
    println!("{}", plot.terminal());
    println!("the picture is in {}, the numbers in {}", path.display(), csv.display());
    match curve.suggest_valley().or_else(|_| curve.suggest_steepest()) {
        Ok(suggestion) => println!("to train: {}", command_line(command, std::env::args().skip(1), suggestion.lr)),
        Err(none) => println!("no rate to train with: {none}"),
    }
    Ok(())
}

/// The command that trains with the same options at this peak.
fn command_line(command: &str, options: impl Iterator<Item = String>, peak: f64) -> String {
    let options = options.filter(|option| option != "--find-lr").map(|option| format!(" {option}"));
    format!("{command}{} --peak-lr {peak:.2e}", options.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A loss that falls up to 0.1 and then grows.
    fn curve() -> RangeCurve {
        let mut recorder = RangeTest::new(1e-6, 1.0, 100).start().unwrap();
        while let Some(lr) = recorder.next_lr() {
            let _ = recorder.record(2.0 - 1.5 * (lr / 0.01).min(1.0) + (lr / 0.1).powi(2));
        }
        recorder.finish()
    }

    #[test]
    fn the_curve_is_kept_as_numbers_and_as_a_picture() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new");
        show(&curve(), &path, "test").unwrap();
        let csv = fs::read_to_string(path.join("find-lr.csv")).unwrap();
        assert!(csv.starts_with("step,lr,loss,smoothed\n0,1e-6,"), "{csv}");
        assert_eq!(csv.lines().count(), 1 + curve().points().len());
        assert!(fs::read_to_string(path.join("find-lr.svg")).unwrap().contains("valley"));
    }

    #[test]
    fn a_test_that_found_nothing_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut recorder = RangeTest::new(1e-6, 1.0, 100).start().unwrap();
        let _ = recorder.record(f64::NAN);
        let path = directory.path().join("new");
        let error = show(&recorder.finish(), &path, "test").unwrap_err().to_string();
        assert!(error.contains("find-lr.svg"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn the_command_to_train_has_the_same_options() {
        let options = ["--epochs", "8", "--find-lr", "--seed", "3"].map(String::from);
        assert_eq!(
            command_line("mnist --", options.into_iter(), 0.00123),
            "mnist -- --epochs 8 --seed 3 --peak-lr 1.23e-3"
        );
    }
}
