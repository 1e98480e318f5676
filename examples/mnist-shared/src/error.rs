//! Errors around training.

use std::io;
use std::path::PathBuf;

use sched_burn::sched_core::show::passage;
use sched_burn::sched_plot::PlotError;
use sched_burn::{CheckpointError, FeedError, LoadError, ReadError, ScheduleError, WriteError};
use sched_files::quote_path;

/// Why an example failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder is inaccessible.
    #[error("cannot {action} {}: {source}", quote_path(path))]
    Io {
        /// `create` or `remove`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file has the wrong content.
    #[error("{} is not {expected}: {}", quote_path(path), passage(source))]
    Json {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// A new run would overwrite an old one.
    #[error(
        "{} already holds a run; continue it with --resume, discard it with --overwrite, or choose another folder with \
         --artifacts",
        quote_path(directory)
    )]
    RunThere {
        /// The folder.
        directory: PathBuf,
    },
    /// There is nothing to resume.
    #[error("{} holds no run to resume; start one without --resume", quote_path(directory))]
    NoRun {
        /// The folder.
        directory: PathBuf,
    },
    /// An option differs from the run to resume.
    #[error(
        "--{option} is {given}, but the run was started with {saved}; leave the option out, or start a new run in another \
         folder with --artifacts"
    )]
    Changed {
        /// The option.
        option: &'static str,
        /// Its value on the command line.
        given: String,
        /// Its value in the run.
        saved: String,
    },
    /// A number for the default schedule, the plateau or the layers is out of range.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The checkpoint was trained under another schedule.
    #[error("{0}; choose which one to use with --on-mismatch")]
    Mismatch(#[source] LoadError),
    /// The scheduler cannot follow the validation loss.
    #[error(transparent)]
    Follow(#[from] FeedError),
    /// The layers cannot have rates of their own.
    #[error("--layer-decay is not supported here: {0}")]
    LayerDecay(&'static str),
    /// The checkpoints are unreadable as a whole.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// MNIST is unavailable.
    #[error("{0}")]
    Data(String),
    /// Training failed.
    #[error("training failed: {0}")]
    Training(String),
    /// `history.csv` or `epochs.csv` cannot be written.
    #[error("cannot write the history in {}: {source}", quote_path(directory))]
    History {
        /// The folder.
        directory: PathBuf,
        /// The reason.
        source: csv::Error,
    },
    /// A picture cannot be drawn.
    #[error("cannot draw {}: {source}", quote_path(path))]
    Plot {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: PlotError,
    },
}
