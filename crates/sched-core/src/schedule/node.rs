//! A schedule is a tree of nodes, and the rules that make one valid.
//!
//! Node and schedule are one recursive type, so they share a file.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{LONGEST, ScheduleError, at_least_one, finite, length, ordered, rate, span, within};
use super::reading::{count, limit, number};
use super::shape::Shape;
use super::words::plain_reader;

/// The deepest nesting of a schedule. JSON readers stop at 128 brackets, and a level takes up to three.
pub const MAX_DEPTH: usize = 32;

/// A learning-rate schedule: always valid data, and a pure function of the step.
///
/// It is built by a constructor or from a [`Node`], or read from a file; all three check the same rules. Clones share the
/// tree.
///
/// ```
/// use sched_core::Schedule;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let schedule = Schedule::linear(1.0, 0.0, 4)?;
/// let json = serde_json::to_string(&schedule)?;
/// assert_eq!(json, r#"{"ramp":{"from":1.0,"to":0.0,"steps":4.0,"shape":"linear","beyond":"hold"}}"#);
/// assert_eq!(serde_json::from_str::<Schedule>(&json)?, schedule);
///
/// let error = serde_json::from_str::<Schedule>(r#"{"ramp": {"from": -1, "to": 0, "steps": 4}}"#).unwrap_err();
/// assert!(error.to_string().starts_with("`from` is -1, but must be 0 or more"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Schedule {
    tree: Arc<Node>,
}

impl Schedule {
    /// What the schedule is made of.
    pub fn node(&self) -> &Node {
        &self.tree
    }
}

impl TryFrom<Node> for Schedule {
    type Error = ScheduleError;

