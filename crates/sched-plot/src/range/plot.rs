//! What the picture of a range test shows: the axes, the lines and the suggestions.

use std::path::Path;

use sched_core::{RangeCurve, RangePoint, Suggestions};

use crate::error::PlotError;
use crate::figure::{Column, Curve, Figure, Panel, Scale, Style};
use crate::number::{Short, three_digits};

/// A picture of a [`RangeCurve`]: loss and smoothed loss over the learning rate on a logarithmic axis, with the suggestions.
///
/// The loss axis ends at `best + 3 max(first - best, |best|)` in smoothed losses, or below that where all of them are lower, so
/// that a diverging loss does not flatten the rest of the curve. Lines to higher losses leave the picture.
///
/// ```
/// use sched_core::RangeTest;
/// use sched_plot::{RangePlot, Screen};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut recorder = RangeTest::new(1e-4, 1.0, 40).beta(0.5).start()?;
/// while let Some(lr) = recorder.next_lr() {
///     let _ = recorder.record((1.0 - 3.0 * lr).powi(2) + 0.1);
/// }
/// let curve = recorder.finish();
/// let plot = RangePlot::new(&curve)?;
/// assert!(plot.svg().starts_with("<svg"));
/// assert!(plot.text(&Screen::new(80, 20)).contains("valley"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RangePlot<'a> {
    pub(super) curve: &'a RangeCurve,
    pub(super) suggestions: Suggestions,
    loss: Scale,
}

impl<'a> RangePlot<'a> {
    /// Prepares the picture of a curve.
    ///
    /// # Errors
    ///
    /// [`PlotError::TooFewPoints`] if the curve has fewer than two points.
    pub fn new(curve: &'a RangeCurve) -> Result<Self, PlotError> {
        let points = curve.points();
        let ([first, _, ..], Some(best)) = (points, curve.best()) else {
            return Err(PlotError::TooFewPoints { points: points.len() });
        };
        let best = best.smoothed;
        let highest = points.iter().map(|point| point.smoothed).fold(best, f64::max);
        let highest = highest.min(best + 3.0 * (first.smoothed - best).max(best.abs()));
        let lowest = points.iter().map(|point| point.loss).fold(best, f64::min);
        // A raw loss far below the smoothed ones must not flatten the curve either.
        let lowest = lowest.max(best - (highest - best));
        // The ends of the axis must differ by enough for its labels.
        let margin = (0.05 * (highest - lowest)).max(1e-3 * best.abs()).max(f64::MIN_POSITIVE);
        Ok(Self { curve, suggestions: curve.suggestions(), loss: Scale::linear(lowest - margin, highest + margin) })
    }

    /// The picture as SVG, 1200 x 630: in the reader's colours, light or dark.
    #[must_use]
    pub fn svg(&self) -> String {
        self.figure().svg()
    }

    /// Writes the picture to a PNG file. It replaces an old one as a whole, and creates missing folders.
    ///
    /// # Errors
    ///
    /// [`PlotError::Image`] if there is too little memory, [`PlotError::Write`] if the file cannot be written.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        self.figure().save_png(path)
    }

    pub(super) fn figure(&self) -> Figure {
        let points = self.curve.points();
        let rate = |point: Option<&RangePoint>| point.map_or(1.0, |point| point.lr);
        let x = Scale::log(rate(points.first()), rate(points.last()));
        let line = |loss: fn(&RangePoint) -> f64| points.iter().map(|point| (point.lr, loss(point))).collect();
        let mut smoothed = Curve::new("smoothed loss", Style::Line, 0, line(|point| point.smoothed));
        let mut columns = Vec::new();
        for (name, suggestion) in self.suggestions.named() {
            let Ok(suggestion) = suggestion else { continue };
            let after = points.partition_point(|point| point.lr < suggestion.lr);
            if let Some(point) = points.get(after).or(points.last()) {
                smoothed = smoothed.mark(suggestion.lr, point.smoothed, "");
            }
            let label = format!("{name} {}", Short(three_digits(suggestion.lr)));
            columns.push(Column { x: suggestion.lr, label, hue: Some(hue(name)) });
        }
        let title = "Learning-rate range test";
        let panel = Panel::new("loss", self.loss).curve(Curve::new("loss", Style::Faint, 0, line(|point| point.loss)));
        let words = self.curve.to_string();
        let figure = Figure::new(title, "learning rate", x).key(None, words.lines().next().unwrap_or_default());
        columns.into_iter().fold(figure, Figure::column).panel(panel.curve(smoothed))
    }
}

/// The hue of a suggestion.
pub(super) fn hue(name: &str) -> usize {
    match name {
        "steepest" => 1,
        "valley" => 2,
        _ => 3,
    }
}
