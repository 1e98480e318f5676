//! The picture of a learning-rate range test.

mod image;
mod terminal;

use std::path::Path;

use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};
use sched_core::{RangeCurve, RangePoint, Suggestions};

use crate::error::PlotError;
use crate::image::{FARTHEST, IMAGE_SIZE};

/// A picture of a [`RangeCurve`]: loss and smoothed loss over the learning rate on a logarithmic axis, with the suggestions.
///
/// The axis of the loss ends at `best + 3 max(first - best, |best|)` if a smoothed loss is higher: what diverges leaves the
/// rest of the curve to be seen. What is higher is drawn at the edge.
#[derive(Clone, Debug)]
pub struct RangePlot<'a> {
    curve: &'a RangeCurve,
    suggestions: Suggestions,
    /// The lowest and the highest loss on the axis.
    loss: (f64, f64),
}

impl<'a> RangePlot<'a> {
    /// A picture of this curve.
    ///
    /// # Errors
    ///
    /// The curve has fewer than two points.
    pub fn new(curve: &'a RangeCurve) -> Result<Self, PlotError> {
        let points = curve.points();
        let ([first, _, ..], Some(best)) = (points, curve.best()) else {
            return Err(PlotError::TooFewPoints { points: points.len() });
        };
        let best = best.smoothed;
        let most = points.iter().map(|point| point.smoothed).fold(best, f64::max);
        let most = most.min(best + 3.0 * (first.smoothed - best).max(best.abs()));
        let least = points.iter().map(|point| point.loss).fold(best, f64::min);
        // Losses far below the smoothed ones are as little to be seen as those far above.
        let least = least.max(best - (most - best));
        // An axis that ends where it begins, or too close for its labels, could not be drawn.
        let margin = (0.05 * (most - least)).max(1e-3 * best.abs()).max(f64::MIN_POSITIVE);
        let edge = |loss: f64| loss.clamp(-FARTHEST, FARTHEST);
        Ok(Self { curve, suggestions: curve.suggestions(), loss: (edge(least - margin), edge(most + margin)) })
    }

    /// As SVG.
    ///
    /// # Errors
    ///
    /// The picture cannot be drawn.
    pub fn svg(&self) -> Result<String, PlotError> {
        let mut svg = String::new();
        self.draw(&SVGBackend::with_string(&mut svg, IMAGE_SIZE).into_drawing_area())?;
        Ok(svg)
    }

    /// As a PNG file.
    ///
    /// # Errors
    ///
    /// The picture cannot be drawn, or the file cannot be written.
    pub fn save_png(&self, path: &Path) -> Result<(), PlotError> {
        self.draw(&BitMapBackend::new(path, IMAGE_SIZE).into_drawing_area())
    }

    fn points(&self) -> &[RangePoint] {
        self.curve.points()
    }

    /// Rates and losses as they are drawn.
    fn line(&self, loss: impl Fn(&RangePoint) -> f64) -> Vec<(f64, f64)> {
        self.points().iter().map(|point| (drawn(point.lr), loss(point).clamp(self.loss.0, self.loss.1))).collect()
    }

    /// The lowest and the highest rate on the axis, never the same.
    fn rates(&self) -> (f64, f64) {
        let rate = |point: Option<&RangePoint>| point.map_or(1.0, |point| drawn(point.lr));
        let (first, last) = (rate(self.points().first()), rate(self.points().last()));
        (first, last.max(first * 1.001))
    }

    /// Each suggestion: its name, its rate, and the smoothed loss there.
    fn marks(&self) -> impl Iterator<Item = (&'static str, f64, f64)> {
        self.suggestions.named().into_iter().filter_map(|(name, suggestion)| {
            let lr = suggestion.as_ref().ok()?.lr;
            let after = self.points().partition_point(|point| point.lr < lr);
            let point = self.points().get(after).or(self.points().last())?;
            Some((name, drawn(lr), point.smoothed.clamp(self.loss.0, self.loss.1)))
        })
    }
}

/// A rate where the axis can show it.
fn drawn(lr: f64) -> f64 {
    lr.clamp(1.0 / FARTHEST, FARTHEST)
}
