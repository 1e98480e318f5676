//! A range test as SVG and PNG.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;

use super::plot::RangePlot;
use crate::error::PlotError;
use crate::image::{self, COLOURS, Draw, Drawn, FAINT};
use crate::number::{Short, three_digits};

impl RangePlot<'_> {
    /// The picture as SVG.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`] if drawing fails.
    pub fn svg(&self) -> Result<String, PlotError> {
        image::svg(self)
    }

    /// Writes the picture to a PNG file. It replaces an old one as a whole, and creates missing folders.
    ///
    /// # Errors
    ///
    /// [`PlotError::Write`] if drawing fails or the file cannot be written.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        image::save_png(self, path.as_ref())
    }
}

impl Draw for RangePlot<'_> {
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let ((first, last), (lowest, highest)) = (self.rates(), self.loss);
        let x = ("learning rate", (first..last).log_scale());
        let y = ("loss", lowest..highest);
        image::chart(area, x, y, SeriesLabelPosition::LowerLeft, |chart| {
            image::line(chart, "loss", FAINT, 1, self.line(|point| point.loss))?;
            image::line(chart, "smoothed loss", COLOURS[0], 3, self.line(|point| point.smoothed))?;
            for ((name, lr, loss), &colour) in self.marks().zip(&COLOURS[1..]) {
                let column = PathElement::new([(lr, lowest), (lr, highest)], colour.stroke_width(1));
                chart
                    .draw_series([column])?
                    .label(format!("{name}: {}", Short(three_digits(lr))))
                    .legend(move |(x, y)| Circle::new((x + 10, y), 5, colour.filled()));
                chart.draw_series([Circle::new((lr, loss), 5, colour.filled())])?;
            }
            Ok(())
        })
    }
}
