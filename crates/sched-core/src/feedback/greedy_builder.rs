//! How a greedy rule is configured, in code and in files.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::greedy::{Greedy, GreedyRules, Memory};
use super::metric::{Better, PlateauMode, ThresholdMode};
use super::written::Written;
use crate::schedule::{ScheduleError, count, number, plain_reader, safe_error};

/// Configures a [`Greedy`]; [`build`](Self::build) checks the options.
///
/// The defaults are transformers': [`PlateauMode::Min`], `factor = 0.95`, `patience = 10`, `threshold = 1e-6`
/// [absolute](ThresholdMode::Absolute), `cooldown = 0`, `warmup = 0`, `min_lr = 1e-3`, `max_lr = 1`, `eps = 1e-8`,
/// `window = 1`, `reset_start = 500`. A file names the options as the methods are named, with `threshold_mode` beside
/// `threshold`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GreedyBuilder {
    pub(super) mode: PlateauMode,
    #[serde(deserialize_with = "number::factor")]
    pub(super) factor: f64,
    #[serde(deserialize_with = "count::patience")]
    pub(super) patience: u64,
    #[serde(deserialize_with = "number::threshold")]
    pub(super) threshold: f64,
    pub(super) threshold_mode: ThresholdMode,
    #[serde(deserialize_with = "count::cooldown")]
    pub(super) cooldown: u64,
    #[serde(deserialize_with = "count::warmup")]
    pub(super) warmup: u64,
    #[serde(deserialize_with = "number::min_lr")]
    pub(super) min_lr: f64,
    #[serde(deserialize_with = "number::max_lr")]
    pub(super) max_lr: f64,
    #[serde(deserialize_with = "number::eps")]
    pub(super) eps: f64,
    #[serde(deserialize_with = "count::window")]
    pub(super) window: u64,
    #[serde(deserialize_with = "count::reset_start")]
    pub(super) reset_start: u64,
}

plain_reader! { alone: GreedyBuilder }

impl Default for GreedyBuilder {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.95,
            patience: 10,
            threshold: 1e-6,
            threshold_mode: ThresholdMode::Absolute,
            cooldown: 0,
            warmup: 0,
            min_lr: 1e-3,
            max_lr: 1.0,
            eps: 1e-8,
            window: 1,
            reset_start: 500,
        }
    }
}

impl GreedyBuilder {
    /// Whether smaller or larger metrics are better.
    pub fn mode(mut self, mode: PlateauMode) -> Self {
        self.mode = mode;
        self
    }

    /// The factor on the rate at each reduction, and the divisor at each raise; above 0 and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// How many good or bad observations in a row leave the rate as it is; the next one changes it.
    pub fn patience(mut self, patience: u64) -> Self {
        self.patience = patience;
        self
    }

    /// How much better than the best a metric must be to count as better; 0 or more.
    pub fn threshold(mut self, threshold: f64, mode: ThresholdMode) -> Self {
        self.threshold = threshold;
        self.threshold_mode = mode;
        self
    }

    /// How many observations to ignore after a reduction.
    pub fn cooldown(mut self, cooldown: u64) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// How many observations to ignore after a raise.
    pub fn warmup(mut self, warmup: u64) -> Self {
        self.warmup = warmup;
        self
    }

    /// The lowest rate that a reduction leads to; 0 or more.
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    /// The highest rate that a raise leads to; 0 or more.
    pub fn max_lr(mut self, max_lr: f64) -> Self {
        self.max_lr = max_lr;
        self
    }

    /// A change of the rate by this much or less is skipped; 0 or more.
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// How many of the last metrics to average, 1 or more.
    pub fn window(mut self, window: u64) -> Self {
        self.window = window;
        self
    }

    /// After how many reductions at `min_lr` the rule starts afresh.
    pub fn reset_start(mut self, reset_start: u64) -> Self {
        self.reset_start = reset_start;
        self
    }

    /// The rule, which has seen nothing yet.
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite.
    pub fn build(self) -> Result<Greedy, ScheduleError> {
        Greedy { rules: self.rules(), memory: Memory::default() }.validated()
    }

    fn rules(self) -> GreedyRules {
        let Self {
            mode,
            factor,
            patience,
            threshold,
            threshold_mode,
            cooldown,
            warmup,
            min_lr,
            max_lr,
            eps,
            window,
            reset_start,
        } = self;
        let better = Better { mode, threshold, threshold_mode, margin: 0.0 };
        GreedyRules { better, factor, patience, cooldown, warmup, min_lr, max_lr, eps, window, reset_start }
    }
}

impl Default for GreedyRules {
    fn default() -> Self {
        GreedyBuilder::default().rules()
    }
}

impl Greedy {
    /// A builder with transformers' defaults.
    #[expect(clippy::new_ret_no_self, reason = "`Greedy::new().factor(0.5).build()?` reads best")]
    pub fn new() -> GreedyBuilder {
        GreedyBuilder::default()
    }
}

impl<'de> Deserialize<'de> for Greedy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let greedy =
            match Written::<GreedyRules, Memory, GreedyBuilder>::deserialize(deserializer).map_err(safe_error)? {
                Written::State { rules, memory } => Self { rules, memory }.validated(),
                Written::Options(options) => options.build(),
            };
        greedy.map_err(D::Error::custom)
    }
}
