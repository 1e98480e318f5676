//! How a plateau is configured, in code and in files.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::metric::{Better, NonFinite, PlateauMode, ThresholdMode};
use super::plateau::{Memory, Plateau, PlateauRules};
use super::written::Written;
use crate::schedule::{ScheduleError, count, number, plain_reader, safe_error};

/// Configures a [`Plateau`]; [`build`](Self::build) checks the options.
///
/// The defaults are PyTorch's: [`PlateauMode::Min`], `factor = 0.1`, `patience = 10`, `threshold = 1e-4`
/// [relative](ThresholdMode::Relative), `cooldown = 0`, `min_lr = 0`, `eps = 1e-8`. Beyond PyTorch: `margin = 0`,
/// `blind_cooldown = false`, `accumulation = 1`, a metric that is not finite [counts as bad](NonFinite::CountAsBad), and
/// `start_step = 0`. A file names the options as the methods are named, with `threshold_mode` beside `threshold`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PlateauBuilder {
    pub(super) mode: PlateauMode,
    #[serde(deserialize_with = "number::factor")]
    pub(super) factor: f64,
    #[serde(deserialize_with = "count::patience")]
    pub(super) patience: u64,
    #[serde(deserialize_with = "number::threshold")]
    pub(super) threshold: f64,
    pub(super) threshold_mode: ThresholdMode,
    #[serde(deserialize_with = "number::margin")]
    pub(super) margin: f64,
    #[serde(deserialize_with = "count::cooldown")]
    pub(super) cooldown: u64,
    pub(super) blind_cooldown: bool,
    #[serde(deserialize_with = "count::accumulation")]
    pub(super) accumulation: u64,
    #[serde(deserialize_with = "number::min_lr")]
    pub(super) min_lr: f64,
    #[serde(deserialize_with = "number::eps")]
    pub(super) eps: f64,
    pub(super) non_finite: NonFinite,
    #[serde(deserialize_with = "count::start_step")]
    pub(super) start_step: u64,
}

plain_reader! { alone: PlateauBuilder }

impl Default for PlateauBuilder {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Relative,
            margin: 0.0,
            cooldown: 0,
            blind_cooldown: false,
            accumulation: 1,
            min_lr: 0.0,
            eps: 1e-8,
            non_finite: NonFinite::CountAsBad,
            start_step: 0,
        }
    }
}

impl PlateauBuilder {
    /// Whether smaller or larger metrics are better.
    pub fn mode(mut self, mode: PlateauMode) -> Self {
        self.mode = mode;
        self
    }

    /// The factor on the rate at each reduction; 0 or more and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// How many bad observations in a row to accept; the next one reduces.
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

    /// An amount on top of the threshold, in the metric's own unit, 0 or more; optax's `atol`.
    pub fn margin(mut self, margin: f64) -> Self {
        self.margin = margin;
        self
    }

    /// How many observations after a reduction do not count as bad.
    pub fn cooldown(mut self, cooldown: u64) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Whether metrics are ignored during a cooldown, so that none becomes the best either; as in paddle.
    pub fn blind_cooldown(mut self, blind_cooldown: bool) -> Self {
        self.blind_cooldown = blind_cooldown;
        self
    }

    /// How many metrics to average into one observation, 1 or more; optax's `accumulation_size`.
    pub fn accumulation(mut self, accumulation: u64) -> Self {
        self.accumulation = accumulation;
        self
    }

    /// The lowest rate that a reduction leads to; 0 or more.
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    /// A reduction that changes the rate by this much or less is skipped; 0 or more.
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// What a metric that is not finite does.
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.non_finite = non_finite;
        self
    }

    /// The number of updates before the first observation that counts, such as the length of a warmup.
    pub fn start_step(mut self, start_step: u64) -> Self {
        self.start_step = start_step;
        self
    }

    /// The plateau, which has seen nothing yet.
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite.
    pub fn build(self) -> Result<Plateau, ScheduleError> {
        Plateau { rules: self.rules(), memory: Memory::default() }.validated()
    }

    fn rules(self) -> PlateauRules {
        let Self {
            mode,
            factor,
            patience,
            threshold,
            threshold_mode,
            margin,
            cooldown,
            blind_cooldown,
            accumulation,
            min_lr,
            eps,
            non_finite,
            start_step,
        } = self;
        let better = Better { mode, threshold, threshold_mode, margin };
        PlateauRules {
            better,
            factor,
            patience,
            cooldown,
            blind_cooldown,
            accumulation,
            min_lr,
            eps,
            non_finite,
            start_step,
        }
    }
}

impl Default for PlateauRules {
    fn default() -> Self {
        PlateauBuilder::default().rules()
    }
}

impl Plateau {
    /// A builder with PyTorch's defaults.
    #[expect(clippy::new_ret_no_self, reason = "`Plateau::new().factor(0.5).build()?` reads best")]
    pub fn new() -> PlateauBuilder {
        PlateauBuilder::default()
    }
}

impl<'de> Deserialize<'de> for Plateau {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let plateau =
            match Written::<PlateauRules, Memory, PlateauBuilder>::deserialize(deserializer).map_err(safe_error)? {
                Written::State { rules, memory } => Self { rules, memory }.validated(),
                Written::Options(options) => options.build(),
            };
        plateau.map_err(D::Error::custom)
    }
}
