//! When a schedule stops changing.

use crate::node::{Beyond, Node};
use crate::schedule::Schedule;

impl Node {
    /// The time from which the rate is constant, read off the structure.
    pub(crate) fn end(&self) -> Option<f64> {
        match self {
            Self::Constant(_) => Some(0.0),
            Self::Ramp(ramp) => (ramp.beyond == Beyond::Hold || ramp.steps == 0.0).then_some(ramp.steps),
            Self::Exponential(e) => (e.gamma == 1.0 || e.initial == 0.0).then_some(0.0),
            Self::PowerLaw(law) => (law.power == 0.0 || law.scale == 0.0).then_some(0.0),
            Self::Steps(steps) => steps.milestones.last().map(|milestone| milestone.step as f64),
            Self::Sequence(phases) => {
                let last = phases.last()?;
                Some(last.start as f64 + last.schedule.node().end()?)
            }
            Self::Repeat(repeat) => Some(repeat.start_of(repeat.limit?).value()),
            Self::Product(of) | Self::Sum(of) | Self::Average(of) | Self::Min(of) | Self::Max(of) => latest(of),
            Self::Clamp { of, .. } | Self::Complement { of, .. } => of.node().end(),
            Self::Every { n, of } => Some(of.node().end().map(libm::ceil)? * *n as f64),
            Self::Stretch { k, of } => Some(of.node().end()? * k),
            Self::Delay { steps, of } => Some(*steps as f64 + of.node().end()?),
            Self::Advance { by, of } => Some((of.node().end()? - by).max(0.0)),
            Self::Warp { steps, of, .. } => {
                // Inside the bent stretch the child's end comes at another time; its whole is a safe bound.
                let end = of.node().end()?;
                Some(if end <= 0.0 { 0.0 } else { end.max(*steps) })
            }
        }
    }
}

fn latest(of: &[Schedule]) -> Option<f64> {
    of.iter().try_fold(0.0, |latest: f64, child| Some(latest.max(child.node().end()?)))
}
