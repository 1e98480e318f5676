//! Custom rules that follow a metric.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::follow::Follow;
use super::observation::{Observation, ObserveError};
use crate::schedule::{ScheduleError, count, finite, line, number, rate, safe_error};

/// A custom rule that follows a metric, beside a schedule.
///
/// The rule itself is code and never changes. Its memory is a list of numbers that the [`Scheduler`](crate::Scheduler)
/// keeps, saves and restores, so a resumed run continues as if it had never stopped, provided that
/// [`observe`](Self::observe) depends on nothing but its arguments and the rule's configuration.
///
/// ```
/// use sched_core::{Rule, Schedule, Scheduler, Seen};
///
/// /// Halves the rate whenever the loss is higher than the last one, which is all that it remembers.
/// struct HalveOnRise;
///
/// impl Rule for HalveOnRise {
///     fn name(&self) -> &str {
///         "halve-on-rise"
///     }
///
///     fn memory(&self) -> Vec<f64> {
///         vec![f64::MAX]
///     }
///
///     fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
///         let rises = seen.metric > memory[0];
///         memory[0] = seen.metric;
///         if rises { seen.multiplier / 2.0 } else { seen.multiplier }
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut scheduler = Scheduler::new(Schedule::constant(0.1)?).with_rule(HalveOnRise)?;
/// assert_eq!(scheduler.step(), 0.1);
/// scheduler.observe(2.0)?;
/// assert_eq!(scheduler.step(), 0.1);
/// scheduler.observe(3.0)?;
/// assert_eq!(scheduler.step(), 0.05);
/// assert!(scheduler.observe(f64::NAN).is_err()); // it would be remembered, but a file cannot hold NaN
/// # Ok(())
/// # }
/// ```
pub trait Rule: Send + Sync {
    /// Identifies the rule in a saved state. When the rule changes, give it another name, so that it refuses old states.
    fn name(&self) -> &str;

    /// The memory at the start: finite numbers, and always the same number of them. Empty by default.
    fn memory(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes in an observation and returns the factor on the schedule's rate from now on: finite and 0 or more.
    ///
    /// Write what to remember to `memory`, which has the length that [`memory`](Self::memory) gave it; its numbers must be
    /// finite afterwards. Otherwise the observation is an error and nothing has changed.
    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64;
}

/// What a [`Rule`] sees.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Seen {
    /// The metric as it was observed; it may be NaN or infinite.
    pub metric: f64,
    /// The number of observations before this one.
    pub observation: u64,
    /// The schedule's own rate in the last update, before any multiplier.
    pub scheduled: f64,
    /// The number of updates made so far.
    pub steps: u64,
    /// The factor on the schedule's rate until now; 1 at the start.
    pub multiplier: f64,
}

/// A [`Rule`] with its memory. The rate is `schedule.at(t) * multiplier`, at most [`f64::MAX`].
///
/// A file holds the rule's name, its memory, the multiplier and the number of observations, but no code. A rule read from a
/// file still multiplies; to go on observing, configure the rule and load the state into that scheduler.
///
/// ```
/// use sched_core::{Custom, Feedback, ObserveError, OnMismatch, Rule, Schedule, Scheduler, Seen};
///
/// /// The rate follows the metric.
/// struct Follow;
///
/// impl Rule for Follow {
///     fn name(&self) -> &str {
///         "follow"
///     }
///
///     fn observe(&self, seen: &Seen, _: &mut [f64]) -> f64 {
///         seen.metric
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let schedule = Schedule::constant(0.1)?;
/// let mut scheduler = Scheduler::new(schedule.clone()).with_feedback(Custom::new(Follow)?);
/// scheduler.observe(0.5)?;
/// let json = serde_json::to_string(&scheduler.feedback())?;
/// assert_eq!(json, r#"{"custom":{"name":"follow","memory":[],"multiplier":0.5,"observations":1}}"#);
///
/// let mut read = Scheduler::new(schedule.clone()).with_feedback(serde_json::from_str::<Feedback>(&json)?);
/// assert_eq!(read.step(), 0.05);
/// assert_eq!(read.observe(0.2), Err(ObserveError::NoCode { rule: "follow".to_owned() }));
///
/// let mut resumed = Scheduler::new(schedule).with_rule(Follow)?;
/// resumed.load_state(&scheduler.state(), OnMismatch::Refuse)?;
/// assert_eq!(resumed.step(), 0.05);
/// resumed.observe(0.2)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Custom {
    data: Data,
    /// Absent if read from a file.
    rule: Option<Arc<dyn Rule>>,
}

