//! Errors of drawing.

use std::error::Error;

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
    /// The bundled font is unreadable.
    #[error("cannot read the bundled font")]
    Font,
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Drawing failed.
    #[error("cannot draw the picture: {0}")]
    Draw(#[source] Box<dyn Error + Send + Sync>),
}

impl PlotError {
    pub(crate) fn draw(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Draw(Box::new(error))
    }
}
