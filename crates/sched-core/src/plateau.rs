//! Reduce the rate when a metric stops improving.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ScheduleError, rate, within};

/// Reduce on plateau: a multiplier beside a schedule, fed by a metric; PyTorch's `ReduceLROnPlateau`.
///
/// After more than `patience` observations in a row that are not better than the best one, the multiplier is multiplied
/// by `factor`. The rate is `schedule.at(t) * factor^reductions`, but a reduction does not take it below `min_lr` (where
/// the schedule itself is below, it stays as it is), and one that would change the rate by `eps` or less does not happen.
/// After a reduction, `cooldown` observations do not count as bad; the best is still updated.
///
/// Defaults, as in PyTorch: [`PlateauMode::Min`], `factor = 0.1`, `patience = 10`, `threshold = 1e-4`
/// [relative](ThresholdMode::Relative), `cooldown = 0`, `min_lr = 0`, `eps = 1e-8`, a metric that is not finite
/// [counts as bad](NonFinite::CountAsBad), and observation starts at once.
///
/// ```
/// use sched_core::{Plateau, Scheduler};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plateau = Plateau::new().factor(0.5).patience(1).build()?;
/// let mut scheduler = Scheduler::new(0.1).with_plateau(plateau);
/// assert_eq!(scheduler.step(), 0.1);
/// for metric in [1.0, 1.0, 1.0] {
///     scheduler.observe(metric)?; // best, first bad, second bad: more than `patience`
/// }
/// assert_eq!(scheduler.step(), 0.05);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub struct Plateau {
    mode: PlateauMode,
    factor: f64,
    patience: u64,
    threshold: f64,
    threshold_mode: ThresholdMode,
    cooldown: u64,
    min_lr: f64,
    eps: f64,
    non_finite: NonFinite,
    start_step: u64,
    // What has been seen so far.
    best: Option<f64>,
    bad_observations: u64,
    cooldown_left: u64,
    reductions: u64,
}

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
    /// By `threshold * |best|`.
    #[default]
    Relative,
    /// By `threshold`.
    Absolute,
    /// As PyTorch's `rel`: beyond `best * (1 - threshold)` (min) or `best * (1 + threshold)` (max). The same as
    /// [`Relative`](Self::Relative) for positive metrics; for negative ones it takes slightly worse for better.
    RelativeSigned,
}

/// What a metric that is NaN or infinite does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NonFinite {
    /// It counts as an observation that is not better.
    #[default]
    CountAsBad,
    /// Nothing, as if it had not been observed.
    Ignore,
    /// It is an error, [`ObserveError::NonFinite`].
    Error,
}

/// What an observation did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// It did not count: too early, or not finite and to be ignored.
    Ignored,
    /// It is the new best.
    Better,
    /// It is not better, and nothing follows from that yet.
    NotBetter {
        /// How many in a row were not; 0 during a cooldown.
        bad_observations: u64,
    },
    /// The rate was reduced.
    Reduced {
        /// What the schedule's rate is now multiplied by.
        multiplier: f64,
    },
}

/// Why a metric could not be observed. The plateau is as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ObserveError {
    /// The scheduler has no plateau that could observe it.
    NoPlateau,
    /// The metric is NaN or infinite, and the plateau was told not to accept that.
    NonFinite {
        /// The metric.
        metric: f64,
    },
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlateau => f.write_str(
                "a metric was observed, but the scheduler has no plateau, so nothing would ever follow from it; add one \
                 with `with_plateau`, or do not call `observe`",
            ),
            Self::NonFinite { metric } => write!(
                f,
                "the observed metric is {metric}, but must be finite: training has diverged; lower the rate, or choose \
                 `NonFinite::Ignore` or `NonFinite::CountAsBad`"
            ),
        }
    }
}

impl core::error::Error for ObserveError {}

impl Default for Plateau {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Relative,
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
            non_finite: NonFinite::CountAsBad,
            start_step: 0,
            best: None,
            bad_observations: 0,
            cooldown_left: 0,
            reductions: 0,
        }
    }
}

impl Plateau {
    /// A plateau with PyTorch's defaults. Finish it with [`build`](Self::build).
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether smaller or larger metrics are better.
    pub fn mode(mut self, mode: PlateauMode) -> Self {
        self.mode = mode;
        self
    }

    /// What the rate is multiplied by at a reduction; 0 or more and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// How many bad observations in a row are accepted; the next one reduces.
    pub fn patience(mut self, patience: u64) -> Self {
        self.patience = patience;
        self
    }

    /// By how much a metric must be better, 0 or more.
    pub fn threshold(mut self, threshold: f64, mode: ThresholdMode) -> Self {
        self.threshold = threshold;
        self.threshold_mode = mode;
        self
    }

