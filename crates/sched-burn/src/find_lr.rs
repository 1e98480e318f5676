//! The learning-rate finder, whatever the version of burn: a range test batch by batch, with a progress bar.

use std::error::Error;
use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use sched_core::{RangeCurve, RangePoint, RangeTest, ScheduleError};

/// Why the learning-rate finder returned no curve. The model and the optimizer are unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindLrError {
    /// The range test itself is invalid.
    #[error("the range test cannot start: {0}")]
    Test(#[from] ScheduleError),
    /// The loader has no batches.
    #[error(
        "the training data loader has no batches, but needs at least one; check the dataset and the loader's `slice`"
    )]
    EmptyLoader,
    /// A batch could not be loaded.
    #[error("cannot load the batch of step {step}: {source}")]
    Batch {
        /// The step of the test.
        step: u64,
        /// The error of the dataset.
        source: BoxError,
    },
    /// The loss of a training step could not be read.
    #[error("cannot read the loss of step {step}: {source}")]
    Loss {
        /// The step of the test.
        step: u64,
        /// The error of the device.
        source: BoxError,
    },
}

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Runs a test on the batches of `epoch`, over and over; `train` takes one step at a rate and returns the loss.
pub(crate) fn run<E: Iterator<Item = Result<I, BoxError>>, I>(
    test: &RangeTest,
    epoch: impl Fn() -> E,
    mut train: impl FnMut(I, f64) -> Result<f64, BoxError>,
    mut on_step: impl FnMut(&RangePoint),
) -> Result<RangeCurve, FindLrError> {
    let mut recorder = test.start()?;
    let mut batches = epoch();
    while let Some(lr) = recorder.next_lr() {
        let step = recorder.points().len() as u64;
        let batch = match batches.next() {
            Some(batch) => batch,
            None => {
                batches = epoch();
                batches.next().ok_or(FindLrError::EmptyLoader)?
            }
        };
        let batch = batch.map_err(|source| FindLrError::Batch { step, source })?;
        let loss = train(batch, lr).map_err(|source| FindLrError::Loss { step, source })?;
        let _ = recorder.record(loss); // `next_lr` says whether to go on
        if let Some(point) = recorder.points().get(step as usize) {
            on_step(point);
        }
    }
    Ok(recorder.finish())
}

/// A progress bar for a range test on stderr, if that is a terminal: the step, the rate, the smoothed loss.
///
/// `find_lr` shows one. With `find_lr_with`, call [`show`](Self::show) at each step. The bar disappears when it is dropped.
///
/// ```
/// use sched_burn::{RangeBar, RangeTest};
///
/// # fn main() -> Result<(), sched_burn::ScheduleError> {
/// let test = RangeTest::new(1e-5, 1.0, 10);
/// let bar = RangeBar::new(&test);
/// let mut recorder = test.start()?;
/// let _ = recorder.record(2.3);
/// bar.show(&recorder.points()[0]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the bar disappears when it is dropped"]
pub struct RangeBar {
    bar: ProgressBar,
}

impl RangeBar {
    /// Shows the bar of a test.
    pub fn new(test: &RangeTest) -> Self {
        let style = ProgressStyle::with_template("range test {wide_bar} {pos}/{len}, {msg}, {eta} left");
        let bar = ProgressBar::new(test.steps()).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// Shows a finished step.
    pub fn show(&self, point: &RangePoint) {
        self.bar.set_message(format!("lr {:.2e}, loss {:.4}", point.lr, point.smoothed));
        self.bar.set_position(point.step + 1);
    }
}

impl Drop for RangeBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Writes a curve as CSV: the header `step,lr,loss,smoothed`, then one line per step.
///
/// ```
/// use sched_burn::{RangeTest, write_csv};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut recorder = RangeTest::new(0.125, 0.5, 3).start()?;
/// let _ = recorder.record(2.0);
/// let mut file = Vec::new();
/// write_csv(&recorder.finish(), &mut file)?;
/// assert_eq!(String::from_utf8(file)?, "step,lr,loss,smoothed\n0,0.125,2.0,2.0\n");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn write_csv(curve: &RangeCurve, out: impl Write) -> std::io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    for point in curve.points() {
        csv.serialize(point)?;
    }
    csv.flush()
}
