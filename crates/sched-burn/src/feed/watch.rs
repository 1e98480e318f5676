//! The metric that a scheduler follows.

use std::fmt;

/// A metric of the training, by its name in burn, on one of the splits.
///
/// Whether lower or higher is better is a property of the rule, not of the metric:
/// [`PlateauBuilder::mode`](sched_core::PlateauBuilder::mode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    pub(crate) metric: String,
    pub(crate) split: Split,
}

/// The part of the data that a metric is measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Split {
    Train,
    Valid,
}

impl Watch {
    /// A metric of the validation split, such as `"Loss"`.
    pub fn valid(metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), split: Split::Valid }
    }

    /// A metric of the training split: its mean over the epoch.
    ///
    /// Under distributed data parallelism (DDP), the batches of the workers arrive in no fixed order, so the last bits
    /// of this mean vary between runs. Validation metrics come from one worker and do not.
    pub fn train(metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), split: Split::Train }
    }

    /// The name of the metric.
    pub fn metric(&self) -> &str {
        &self.metric
    }
}

/// `` `Loss` (valid) ``.
impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.metric, self.split)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Valid => "valid",
        })
    }
}
