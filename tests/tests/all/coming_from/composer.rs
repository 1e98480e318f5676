//! Composer's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "composer",
    title: "Composer and LLM Foundry",
    notes: "Times are texts: `10ba`, `2ep`, `0.5dur`. The Trainer steps the schedulers before it advances its clock, so that every rate \
            comes one update late: `.delay(1)` here. The run's numbers stand among the parameters: `max_duration`, `steps_per_epoch`.",
    rows: &[
        row!(
            "StepScheduler",
            r#"{"optimizer_lr": 0.1, "steps_per_epoch": 5, "step_size": "2ep", "gamma": 0.5}"#,
            Schedule::step(0.1, 10, 0.5)?.delay(1),
            ""
        ),
        row!(
            "MultiStepScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "milestones": ["30ba", "0.6dur"]}"#,
            Schedule::multi_step(0.1, &[30, 60], 0.1)?.delay(1),
            ""
        ),
        row!(
            "ConstantScheduler",
            r#"{"optimizer_lr": 0.1, "alpha": 0.5, "t_max": "50ba"}"#,
            Schedule::constant(0.05)?.then_at(50, Schedule::constant(0.1)?)?.delay(1),
            "After `t_max` the factor is 1."
        ),
        row!(
            "LinearScheduler",
            r#"{"optimizer_lr": 0.1, "alpha_f": 0.1, "t_max": "50ba"}"#,
            Schedule::linear(0.1, 0.1 * 0.1, 50)?.delay(1),
            ""
        ),
        row!(
            "ExponentialScheduler",
            r#"{"optimizer_lr": 0.1, "gamma": 0.9, "decay_period": "5ba"}"#,
            Schedule::exponential_over(0.1, 0.9, 5.0)?.delay(1),
            "Smooth within the period."
        ),
        row!(
            "CosineAnnealingScheduler",
            r#"{"optimizer_lr": 0.1, "t_max": "50ba"}"#,
            Schedule::cosine_annealing(0.1, 0.0, 50)?.delay(1),
            ""
        ),
        row!(
            "CosineAnnealingWarmRestartsScheduler",
            r#"{"optimizer_lr": 0.1, "t_0": "10ba"}"#,
            Schedule::cosine_warm_restarts(0.1, 0.0, 10, 1.0)?.delay(1),
            "With `t_mult`, each length is rounded down to whole batches."
        ),
        row!(
            "PolynomialScheduler",
            r#"{"optimizer_lr": 0.1, "power": 2.0, "t_max": "50ba"}"#,
            Schedule::polynomial(0.1, 0.0, 50, 2.0)?.delay(1),
            ""
        ),
        row!(
            "MultiStepWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "t_warmup": "5ba", "milestones": ["30ba", "60ba"]}"#,
            Schedule::linear(0.0, 0.1, 5)?
                .then_at(5, Schedule::multi_step(0.1, &[30, 60], 0.1)?.advance(5.0)?)?
                .delay(1),
            "Milestones count from the start, the warmup included."
        ),
        row!(
            "ConstantWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "t_warmup": "5ba"}"#,
            Schedule::constant(0.1)?.warmup(0.0, 5)?.delay(1),
            ""
        ),
        row!(
            "LinearWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "t_warmup": "5ba"}"#,
            Schedule::linear(0.1, 0.0, 95)?.warmup(0.0, 5)?.delay(1),
            "`t_max` includes the warmup. `0.05dur` is rounded down."
        ),
        row!(
            "CosineAnnealingWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "t_warmup": "5ba"}"#,
            Schedule::cosine_annealing(0.1, 0.0, 95)?.warmup(0.0, 5)?.delay(1),
            "`t_max` includes the warmup."
        ),
        row!(
            "PolynomialWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "t_warmup": "5ba"}"#,
            Schedule::polynomial(0.1, 0.0, 95, 2.0)?.warmup(0.0, 5)?.delay(1),
            "`power` is 2 by default."
        ),
        row!(
            "InverseSquareRootWithWarmupScheduler",
            r#"{"optimizer_lr": 0.1, "max_duration": "100ba", "t_warmup": "10ba", "t_scale": "10ba", "t_cooldown": "0ba"}"#,
            Schedule::inverse_sqrt(0.1, 10.0)?.warmup(0.0, 10)?.then_at(100, Schedule::constant(0.0)?)?.delay(1),
            "LLM Foundry's. It ends with a line to `alpha_f_cooldown` over `t_cooldown`."
        ),
        row!(
            "list",
            r#"{"optimizer_lr": 0.1, "schedulers": [{"kind": "StepScheduler", "params": {"step_size": "10ba"}}, {"kind": "LinearScheduler", "params": {"t_max": "50ba"}}]}"#,
            Schedule::linear(0.1, 0.0, 50)?.delay(1),
            "Documented as multiplying, but each writes the rate anew: the last one wins."
        ),
    ],
};
