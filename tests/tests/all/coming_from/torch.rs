//! PyTorch's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "torch",
    title: "PyTorch",
    notes: "A step is a call of `scheduler.step()`: an epoch in most training loops, an update for `OneCycleLR` and \
            `CyclicLR`. The defaults are short: `total_iters` is 5. A scheduler multiplies or overwrites the rate \
            that it finds, so that the order of several matters there; here only the schedule decides.",
    rows: &[
        row!(
            "StepLR",
            r#"{"optimizer_lr": 0.1, "step_size": 30, "gamma": 0.1}"#,
            Schedule::step(0.1, 30, 0.1),
            "`step_size` itself is the first step with the lower rate."
        ),
        row!(
            "MultiStepLR",
            r#"{"optimizer_lr": 0.1, "milestones": [30, 80], "gamma": 0.1}"#,
            Schedule::multi_step(0.1, &[30, 80], 0.1),
            "A milestone itself has the lower rate; one that is given twice counts twice. Here they must be in \
             order."
        ),
        row!(
            "ConstantLR",
            r#"{"optimizer_lr": 0.1, "factor": 0.5, "total_iters": 5}"#,
            Schedule::piecewise_constant(0.05, &[(5, 0.1)]),
            "With `total_iters=0` or `factor=0` PyTorch never gets back to the full rate."
        ),
        row!(
            "LinearLR",
            r#"{"optimizer_lr": 0.1, "start_factor": 0.25, "total_iters": 10}"#,
            Schedule::linear(0.025, 0.1, 10),
            "Factors there, rates here. `start_factor` must not be 0 there, here a warmup may start at 0."
        ),
        row!(
            "ExponentialLR",
            r#"{"optimizer_lr": 0.1, "gamma": 0.95}"#,
            Schedule::exponential(0.1, 0.95),
            "Per epoch and smooth within it: `Schedule::exponential_over(0.1, 0.95, steps_per_epoch)`."
        ),
        row!(
            "PolynomialLR",
            r#"{"optimizer_lr": 0.1, "total_iters": 50, "power": 2.0}"#,
            Schedule::polynomial(0.1, 0.0, 50, 2.0),
            "0 from `total_iters` on, so a longer run trains with 0."
        ),
        row!(
            "CosineAnnealingLR",
            r#"{"optimizer_lr": 0.1, "T_max": 50, "eta_min": 0.001}"#,
            Ramp::new(0.1, 0.001, 50).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "It rises again past `T_max`. `Schedule::cosine_annealing(0.1, 0.001, 50)` does not."
        ),
        row!(
            "CosineAnnealingWarmRestarts",
            r#"{"optimizer_lr": 0.1, "T_0": 10, "T_mult": 2, "eta_min": 0.001}"#,
            Schedule::cosine_warm_restarts(0.1, 0.001, 10, 2.0),
            "The boundary itself has the peak again, so no whole step has `eta_min`."
        ),
        row!(
            "CyclicLR",
            r#"{"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 20, "mode": "triangular2", "cycle_momentum": false}"#,
            Cyclic::new(0.01, 0.1, 20).mode(CyclicMode::Triangular2).lr(),
            "`step_size_up` is half a cycle, in updates. `exp_range` shrinks with every step, not every cycle. The \
             momentum is `.momentum(0.8, 0.9)`, on by default there."
        ),
        row!(
            "OneCycleLR",
            r#"{"max_lr": 0.1, "total_steps": 100}"#,
            OneCycle::new(0.1, 100).lr(),
            "The peak is at `pct_start * total_steps - 1`, the end at `total_steps - 1`. One call more rises or goes \
             negative there, the next raises; here it holds. The momentum is `.momentum(0.85, 0.95)`; \
             `Scheduler::cycle_momentum` drives burn's optimizer by it."
        ),
        row!(
            "ReduceLROnPlateau",
            r#"{"optimizer_lr": 0.1, "factor": 0.5, "patience": 5}"#,
            metric(
                Scheduler::new(Schedule::constant(0.1)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(5)
                        .threshold(1e-4, ThresholdMode::RelativeSigned)
                        .non_finite(NonFinite::Compare)
                        .build()?
                )
            ),
            "It reduces at bad metric `patience + 1`. Without the last two options it is the same for finite metrics above \
             0; PyTorch takes a slightly worse negative metric for better, and an infinite one for the best."
        ),
        row!(
            "SWALR",
            r#"{"optimizer_lr": 0.1, "swa_lr": 0.01, "anneal_epochs": 10}"#,
            Schedule::cosine_annealing(0.1, 0.01, 10),
            "It starts from the rate that it finds: behind another schedule, give that one's rate at the switch."
        ),
        row!(
            "LambdaLR",
            r#"{"optimizer_lr": 0.1, "lr_lambda": "1.0 / math.sqrt(epoch + 1)"}"#,
            code(Scheduler::new(|step: u64| 0.1 / ((step + 1) as f64).sqrt())),
            "The lambda is a factor there, the closure is the rate. As data: `Schedule::inverse_sqrt(0.1, 1.0)`."
        ),
        row!(
            "MultiplicativeLR",
            r#"{"optimizer_lr": 0.1, "lr_lambda": "0.95"}"#,
            code(Scheduler::new(|step: u64| (1..=step).fold(0.1, |lr, _epoch| lr * 0.95))),
            "The first factor is that of step 1. With a constant factor: `Schedule::exponential(0.1, 0.95)`."
        ),
        row!(
            "SequentialLR",
            r#"{"optimizer_lr": 0.1, "schedulers": [{"kind": "LinearLR", "params": {"start_factor": 0.01, "total_iters": 10}}, {"kind": "CosineAnnealingLR", "params": {"T_max": 90}}], "milestones": [10]}"#,
            Ramp::new(0.1, 0.0, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.001, 10),
            "Each member has its own clock: `T_max` is without the warmup. `OneCycleLR` and `CyclicLR` as members \
             overwrite the optimizer's rate when they are made; a file reproduces that."
        ),
        row!(
            "ChainedScheduler",
            r#"{"optimizer_lr": 0.1, "schedulers": [{"kind": "ConstantLR", "params": {"factor": 0.1, "total_iters": 20}}, {"kind": "ExponentialLR", "params": {"gamma": 0.9}}]}"#,
            Schedule::exponential(0.1, 0.9)?.times(Schedule::piecewise_constant(0.1, &[(20, 1.0)])?),
            "Only one of the two is a rate, the other one a factor."
        ),
        row!(
            "SWA_switch",
            r#"{"optimizer_lr": 0.4, "scheduler": {"kind": "StepLR", "params": {"step_size": 10, "gamma": 0.5}}, "swa_start": 20, "swa": {"swa_lr": 0.05, "anneal_epochs": 8, "anneal_strategy": "linear"}}"#,
            Schedule::step(0.4, 10, 0.5)?.then_at(20, Schedule::linear(0.1, 0.05, 8)?),
            "No class, but the loop of PyTorch's manual: another scheduler until `swa_start`, `SWALR` from there on."
        ),
    ],
};
