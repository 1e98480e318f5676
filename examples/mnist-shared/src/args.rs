//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use sched_burn::OnMismatch;

/// Train a small digit classifier under a learning-rate schedule. Stop it at any time; `--resume` continues as if it had not
/// been stopped.
#[derive(Clone, Debug, Parser)]
#[command(after_help = "\
With --resume, options default to those that the run was started with. Ctrl-C stops after the current batch and leaves a \
run to resume, with exit code 130; a second one ends the program at once. In burn's full-screen display, `q` and `s` do the same.")]
pub struct Args {
    /// Continue from the newest complete checkpoint in the artefact folder.
    #[arg(long)]
    pub resume: bool,

    /// Discard the run in the artefact folder and start a new one.
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,

    /// Train for this many epochs in total, including those before --resume [default: 4].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,

    /// Images per step [default: 64].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub batch_size: Option<usize>,

    /// Read the schedule from a JSON file; a step is a batch [default: a linear warmup over the first 5 % of the run, then a
    /// cosine to 1 % of the peak, or with --plateau no decay].
    #[arg(long, value_name = "FILE.json")]
    pub schedule: Option<PathBuf>,

    /// The peak of the default schedule [default: 0.002].
    #[arg(long, value_name = "LR", conflicts_with = "schedule")]
    pub peak_lr: Option<f64>,

    /// Reduce the rate whenever the validation loss stops improving by at least 1 %.
    #[arg(long)]
    pub plateau: bool,

    /// Tolerate this many epochs in a row without improvement; the next one reduces the rate [default: 1].
    #[arg(long, value_name = "N", requires = "plateau")]
    pub patience: Option<u64>,

    /// Reduce the rate by this factor, at least 0 and less than 1 [default: 0.5].
    #[arg(long, value_name = "F", requires = "plateau")]
    pub factor: Option<f64>,

    /// Train each layer at this fraction of the rate of the next layer; the last layer has the schedule's rate. Needs burn 0.22.
    #[arg(long, value_name = "D")]
    pub layer_decay: Option<f64>,

    /// What to do if the schedule of a resumed run differs from that in its checkpoint.
    #[arg(long, value_name = "RULE", default_value = "refuse")]
    pub on_mismatch: Mismatch,

    /// Instead of training, run a learning-rate range test from 1e-6 to 1 on a copy of the model; draw the loss here and in
    /// find-lr.svg, and suggest a peak.
    #[arg(long, conflicts_with_all = ["resume", "overwrite", "schedule", "peak_lr", "layer_decay"])]
    pub find_lr: bool,

    /// The folder for checkpoints, history.csv, epochs.csv and lr.svg [default: artifacts/ and the program's name].
    #[arg(long, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,

    /// The seed of the digits, the initial weights and the order of the images [default: 42].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// The images to train on [default: digits].
    #[arg(long, value_name = "SET")]
    pub data: Option<DataSet>,

    /// Train on the first N training images [default: 12000 digits, all of MNIST].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub train_items: Option<usize>,

    /// Validate on the first N validation images [default: 2000 digits, all of MNIST].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub valid_items: Option<usize>,
}

/// A set of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataSet {
    /// Digits that this program draws.
    Digits,
    /// MNIST, which burn downloads. Needs the feature `mnist-data`.
    Mnist,
}

/// [`OnMismatch`] as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mismatch {
    /// Stop, and name the difference.
    Refuse,
    /// Use the configured schedule at the saved step.
    KeepConfigured,
    /// Use the saved schedule.
    TakeSaved,
    /// Use the configured schedule at the same relative progress.
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
