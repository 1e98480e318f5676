//! The definition: the rate of a schedule at any time.

use super::pointwise::Combination::{Average, Max, Min, Product, Sum};
use super::warp::Warp;
use crate::exact::{Precision, Real};
use crate::schedule::{Node, Phase, Schedule, Steps};

impl Schedule {
    /// The learning rate of optimizer update `step`, counted from 0.
    ///
    /// Defined for every step, finite and not negative; it does not depend on what was asked before. It evaluates each node at
    /// most twice.
    pub fn at(&self, step: u64) -> f64 {
        self.eval(Real::from_step(step), Use::Rate).value()
    }

    /// The rate at a time that need not be whole: finite, not negative, and an `f64` unless it takes more bits.
    pub(super) fn eval(&self, t: Real, used: Use) -> Real {
        #[cfg(test)]
        super::cost::EVALUATIONS.with(super::cost::count);
        let rate = self.node().eval(t, used);
        match used.precision() {
            Precision::Single | Precision::Quick => Real::from(rate.value()),
            Precision::Double => rate,
        }
    }
}

/// What a rate is used for.
///
/// A small difference is computed a second time, with more bits. Inside the first attempt nothing else is computed twice, so
/// `at` evaluates each node at most twice, however differences are nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// As a rate.
    Rate,
    /// Subtracted from something, as a first attempt.
    Attempt,
    /// Subtracted from something, or magnified, with all the bits that this takes.
    Difference,
}

impl Use {
    pub(super) fn precision(self) -> Precision {
        match self {
            Self::Rate | Self::Attempt => Precision::Single,
            Self::Difference => Precision::Double,
        }
    }
}

impl Node {
    fn eval(&self, t: Real, used: Use) -> Real {
        let precision = used.precision();
        match self {
            Self::Constant(lr) => Real::from(*lr),
            Self::Ramp(ramp) => ramp.eval(t, precision),
            Self::Exponential(exponential) => exponential.eval(t, precision),
            Self::PowerLaw(law) => law.eval(t, precision),
            Self::Steps(steps) => Real::from(steps.at(t.floor_step())),
            Self::Sequence(phases) => {
                let phase = active(phases, t.floor_step());
                phase.schedule.eval(t - Real::from_step(phase.start), used)
            }
            Self::Repeat(repeat) => repeat.eval(t, used),
            Self::Product(of) => Product.of(of.iter().map(|child| child.eval(t, used))),
            Self::Sum(of) => Sum.of(of.iter().map(|child| child.eval(t, used))),
            Self::Average(of) => Average.of(of.iter().map(|child| child.eval(t, used))),
            Self::Min(of) => Min.of(of.iter().map(|child| child.eval(t, used))),
            Self::Max(of) => Max.of(of.iter().map(|child| child.eval(t, used))),
            Self::Clamp { min, max, of } => of.eval(t, used).clamp(*min, *max),
            Self::Complement { whole, of } => complement(*whole, of, t, used),
            Self::Every { n, of } => of.eval(Real::from_step(t.floor_step() / n), used),
            Self::Stretch { k, of } => of.eval(sane(t.over(*k)), used),
            Self::Delay { steps, of } => of.eval((t - Real::from_step(*steps)).max(Real::ZERO), used),
            Self::Advance { by, of } => of.eval(sane(t + Real::from(*by)), used),
            Self::Warp { steps, power, of } => {
                of.eval(sane(Warp { steps: *steps, power: *power }.bend(t, precision)), used)
            }
        }
    }
}

/// The phase that a step is in.
fn active(phases: &[Phase], step: u64) -> &Phase {
    let started = phases.partition_point(|phase| phase.start <= step);
    // The first phase starts at 0, so at least one has started.
    &phases[started.saturating_sub(1)]
}

impl Steps {
    pub(super) fn at(&self, step: u64) -> f64 {
        let passed = self.milestones.partition_point(|milestone| milestone.step <= step);
        if passed == 0 { self.initial } else { self.milestones[passed - 1].value }
    }
}

/// Keeps time where its arithmetic cannot overflow or underflow: below 1e30, far past every step, and 0 or above 1e-200, also
/// where all that is whole is taken off it.
pub(super) fn sane(t: Real) -> Real {
    if t.hi < 1e-200 {
        return Real::ZERO;
    }
    let lo = if t.lo.abs() < 1e-200 { 0.0 } else { t.lo };
    Real { lo, ..t }.min(Real::NEVER)
}

/// `whole - of(t)`, or 0; a small difference of large numbers takes more bits of both.
fn complement(whole: f64, of: &Schedule, t: Real, used: Use) -> Real {
    let rest = |used| (Real::from(whole) - of.eval(t, used)).max(Real::ZERO);
    if used == Use::Rate {
        let attempt = rest(Use::Attempt);
        if attempt.hi >= 0.5 * whole {
            return attempt;
        }
    }
    rest(Use::Difference)
}
