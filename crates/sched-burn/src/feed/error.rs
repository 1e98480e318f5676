//! Why a metric cannot be followed.

use sched_core::ObserveError;

use super::watch::Watch;

/// Why a metric cannot be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The scheduler has no rule that could follow the metric.
    #[error(
        "the scheduler is to follow {watch}, but has no rule, so the metric would have no effect; first add one with \
         `with_plateau`, `with_greedy` or `with_rule`"
    )]
    NoRule {
        /// The metric that was to be followed.
        watch: Watch,
    },
    /// The training was built without the feed.
    #[error(
        "the scheduler follows {watch}, but the training does not pass its metrics on; build it with `supervised_training(&feed, \
         ..)` instead of `SupervisedTraining::new(..)`"
    )]
    Unconnected {
        /// The metric that was to be followed.
        watch: Watch,
    },
    /// The training was given another number of epochs than the feed.
    #[error(
        "`num_epochs({training})` contradicts `Feed::new({feed})`, which has set the number of epochs; leave `num_epochs` out, or \
         write `Feed::new({training})`"
    )]
    NumEpochs {
        /// The feed's number.
        feed: usize,
        /// burn's number.
        training: usize,
    },
    /// No metric of that name is registered.
    #[error("the scheduler follows {watch}, but no such metric is registered; {}", in_words(.registered))]
    UnknownMetric {
        /// The metric that was to be followed.
        watch: Watch,
        /// The names of the registered metrics.
        registered: Vec<String>,
    },
    /// The metric is registered, but had no value on its split.
    #[error(
        "the scheduler follows {watch}, but epoch {epoch} had no value for it; register it as a numeric metric of that split, with \
         `metrics((..,))`, `metric_train_numeric` or `metric_valid_numeric`, and check that the split has batches"
    )]
    NoValue {
        /// The metric that was to be followed.
        watch: Watch,
        /// The epoch.
        epoch: usize,
    },
    /// An epoch is over, but its metric will never arrive.
    #[error(
        "the scheduler follows {watch}, but burn's metric thread has ended, so the checkpoint of this epoch would lack the \
         metric; look for the error of that thread, and resume from the previous checkpoint"
    )]
    Lost {
        /// The metric that was followed.
        watch: Watch,
    },
    /// The rule refused the value.
    #[error("the scheduler cannot follow {watch} in epoch {epoch}: {source}")]
    Observe {
        /// The metric that was followed.
        watch: Watch,
        /// The epoch.
        epoch: usize,
        /// The error of the rule.
        source: ObserveError,
    },
}

fn in_words(names: &[String]) -> String {
    if names.is_empty() {
        return "none are; register one with `.metrics((LossMetric::new(),))`".to_owned();
    }
    format!("registered are `{}`; follow one of them, or register yours with `.metrics(..)`", names.join("`, `"))
}
