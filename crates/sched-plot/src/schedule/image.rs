//! Schedules as SVG and PNG.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

use super::plot::SchedulePlot;
use crate::error::PlotError;
use crate::image::{self, COLOURS, Draw, Drawn};

/// About two to a pixel.
const BUCKETS: u64 = 2_000;

impl SchedulePlot {
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

    fn draw_on<DB, Y>(&self, area: &DrawingArea<DB, Shift>, points: &[Vec<(u64, f64)>], y: Y) -> Drawn<DB>
    where
        DB: DrawingBackend,
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let x = ("step", 0.0..(self.end - 1) as f64);
        image::chart(area, x, ("learning rate", y), SeriesLabelPosition::UpperRight, |chart| {
            for ((line, points), &colour) in self.lines.iter().zip(points).zip(COLOURS.iter().cycle()) {
                let points = points.iter().map(|(step, lr)| (*step as f64, *lr));
                image::line(chart, &line.name, colour, 2, points)?;
            }
            Ok(())
        })
    }
}

impl Draw for SchedulePlot {
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let points = self.points(BUCKETS);
        let (lowest, highest) = self.range(&points);
        if self.log {
            self.draw_on(area, &points, (lowest / 1.2..highest * 1.2).log_scale())
        } else {
            self.draw_on(area, &points, lowest..highest * 1.05)
        }
    }
}
