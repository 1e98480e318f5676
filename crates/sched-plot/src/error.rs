//! Why there is no picture.

use std::error::Error;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The curve is too short for a line.
    #[error("the curve has {points} points, but must have at least 2; its text says why the test ended")]
    TooFewPoints {
        /// How many points it has.
        points: usize,
    },
    /// The font that comes along cannot be read.
    #[error("the built-in font cannot be read")]
    Font,
    /// The picture cannot be drawn or written.
    #[error("cannot draw the picture: {0}")]
    Draw(#[source] Box<dyn Error + Send + Sync>),
}

impl PlotError {
    pub(crate) fn draw(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Draw(Box::new(error))
    }
}