    fn try_from(mut node: Node) -> Result<Self, ScheduleError> {
        node.validate()?;
        node.drop_signs_of_zero();
        Ok(Self { tree: Arc::new(node) })
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.node() == other.node()
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").field("node", self.node()).finish()
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Node as Deserialize>::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl From<Schedule> for Node {
    fn from(schedule: Schedule) -> Self {
        schedule.node().clone()
    }
}

/// What a schedule is made of.
///
/// The constructors of [`Schedule`] cover ordinary use; nodes say everything else. `Schedule::try_from(node)` checks the
/// rules below, and [`Schedule::node`] gives the tree back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Node {
    /// One rate, 0 or more.
    Constant(#[serde(deserialize_with = "number::constant")] f64),
    /// From one rate to another.
    Ramp(Ramp),
    /// `initial * gamma^(t / decay_steps)`, without end.
    Exponential(Exponential),
    /// `scale * ((t + offset) / time_scale)^power`, without end.
    PowerLaw(PowerLaw),
    /// A rate that jumps at milestones.
    Steps(Steps),
    /// One schedule after another. The first phase starts at 0, and starts never decrease; a phase that starts where the
    /// next one does is skipped.
    Sequence(Vec<Phase>),
    /// One schedule, repeated.
    Repeat(Repeat),
    /// The product of all. Usually one of them is a rate and the others are factors.
    Product(Vec<Schedule>),
    /// The sum of all.
    Sum(Vec<Schedule>),
    /// The mean of all.
    Average(Vec<Schedule>),
    /// The smallest of all.
    Min(Vec<Schedule>),
    /// The largest of all.
    Max(Vec<Schedule>),
    /// `of`, but not below `min` and not above `max`.
    Clamp {
        /// The lowest rate, 0 or more.
        #[serde(deserialize_with = "number::min")]
        min: f64,
        /// The highest rate, `min` or more.
        #[serde(deserialize_with = "number::max")]
        max: f64,
        /// What is clamped.
        of: Schedule,
    },
    /// `whole - of(t)`, but not below 0: a momentum that falls while the rate rises.
    Complement {
        /// What `of` is subtracted from, 0 or more.
        #[serde(deserialize_with = "number::whole")]
        whole: f64,
        /// What is subtracted.
        of: Schedule,
    },
    /// `of(floor(t / n))`: a staircase, for a schedule that counts epochs.
    Every {
        /// Steps per stair, 1 or more.
        #[serde(deserialize_with = "count::n")]
        n: u64,
        /// What is evaluated once per stair.
        of: Schedule,
    },
    /// `of(t / k)`: `k` times as slow, without stairs.
    Stretch {
        /// How many times as slow, between 1e-9 and 2^64.
        #[serde(deserialize_with = "number::k")]
        k: f64,
        /// What is stretched.
        of: Schedule,
    },
    /// `of(max(0, t - steps))`: the first value for `steps` steps, then the schedule.
    Delay {
        /// How long the first value is held.
        #[serde(deserialize_with = "count::steps")]
        steps: u64,
        /// What is delayed.
        of: Schedule,
    },
    /// `of(t + by)`: a head start.
    Advance {
        /// How many steps are skipped, 0 or more; may be fractional.
        #[serde(deserialize_with = "number::by")]
        by: f64,
        /// What is advanced.
        of: Schedule,
    },
    /// `of(steps * (t / steps)^power)` up to `steps`, `of(t)` from there: k-decay. Zhang and Li 2020, arXiv 2004.05909.
    Warp {
        /// The length of the warped time, between 1e-9 and 2^64.
        #[serde(deserialize_with = "number::steps")]
        steps: f64,
        /// Above 0. Above 1 time starts slowly, below 1 fast.
        #[serde(deserialize_with = "number::power")]
        power: f64,
        /// What is evaluated at the warped time.
        of: Schedule,
    },
}

/// From one rate to another over a number of steps: `from * s(t / steps) + to * (1 - s(t / steps))`.
///
/// `s` is the [`Shape`]. The rate is `from` at 0, and `to` (or what `beyond` says) from `steps` on; with `steps = 0` it is
/// `to` at once. A fractional length is rounded, so a remainder below 1 that is at most `steps / 2^52` counts as nothing.
///
/// ```
/// use sched_core::{Ramp, Shape};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let ramp = Ramp::new(0.1, 0.0, 10).shape(Shape::Polynomial(2.0)).build()?;
/// assert_eq!(ramp.at(0), 0.1);
/// assert_eq!(ramp.at(5), 0.025);
/// assert_eq!(ramp.at(10), 0.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[must_use = "a builder does nothing until `build`"]
pub struct Ramp {
    /// The rate at 0, 0 or more.
    #[serde(deserialize_with = "number::from")]
    pub from: f64,
    /// The rate at the end, 0 or more.
    #[serde(deserialize_with = "number::to")]
    pub to: f64,
    /// The length: 0, or between 1e-9 and 2^64 steps; may be fractional.
    #[serde(deserialize_with = "number::steps")]
    pub steps: f64,
    /// The curve from one to the other.
    #[serde(default)]
    pub shape: Shape,
    /// What comes after the end.
    #[serde(default)]
    pub beyond: Beyond,
}

/// What a ramp does past its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Beyond {
    /// Holds the end value.
    #[default]
    Hold,
    /// Goes back, then forth again, and so on: PyTorch's `CosineAnnealingLR` past `T_max`.
    Mirror,
    /// Starts the ramp again.
    Repeat,
}

/// `initial * gamma^(t / decay_steps)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Exponential {
    /// The rate at 0, 0 or more.
    #[serde(deserialize_with = "number::initial")]
    pub initial: f64,
    /// The factor per `decay_steps`, 0 or more; above 1 it grows, up to [`f64::MAX`].
    #[serde(deserialize_with = "number::gamma")]
    pub gamma: f64,
    /// How many steps one factor takes, between 1e-9 and 2^64.
    #[serde(deserialize_with = "number::decay_steps")]
    pub decay_steps: f64,
}

/// `scale * ((t + offset) / time_scale)^power`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PowerLaw {
    /// The rate where `t + offset = time_scale`, 0 or more.
    #[serde(deserialize_with = "number::scale")]
    pub scale: f64,
    /// Added to the step, 0 or more, at most 2^64. With 0 and a negative power the rate at step 0 is [`f64::MAX`].
    #[serde(deserialize_with = "number::offset")]
    pub offset: f64,
    /// The unit of time, between 1e-9 and 2^64 steps.
    #[serde(deserialize_with = "number::time_scale")]
    pub time_scale: f64,
    /// The exponent, usually negative.
    #[serde(deserialize_with = "number::power")]
    pub power: f64,
}

/// A rate that jumps at milestones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Steps {
    /// The rate before the first milestone, 0 or more.
    #[serde(deserialize_with = "number::initial")]
    pub initial: f64,
    /// At least one, in order; of several at one step the last counts.
    pub milestones: Vec<Milestone>,
}

