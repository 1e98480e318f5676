//! Caffe 1.0: the learning rate policies of a solver, by the names of `solver.prototxt`.

use sched_core::Schedule;

use crate::declare::{ABOVE_0, AT_LEAST_0, Context, Params, Refusal, Scheduler, Translation, library, params};
use crate::shared::{inverse, logistic};

library! {
    "caffe" with Solver:
    fixed,
    step,
    exp,
    inv,
    multistep,
    poly,
    sigmoid,
}

params! {
    /// What every solver has.
    struct Solver {
        base_lr: f64 where AT_LEAST_0,
        lr_policy: Option<String>,
        max_iter: Option<u64> where ABOVE_0,
    }
}

/// The rates of a policy, from `base_lr` on.
fn rates(
    cx: &Context<'_>,
    policy: impl FnOnce(&Solver, f64) -> Result<Schedule, Refusal>,
) -> Result<Translation, Refusal> {
    let solver = Solver::read(cx)?;
    let named = solver.lr_policy.as_ref().is_none_or(|name| name == cx.kind());
    Solver::lr_policy.must(named, "be the kind that is given beside it")?;
    Ok(policy(&solver, solver.base_lr)?.into())
}

params! {
    /// `base_lr`.
    struct fixed {}
}

impl Scheduler for fixed {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::constant(lr)?))
    }
}

params! {
    /// `base_lr gamma^floor(t / stepsize)`.
    struct step {
        gamma: f64 where AT_LEAST_0 = 0.0,
        stepsize: u64 where ABOVE_0,
    }
}

impl Scheduler for step {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::step(lr, self.stepsize, self.gamma)?))
    }
}

params! {
    /// `base_lr gamma^t`.
    struct exp {
        gamma: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for exp {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::exponential(lr, self.gamma)?))
    }
}

params! {
    /// `base_lr (1 + gamma t)^-power`.
    struct inv {
        gamma: f64 where AT_LEAST_0 = 0.0,
        power: f64 = 0.0,
    }
}

impl Scheduler for inv {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(inverse(lr, self.gamma, self.power)?))
    }
}

params! {
    /// `base_lr gamma^n` after `n` of the `stepvalue`s, of which an iteration passes one at most, in their order.
    struct multistep {
        gamma: f64 where AT_LEAST_0 = 0.0,
        stepvalue: Vec<u64> = [0; 0],
    }
}

impl Scheduler for multistep {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| {
            if self.stepvalue.is_empty() {
                return Ok(Schedule::constant(lr)?);
            }
            let mut next = 0;
            let milestones = self.stepvalue.iter().map(|&step| {
                let passed = step.max(next);
                next = passed.saturating_add(1);
                passed
            });
            Ok(Schedule::multi_step(lr, &milestones.collect::<Vec<_>>(), self.gamma)?)
        })
    }
}

params! {
    /// `base_lr (1 - t / max_iter)^power`, and 0 from `max_iter` on, where Caffe stops.
    struct poly {
        power: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for poly {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |solver, lr| {
            let max_iter = solver.max_iter.ok_or(Solver::max_iter.missing())?;
            if self.power == 0.0 {
                return Ok(Schedule::constant(lr)?);
            }
            Ok(Schedule::polynomial(lr, 0.0, max_iter, self.power)?)
        })
    }
}

params! {
    /// `base_lr / (1 + e^(-gamma (t - stepsize)))`, which rises, since Caffe refuses a negative `gamma`.
    struct sigmoid {
        gamma: f64 where AT_LEAST_0 = 0.0,
        stepsize: u64 where ABOVE_0,
    }
}

impl Scheduler for sigmoid {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(logistic(lr, -self.gamma, self.stepsize)?))
    }
}
