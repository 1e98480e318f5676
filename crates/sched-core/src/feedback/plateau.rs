//! Reduces the rate when a metric stops improving.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::follow::Follow;
use super::metric::{Better, NonFinite, recalled, storable};
use super::observation::{Observation, ObserveError};
use crate::schedule::{ScheduleError, Short, at_least_one, count, finite, number, rate, within};

/// Reduce on plateau: a multiplier beside a schedule that follows a metric; PyTorch's `ReduceLROnPlateau`.
///
/// After more than `patience` observations in a row that are no better than the best one, the multiplier is multiplied
/// by `factor`. The rate is `schedule.at(t) * factor^reductions`, but a reduction does not take it below `min_lr` (where
/// the schedule itself is lower, it stays as it is), and a reduction that would change the rate by `eps` or less is
/// skipped. After a reduction, `cooldown` observations do not count as bad; the best is still updated.
///
/// Configure one with [`Plateau::new`]; [`PlateauBuilder`](crate::PlateauBuilder) lists the options and PyTorch's defaults.
///
/// ```
/// use sched_core::{Plateau, Schedule, Scheduler};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plateau = Plateau::new().factor(0.5).patience(1).build()?;
/// let mut scheduler = Scheduler::new(Schedule::constant(0.1)?).with_plateau(plateau);
/// assert_eq!(scheduler.step(), 0.1);
/// for metric in [1.0, 1.0, 1.0] {
///     scheduler.observe(metric)?; // best, first bad, second bad: more than `patience`
/// }
/// assert_eq!(scheduler.step(), 0.05);
/// # Ok(())
/// # }
/// ```
///
/// In a file it is a state, `{"rules": .., "memory": ..}`, which is what is written, or just the options that differ from
/// the defaults:
///
/// ```
/// # use sched_core::Plateau;
/// let plateau: Plateau = serde_json::from_str(r#"{"factor": 0.5, "patience": 3}"#)?;
/// assert_eq!(plateau, Plateau::new().factor(0.5).patience(3).build()?);
/// let error = serde_json::from_str::<Plateau>(r#"{"factor": 2}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`factor` is 2, but must be 0 or more and below 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plateau {
    pub(super) rules: PlateauRules,
    pub(super) memory: Memory,
}

/// The options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PlateauRules {
    pub(super) better: Better,
    #[serde(deserialize_with = "number::factor")]
    pub(super) factor: f64,
    #[serde(deserialize_with = "count::patience")]
    pub(super) patience: u64,
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

/// What it has seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    best: Option<f64>,
    #[serde(deserialize_with = "count::bad_observations")]
    bad_observations: u64,
    #[serde(deserialize_with = "count::cooldown_left")]
    cooldown_left: u64,
    #[serde(deserialize_with = "count::reductions")]
    reductions: u64,
    /// How many metrics wait to be averaged.
    #[serde(deserialize_with = "count::accumulated")]
    accumulated: u64,
    /// Their mean; `None` if it is NaN, which a file cannot hold.
    mean: Option<f64>,
}

impl Plateau {
    /// Itself, if every number is in its range, whether it comes from code or from a file.
    pub(super) fn validated(self) -> Result<Self, ScheduleError> {
        let PlateauRules { better, factor, accumulation, min_lr, eps, .. } = &self.rules;
        better.validate()?;
        within("factor", *factor, (0.0..1.0).contains(factor), "0 or more and below 1")?;
        at_least_one("accumulation", *accumulation)?;
        rate("min_lr", *min_lr)?;
        rate("eps", *eps)?;
        finite("best", self.memory.best.unwrap_or(0.0))?;
        finite("mean", self.memory.mean.unwrap_or(0.0))?;
        Ok(self)
    }

    /// The factor on the schedule's rate: `factor^reductions`.
    pub fn multiplier(&self) -> f64 {
        Follow::multiplier(self)
    }

    /// The best metric so far; infinite if a metric was, see [`NonFinite::Compare`].
    pub fn best(&self) -> Option<f64> {
        self.memory.best.map(recalled)
    }

    /// How many observations in a row were no better than the best.
    pub fn bad_observations(&self) -> u64 {
        self.memory.bad_observations
    }