    /// How many observations after a reduction do not count as bad.
    pub fn cooldown(mut self, cooldown: u64) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Below this rate no reduction leads; 0 or more.
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    /// The smallest change of the rate that is worth a reduction; 0 or more.
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// What a metric that is not finite does.
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.non_finite = non_finite;
        self
    }

    /// Ignores what is observed before this many steps have been taken: a warmup is no plateau.
    pub fn start_step(mut self, start_step: u64) -> Self {
        self.start_step = start_step;
        self
    }

    /// The checked plateau.
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite.
    pub fn build(self) -> Result<Self, ScheduleError> {
        self.validate()?;
        Ok(self)
    }

    fn validate(&self) -> Result<(), ScheduleError> {
        within("factor", self.factor, (0.0..1.0).contains(&self.factor), "0 or more and below 1")?;
        rate("threshold", self.threshold)?;
        rate("min_lr", self.min_lr)?;
        rate("eps", self.eps)?;
        if let Some(best) = self.best {
            crate::error::finite("best", best)?;
        }
        Ok(())
    }

    /// What the schedule's rate is multiplied by: `factor^reductions`.
    pub fn multiplier(&self) -> f64 {
        libm::pow(self.factor, self.reductions as f64)
    }

    /// The best metric so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// How many observations in a row were not better.
    pub fn bad_observations(&self) -> u64 {
        self.bad_observations
    }

    /// How many observations are left of the cooldown.
    pub fn cooldown_left(&self) -> u64 {
        self.cooldown_left
    }

    /// How often the rate has been reduced.
    pub fn reductions(&self) -> u64 {
        self.reductions
    }

    /// Whether the other plateau follows the same rules, whatever the two have seen.
    pub(crate) fn same_rules(&self, other: &Self) -> bool {
        self.clone().forget() == other.clone().forget()
    }

    fn forget(mut self) -> Self {
        self.best = None;
        self.bad_observations = 0;
        self.cooldown_left = 0;
        self.reductions = 0;
        self
    }

    /// These rules, with what the other plateau has seen.
    pub(crate) fn with_memory_of(mut self, other: &Self) -> Self {
        self.best = other.best;
        self.bad_observations = other.bad_observations;
        self.cooldown_left = other.cooldown_left;
        self.reductions = other.reductions;
        self
    }

    /// The schedule's rate after all reductions.
    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        if self.reductions == 0 {
            return scheduled;
        }
        (scheduled * self.multiplier()).max(self.min_lr.min(scheduled))
    }

    /// Takes a metric in, where `scheduled` is the schedule's rate before reductions, after `steps` steps.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        if steps < self.start_step {
            return Ok(Observation::Ignored);
        }
        if !metric.is_finite() {
            match self.non_finite {
                NonFinite::CountAsBad => {}
                NonFinite::Ignore => return Ok(Observation::Ignored),
                NonFinite::Error => return Err(ObserveError::NonFinite { metric }),
            }
        }
        let better = self.is_better(metric);
        if better {
            self.best = Some(metric);
            self.bad_observations = 0;
        } else {
            self.bad_observations = self.bad_observations.saturating_add(1);
        }
        if self.cooldown_left > 0 {
            self.cooldown_left -= 1;
            self.bad_observations = 0;
        }
        if self.bad_observations > self.patience {
            self.bad_observations = 0;
            self.cooldown_left = self.cooldown;
            if self.reduce(scheduled) {
                return Ok(Observation::Reduced { multiplier: self.multiplier() });
            }
        }
        Ok(if better {
            Observation::Better
        } else {
            Observation::NotBetter { bad_observations: self.bad_observations }
        })
    }

    /// Whether there was a reduction worth having.
    fn reduce(&mut self, scheduled: f64) -> bool {
        let old = self.apply(scheduled);
        let new = (old * self.factor).max(self.min_lr.min(scheduled));
        if old - new <= self.eps {
            return false;
        }
        self.reductions = self.reductions.saturating_add(1);
        true
    }

    fn is_better(&self, metric: f64) -> bool {
        let Some(best) = self.best else {
            return metric.is_finite();
        };
        let margin = match self.threshold_mode {
            ThresholdMode::Absolute => self.threshold,
            ThresholdMode::Relative => self.threshold * best.abs(),
            ThresholdMode::RelativeSigned => {
                return metric.is_finite()
                    && match self.mode {
                        PlateauMode::Min => metric < best * (1.0 - self.threshold),
                        PlateauMode::Max => metric > best * (1.0 + self.threshold),
                    };
            }
        };
        metric.is_finite()
            && match self.mode {
                PlateauMode::Min => metric < best - margin,
                PlateauMode::Max => metric > best + margin,
            }
    }
}

impl Serialize for Plateau {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Plateau::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for Plateau {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Plateau::deserialize(deserializer)?.build().map_err(D::Error::custom) // the derived one, then the rules
    }
}

impl fmt::Display for Plateau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::display::Short;
        write!(f, "x {} after {} bad observations", Short(self.factor), self.patience.saturating_add(1))?;
        write!(f, " ({}", if self.mode == PlateauMode::Min { "min" } else { "max" })?;
        match self.threshold_mode {
            ThresholdMode::Absolute => write!(f, ", by {}", Short(self.threshold))?,
            ThresholdMode::Relative => write!(f, ", by {} x best", Short(self.threshold))?,
            ThresholdMode::RelativeSigned => write!(f, ", by {} x best, signed", Short(self.threshold))?,
        }
        if self.cooldown > 0 {
            write!(f, ", cooldown {}", self.cooldown)?;
        }
        if self.min_lr > 0.0 {
            write!(f, ", not below {}", Short(self.min_lr))?;
        }
        if self.eps != 1e-8 {
            write!(f, ", not for {} or less", Short(self.eps))?;
        }
        match self.non_finite {
            NonFinite::CountAsBad => {}
            NonFinite::Ignore => f.write_str(", NaN ignored")?,
            NonFinite::Error => f.write_str(", NaN is an error")?,
        }
        if self.start_step > 0 {
            write!(f, ", from step {}", self.start_step)?;
        }
        f.write_str(")")
    }
}
