//! detectron2 0.6: `build_lr_scheduler`, by the names of `SOLVER` in its configuration.

use super::fvcore::{AtEnd, Curve, Part, fixed_gamma};
use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, Ignored, Params, Refusal, Scheduler, Translation, library, params, words,
};

library! {
    "detectron2" with Solver:
    WarmupMultiStepLR,
    WarmupCosineLR,
    WarmupStepWithFixedGammaLR,
}

#[derive(Clone, Copy)]
enum Method {
    Linear,
    Constant,
}

words! { Method { "linear" => Self::Linear, "constant" => Self::Constant } }

params! {
    /// The configuration. A `BIAS_LR_FACTOR` other than 1 makes a second parameter group, the biases.
    struct Solver {
        LR_SCHEDULER_NAME: Option<String>,
        MAX_ITER: u64 where ABOVE_0 = 40_000,
        BASE_LR: f64 where AT_LEAST_0 = 0.001,
        BASE_LR_END: f64 where AT_LEAST_0 = 0.0,
        GAMMA: f64 where AT_LEAST_0 = 0.1,
        STEPS: Vec<u64> = [30_000],
        NUM_DECAYS: u64 = 3,
        WARMUP_FACTOR: f64 where AT_LEAST_0 = 1.0 / 1000.0,
        WARMUP_ITERS: u64 = 1000,
        WARMUP_METHOD: Method = "linear",
        RESCALE_INTERVAL: bool = false,
        BIAS_LR_FACTOR: f64 where AT_LEAST_0 = 1.0,
        _MOMENTUM: Ignored = 0.9,
    }
}

impl Solver {
    /// The number of parameter groups.
    fn groups(&self) -> usize {
        if self.BIAS_LR_FACTOR == 1.0 { 1 } else { 2 }
    }

    /// A warmup, to where the curve is by then, or rescaled to its beginning.
    fn warmed(&self, curve: Curve) -> Result<Curve, Refusal> {
        let length = (self.WARMUP_ITERS as f64 / self.MAX_ITER as f64).min(1.0);
        let end = if self.RESCALE_INTERVAL { 0.0 } else { length };
        Self::WARMUP_ITERS.must(curve.is_defined(end), "be below `MAX_ITER`, where this scheduler has no rate")?;
        let (start, end) = (self.WARMUP_FACTOR * curve.value(0.0), curve.value(end));
        let warmup = match self.WARMUP_METHOD {
            Method::Linear => Curve::Linear { start, end },
            Method::Constant => Curve::Constant(start),
        };
        Ok(Curve::Composite(vec![
            Part { curve: warmup, length, rescaled: true },
            Part { curve, length: 1.0 - length, rescaled: self.RESCALE_INTERVAL },
        ]))
    }
}

/// The rates of one of the schedulers; `curve` is its factor on the rate.
fn rates(cx: &Context<'_>, curve: impl FnOnce(&Solver) -> Result<Curve, Refusal>) -> Result<Translation, Refusal> {
    let solver = Solver::read(cx)?;
    let named = solver.LR_SCHEDULER_NAME.as_ref().is_none_or(|name| name == cx.kind());
    Solver::LR_SCHEDULER_NAME.must(named, "be the kind that is given beside it")?;
    let lr = if cx.group() == 0 { solver.BASE_LR } else { solver.BASE_LR * solver.BIAS_LR_FACTOR };
    let curve = solver.warmed(curve(&solver)?)?;
    Ok(curve.scaled(lr).rates(solver.MAX_ITER)?.into())
}

params! {
    /// `GAMMA^n` after `n` of the `STEPS`; those past `MAX_ITER` are dropped.
    struct WarmupMultiStepLR {}
}

impl Scheduler for WarmupMultiStepLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |solver| {
            let steps: Vec<u64> = solver.STEPS.iter().copied().filter(|step| *step <= solver.MAX_ITER).collect();
            let ascending = steps.iter().try_fold(0, |last, &next| (next > last).then_some(next));
            let rule = "ascend, without 0 and `MAX_ITER` itself";
            Solver::STEPS.must(ascending.is_some_and(|last| last < solver.MAX_ITER), rule)?;
            let values: Vec<f64> = (0..=steps.len()).map(|passed| solver.GAMMA.powf(passed as f64)).collect();
            let updates = solver.MAX_ITER as f64;
            Ok(Curve::Stairs { values, milestones: steps, updates, at_end: AtEnd::Included })
        })
    }

    fn groups(cx: &Context<'_>) -> Result<usize, Refusal> {
        Ok(Solver::read(cx)?.groups())
    }
}

params! {
    /// Half a cosine wave over the whole run, from `BASE_LR` to `BASE_LR_END`.
    struct WarmupCosineLR {}
}

impl Scheduler for WarmupCosineLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |solver| {
            Solver::BASE_LR.must(solver.BASE_LR > 0.0, "be above 0, as detectron2 divides by it")?;
            Solver::BASE_LR_END.must(solver.BASE_LR_END <= solver.BASE_LR, "be at most `BASE_LR`")?;
            Ok(Curve::Cosine { start: 1.0, end: solver.BASE_LR_END / solver.BASE_LR })
        })
    }

    fn groups(cx: &Context<'_>) -> Result<usize, Refusal> {
        Ok(Solver::read(cx)?.groups())
    }
}

params! {
    /// `GAMMA^n` after `n` of the `NUM_DECAYS`, which divide the run evenly. It raises at the step after the last update.
    struct WarmupStepWithFixedGammaLR {}
}

impl Scheduler for WarmupStepWithFixedGammaLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |solver| {
            Solver::GAMMA.must(solver.GAMMA > 0.0, "be above 0")?;
            Solver::NUM_DECAYS.must(solver.NUM_DECAYS > 0, "be above 0")?;
            fixed_gamma(1.0, solver.NUM_DECAYS, solver.GAMMA)
                .ok_or_else(|| Solver::NUM_DECAYS.refused("be at most 10000"))
        })
    }

    fn groups(cx: &Context<'_>) -> Result<usize, Refusal> {
        Ok(Solver::read(cx)?.groups())
    }
}
