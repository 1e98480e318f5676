//! The schedule: a valid tree of nodes.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::error::ScheduleError;
use super::node::{Node, Phase};
use crate::eval::Powers;

/// A learning-rate schedule: data, always valid, and a pure function of the step.
///
/// Built by its constructors, from a [`Node`], or read from a file; all of them check the same rules. A clone shares the
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
    tree: Arc<Tree>,
}

struct Tree {
    node: Node,
    /// Follows from the node, so it is no part of the schedule as data.
    powers: Option<Box<Powers>>,
}

impl Schedule {
    /// The learning rate of optimizer update `step`, counted from 0.
    ///
    /// Defined for every step, finite and not negative; it does not depend on what was asked before.
    pub fn at(&self, step: u64) -> f64 {
        let quick = self.powers().and_then(|powers| powers.at(step));
        quick.unwrap_or_else(|| self.node().at(step))
    }

    /// What the schedule is made of.
    pub fn node(&self) -> &Node {
        &self.tree.node
    }

    /// What an exponential's rates are quickly computed from.
    pub(crate) fn powers(&self) -> Option<&Powers> {
        self.tree.powers.as_deref()
    }

    /// The first step from which the rate never changes again; `None` if it changes for ever.
    ///
    /// Read off the structure, so it is the length of the phases, also where two rates happen to be equal.
    ///
    /// ```
    /// use sched_core::Schedule;
    ///
    /// # fn main() -> Result<(), sched_core::ScheduleError> {
    /// assert_eq!(Schedule::linear(0.0, 0.1, 500)?.horizon(), Some(500));
    /// assert_eq!(Schedule::exponential(0.1, 0.9)?.horizon(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn horizon(&self) -> Option<u64> {
        self.node().horizon()
    }

    pub(crate) fn sequence(phases: Vec<Phase>) -> Result<Self, ScheduleError> {
        Node::Sequence(phases).try_into()
    }
}

impl TryFrom<Node> for Schedule {
    type Error = ScheduleError;

    fn try_from(node: Node) -> Result<Self, ScheduleError> {
        node.validate()?;
        let powers = Powers::of(&node).map(Box::new);
        Ok(Self { tree: Arc::new(Tree { node, powers }) })
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
        Node::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}
