//! Raise the rate while a metric improves, reduce it when it stops.

use alloc::vec::Vec;
use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{Observation, ObserveError};
use super::metric::{Better, PlateauMode, ThresholdMode};
use crate::schedule::{ScheduleError, Short, at_least_one, count, number, rate, within};

/// GreedyLR: after more than `patience` good observations in a row the rate is divided by `factor`, after more than
/// `patience` bad ones multiplied by it; transformers' `get_greedy_schedule`.
///
/// The rate stays between `min_lr` and `max_lr` (a schedule that starts outside is not moved there), and a change of `eps`
/// or less does not happen. `cooldown` observations after a reduction and `warmup` after a raise are not looked at. After
/// `reset_start` reductions at `min_lr` everything starts again. With a `window` the metric is the mean of the last so many.
///
/// Defaults, as in transformers: [`PlateauMode::Min`], `factor = 0.95`, `patience = 10`, `threshold = 1e-6`
/// [absolute](ThresholdMode::Absolute), `cooldown = 0`, `warmup = 0`, `min_lr = 1e-3`, `max_lr = 1`, `eps = 1e-8`,
/// `window = 1`, `reset_start = 500`. A metric that is not finite counts as bad. arXiv 2512.14527.
///
/// ```
/// use sched_core::{Greedy, Scheduler};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let greedy = Greedy::new().factor(0.5).patience(1).build()?;
/// let mut scheduler = Scheduler::new(0.1).with_greedy(greedy);
/// assert_eq!(scheduler.step(), 0.1);
/// for metric in [3.0, 2.0] {
///     scheduler.observe(metric)?; // both better than the best before: more than `patience`
/// }
/// assert_eq!(scheduler.step(), 0.2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greedy {
    rules: GreedyRules,
    #[serde(default)]
    memory: Memory,
}

/// What was configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub(crate) struct GreedyRules {
    better: Better,
    #[serde(deserialize_with = "number::factor")]
    factor: f64,
    #[serde(deserialize_with = "count::patience")]
    patience: u64,
    #[serde(deserialize_with = "count::cooldown")]
    cooldown: u64,
    #[serde(deserialize_with = "count::warmup")]
    warmup: u64,
    #[serde(deserialize_with = "number::min_lr")]
    min_lr: f64,
    #[serde(deserialize_with = "number::max_lr")]
    max_lr: f64,
    #[serde(deserialize_with = "number::eps")]
    eps: f64,
    #[serde(deserialize_with = "count::window")]
    window: u64,
    #[serde(deserialize_with = "count::reset_start")]
    reset_start: u64,
}

/// What has been seen so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    best: Option<f64>,
    bad_observations: u64,
    good_observations: u64,
    /// Observations that will not be looked at.
    cooldown_left: u64,
    warmup_left: u64,
    /// Reductions at the lowest rate since the last raise.
    at_min: u64,
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

