//! Errors of drawing.

use sched_files::WriteError;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// A range curve with fewer than two points.
    #[error("the curve has {points} points, but must have at least 2; print the curve to see why the test ended early")]
    TooFewPoints {
        /// The number of points.
        points: usize,
    },
    /// There is too little memory for the pixels.
    #[error("there is too little memory for the picture; draw it as SVG")]
    Image,
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}
