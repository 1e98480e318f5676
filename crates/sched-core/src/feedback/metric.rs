//! When one metric is better than another.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::schedule::{ScheduleError, Short, number, rate};

/// Which metrics are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateauMode {
    /// Smaller ones: a loss.
    #[default]
    Min,
    /// Larger ones: an accuracy.
    Max,
}

/// How much better a metric must be to count as better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ThresholdMode {
    /// By more than `threshold * |best|`.
    #[default]
    Relative,
    /// By more than `threshold`.
    Absolute,
    /// PyTorch's `rel`: beyond `best * (1 - threshold)` (min) or `best * (1 + threshold)` (max). The same as
    /// [`Relative`](Self::Relative) for positive metrics; a negative metric counts as better even when slightly worse.
    RelativeSigned,
}

/// What a metric that is NaN or infinite does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NonFinite {
    /// It counts as a bad observation.
    #[default]
    CountAsBad,
    /// Nothing, as if it had never been observed.
    Ignore,
    /// It is an error, [`ObserveError::NonFinite`](crate::ObserveError::NonFinite).
    Error,
}

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

    /// Whether a metric is better than the best one. A first one is, if it is finite.
    pub(crate) fn than(&self, best: Option<f64>, metric: f64) -> bool {
        let Some(best) = best else { return metric.is_finite() };
        // Towards the better side: down for a minimum, up for a maximum.
        let sign = if self.mode == PlateauMode::Min { -1.0 } else { 1.0 };
        let bound = match self.threshold_mode {
            ThresholdMode::Absolute => best + sign * self.threshold,
            ThresholdMode::Relative => best + sign * self.threshold * best.abs(),
            ThresholdMode::RelativeSigned => best * (1.0 + sign * self.threshold),
        };
        let bound = bound + sign * self.margin;
        metric.is_finite() && if self.mode == PlateauMode::Min { metric < bound } else { metric > bound }
    }
}

/// `min, by 1e-4 x best`.
impl fmt::Display for Better {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.mode == PlateauMode::Min { "min" } else { "max" })?;
        let threshold = Short(self.threshold);
        match self.threshold_mode {
            ThresholdMode::Absolute => write!(f, ", by {threshold}")?,
            ThresholdMode::Relative => write!(f, ", by {threshold} x best")?,
            ThresholdMode::RelativeSigned => write!(f, ", by {threshold} x best, signed")?,
        }
        if self.margin > 0.0 { write!(f, " + {}", Short(self.margin)) } else { Ok(()) }
    }
}
