//! transformers' names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "transformers",
    title: "transformers",
    notes: "A step is an update. The first one has rate 0 under a warmup, and so does nothing; `num_training_steps` \
            includes the warmup. A cosine without hard restarts rises again past that.",
    rows: &[
        row!("get_constant_schedule", r#"{"optimizer_lr": 1e-3}"#, Schedule::constant(1e-3), ""),
        row!(
            "get_constant_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10}"#,
            Schedule::linear(0.0, 1e-3, 10),
            "The full rate is at `num_warmup_steps` itself."
        ),
        row!(
            "get_linear_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100}"#,
            Schedule::linear(1e-3, 0.0, 90)?.warmup(0.0, 10),
            "The decay has 90 steps, not 100."
        ),
        row!(
            "get_cosine_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100}"#,
            Ramp::new(1e-3, 0.0, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 10),
            "It rises again past the end. `Schedule::cosine_annealing(1e-3, 0.0, 90)?.warmup(0.0, 10)` does not. \
             `num_cycles` counts whole waves: 0.5 is one way down."
        ),
        row!(
            "get_cosine_with_hard_restarts_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100, "num_cycles": 3}"#,
            Repeat::new(Schedule::cosine_annealing(1e-3, 0.0, 30)?, 30).limit(3).build()?.warmup(0.0, 10),
            "Here `num_cycles` counts half waves: 3 is three ways down. 0 from the end on."
        ),
        row!(
            "get_polynomial_decay_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100, "lr_end": 1e-6, "power": 2.0}"#,
            Schedule::polynomial(1e-3, 1e-6, 90, 2.0)?.warmup(0.0, 10),
            "Of several parameter groups only the first ends at `lr_end`; the others scale it by their own rate."
        ),
        row!(
            "get_inverse_sqrt_schedule",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10}"#,
            Schedule::inverse_sqrt(1e-3, 10.0)?.warmup(0.0, 10),
            "The timescale is the warmup unless it is given, and 10000 without a warmup."
        ),
        row!(
            "get_cosine_with_min_lr_schedule_with_warmup",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100, "min_lr": 1e-5}"#,
            Ramp::new(1e-3, 1e-5, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 10),
            "`min_lr` is a rate, `min_lr_rate` a fraction; one of them must be given. It rises again past the end."
        ),
        row!(
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_training_steps": 100, "min_lr": 1e-5}"#,
            Schedule::linear(1e-4, 1e-3, 9)?.then_at(
                10,
                Ramp::new(1e-3, 1e-5, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.advance(1.0)?
            ),
            "Counts from 1: the first update has `lr / num_warmup_steps`, and `min_lr` is at `num_training_steps - \
             1`."
        ),
        row!(
            "get_wsd_schedule",
            r#"{"optimizer_lr": 1e-3, "num_warmup_steps": 10, "num_decay_steps": 20, "num_training_steps": 100, "min_lr_ratio": 0.1}"#,
            Wsd::new(1e-3, 70, 20).warmup(1e-4, 10).decay_shape(Shape::Cosine).eta_min(1e-4).build(),
            "With `min_lr_ratio` the warmup starts there, not at 0. The decay is a cosine by default, here `1 - \
             sqrt`. Warmup and decay longer than the run cut the warmup off without an error."
        ),
        row!(
            "get_reduce_on_plateau_schedule",
            r#"{"optimizer_lr": 1e-3, "factor": 0.5, "patience": 5}"#,
            metric(
                Scheduler::new(Schedule::constant(1e-3)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(5)
                        .threshold(1e-4, ThresholdMode::RelativeSigned)
                        .non_finite(NonFinite::Compare)
                        .build()?
                )
            ),
            "PyTorch's `ReduceLROnPlateau`: it reduces at bad metric `patience + 1`."
        ),
        row!(
            "get_greedy_schedule",
            r#"{"optimizer_lr": 0.1, "patience": 5}"#,
            metric(Scheduler::new(Schedule::constant(0.1)?).with_greedy(Greedy::new().patience(5).build()?)),
            "`min_lr` is 1e-3 by default, far above most rates for fine-tuning. `smooth` is `.window(n)`."
        ),
        row!(
            "get_adafactor_schedule",
            r#"{"scale_parameter": false}"#,
            Schedule::constant(0.0)?.then_at(1, Schedule::inverse_sqrt(1.0, 1.0)?.min(Schedule::constant(1e-2)?)?),
            "What it reports, not what Adafactor uses with `scale_parameter`, which follows the size of the weights."
        ),
    ],
};
