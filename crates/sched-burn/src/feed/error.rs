//! Why a metric cannot be followed.

use sched_core::ObserveError;

use super::watch::Watch;

/// Why a metric cannot be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The scheduler has no rule that could make anything of the metric.
    #[error(
        "the scheduler is to follow {watch}, but has no rule for it, so nothing would ever come of it; add one with \
         `with_plateau`, `with_greedy` or `with_rule` first"
    )]
    NoRule {
        /// What was to be followed.
        watch: Watch,
    },
    /// The training was not made with the feed.
    #[error(
        "the scheduler follows {watch}, but the training does not pass its metrics on; make it with `supervised_training(&feed, \
         ..)` instead of `SupervisedTraining::new(..)`"
    )]
    Unconnected {
        /// What was to be followed.
        watch: Watch,
    },
    /// No metric of that name is registered.
    #[error("the scheduler follows {watch}, but no such metric is registered; {}", in_words(.registered))]
    UnknownMetric {
        /// What was to be followed.
        watch: Watch,
        /// The names of the registered ones.
        registered: Vec<String>,
    },
    /// The metric is registered, but had no value on that split.
    #[error(
        "the scheduler follows {watch}, but epoch {epoch} had no value for it; register it as a number on that split, with \
         `metrics((..,))`, `metric_train_numeric` or `metric_valid_numeric`, and see that the split has batches"
    )]
    NoValue {
        /// What was to be followed.
        watch: Watch,
        /// The epoch.
        epoch: usize,
    },
    /// The metric of an epoch that is over will not come any more.
    #[error(
        "the scheduler follows {watch}, but burn's thread that measures it has ended, so the checkpoint of this epoch would lack \
         it; look for that thread's own error, and resume from the checkpoint before"
    )]
    Lost {
        /// What was followed.
        watch: Watch,
    },
    /// The rule did not accept the value.
    #[error("the scheduler could not follow {watch} in epoch {epoch}: {source}")]
    Observe {
        /// What was followed.
        watch: Watch,
        /// The epoch.
        epoch: usize,
        /// What the rule said.
        source: ObserveError,
    },
}

fn in_words(names: &[String]) -> String {
    if names.is_empty() {
        return "there are none; register one with `.metrics((LossMetric::new(),))`".to_owned();
    }
    format!("these are: `{}`; take one of them, or register it with `.metrics(..)`", names.join("`, `"))
}
