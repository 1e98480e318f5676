//! What can go wrong before and after training.

use std::io;
use std::path::PathBuf;

use sched_burn::{CheckpointError, FeedError, LoadError, ScheduleError};

/// Why there is no trained model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is not what it should be.
    #[error("`{}` is not {expected}: {source}", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A new run would overwrite an old one.
    #[error(
        "`{}` holds a run already; go on with it by --resume, throw it away by --overwrite, or choose another folder by \
         --artifacts", directory.display()
    )]
    RunThere {
        /// Where.
        directory: PathBuf,
    },
    /// There is nothing to resume.
    #[error("`{}` holds no run to resume; start one without --resume", directory.display())]
    NoRun {
        /// Where.
        directory: PathBuf,
    },
    /// A resumed run cannot have another value.
    #[error(
        "--{option} is {given}, but the run was started with {saved}; leave the option out, or start a new run in another \
         folder by --artifacts"
    )]
    Changed {
        /// The option.
        option: &'static str,
        /// On the command line.
        given: String,
        /// In the run.
        saved: String,
    },
    /// A number is out of its range: of the default schedule, the plateau or the layers.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The resumed run has another schedule.
    #[error("{0}; or choose what wins by --on-mismatch")]
    Mismatch(#[source] LoadError),
    /// The scheduler cannot follow the validation loss.
    #[error(transparent)]
    Follow(#[from] FeedError),
    /// The layers cannot have rates of their own.
    #[error("--layer-decay is not to be had here: {0}")]
    LayerDecay(&'static str),
    /// The checkpoints cannot be looked at.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The real images are not to be had.
    #[error("{0}")]
    Data(String),
    /// Training failed.
    #[error("training failed: {0}")]
    Training(String),
    /// `history.csv` or `epochs.csv` could not be written.
    #[error("cannot write the history in `{}`: {source}", directory.display())]
    History {
        /// The folder.
        directory: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// `lr.svg` could not be drawn.
    #[error("cannot draw `{}`: {reason}", path.display())]
    Plot {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
