//! Raises the rate while a metric improves, reduces it when the metric stops improving.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::follow::Follow;
use super::metric::{Better, recalled, storable};
use super::observation::{Observation, ObserveError};
use crate::schedule::{ScheduleError, Short, at_least_one, count, finite, number, rate, within};

/// GreedyLR: after more than `patience` good observations in a row the rate is divided by `factor`, after more than
/// `patience` bad ones multiplied by it; transformers' `get_greedy_schedule`. arXiv 2512.14527.
///
/// The rate stays between `min_lr` and `max_lr` (a schedule that starts outside is not moved there), and a change of `eps`
/// or less is skipped. The `cooldown` observations after a reduction and the `warmup` observations after a raise are
/// ignored. After `reset_start` reductions at `min_lr` the rule starts afresh. With a `window`, the metric is the mean of
/// the last `window` metrics. An infinity is compared as the number it is, so that no metric beats one on the better side; NaN
/// counts as bad. In a window, both make every later mean NaN, as in transformers, until the rule starts afresh.
///
/// Configure one with [`Greedy::new`]; [`GreedyBuilder`](crate::GreedyBuilder) lists the options and transformers' defaults.
///
/// ```
/// use sched_core::{Greedy, Schedule, Scheduler};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let greedy = Greedy::new().factor(0.5).patience(1).build()?;
/// let mut scheduler = Scheduler::new(Schedule::constant(0.1)?).with_greedy(greedy);
/// assert_eq!(scheduler.step(), 0.1);
/// for metric in [3.0, 2.0] {
///     scheduler.observe(metric)?; // each better than the best before: more than `patience`
/// }
/// assert_eq!(scheduler.step(), 0.2);
/// # Ok(())
/// # }
/// ```
///
/// In a file it is a state, `{"rules": .., "memory": ..}`, which is what is written, or just the options that differ from
/// the defaults:
///
/// ```
/// # use sched_core::Greedy;
/// let greedy: Greedy = serde_json::from_str(r#"{"factor": 0.5, "patience": 3}"#)?;
/// assert_eq!(greedy, Greedy::new().factor(0.5).patience(3).build()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Greedy {
    pub(super) rules: GreedyRules,
    pub(super) memory: Memory,
}

/// The options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GreedyRules {
    pub(super) better: Better,
    #[serde(deserialize_with = "number::factor")]
    pub(super) factor: f64,
    #[serde(deserialize_with = "count::patience")]
    pub(super) patience: u64,
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

/// What it has seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    best: Option<f64>,
    #[serde(deserialize_with = "count::bad_observations")]
    bad_observations: u64,
    #[serde(deserialize_with = "count::good_observations")]
    good_observations: u64,
    /// Observations still to ignore.
    #[serde(deserialize_with = "count::cooldown_left")]
    cooldown_left: u64,
    #[serde(deserialize_with = "count::warmup_left")]
    warmup_left: u64,
    /// Reductions at the lowest rate since the last raise.
    #[serde(deserialize_with = "count::at_min")]
    at_min: u64,
    #[serde(deserialize_with = "number::multiplier")]
    multiplier: f64,
    recent: Vec<f64>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            best: None,
            bad_observations: 0,
            good_observations: 0,
            cooldown_left: 0,
            warmup_left: 0,
            at_min: 0,
            multiplier: 1.0,
            recent: Vec::new(),
        }
    }
}

impl Greedy {
    /// Itself, if every number is in its range, whether it comes from code or from a file.
    pub(super) fn validated(self) -> Result<Self, ScheduleError> {
        let GreedyRules { better, factor, min_lr, max_lr, eps, window, .. } = &self.rules;
        better.validate()?;
        within("factor", *factor, *factor > 0.0 && *factor < 1.0, "above 0 and below 1")?;
        rate("min_lr", *min_lr)?;
        rate("max_lr", *max_lr)?;
        rate("eps", *eps)?;
        at_least_one("window", *window)?;
        finite("best", self.memory.best.unwrap_or(0.0))?;
        rate("multiplier", self.memory.multiplier)?;
        self.memory.recent.iter().try_for_each(|metric| finite("recent", *metric))?;
        Ok(self)
    }

    /// The factor on the schedule's rate.
    pub fn multiplier(&self) -> f64 {
        self.memory.multiplier
    }

    /// The best metric so far.
    pub fn best(&self) -> Option<f64> {
        self.memory.best.map(recalled)
    }
}

impl Follow for Greedy {
    fn multiplier(&self) -> f64 {
        self.memory.multiplier
    }

