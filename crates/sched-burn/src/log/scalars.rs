//! Values at a step, and what writes them.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Values of a training at one step, for a [`ScalarWriter`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalars<'a> {
    /// The part of the data, such as `train` or `valid`.
    pub split: &'a str,
    /// The step of the whole training, counted from 0.
    pub step: u64,
    /// Seconds since 1970.
    pub wall_time: f64,
    /// Names and values.
    pub values: &'a [(&'a str, f64)],
}

impl<'a> Scalars<'a> {
    /// Values that are written now.
    pub fn now(split: &'a str, step: u64, values: &'a [(&'a str, f64)]) -> Self {
        let wall_time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        Self { split, step, wall_time, values }
    }
}

/// Writes the values of a training into files: [`TensorBoard`](crate::TensorBoard), [`JsonLines`](crate::JsonLines),
/// [`Csv`](crate::Csv), or your own.
///
/// In burn's Learner, the `ScalarLogger` of the module for your burn (`train_0_21`, `train_0_22`, `train_0_23`) calls it. In
/// your own training loop, call it yourself:
///
/// ```
/// use sched_burn::prelude::*;
/// use sched_burn::{Csv, JsonLines, ScalarWriter, Scalars, TensorBoard};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let mut writers: [Box<dyn ScalarWriter>; 3] = [
///     Box::new(TensorBoard::new(directory)), // tensorboard --logdir DIRECTORY
///     Box::new(JsonLines::open(directory.join("log.jsonl"))?),
///     Box::new(Csv::open(directory.join("log.csv"))?),
/// ];
/// let mut scheduler = Scheduler::new(Schedule::linear(0.1, 0.0, 10)?);
/// for step in 0..2 {
///     let lr = scheduler.step();
///     let loss = 1.0; // of this update
///     for writer in &mut writers {
///         writer.write(&Scalars::now("train", step, &[("lr", lr), ("loss", loss)]))?;
///     }
/// }
/// # assert_eq!(std::fs::read_to_string(directory.join("log.jsonl"))?.lines().count(), 2);
/// # assert_eq!(std::fs::read_to_string(directory.join("log.csv"))?.lines().count(), 5);
/// # Ok(())
/// # }
/// ```
pub trait ScalarWriter: Send {
    /// Writes values; when it returns, they are in the file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    fn write(&mut self, scalars: &Scalars<'_>) -> io::Result<()>;
}