/// A rate and the step from which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Milestone {
    /// The first step with this rate.
    #[serde(deserialize_with = "count::step")]
    pub step: u64,
    /// The rate, 0 or more.
    #[serde(deserialize_with = "number::value")]
    pub value: f64,
}

/// A part of a sequence: active from `start` until the next one's, and evaluated at `t - start`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Phase {
    /// The first step of this phase.
    #[serde(deserialize_with = "count::start")]
    pub start: u64,
    /// What happens in it.
    pub schedule: Schedule,
}

/// One schedule again and again, optionally with longer cycles or lower peaks.
///
/// Cycle `i` lasts `period * growth^i` steps, in which `of` is run through from 0 to `period`; the part of its rate
/// above `floor` is multiplied by `cycle_scale^i`. The first step of a cycle belongs to it. After `limit` cycles the
/// last one's final value holds. A boundary within 1e-12 (relative) of a whole step counts as that step.
///
/// ```
/// use sched_core::{Repeat, Schedule};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let wave = Schedule::cosine_annealing(0.1, 0.0, 10)?;
/// let restarts = Repeat::new(wave, 10).growth(2.0).cycle_scale(0.5).build()?;
/// assert_eq!(restarts.at(0), 0.1);
/// assert_eq!(restarts.at(10), 0.05);
/// assert_eq!(restarts.at(30), 0.025);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[must_use = "a builder does nothing until `build`"]
pub struct Repeat {
    /// What is repeated.
    pub of: Schedule,
    /// The length of the first cycle, 1 or more.
    #[serde(deserialize_with = "count::period")]
    pub period: u64,
    /// Each cycle's length over the one before, above 0 and at most 1e9; below 1 only with a `limit`.
    #[serde(default = "one", deserialize_with = "number::growth")]
    pub growth: f64,
    /// Each cycle's height over the one before, 0 or more.
    #[serde(default = "one", deserialize_with = "number::cycle_scale")]
    pub cycle_scale: f64,
    /// The rate that `cycle_scale` leaves alone, 0 or more.
    #[serde(default, deserialize_with = "number::floor")]
    pub floor: f64,
    /// How many cycles there are, 1 or more.
    #[serde(default, deserialize_with = "limit")]
    pub limit: Option<u64>,
}

fn one() -> f64 {
    1.0
}

plain_reader! { Node Ramp Beyond Exponential PowerLaw Steps Milestone Phase Repeat }

impl Node {
    /// Makes every -0.0 a 0.0: a rate is never negative, not even by its sign.
    fn drop_signs_of_zero(&mut self) {
        let numbers: Vec<&mut f64> = match self {
            Self::Constant(lr) => vec![lr],
            Self::Ramp(ramp) => vec![&mut ramp.from, &mut ramp.to, &mut ramp.steps],
            Self::Exponential(exponential) => vec![&mut exponential.initial, &mut exponential.gamma],
            Self::PowerLaw(law) => vec![&mut law.scale, &mut law.offset, &mut law.power],
            Self::Steps(steps) => {
                let values = steps.milestones.iter_mut().map(|milestone| &mut milestone.value);
                values.chain([&mut steps.initial]).collect()
            }
            Self::Repeat(repeat) => vec![&mut repeat.cycle_scale, &mut repeat.floor],
            Self::Clamp { min, max, .. } => vec![min, max],
            Self::Complement { whole, .. } => vec![whole],
            Self::Advance { by, .. } => vec![by],
            Self::Sequence(_) | Self::Product(_) | Self::Sum(_) | Self::Average(_) | Self::Min(_) | Self::Max(_) => {
                vec![]
            }
            Self::Every { .. } | Self::Stretch { .. } | Self::Delay { .. } | Self::Warp { .. } => vec![],
        };
        numbers.into_iter().for_each(|number| *number += 0.0);
    }

