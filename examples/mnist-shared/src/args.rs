//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use sched_burn::OnMismatch;

/// Trains a small digit classifier under a learning-rate schedule. It can be stopped at any time, and goes on with
/// `--resume` as if nothing had happened.
#[derive(Clone, Debug, Parser)]
#[command(after_help = "\
With --resume, what is not given is as the run was started. Ctrl-C stops after the batch at hand and leaves a run \
to resume; in burn's full-screen display, press q.")]
pub struct Args {
    /// Go on from the newest complete checkpoint in the artefact directory.
    #[arg(long)]
    pub resume: bool,

    /// Throw away the run that is in the artefact directory.
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,

    /// Train up to this many epochs, those before a resume included [default: 4].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,

    /// Train on this many images at a time [default: 64].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub batch_size: Option<usize>,

    /// Take the schedule from a JSON file, in steps of one batch [default: a linear warmup over the first 5 %, then a
    /// cosine down to 1 % at the end of the run, or with --plateau no decay].
    #[arg(long, value_name = "FILE.json")]
    pub schedule: Option<PathBuf>,

    /// The rate at the end of the default schedule's warmup [default: 0.002].
    #[arg(long, value_name = "LR", conflicts_with = "schedule")]
    pub peak_lr: Option<f64>,

    /// Multiply the schedule by a factor whenever the validation loss stops falling by at least 1 %.
    #[arg(long)]
    pub plateau: bool,

    /// Accept this many epochs in a row without such a fall; the next one reduces the rate [default: 1].
    #[arg(long, value_name = "N", requires = "plateau")]
    pub patience: Option<u64>,

    /// Multiply the rate by this, 0 or more and below 1 [default: 0.5].
    #[arg(long, value_name = "F", requires = "plateau")]
    pub factor: Option<f64>,

    /// Give each layer this part of the rate of the layer after it; the last layer has the schedule's. Needs burn 0.22.
    #[arg(long, value_name = "D")]
    pub layer_decay: Option<f64>,

    /// What to do when a resumed run has another schedule than its checkpoint.
    #[arg(long, value_name = "RULE", default_value = "refuse")]
    pub on_mismatch: Mismatch,

    /// Train nothing, but try rates from 1e-6 to 1 on a copy of the model, draw the loss, in find-lr.svg too, and say
    /// which peak it suggests.
    #[arg(long, conflicts_with_all = ["resume", "overwrite", "schedule", "peak_lr", "layer_decay"])]
    pub find_lr: bool,

    /// Keep checkpoints, history.csv, epochs.csv and lr.svg here [default: artifacts/ and the program's name].
    #[arg(long, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,

    /// Draw the digits, the first weights and the order of the images from this seed [default: 42].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Which images to learn [default: digits].
    #[arg(long, value_name = "SET")]
    pub data: Option<DataSet>,

    /// Learn from the first N training images [default: 12000 digits, all of MNIST].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub train_items: Option<usize>,

    /// Validate on the first N validation images [default: 2000 digits, all of MNIST].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub valid_items: Option<usize>,
}

/// The images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataSet {
    /// Drawn by this program, from strokes.
    Digits,
    /// The real ones, which burn downloads. Needs the feature `mnist-data`.
    Mnist,
}

/// [`OnMismatch`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mismatch {
    /// Train nothing, and name the difference.
    Refuse,
    /// The configured schedule at the saved step.
    KeepConfigured,
    /// The saved schedule.
    TakeSaved,
    /// The configured schedule at the same part of the way.
    KeepProgress,
}

impl From<Mismatch> for OnMismatch {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Refuse => Self::Refuse,
            Mismatch::KeepConfigured => Self::KeepConfigured,
            Mismatch::TakeSaved => Self::TakeSaved,
            Mismatch::KeepProgress => Self::KeepProgress,
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}
