//! Which metric is followed.

use std::fmt;

/// A metric of the training, by the name that burn knows it by, on one of its splits.
///
/// Whether smaller or larger is better is the rule's to know: [`PlateauBuilder::mode`](sched_core::PlateauBuilder::mode).
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
    /// A metric on the validation split, `"Loss"` say.
    pub fn valid(metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), split: Split::Valid }
    }

    /// A metric on the training split: its mean over the epoch.
    ///
    /// Under distributed data parallelism (DDP) the workers' batches arrive in no fixed order, and so this mean is not the same to
    /// the last bit every time; validation is measured by one worker.
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
