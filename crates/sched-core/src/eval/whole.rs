//! The rate at a whole step, where 53 bits of time are enough: what evaluation with 106 bits returns, without the detour.

use super::rate::Precision;
use crate::exact::{EXACT, Real};
use crate::schedule::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, Shape, Steps};

impl Schedule {
    /// The learning rate of optimizer update `step`, counted from 0.
    ///
    /// Defined for every step, finite and not negative; it does not depend on what was asked before.
    pub fn at(&self, step: u64) -> f64 {
        let quick = self.powers().and_then(|powers| powers.at(step));
        quick.unwrap_or_else(|| self.node().at(step))
    }
}

impl Node {
    /// The rate of an update.
    pub(crate) fn at(&self, step: u64) -> f64 {
        let quick = match self {
            Self::Constant(lr) => return *lr,
            Self::Ramp(ramp) => ramp.at_whole(step as f64),
            Self::PowerLaw(law) => law.at_whole(step as f64),
            Self::Steps(steps) => return steps.at(step),
            Self::Sequence(phases) => {
                let phase = active(phases, step);
                return phase.schedule.at(step - phase.start);
            }
            Self::Repeat(repeat) if repeat.is_plain() => return repeat.of.at(repeat.local(step)),
            Self::Every { n, of } => return of.at(step / n),
            Self::Delay { steps, of } => return of.at(step.saturating_sub(*steps)),
            _ => None,
        };
        quick.unwrap_or_else(|| self.eval(Real::from_step(step), Precision::Single).value())
    }
}

/// The phase that a step is in.
pub(crate) fn active(phases: &[Phase], step: u64) -> &Phase {
    let started = phases.partition_point(|phase| phase.start <= step);
    // The first phase starts at 0, so at least one has started.
    &phases[started.saturating_sub(1)]
}

impl Ramp {
    /// For the common shapes.
    pub(crate) fn at_whole(&self, step: f64) -> Option<f64> {
        if step >= EXACT {
            return None;
        }
        let rest = self.steps - step;
        if self.is_over(rest) {
            return (self.beyond == Beyond::Hold).then_some(self.to);
        }
        if step == 0.0 {
            return (!matches!(self.shape, Shape::Tanh { .. })).then_some(self.from);
        }
        self.mix(self.shape.plain(step, rest, self.steps)?)
    }
}

impl PowerLaw {
    /// Whether the sum of a step and the offset is exact, and the power is one that takes a few operations.
    pub(crate) fn is_plain(&self, step: f64) -> bool {
        (self.power == -0.5 || self.power == -1.0)
            && step + self.offset < EXACT
            && libm::floor(self.offset) == self.offset
    }

    /// `(t / time_scale)^power`, for the plain ones.
    #[inline(always)]
    pub(crate) fn plain(&self, t: f64) -> f64 {
        let x = t / self.time_scale;
        if self.power == -0.5 { 1.0 / libm::sqrt(x) } else { 1.0 / x }
    }

    fn at_whole(&self, step: f64) -> Option<f64> {
        if !self.is_plain(step) {
            return None;
        }
        let y = self.plain(step + self.offset);
        y.is_normal().then(|| (self.scale * y).min(f64::MAX))
    }
}

impl Steps {
    pub(crate) fn at(&self, step: u64) -> f64 {
        let passed = self.milestones.partition_point(|milestone| milestone.step <= step);
        if passed == 0 { self.initial } else { self.milestones[passed - 1].value }
    }
}

impl Repeat {
    /// Whether all cycles are the same.
    pub(crate) fn is_plain(&self) -> bool {
        self.growth == 1.0 && self.cycle_scale == 1.0
    }

    /// The time in the cycle, where all cycles are the same; past the last one its end.
    fn local(&self, step: u64) -> u64 {
        match self.limit {
            Some(limit) if step / self.period >= limit => self.period,
            _ => step % self.period,
        }
    }
}
