//! A figure as SVG and PNG.

mod font;
mod ink;
mod layout;
mod png;
mod scene;
mod svg;

use std::path::Path;

use sched_files::replace_with;

use crate::error::PlotError;
use crate::figure::Figure;

pub(crate) use ink::{DASHES, HUES};

impl Figure {
    /// The picture as SVG, 1200 x 630: in the reader's colours, light or dark.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::write(&layout::scene(self))
    }

    /// The picture as PNG in light colours, with two pixels for each of the SVG.
    ///
    /// # Errors
    ///
    /// [`PlotError::Image`] if there is too little memory for the pixels.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        png::write(&layout::scene(self))
    }

    /// Writes the picture to a PNG file. It replaces an old one as a whole, and creates missing folders.
    ///
    /// # Errors
    ///
    /// As for [`png`](Self::png); [`PlotError::Write`] if the file cannot be written.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        Ok(replace_with(path.as_ref(), &self.png()?)?)
    }
}
