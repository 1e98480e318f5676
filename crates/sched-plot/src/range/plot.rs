//! What the picture of a range test shows: the axes, the lines and the suggestions.

use sched_core::{RangeCurve, RangePoint, Suggestions};

use crate::error::PlotError;
use crate::image::AXIS_LIMIT;

/// A picture of a [`RangeCurve`]: loss and smoothed loss over the learning rate on a logarithmic axis, with the suggestions.
///
/// The loss axis ends at `best + 3 max(first - best, |best|)` in smoothed losses, or below that where all of them are lower, so
/// that a diverging loss does not flatten the rest of the curve. Higher losses are drawn at the edge.
///
/// ```
/// use sched_core::RangeTest;
/// use sched_plot::RangePlot;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut recorder = RangeTest::new(1e-4, 1.0, 40).beta(0.5).start()?;
/// while let Some(lr) = recorder.next_lr() {
///     let _ = recorder.record((1.0 - 3.0 * lr).powi(2) + 0.1);
/// }
/// let curve = recorder.finish();
/// let plot = RangePlot::new(&curve)?;
/// assert!(plot.svg()?.starts_with("<svg"));
/// assert!(plot.text(80, 20, false).contains("valley"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RangePlot<'a> {
    pub(super) curve: &'a RangeCurve,
    pub(super) suggestions: Suggestions,
    /// The lowest and the highest loss on the axis.
    pub(super) loss: (f64, f64),
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
        let on_axis = |loss: f64| loss.clamp(-AXIS_LIMIT, AXIS_LIMIT);
        Ok(Self {
            curve,
            suggestions: curve.suggestions(),
            loss: (on_axis(lowest - margin), on_axis(highest + margin)),
        })
    }

    /// Learning rates and losses, moved to the edge where an axis ends.
    pub(super) fn line(&self, loss: impl Fn(&RangePoint) -> f64) -> Vec<(f64, f64)> {
        let points = self.curve.points().iter();
        points.map(|point| (on_axis(point.lr), loss(point).clamp(self.loss.0, self.loss.1))).collect()
    }

    /// The lowest and the highest learning rate on the axis, which always differ.
    pub(super) fn rates(&self) -> (f64, f64) {
        let points = self.curve.points();
        let rate = |point: Option<&RangePoint>| point.map_or(1.0, |point| on_axis(point.lr));
        let (first, last) = (rate(points.first()), rate(points.last()));
        (first, last.max(first * 1.001))
    }

    /// The name, the learning rate and the smoothed loss of each suggestion.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&'static str, f64, f64)> {
        let points = self.curve.points();
        self.suggestions.named().into_iter().filter_map(|(name, suggestion)| {
            let lr = suggestion.as_ref().ok()?.lr;
            let after = points.partition_point(|point| point.lr < lr);
            let point = points.get(after).or(points.last())?;
            Some((name, on_axis(lr), point.smoothed.clamp(self.loss.0, self.loss.1)))
        })
    }
}

/// The nearest learning rate that a logarithmic axis can show.
fn on_axis(lr: f64) -> f64 {
    lr.clamp(1.0 / AXIS_LIMIT, AXIS_LIMIT)
}
