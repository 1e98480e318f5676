//! Darknet: the policies of `[net]`, by the names of a `.cfg` file.
//!
//! An update counts itself: update `t` has the rate of batch number `n = t + 1`. Darknet computes in single precision.

use sched_core::{Ramp, Repeat, Schedule, ScheduleError, Shape};

use crate::declare::{ABOVE_0, AT_LEAST_0, Context, Params, Refusal, Scheduler, Translation, library, params, words};
use crate::shared::{Cycles, advanced, followed, logistic, one_by_one};

library! {
    "darknet" with Net:
    constant,
    step,
    steps,
    exp,
    poly,
    sigmoid,
    sgdr,
}

/// Whose Darknet.
#[derive(Clone, Copy, PartialEq)]
enum Fork {
    Pjreddie,
    AlexeyAB,
}

words! { Fork { "pjreddie" => Self::Pjreddie, "AlexeyAB" => Self::AlexeyAB } }

params! {
    /// What every network has: up to batch number `burn_in` the rate is `learning_rate (n / burn_in)^power`.
    struct Net {
        learning_rate: f64 where AT_LEAST_0 = 0.001,
        policy: Option<String>,
        burn_in: u64 = 0,
        power: f64 where AT_LEAST_0 = 4.0,
        max_batches: u64 = 0,
        fork: Fork = "pjreddie",
    }
}

/// The rates of a policy, which makes them of batch numbers, from `learning_rate` on.
fn rates(
    cx: &Context<'_>,
    policy: impl FnOnce(&Net, f64) -> Result<Schedule, Refusal>,
) -> Result<Translation, Refusal> {
    let net = Net::read(cx)?;
    let named = net.policy.as_ref().is_none_or(|name| name == cx.kind());
    Net::policy.must(named, "be the kind that is given beside it")?;
    let (lr, burn_in) = (net.learning_rate, net.burn_in);
    let burn = match net.power {
        0.0 => Schedule::constant(lr)?,
        power => Ramp::new(0.0, lr, burn_in).shape(Shape::OneMinusPower(power)).build()?,
    };
    let policy = advanced(policy(&net, lr)?, burn_in as f64)?;
    Ok(followed(burn, burn_in, policy)?.advance(1.0)?.into())
}

params! {
    /// `learning_rate`.
    struct constant {}
}

impl Scheduler for constant {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::constant(lr)?))
    }
}

params! {
    /// `learning_rate scale^floor(n / step)`.
    struct step {
        step: u64 where ABOVE_0 = 1,
        scale: f64 where AT_LEAST_0 = 1.0,
    }
}

impl Scheduler for step {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::step(lr, self.step, self.scale)?))
    }
}

params! {
    /// `learning_rate` times the `scales` of the `steps` up to `n`; a step counts only after all before it in the list.
    struct steps {
        steps: Vec<u64>,
        scales: Vec<f64> where AT_LEAST_0,
    }
}

impl Scheduler for steps {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Self::steps.must(!self.steps.is_empty(), "have at least one element")?;
        Self::scales.must(self.scales.len() >= self.steps.len(), "have one element for each of `steps`")?;
        rates(cx, |_, lr| {
            let (mut latest, mut rate) = (0, lr);
            let milestones = self.steps.iter().zip(&self.scales).map(|(&step, scale)| {
                (latest, rate) = (step.max(latest), rate * scale);
                (latest, rate)
            });
            Ok(Schedule::piecewise_constant(lr, &milestones.collect::<Vec<_>>())?)
        })
    }
}

params! {
    /// `learning_rate gamma^n`.
    struct exp {
        gamma: f64 where AT_LEAST_0 = 1.0,
    }
}

impl Scheduler for exp {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::exponential(lr, self.gamma)?))
    }
}

params! {
    /// `learning_rate (1 - n / max_batches)^power`, and 0 from `max_batches` on, where Darknet stops.
    struct poly {}
}

impl Scheduler for poly {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |net, lr| {
            Net::max_batches.must(net.max_batches > 0, "be above 0")?;
            if net.power == 0.0 {
                return Ok(Schedule::constant(lr)?);
            }
            Ok(Schedule::polynomial(lr, 0.0, net.max_batches, net.power)?)
        })
    }
}

params! {
    /// `learning_rate / (1 + e^(gamma (n - step)))`. The original subtracts unsigned numbers: before `step` the difference is
    /// about 2^64 there.
    struct sigmoid {
        step: u64 = 1,
        gamma: f64 = 1.0,
    }
}

impl Scheduler for sigmoid {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |net, lr| match net.fork {
            Fork::AlexeyAB => Ok(logistic(lr, self.gamma, self.step)?),
            Fork::Pjreddie => {
                let before = Schedule::constant(lr / (1.0 + libm::exp(self.gamma * 18_446_744_073_709_551_616.0)))?;
                Ok(followed(before, self.step, logistic(lr, self.gamma, 0)?)?)
            }
        })
    }
}

params! {
    /// Cosines from `learning_rate` to `learning_rate_min`, over `sgdr_cycle` batches, the next over `sgdr_mult` times as many.
    /// The last batch of a cycle has the minimum.
    struct sgdr {
        learning_rate_min: f64 where AT_LEAST_0 = 0.00001,
        sgdr_cycle: Option<u64> where ABOVE_0,
        sgdr_mult: u64 where ABOVE_0 = 2,
    }
}

/// Cycles whose clock begins with their first batch, which is a step under way.
struct Waves {
    from: f64,
    to: f64,
    mult: u64,
}

impl Cycles for Waves {
    type Length = u64;

    fn steps(&self, length: u64) -> Option<u64> {
        Some(length)
    }

    fn next(&self, length: u64) -> u64 {
        length.saturating_mul(self.mult)
    }

    fn cycle(&self, _: u64, length: u64) -> Result<Schedule, ScheduleError> {
        Schedule::cosine_annealing(self.from, self.to, length)?.advance(1.0)
    }

    fn endless(&self, index: u64, length: u64) -> Result<Schedule, ScheduleError> {
        Repeat::new(self.cycle(index, length)?, length).build()
    }
}

impl Scheduler for sgdr {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |net, lr| {
            Net::fork
                .must(net.fork == Fork::AlexeyAB, "be \"AlexeyAB\", as the original takes `sgdr` for `constant`")?;
            let first = self.sgdr_cycle.unwrap_or(net.max_batches);
            Self::sgdr_cycle.must(first > 0, "be given, or else `max_batches`")?;
            let waves = Waves { from: lr, to: self.learning_rate_min, mult: self.sgdr_mult };
            let cycles = one_by_one(&waves, first)?.ok_or_else(|| Self::sgdr_mult.refused("be smaller"))?;
            // The first batch has number 1.
            Ok(followed(Schedule::constant(lr)?, 1, cycles)?)
        })
    }
}