/// What a file holds of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Custom", deny_unknown_fields)]
struct Data {
    name: String,
    memory: Vec<f64>,
    #[serde(deserialize_with = "number::multiplier")]
    multiplier: f64,
    #[serde(deserialize_with = "count::observations")]
    observations: u64,
}

impl Custom {
    /// A rule that has seen nothing yet.
    ///
    /// # Errors
    ///
    /// Its memory at the start has a NaN or an infinity, which no file can hold. For a loss not seen yet, [`f64::MAX`] will
    /// do; [`Seen::observation`] tells the first observation.
    pub fn new(rule: impl Rule + 'static) -> Result<Self, ScheduleError> {
        let data = Data { name: rule.name().to_owned(), memory: rule.memory(), multiplier: 1.0, observations: 0 };
        data.validate()?;
        Ok(Self { data, rule: Some(Arc::new(rule)) })
    }

    /// The rule's name.
    pub fn name(&self) -> &str {
        &self.data.name
    }

    /// The rule's memory.
    pub fn memory(&self) -> &[f64] {
        &self.data.memory
    }

    /// The factor on the schedule's rate.
    pub fn multiplier(&self) -> f64 {
        self.data.multiplier
    }

    /// The number of observations so far.
    pub fn observations(&self) -> u64 {
        self.data.observations
    }

    /// Whether it can observe. A rule read from a file cannot, because a file holds no code.
    pub fn has_code(&self) -> bool {
        self.rule.is_some()
    }
}

impl Follow for Custom {
    fn multiplier(&self) -> f64 {
        self.data.multiplier
    }

    fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        let Data { name, memory, multiplier: old, observations } = &self.data;
        let Some(rule) = &self.rule else { return Err(ObserveError::NoCode { rule: name.clone() }) };
        let seen = Seen { metric, observation: *observations, scheduled, steps, multiplier: *old };
        // On a copy, so that an error or a panic changes nothing.
        let mut memory = memory.clone();
        let new = rule.observe(&seen, &mut memory);
        if rate("multiplier", new).is_err() {
            return Err(ObserveError::Multiplier { rule: name.clone(), multiplier: new, metric });
        }
        if let Some(index) = memory.iter().position(|number| !number.is_finite()) {
            return Err(ObserveError::Memory { rule: name.clone(), index, value: memory[index], metric });
        }
        let observation = if new < *old {
            Observation::Reduced { multiplier: new }
        } else if new > *old {
            Observation::Raised { multiplier: new }
        } else {
            Observation::Unchanged
        };
        self.data.memory = memory;
        self.data.multiplier = new;
        self.data.observations = self.data.observations.saturating_add(1);
        Ok(observation)
    }

    fn drop_code(&mut self) {
        self.rule = None;
    }

    /// As far as a file can tell.
    fn same_rule(&self, other: &Self) -> bool {
        self.data.name == other.data.name && self.data.memory.len() == other.data.memory.len()
    }

    /// Another rule's memory means nothing to this one.
    fn recall(&mut self, other: &Self) {
        if self.same_rule(other) {
            self.data = other.data.clone();
        }
    }
}

impl Data {
    fn validate(&self) -> Result<(), ScheduleError> {
        self.memory.iter().try_for_each(|number| finite("memory", *number))?;
        rate("multiplier", self.multiplier)
    }
}

/// Compares what a file holds: the name of the rule, and what it has seen.
impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").field("data", &self.data).field("has_code", &self.has_code()).finish()
    }
}

impl Serialize for Custom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Custom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer).map_err(safe_error)?;
        data.validate().map_err(D::Error::custom)?;
        Ok(Self { data, rule: None })
    }
}

/// `rule "halve-on-rise" that remembers 1 number`. The name is quoted, because a file may hold any name.
impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule \"{}\" that remembers ", line(&self.data.name))?;
        match self.data.memory.len() {
            0 => f.write_str("nothing"),
            1 => f.write_str("1 number"),
            count => write!(f, "{count} numbers"),
        }
    }
}