    /// The rules of this node; its children are valid already.
    pub(crate) fn validate(&self) -> Result<(), ScheduleError> {
        match self {
            Self::Constant(lr) => rate("constant", *lr)?,
            Self::Ramp(ramp) => {
                rate("from", ramp.from)?;
                rate("to", ramp.to)?;
                length("steps", ramp.steps)?;
                ramp.shape.validate()?;
                if ramp.shape == Shape::Geometric {
                    let rule = "above 0 in a geometric ramp, which never gets to 0";
                    within("from", ramp.from, ramp.from > 0.0, rule)?;
                    within("to", ramp.to, ramp.to > 0.0, rule)?;
                }
            }
            Self::Exponential(e) => {
                rate("initial", e.initial)?;
                within("gamma", e.gamma, e.gamma >= 0.0, "0 or more")?;
                span("decay_steps", e.decay_steps)?;
            }
            Self::PowerLaw(p) => {
                rate("scale", p.scale)?;
                within("offset", p.offset, (0.0..=LONGEST).contains(&p.offset), "between 0 and 2^64 steps")?;
                span("time_scale", p.time_scale)?;
                finite("power", p.power)?;
            }
            Self::Steps(steps) => {
                rate("initial", steps.initial)?;
                not_empty("milestones", &steps.milestones)?;
                ordered("milestones", steps.milestones.iter().map(|m| m.step))?;
                for milestone in &steps.milestones {
                    rate("value", milestone.value)?;
                }
            }
            Self::Sequence(phases) => {
                not_empty("sequence", phases)?;
                if phases[0].start != 0 {
                    return Err(ScheduleError::LateStart { field: "sequence", start: phases[0].start });
                }
                ordered("sequence", phases.iter().map(|p| p.start))?;
            }
            Self::Repeat(repeat) => {
                at_least_one("period", repeat.period)?;
                within(
                    "growth",
                    repeat.growth,
                    repeat.growth > 0.0 && repeat.growth <= 1e9,
                    "above 0 and at most 1e9",
                )?;
                rate("cycle_scale", repeat.cycle_scale)?;
                rate("floor", repeat.floor)?;
                match repeat.limit {
                    Some(limit) => at_least_one("limit", limit)?,
                    None => within(
                        "growth",
                        repeat.growth,
                        repeat.growth >= 1.0,
                        "1 or more when there is no `limit`, because shrinking cycles come to an end",
                    )?,
                }
            }
            Self::Product(of) => not_empty("product", of)?,
            Self::Sum(of) => not_empty("sum", of)?,
            Self::Average(of) => not_empty("average", of)?,
            Self::Min(of) => not_empty("min", of)?,
            Self::Max(of) => not_empty("max", of)?,
            Self::Clamp { min, max, .. } => {
                rate("min", *min)?;
                within("max", *max, max >= min, "`min` or more")?;
            }
            Self::Complement { whole, .. } => rate("whole", *whole)?,
            Self::Every { n, .. } => at_least_one("n", *n)?,
            Self::Stretch { k, .. } => span("k", *k)?,
            Self::Delay { .. } => {}
            Self::Advance { by, .. } => {
                within("by", *by, (0.0..=LONGEST).contains(by), "between 0 and 2^64 steps")?;
            }
            Self::Warp { steps, power, .. } => {
                span("steps", *steps)?;
                within("power", *power, *power > 0.0, "above 0")?;
            }
        }
        let depth = self.depth();
        if depth > MAX_DEPTH { Err(ScheduleError::TooDeep { depth, limit: MAX_DEPTH }) } else { Ok(()) }
    }

    fn depth(&self) -> usize {
        1 + self.children().iter().map(|child| child.node().depth()).max().unwrap_or(0)
    }

    /// What the node is made of.
    pub(crate) fn children(&self) -> Vec<&Schedule> {
        match self {
            Self::Constant(_) | Self::Ramp(_) | Self::Exponential(_) | Self::PowerLaw(_) | Self::Steps(_) => vec![],
            Self::Sequence(phases) => phases.iter().map(|phase| &phase.schedule).collect(),
            Self::Product(of) | Self::Sum(of) | Self::Average(of) | Self::Min(of) | Self::Max(of) => {
                of.iter().collect()
            }
            Self::Repeat(Repeat { of, .. })
            | Self::Clamp { of, .. }
            | Self::Complement { of, .. }
            | Self::Every { of, .. }
            | Self::Stretch { of, .. }
            | Self::Delay { of, .. }
            | Self::Advance { of, .. }
            | Self::Warp { of, .. } => vec![of],
        }
    }
}

fn not_empty<T>(field: &'static str, list: &[T]) -> Result<(), ScheduleError> {
    if list.is_empty() { Err(ScheduleError::Empty { field }) } else { Ok(()) }
}
