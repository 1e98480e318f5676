//! When one metric is better than another.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::schedule::{ScheduleError, Short, number, plain_reader, rate};

/// Which metrics are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum PlateauMode {
    /// Smaller ones: a loss.
    #[default]
    Min,
    /// Larger ones: an accuracy.
    Max,
}

/// How much better a metric must be to count as better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ThresholdMode {
    /// By more than `threshold * |best|`.
    #[default]
    Relative,
    /// By more than `threshold`.
    Absolute,
    /// PyTorch's `rel`: beyond `best * (1 - threshold)` (min) or `best * (1 + threshold)` (max). The same as
    /// [`Relative`](Self::Relative) for positive metrics; a negative metric counts as better even when slightly worse. With a
    /// threshold of 1 or more, no first metric is better than the infinity that a minimum starts from.
    RelativeSigned,
    /// Keras's `min_delta`: still better with `threshold` added (min) or subtracted (max). [`Absolute`](Self::Absolute) but for
    /// rounding: it takes 0.3 for better than 0.4 by more than 0.1, and this does not.
    AbsoluteFromMetric,
    /// paddle's `rel`: beyond `best - best * threshold` (min) or `best + best * threshold` (max).
    /// [`RelativeSigned`](Self::RelativeSigned) but for rounding, and nothing is better than an infinite minimum.
    RelativeSignedSum,
}

/// What a metric that is NaN or infinite does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum NonFinite {
    /// It counts as a bad observation.
    #[default]
    CountAsBad,
    /// Nothing, as if it had never been observed.
    Ignore,
    /// It is an error, [`ObserveError::NonFinite`](crate::ObserveError::NonFinite).
    Error,
    /// It is compared as the number it is, as in PyTorch: an infinity on the better side becomes the best, which no metric
    /// beats. NaN is never better, so it counts as bad.
    Compare,
    /// As [`Compare`](Self::Compare), and the first metric becomes the best whatever it is, as in Keras and paddle: no metric
    /// beats a first NaN.
    CompareFirst,
}

plain_reader! { PlateauMode ThresholdMode NonFinite }

/// What counts as better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Better {
    #[serde(default)]
    pub(crate) mode: PlateauMode,
    #[serde(deserialize_with = "number::threshold")]
    pub(crate) threshold: f64,
    #[serde(default)]
    pub(crate) threshold_mode: ThresholdMode,
    /// On top of the threshold, in the metric's own unit.
    #[serde(default, deserialize_with = "number::margin")]
    pub(crate) margin: f64,
}

impl Better {
    pub(crate) fn validate(&self) -> Result<(), ScheduleError> {
        rate("threshold", self.threshold)?;
        rate("margin", self.margin)
    }

    /// Whether a metric is better than the best one, as [`stored`](Self::stored). The first metric is compared with the worst
    /// there is, as in PyTorch.
    pub(crate) fn than(&self, best: Option<f64>, metric: f64) -> bool {
        // Towards the better side: down for a minimum, up for a maximum.
        let sign = self.sign();
        let best = best.map_or(-sign * f64::INFINITY, recalled);
        let (metric, bound) = match self.threshold_mode {
            ThresholdMode::Absolute => (metric, best + sign * self.threshold),
            ThresholdMode::AbsoluteFromMetric => (metric - sign * self.threshold, best),
            // A share of an infinity would be another, or NaN.
            ThresholdMode::Relative if best.is_infinite() => (metric, best),
            ThresholdMode::Relative => (metric, best + sign * self.threshold * best.abs()),
            ThresholdMode::RelativeSigned => (metric, best * (1.0 + sign * self.threshold)),
            ThresholdMode::RelativeSignedSum => (metric, best + sign * (best * self.threshold)),
        };
        let bound = bound + sign * self.margin;
        if self.mode == PlateauMode::Min { metric < bound } else { metric > bound }
    }

    /// The best metric as a file can hold it. NaN becomes the infinity that no metric beats, as none beats NaN.
    pub(crate) fn stored(&self, metric: f64) -> f64 {
        storable(if metric.is_nan() { self.sign() * f64::INFINITY } else { metric })
    }

    fn sign(&self) -> f64 {
        if self.mode == PlateauMode::Min { -1.0 } else { 1.0 }
    }
}

/// A number as a file can hold it: the largest finite one stands for infinity.
pub(crate) fn storable(number: f64) -> f64 {
    number.clamp(f64::MIN, f64::MAX)
}

/// The number that [`storable`] made this of.
pub(crate) fn recalled(stored: f64) -> f64 {
    if stored.abs() == f64::MAX { stored * 2.0 } else { stored }
}

/// `min, by 1e-4 x best`.
impl fmt::Display for Better {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.mode == PlateauMode::Min { "min" } else { "max" })?;
        let threshold = Short(self.threshold);
        match self.threshold_mode {
            ThresholdMode::Absolute => write!(f, ", by {threshold}")?,
            ThresholdMode::AbsoluteFromMetric => write!(f, ", by {threshold} from the metric")?,
            ThresholdMode::Relative => write!(f, ", by {threshold} x best")?,
            ThresholdMode::RelativeSigned => write!(f, ", by {threshold} x best, signed")?,
            ThresholdMode::RelativeSignedSum => write!(f, ", by {threshold} x best, signed sum")?,
        }
        if self.margin > 0.0 { write!(f, " + {}", Short(self.margin)) } else { Ok(()) }
    }
}
