//! mmengine's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "mmengine",
    title: "mmengine",
    notes: "A step is an epoch, unless `by_epoch=False` (not in a file). A scheduler acts on steps `begin` to `end - \
            1` and leaves its last rate behind: what runs to its end gets there at `end - 1`, one step before \
            PyTorch's. It changes the rate that it finds, so several in a list go on from each other.",
    rows: &[
        row!(
            "StepLR",
            r#"{"optimizer_lr": 0.1, "step_size": 30, "gamma": 0.1}"#,
            Schedule::step(0.1, 30, 0.1),
            "`step_size` itself is the first step with the lower rate, counted from `begin`."
        ),
        row!(
            "MultiStepLR",
            r#"{"optimizer_lr": 0.1, "milestones": [30, 80], "gamma": 0.1}"#,
            Schedule::multi_step(0.1, &[30, 80], 0.1),
            "Milestones count from `begin`, too."
        ),
        row!(
            "ConstantLR",
            r#"{"optimizer_lr": 0.1, "factor": 0.5, "end": 6}"#,
            Schedule::piecewise_constant(0.05, &[(5, 0.1)]),
            "The full rate is back at `end - 1`."
        ),
        row!(
            "LinearLR",
            r#"{"optimizer_lr": 0.1, "start_factor": 0.25, "end": 11}"#,
            Schedule::linear(0.025, 0.1, 10),
            "The full rate is at `end - 1`: 10 steps for `end=11`."
        ),
        row!(
            "ExponentialLR",
            r#"{"optimizer_lr": 0.1, "gamma": 0.95}"#,
            Schedule::exponential(0.1, 0.95),
            "With an `end` it stops at the rate of `end - 1`."
        ),
        row!(
            "CosineAnnealingLR",
            r#"{"optimizer_lr": 0.1, "T_max": 50, "eta_min": 0.001}"#,
            Ramp::new(0.1, 0.001, 50).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "`T_max` is `end - begin` unless it is given, and then `eta_min` is never reached. Without an `end` it \
             rises again."
        ),
        row!(
            "CosineRestartLR",
            r#"{"optimizer_lr": 0.1, "periods": [20, 40], "restart_weights": [1.0, 0.5], "eta_min": 0.001}"#,
            {
                let lr =
                    Schedule::cosine_annealing(0.1, 0.001, 20)?.then(Schedule::cosine_annealing(0.05, 0.001, 40)?)?;
                lr.clone().then_at(60, Schedule::constant(lr.at(59))?)
            },
            "Past the last period it holds the rate of the step before, a little above `eta_min`."
        ),
        row!(
            "PolyLR",
            r#"{"optimizer_lr": 0.1, "eta_min": 0.001, "power": 2.0, "end": 51}"#,
            Schedule::polynomial(0.1, 0.001, 50, 2.0),
            "`eta_min` is reached at `end - 1`."
        ),
        row!(
            "OneCycleLR",
            r#"{"optimizer_lr": 0.1, "eta_max": 0.1, "total_steps": 100}"#,
            OneCycle::new(0.1, 100).lr(),
            "PyTorch's, without a momentum. `total_steps` is `end - begin` unless it is given."
        ),
        row!(
            "ReduceOnPlateauLR",
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
            "PyTorch's, with `rule` for `mode` and `min_value` for `min_lr`."
        ),
        row!(
            "list",
            r#"{"optimizer_lr": 0.1, "schedulers": [{"kind": "LinearLR", "params": {"start_factor": 0.1, "end": 10}}, {"kind": "CosineAnnealingLR", "params": {"T_max": 40, "eta_min": 0.001, "begin": 10, "end": 51}}]}"#,
            Schedule::linear(0.01, 0.1, 9)?.then_at(10, Schedule::cosine_annealing(0.1, 0.001, 40)?),
            "The `param_scheduler` of a config. The usual `end=50` stops one step before `eta_min`."
        ),
    ],
};
