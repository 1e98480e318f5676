//! A rule of one's own that follows a metric.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{Observation, ObserveError};
use crate::schedule::{ScheduleError, count, finite, number, rate};

/// A rule of one's own that follows a metric, beside a schedule: code that never changes.
///
/// What it remembers is not in it but in `memory`, numbers that the [`Scheduler`](crate::Scheduler) keeps, saves and
/// restores; so a resumed run is one that never stopped, as long as the answer of [`observe`](Self::observe) follows from
/// its arguments and from what the rule was built with.
///
/// ```
/// use sched_core::{Rule, Scheduler, Seen};
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
/// let mut scheduler = Scheduler::new(0.1).with_rule(HalveOnRise)?;
/// assert_eq!(scheduler.step(), 0.1);
/// scheduler.observe(2.0)?;
/// assert_eq!(scheduler.step(), 0.1);
/// scheduler.observe(3.0)?;
/// assert_eq!(scheduler.step(), 0.05);
/// assert!(scheduler.observe(f64::NAN).is_err()); // it would be remembered, but a file holds no NaN
/// # Ok(())
/// # }
/// ```
pub trait Rule: Send + Sync {
    /// Tells this rule from others in a saved state. Another name, when the rule changes, keeps old states from it.
    fn name(&self) -> &str;

    /// What it remembers at the start: finite numbers, always as many. None by default.
    fn memory(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes an observation in and returns what the schedule's rate is multiplied by from now on: finite, 0 or more.
    ///
    /// What it is to remember goes into `memory`, which has the length that [`memory`](Self::memory) gave it, and whose
    /// numbers must be finite afterwards. If either is not so, the observation is an error and nothing has changed.
    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64;
}

/// What a [`Rule`] sees.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Seen {
    /// The metric, as it was observed: it may be NaN or infinite.
    pub metric: f64,
    /// How many observations there were before this one.
    pub observation: u64,
    /// The schedule's own rate in the last update, before any multiplier.
    pub scheduled: f64,
    /// How many updates have been made.
    pub steps: u64,
    /// What the schedule's rate was multiplied by up to now; 1 at the start.
    pub multiplier: f64,
}

/// A [`Rule`] with what it remembers. The rate is `schedule.at(t) * multiplier`, at most [`f64::MAX`].
///
/// A file holds the rule's name, what it remembers, the multiplier and how many observations there were, but no code. What
/// is read from a file still multiplies; to observe on, configure the rule and load the state into that scheduler.
///
/// ```
/// use sched_core::{Custom, Feedback, ObserveError, OnMismatch, Rule, Scheduler, Seen};
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
/// let mut scheduler = Scheduler::new(0.1).with_feedback(Custom::new(Follow)?);
/// scheduler.observe(0.5)?;
/// let json = serde_json::to_string(&scheduler.feedback())?;
/// assert_eq!(json, r#"{"custom":{"name":"follow","memory":[],"multiplier":0.5,"observations":1}}"#);
///
/// let mut read = Scheduler::new(0.1).with_feedback(serde_json::from_str::<Feedback>(&json)?);
/// assert_eq!(read.step(), 0.05);
/// assert_eq!(read.observe(0.2), Err(ObserveError::NoCode { rule: "follow".to_owned() }));
///
/// let mut resumed = Scheduler::new(0.1).with_rule(Follow)?;
/// resumed.load_state(&scheduler.state(), OnMismatch::Refuse)?;
/// assert_eq!(resumed.step(), 0.05);
/// resumed.observe(0.2)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Custom {
    data: Data,
    /// Absent in what was read from a file.
    rule: Option<Arc<dyn Rule>>,
}

/// What a file holds.
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
    /// What it remembers at the start is NaN or infinite, which no file holds. [`f64::MAX`] is worse than every loss too, and
    /// the first observation is known by [`Seen::observation`].
    pub fn new(rule: impl Rule + 'static) -> Result<Self, ScheduleError> {
        let data = Data { name: rule.name().to_owned(), memory: rule.memory(), multiplier: 1.0, observations: 0 };
        data.validate()?;
        Ok(Self { data, rule: Some(Arc::new(rule)) })
    }

    /// The rule's name.
    pub fn name(&self) -> &str {
        &self.data.name
    }

    /// What the rule remembers.
    pub fn memory(&self) -> &[f64] {
        &self.data.memory
    }

    /// What the schedule's rate is multiplied by.
    pub fn multiplier(&self) -> f64 {
        self.data.multiplier
    }

    /// How many observations there were.
    pub fn observations(&self) -> u64 {
        self.data.observations
    }

    /// Whether the rule is there to observe; it is not in what was read from a file.
    pub fn has_code(&self) -> bool {
        self.rule.is_some()
    }

    /// What a file holds of it.
    pub(crate) fn without_code(self) -> Self {
        Self { rule: None, ..self }
    }

    /// Whether the other one is the same rule by what a file tells of it, whatever the two have seen.
    pub(crate) fn same_rule(&self, other: &Self) -> bool {
        self.data.name == other.data.name && self.data.memory.len() == other.data.memory.len()
    }

    /// This rule with what the other one has seen; as it is, if that is another rule's.
    pub(crate) fn with_memory_of(self, other: &Self) -> Self {
        if self.same_rule(other) { Self { data: other.data.clone(), ..self } } else { self }
    }

    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        let rate = scheduled * self.data.multiplier;
        if rate > f64::MAX { f64::MAX } else { rate }
    }

    /// Takes a metric in, where `scheduled` is the schedule's own rate, after `steps` steps.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        let Data { name, memory, multiplier: old, observations } = &self.data;
        let Some(rule) = &self.rule else { return Err(ObserveError::NoCode { rule: name.clone() }) };
        let seen = Seen { metric, observation: *observations, scheduled, steps, multiplier: *old };
        // On a copy, so that nothing has changed after an error or a panic.
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
}

impl Data {
    fn validate(&self) -> Result<(), ScheduleError> {
        self.memory.iter().try_for_each(|number| finite("memory", *number))?;
        rate("multiplier", self.multiplier)
    }
}

/// By what a file holds: the name of the rule, and what it has seen.
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
        let data = Data::deserialize(deserializer)?;
        data.validate().map_err(D::Error::custom)?;
        Ok(Self { data, rule: None })
    }
}

/// `rule "halve-on-rise" that remembers 1 number`. The name is quoted, because a file may have any.
impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {:?} that remembers ", self.data.name)?;
        match self.data.memory.len() {
            0 => f.write_str("nothing"),
            1 => f.write_str("1 number"),
            count => write!(f, "{count} numbers"),
        }
    }
}