    fn observe(&mut self, metric: f64, scheduled: f64, _steps: u64) -> Result<Observation, ObserveError> {
        let metric = self.smooth(metric);
        let memory = &mut self.memory;
        if memory.cooldown_left > 0 || memory.warmup_left > 0 {
            let left = if memory.cooldown_left > 0 { &mut memory.cooldown_left } else { &mut memory.warmup_left };
            *left -= 1;
            (memory.bad_observations, memory.good_observations) = (0, 0);
            return Ok(Observation::Ignored);
        }
        let better = self.rules.better.than(memory.best, metric);
        if better {
            memory.best = Some(self.rules.better.stored(metric));
            memory.bad_observations = 0;
            memory.good_observations = memory.good_observations.saturating_add(1);
        } else {
            memory.bad_observations = memory.bad_observations.saturating_add(1);
            memory.good_observations = 0;
        }
        if memory.good_observations > self.rules.patience {
            memory.good_observations = 0;
            memory.warmup_left = self.rules.warmup;
            memory.at_min = 0;
            let old = self.apply(scheduled);
            let new = (old / self.rules.factor).min(self.rules.max_lr);
            if new - old > self.rules.eps {
                self.set(new, scheduled);
                return Ok(Observation::Raised { multiplier: self.memory.multiplier });
            }
        } else if memory.bad_observations > self.rules.patience {
            memory.bad_observations = 0;
            memory.cooldown_left = self.rules.cooldown;
            return Ok(self.reduce(scheduled));
        }
        Ok(if better {
            Observation::Better
        } else {
            Observation::NotBetter { bad_observations: self.memory.bad_observations }
        })
    }

    fn observations_to_reduce(&self) -> Option<u64> {
        Some(self.rules.patience.saturating_add(2))
    }

    fn same_rule(&self, other: &Self) -> bool {
        self.rules == other.rules
    }

    fn recall(&mut self, other: &Self) {
        self.memory = other.memory.clone();
    }
}

impl Greedy {
    fn reduce(&mut self, scheduled: f64) -> Observation {
        let old = self.apply(scheduled);
        let new = (old * self.rules.factor).max(self.rules.min_lr);
        let changed = old - new > self.rules.eps;
        if changed {
            self.set(new, scheduled);
        }
        if self.apply(scheduled) <= self.rules.min_lr {
            self.memory.at_min = self.memory.at_min.saturating_add(1);
            if self.memory.at_min >= self.rules.reset_start {
                // transformers begins the cooldown after it has forgotten everything.
                self.memory = Memory { cooldown_left: self.rules.cooldown, ..Memory::default() };
                return Observation::Raised { multiplier: 1.0 };
            }
        }
        if changed {
            Observation::Reduced { multiplier: self.memory.multiplier }
        } else {
            Observation::NotBetter { bad_observations: 0 }
        }
    }

    /// Turns the schedule's rate into `rate`, if a finite multiplier can.
    fn set(&mut self, rate: f64, scheduled: f64) {
        let multiplier = rate / scheduled;
        if multiplier.is_finite() {
            self.memory.multiplier = multiplier;
        }
    }

    /// The mean of the last metrics. transformers adds to a sum and subtracts from it, so that NaN stays in it, and so does an
    /// infinity once it is subtracted.
    fn smooth(&mut self, metric: f64) -> f64 {
        if self.rules.window == 1 {
            return metric;
        }
        let recent = &mut self.memory.recent;
        let mean = |recent: &[f64]| recent.iter().copied().map(recalled).sum::<f64>() / recent.len() as f64;
        if mean(recent).is_nan() && !recent.is_empty() {
            return f64::NAN;
        }
        recent.push(storable(metric));
        // More than one too many, when the memory is that of a rule with a longer window.
        let mut is_nan = metric.is_nan();
        while recent.len() as u64 > self.rules.window {
            is_nan |= recalled(recent.remove(0)).is_infinite();
        }
        if is_nan {
            *recent = vec![f64::MAX, f64::MIN]; // whose mean is NaN, which a file cannot hold
        }
        mean(recent)
    }
}

impl fmt::Display for Greedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = &self.rules;
        let (factor, count) = (Short(rules.factor), rules.patience.saturating_add(1));
        write!(
            f,
            "greedy x {factor} after {count} bad observations, / {factor} after {count} good ones ({}",
            rules.better
        )?;
        write!(f, ", min_lr {}, max_lr {}", Short(rules.min_lr), Short(rules.max_lr))?;
        if rules.window > 1 {
            write!(f, ", averaging the last {} metrics", rules.window)?;
        }
        if rules.cooldown > 0 {
            write!(f, ", cooldown {}", rules.cooldown)?;
        }
        if rules.warmup > 0 {
            write!(f, ", warmup {}", rules.warmup)?;
        }
        if rules.eps != 1e-8 {
            write!(f, ", eps {}", Short(rules.eps))?;
        }
        write!(f, ", afresh after {} reductions at min_lr)", rules.reset_start)
    }
}