impl Default for GreedyRules {
    fn default() -> Self {
        let better =
            Better { mode: PlateauMode::Min, threshold: 1e-6, threshold_mode: ThresholdMode::Absolute, margin: 0.0 };
        Self {
            better,
            factor: 0.95,
            patience: 10,
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

impl Greedy {
    /// With transformers' defaults. Finish it with [`build`](Self::build).
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether smaller or larger metrics are better.
    pub fn mode(mut self, mode: PlateauMode) -> Self {
        self.rules.better.mode = mode;
        self
    }

    /// What the rate is multiplied by at a reduction and divided by at a raise; above 0 and below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.rules.factor = factor;
        self
    }

    /// How many good or bad observations in a row change nothing; the next one does.
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

    /// How many observations after a reduction are not looked at.
    pub fn cooldown(mut self, cooldown: u64) -> Self {
        self.rules.cooldown = cooldown;
        self
    }

    /// How many observations after a raise are not looked at.
    pub fn warmup(mut self, warmup: u64) -> Self {
        self.rules.warmup = warmup;
        self
    }

    /// Below this rate no reduction leads; 0 or more.
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.rules.min_lr = min_lr;
        self
    }

    /// Above this rate no raise leads; 0 or more.
    pub fn max_lr(mut self, max_lr: f64) -> Self {
        self.rules.max_lr = max_lr;
        self
    }

    /// The smallest change of the rate that is worth it; 0 or more.
    pub fn eps(mut self, eps: f64) -> Self {
        self.rules.eps = eps;
        self
    }

    /// Takes the mean of this many last metrics, 1 or more.
    pub fn window(mut self, window: u64) -> Self {
        self.rules.window = window;
        self
    }

    /// After how many reductions at `min_lr` everything starts again.
    pub fn reset_start(mut self, reset_start: u64) -> Self {
        self.rules.reset_start = reset_start;
        self
    }

    /// The checked rule.
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite.
    pub fn build(self) -> Result<Self, ScheduleError> {
        self.rules.validate()?;
        Ok(self)
    }

    /// What the schedule's rate is multiplied by.
    pub fn multiplier(&self) -> f64 {
        self.memory.multiplier
    }

    /// The best metric so far.
    pub fn best(&self) -> Option<f64> {
        self.memory.best
    }

    pub(crate) fn rules(&self) -> &GreedyRules {
        &self.rules
    }

    pub(crate) fn observations_to_reduce(&self) -> u64 {
        self.rules.patience.saturating_add(2)
    }

    pub(crate) fn with_memory_of(self, other: &Self) -> Self {
        Self { rules: self.rules, memory: other.memory.clone() }
    }

    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        (scheduled * self.memory.multiplier).min(f64::MAX)
    }

    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64) -> Result<Observation, ObserveError> {
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
            memory.best = Some(metric);
            memory.bad_observations = 0;
            memory.good_observations += 1;
        } else {
            memory.bad_observations += 1;
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

    fn reduce(&mut self, scheduled: f64) -> Observation {
        let old = self.apply(scheduled);
        let new = (old * self.rules.factor).max(self.rules.min_lr);
        let changed = old - new > self.rules.eps;
        if changed {
            self.set(new, scheduled);
        }
        if self.apply(scheduled) <= self.rules.min_lr {
            self.memory.at_min += 1;
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

    /// Makes `rate` what the schedule's rate is turned into.
    fn set(&mut self, rate: f64, scheduled: f64) {
        let multiplier = rate / scheduled;
        if multiplier.is_finite() {
            self.memory.multiplier = multiplier;
        }
    }

    /// The mean of the last metrics. One that is not finite is not averaged, it is bad by itself.
    fn smooth(&mut self, metric: f64) -> f64 {
        if self.rules.window == 1 || !metric.is_finite() {
            return metric;
        }
        let recent = &mut self.memory.recent;
        recent.push(metric);
        if recent.len() as u64 > self.rules.window {
            recent.remove(0);
        }
        recent.iter().sum::<f64>() / recent.len() as f64
    }
}

impl GreedyRules {
    fn validate(&self) -> Result<(), ScheduleError> {
        self.better.validate()?;
        within("factor", self.factor, self.factor > 0.0 && self.factor < 1.0, "above 0 and below 1")?;
        rate("min_lr", self.min_lr)?;
        rate("max_lr", self.max_lr)?;
        rate("eps", self.eps)?;
        at_least_one("window", self.window)
    }
}

impl Serialize for GreedyRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        GreedyRules::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for GreedyRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = GreedyRules::deserialize(deserializer)?; // the derived one
        rules.validate().map_err(D::Error::custom)?;
        Ok(rules)
    }
}

impl fmt::Display for Greedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = &self.rules;
        let count = rules.patience.saturating_add(1);
        write!(f, "greedy x / {} after {count} bad / good observations ({}", Short(rules.factor), rules.better)?;
        write!(f, ", within {}..{}", Short(rules.min_lr), Short(rules.max_lr))?;
        if rules.window > 1 {
            write!(f, ", means of the last {}", rules.window)?;
        }
        if rules.cooldown > 0 {
            write!(f, ", cooldown {}", rules.cooldown)?;
        }
        if rules.warmup > 0 {
            write!(f, ", warmup {}", rules.warmup)?;
        }
        write!(f, ", starting again after {} at the lowest)", rules.reset_start)
    }
}
