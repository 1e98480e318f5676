//! Reduce the rate when a metric stops improving.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{Observation, ObserveError};
use super::metric::{Better, NonFinite, PlateauMode, ThresholdMode};
use crate::schedule::{ScheduleError, Short, at_least_one, count, number, rate, within};

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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plateau {
    rules: PlateauRules,
    #[serde(default)]
    memory: Memory,
}

/// What was configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub(crate) struct PlateauRules {
    better: Better,
    #[serde(deserialize_with = "number::factor")]
    factor: f64,
    #[serde(deserialize_with = "count::patience")]
    patience: u64,
    #[serde(deserialize_with = "count::cooldown")]
    cooldown: u64,
    blind_cooldown: bool,
    #[serde(deserialize_with = "count::accumulation")]
    accumulation: u64,
    #[serde(deserialize_with = "number::min_lr")]
    min_lr: f64,
    #[serde(deserialize_with = "number::eps")]
    eps: f64,
    non_finite: NonFinite,
    #[serde(deserialize_with = "count::start_step")]
    start_step: u64,
}

/// What has been seen so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    best: Option<f64>,
    bad_observations: u64,
    cooldown_left: u64,
    reductions: u64,
    /// How many metrics wait to be averaged, and their mean; `None` if that is not finite, because a file holds no NaN.
    accumulated: u64,
    mean: Option<f64>,
}

impl Default for PlateauRules {
    fn default() -> Self {
        let better =
            Better { mode: PlateauMode::Min, threshold: 1e-4, threshold_mode: ThresholdMode::Relative, margin: 0.0 };
        Self {
            better,
            factor: 0.1,
            patience: 10,
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

impl Plateau {
    /// A plateau with PyTorch's defaults. Finish it with [`build`](Self::build).
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether smaller or larger metrics are better.
    pub fn mode(mut self, mode: PlateauMode) -> Self {
        self.rules.better.mode = mode;
        self
    }

    /// What the rate is multiplied by at a reduction; 0 or more and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.rules.factor = factor;
        self
    }

    /// How many bad observations in a row are accepted; the next one reduces.
    pub fn patience(mut self, patience: u64) -> Self {
        self.rules.patience = patience;
        self
    }

    /// By how much a metric must be better, 0 or more.
    pub fn threshold(mut self, threshold: f64, mode: ThresholdMode) -> Self {
        self.rules.better.threshold = threshold;
        self.rules.better.threshold_mode = mode;
        self
    }

    /// By how much more than the threshold a metric must be better, in its own unit, 0 or more; optax's `atol`.
    pub fn margin(mut self, margin: f64) -> Self {
        self.rules.better.margin = margin;
        self
    }

    /// How many observations after a reduction do not count as bad.
    pub fn cooldown(mut self, cooldown: u64) -> Self {
        self.rules.cooldown = cooldown;
        self
    }

    /// Whether metrics during a cooldown are not looked at, so that they cannot be the best either; as paddle has it.
    pub fn blind_cooldown(mut self, blind_cooldown: bool) -> Self {
        self.rules.blind_cooldown = blind_cooldown;
        self
    }

    /// Averages this many metrics, 1 or more, and takes the mean for one observation; optax's `accumulation_size`.
    pub fn accumulation(mut self, accumulation: u64) -> Self {
        self.rules.accumulation = accumulation;
        self
    }

    /// Below this rate no reduction leads; 0 or more.
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.rules.min_lr = min_lr;
        self
    }

    /// The smallest change of the rate that is worth a reduction; 0 or more.
    pub fn eps(mut self, eps: f64) -> Self {
        self.rules.eps = eps;
        self
    }

    /// What a metric that is not finite does.
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.rules.non_finite = non_finite;
        self
    }

    /// Ignores what is observed before this many steps have been taken: a warmup is no plateau.
    pub fn start_step(mut self, start_step: u64) -> Self {
        self.rules.start_step = start_step;
        self
    }

    /// The checked plateau.
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite.
    pub fn build(self) -> Result<Self, ScheduleError> {
        self.rules.validate()?;
        Ok(self)
    }

    /// What the schedule's rate is multiplied by: `factor^reductions`.
    pub fn multiplier(&self) -> f64 {
        libm::pow(self.rules.factor, self.memory.reductions as f64)
    }

    /// The best metric so far.
    pub fn best(&self) -> Option<f64> {
        self.memory.best
    }

    /// How many observations in a row were not better.
    pub fn bad_observations(&self) -> u64 {
        self.memory.bad_observations
    }

    /// How many observations are left of the cooldown.
    pub fn cooldown_left(&self) -> u64 {
        self.memory.cooldown_left
    }

    /// How often the rate has been reduced.
    pub fn reductions(&self) -> u64 {
        self.memory.reductions
    }

    pub(crate) fn rules(&self) -> &PlateauRules {
        &self.rules
    }

    pub(crate) fn observations_to_reduce(&self) -> u64 {
        self.rules.patience.saturating_add(2).saturating_mul(self.rules.accumulation)
    }