    /// How many observations the cooldown still lasts.
    pub fn cooldown_left(&self) -> u64 {
        self.memory.cooldown_left
    }

    /// How often the rate has been reduced.
    pub fn reductions(&self) -> u64 {
        self.memory.reductions
    }
}

impl Follow for Plateau {
    fn multiplier(&self) -> f64 {
        libm::pow(self.rules.factor, self.memory.reductions as f64)
    }

    fn min_lr(&self) -> f64 {
        self.rules.min_lr
    }

    fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        if steps < self.rules.start_step {
            return Ok(Observation::Ignored);
        }
        let metric = match self.rules.non_finite {
            NonFinite::Compare | NonFinite::CompareFirst => metric,
            _ if metric.is_finite() => metric,
            NonFinite::CountAsBad => f64::NAN,
            NonFinite::Ignore => return Ok(Observation::Ignored),
            NonFinite::Error => return Err(ObserveError::NonFinite { metric }),
        };
        match self.accumulate(metric) {
            Some(metric) => Ok(self.judge(metric, scheduled)),
            None => Ok(Observation::Ignored),
        }
    }

    fn observations_to_reduce(&self) -> Option<u64> {
        Some(self.rules.patience.saturating_add(2).saturating_mul(self.rules.accumulation))
    }

    fn same_rule(&self, other: &Self) -> bool {
        self.rules == other.rules
    }

    fn recall(&mut self, other: &Self) {
        self.memory = other.memory.clone();
    }
}

impl Plateau {
    /// The mean of `accumulation` metrics, once they are there.
    fn accumulate(&mut self, metric: f64) -> Option<f64> {
        let Memory { accumulated, mean, .. } = &mut self.memory;
        if self.rules.accumulation == 1 {
            return Some(metric);
        }
        let before = if *accumulated == 0 { Some(0.0) } else { *mean };
        let sum = *accumulated as f64 * before.map_or(f64::NAN, recalled) + metric;
        *accumulated = accumulated.saturating_add(1);
        *mean = Some(sum / *accumulated as f64).filter(|mean| !mean.is_nan()).map(storable);
        if *accumulated < self.rules.accumulation {
            return None;
        }
        *accumulated = 0;
        Some(mean.take().map_or(f64::NAN, recalled))
    }

    fn judge(&mut self, metric: f64, scheduled: f64) -> Observation {
        let memory = &mut self.memory;
        if memory.cooldown_left > 0 && self.rules.blind_cooldown {
            memory.cooldown_left -= 1;
            return Observation::Ignored;
        }
        let is_first = memory.best.is_none() && self.rules.non_finite == NonFinite::CompareFirst;
        let better = is_first || self.rules.better.than(memory.best, metric);
        if better {
            memory.best = Some(self.rules.better.stored(metric));
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

    /// Reduces, unless `eps` forbids it; says whether it did.
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

impl fmt::Display for Plateau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = &self.rules;
        let better = &rules.better;
        write!(f, "x {} after {} bad observations ({better}", Short(rules.factor), rules.patience.saturating_add(1))?;
        if rules.accumulation > 1 {
            write!(f, ", averaging {} metrics", rules.accumulation)?;
        }
        if rules.cooldown > 0 {
            write!(f, ", {}cooldown {}", if rules.blind_cooldown { "blind " } else { "" }, rules.cooldown)?;
        }
        if rules.min_lr > 0.0 {
            write!(f, ", min_lr {}", Short(rules.min_lr))?;
        }
        if rules.eps != 1e-8 {
            write!(f, ", eps {}", Short(rules.eps))?;
        }
        match rules.non_finite {
            NonFinite::CountAsBad => {}
            NonFinite::Ignore => f.write_str(", NaN ignored")?,
            NonFinite::Error => f.write_str(", NaN is an error")?,
            NonFinite::Compare => f.write_str(", infinities compared")?,
            NonFinite::CompareFirst => f.write_str(", infinities compared, the first metric is the best")?,
        }
        if rules.start_step > 0 {
            write!(f, ", from step {}", rules.start_step)?;
        }
        f.write_str(")")
    }
}
