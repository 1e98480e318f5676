//! When a schedule stops changing.

use crate::exact::Real;
use crate::schedule::{Beyond, Node, Schedule};

impl Schedule {
    /// The first step from which the rate never changes again; `None` if it never stops changing.
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
}

impl Node {
    /// The first step from which the rate is constant.
    pub(crate) fn horizon(&self) -> Option<u64> {
        match self {
            // In whole steps, so that `then` is associative also where a sum of times has no room for a fraction.
            Self::Sequence(phases) => {
                let last = phases.last()?;
                Some(last.start.saturating_add(last.schedule.horizon()?))
            }
            _ => self.end().map(Real::ceil_step),
        }
    }

    /// The time from which the rate is constant, read off the structure.
    pub(crate) fn end(&self) -> Option<Real> {
        let end = match self {
            Self::Constant(_) => Real::ZERO,
            Self::Ramp(ramp) if ramp.beyond == Beyond::Hold || ramp.steps == 0.0 => Real::from(ramp.steps),
            Self::Exponential(e) if e.gamma == 1.0 || e.initial == 0.0 => Real::ZERO,
            Self::PowerLaw(law) if law.power == 0.0 || law.scale == 0.0 => Real::ZERO,
            Self::Ramp(_) | Self::Exponential(_) | Self::PowerLaw(_) => return None,
            Self::Steps(steps) => Real::from_step(steps.milestones.last()?.step),
            Self::Sequence(phases) => {
                let last = phases.last()?;
                after(last.start, last.schedule.node().end()?)
            }
            Self::Repeat(repeat) => repeat.start_of(repeat.limit?),
            Self::Product(of) | Self::Sum(of) | Self::Average(of) | Self::Min(of) | Self::Max(of) => latest(of)?,
            Self::Clamp { of, .. } | Self::Complement { of, .. } => of.node().end()?,
            Self::Every { n, of } => {
                let stairs = of.node().end()?.ceil_step();
                Real::from_step(stairs).mul(Real::from_step(*n))
            }
            Self::Stretch { k, of } => of.node().end()?.times(*k),
            Self::Delay { steps, of } => after(*steps, of.node().end()?),
            Self::Advance { by, of } => later(of.node().end()? - Real::from(*by), Real::ZERO),
            Self::Warp { steps, of, .. } => {
                // Inside the bent stretch the child's end comes at another time; its whole is a safe bound.
                let end = of.node().end()?;
                if end.value() <= 0.0 { Real::ZERO } else { later(end, Real::from(*steps)) }
            }
        };
        // Far past every step, so that what is added to it or multiplied with it cannot overflow.
        Some(if end < Real::NEVER { end } else { Real::NEVER })
    }
}

/// A step and some time, rounded up: beside a late step, a tiny rest has no room, but still counts.
fn after(step: u64, time: Real) -> Real {
    let start = Real::from_step(step);
    let end = start + time;
    if end - start < time { Real { lo: libm::nextafter(end.lo, f64::INFINITY), ..end } } else { end }
}

fn later(a: Real, b: Real) -> Real {
    if b > a { b } else { a }
}

fn latest(of: &[Schedule]) -> Option<Real> {
    of.iter().try_fold(Real::ZERO, |latest, child| Some(later(latest, child.node().end()?)))
}