    /// These rules, with what the other plateau has seen.
    pub(crate) fn with_memory_of(self, other: &Self) -> Self {
        Self { rules: self.rules, memory: other.memory.clone() }
    }

    /// The schedule's rate after all reductions.
    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        if self.memory.reductions == 0 {
            return scheduled;
        }
        (scheduled * self.multiplier()).max(self.rules.min_lr.min(scheduled))
    }

    /// Takes a metric in, where `scheduled` is the schedule's rate before reductions, after `steps` steps.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        if steps < self.rules.start_step {
            return Ok(Observation::Ignored);
        }
        if !metric.is_finite() {
            match self.rules.non_finite {
                NonFinite::CountAsBad => {}
                NonFinite::Ignore => return Ok(Observation::Ignored),
                NonFinite::Error => return Err(ObserveError::NonFinite { metric }),
            }
        }
        match self.accumulate(metric) {
            Some(metric) => Ok(self.judge(metric, scheduled)),
            None => Ok(Observation::Ignored),
        }
    }

    /// The mean of as many metrics as are to be averaged, once they are there. One that is not finite makes it NaN.
    fn accumulate(&mut self, metric: f64) -> Option<f64> {
        let Memory { accumulated, mean, .. } = &mut self.memory;
        if self.rules.accumulation == 1 {
            return Some(metric);
        }
        let before = if *accumulated == 0 { Some(0.0) } else { *mean };
        let sum = *accumulated as f64 * before.unwrap_or(f64::NAN) + metric;
        *accumulated += 1;
        *mean = Some(sum / *accumulated as f64).filter(|mean| mean.is_finite());
        if *accumulated < self.rules.accumulation {
            return None;
        }
        *accumulated = 0;
        Some(mean.take().unwrap_or(f64::NAN))
    }

    fn judge(&mut self, metric: f64, scheduled: f64) -> Observation {
        let memory = &mut self.memory;
        if memory.cooldown_left > 0 && self.rules.blind_cooldown {
            memory.cooldown_left -= 1;
            return Observation::Ignored;
        }
        let better = self.rules.better.than(memory.best, metric);
        if better {
            memory.best = Some(metric);
            memory.bad_observations = 0;
        } else {
            memory.bad_observations = memory.bad_observations.saturating_add(1);
        }
        if memory.cooldown_left > 0 {
            memory.cooldown_left -= 1;
            memory.bad_observations = 0;
        }
        if memory.bad_observations > self.rules.patience {
            memory.bad_observations = 0;
            memory.cooldown_left = self.rules.cooldown;
            if self.reduce(scheduled) {
                return Observation::Reduced { multiplier: self.multiplier() };
            }
        }
        if better {
            Observation::Better
        } else {
            Observation::NotBetter { bad_observations: self.memory.bad_observations }
        }
    }

    /// Whether there was a reduction worth having.
    fn reduce(&mut self, scheduled: f64) -> bool {
        let old = self.apply(scheduled);
        let new = (old * self.rules.factor).max(self.rules.min_lr.min(scheduled));
        if old - new <= self.rules.eps {
            return false;
        }
        self.memory.reductions = self.memory.reductions.saturating_add(1);
        true
    }
}

impl PlateauRules {
    fn validate(&self) -> Result<(), ScheduleError> {
        self.better.validate()?;
        within("factor", self.factor, (0.0..1.0).contains(&self.factor), "0 or more and below 1")?;
        at_least_one("accumulation", self.accumulation)?;
        rate("min_lr", self.min_lr)?;
        rate("eps", self.eps)
    }
}

impl Serialize for PlateauRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PlateauRules::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for PlateauRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = PlateauRules::deserialize(deserializer)?; // the derived one
        rules.validate().map_err(D::Error::custom)?;
        Ok(rules)
    }
}

impl fmt::Display for Plateau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlateauRules { better, .. } = &self.rules;
        let rules = &self.rules;
        write!(f, "x {} after {} bad observations ({better}", Short(rules.factor), rules.patience.saturating_add(1))?;
        if rules.accumulation > 1 {
            write!(f, ", means of {}", rules.accumulation)?;
        }
        if rules.cooldown > 0 {
            write!(f, ", {}cooldown {}", if rules.blind_cooldown { "blind " } else { "" }, rules.cooldown)?;
        }
        if rules.min_lr > 0.0 {
            write!(f, ", not below {}", Short(rules.min_lr))?;
        }
        if rules.eps != 1e-8 {
            write!(f, ", not for {} or less", Short(rules.eps))?;
        }
        match rules.non_finite {
            NonFinite::CountAsBad => {}
            NonFinite::Ignore => f.write_str(", NaN ignored")?,
            NonFinite::Error => f.write_str(", NaN is an error")?,
        }
        if rules.start_step > 0 {
            write!(f, ", from step {}", rules.start_step)?;
        }
        f.write_str(")")
    }
}
