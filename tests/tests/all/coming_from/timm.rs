//! timm's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "timm",
    title: "timm",
    notes: "A step is an epoch, unless `t_in_epochs=False`. Without `warmup_prefix` the decay's clock runs during \
            the warmup, so that the rate jumps down where the warmup ends; the classes differ in that default, and \
            `create_scheduler` has defaults of its own. Noise is refused: it comes from PyTorch's random generator.",
    rows: &[
        row!(
            "CosineLRScheduler",
            r#"{"optimizer_lr": 0.1, "t_initial": 100, "lr_min": 1e-5, "warmup_t": 5, "warmup_lr_init": 1e-4}"#,
            Schedule::linear(1e-4, 0.1, 5)?.then_at(5, Schedule::cosine_annealing(0.1, 1e-5, 100)?.advance(5.0)?),
            "With `warmup_prefix` it does not jump, and is `Schedule::cosine_annealing(0.1, 1e-5, 100)?.warmup(1e-4, \
             5)`. After `cycle_limit` cycles, one by default, it is `lr_min`."
        ),
        row!(
            "TanhLRScheduler",
            r#"{"optimizer_lr": 0.1, "t_initial": 100, "lr_min": 1e-5, "warmup_t": 5, "warmup_lr_init": 0.001, "warmup_prefix": true}"#,
            Schedule::linear(0.001, 0.1, 5)?.then(Schedule::tanh(0.1, 1e-5, 100, -7.0, 3.0)?),
            "The curve begins a millionth below the rate, and jumps down to `lr_min` at its end."
        ),
        row!(
            "PolyLRScheduler",
            r#"{"optimizer_lr": 0.1, "t_initial": 100, "power": 2.0}"#,
            Schedule::polynomial(0.1, 0.0, 100, 2.0),
            "`power` is 0.5 by default, and `create_scheduler` passes its `decay_rate` for it."
        ),
        row!(
            "StepLRScheduler",
            r#"{"optimizer_lr": 0.1, "decay_t": 30, "decay_rate": 0.1}"#,
            Schedule::step(0.1, 30, 0.1),
            "`decay_rate` is 1 by default: no decay at all."
        ),
        row!(
            "MultiStepLRScheduler",
            r#"{"optimizer_lr": 0.1, "decay_t": [30, 60], "decay_rate": 0.1}"#,
            Schedule::multi_step(0.1, &[29, 59], 0.1),
            "Each milestone applies one step early, though never at update 0."
        ),
        row!(
            "WSDLRScheduler",
            r#"{"optimizer_lr": 0.1, "t_initial": 100, "decay_t": 20, "warmup_t": 5, "warmup_lr_init": 0.001}"#,
            Wsd::new(0.1, 80, 20).warmup(0.001, 5).build(),
            "`t_initial` includes the decay, but not the warmup."
        ),
        row!(
            "PlateauLRScheduler",
            r#"{"optimizer_lr": 0.1, "decay_rate": 0.5, "patience_t": 5, "mode": "min", "warmup_t": 5, "warmup_lr_init": 0.001}"#,
            metric(
                Scheduler::new(Schedule::linear(0.001, 0.1, 5)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(5)
                        .threshold(1e-4, ThresholdMode::RelativeSigned)
                        .start_step(6)
                        .non_finite(NonFinite::Compare)
                        .build()?
                )
            ),
            "`mode` is `max` by default. Metrics do not count during the warmup."
        ),
    ],
};
