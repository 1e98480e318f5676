//! NeMo's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "nemo",
    title: "NeMo",
    notes: "A step is an update. The warmup has `(t + 1) / (W + 1)` up to and including update `W`, and past `max_steps` the rate is \
            `min_lr`. `warmup_ratio` is rounded down.",
    rows: &[
        row!(
            "WarmupPolicy",
            r#"{"optimizer_lr": 0.1, "warmup_steps": 9, "max_steps": 100, "min_lr": 0.01}"#,
            Schedule::linear(0.0, 0.1, 10)?
                .advance(1.0)?
                .then_at(10, Schedule::constant(0.1)?)?
                .then_at(101, Schedule::constant(0.01)?),
            ""
        ),
        row!(
            "WarmupHoldPolicy",
            r#"{"optimizer_lr": 0.1, "hold_steps": 20, "max_steps": 100}"#,
            Schedule::constant(0.1)?.then_at(101, Schedule::constant(0.0)?),
            "By itself it holds all the way; others are built on it."
        ),
        row!(
            "CosineAnnealing",
            r#"{"optimizer_lr": 0.1, "warmup_steps": 10, "max_steps": 100, "min_lr": 0.01}"#,
            Schedule::linear(0.0, 0.1, 11)?
                .advance(1.0)?
                .then_at(11, Schedule::cosine_annealing(0.1, 0.01, 90)?.advance(1.0)?),
            "With `constant_steps` it is Megatron's: the warmup starts at 0, and every group has the first one's rate."
        ),
        row!(
            "NoamAnnealing",
            r#"{"optimizer_lr": 1.0, "d_model": 256, "warmup_steps": 16}"#,
            Schedule::constant(1.0 / 1024.0)?
                .then_at(1, Schedule::linear(1.0 / 1024.0, 1.0 / 64.0, 15)?)?
                .then_at(16, Schedule::inverse_sqrt(1.0 / 64.0, 16.0)?),
            "The rate is a factor, not the peak, which is `lr / sqrt(d_model W)`. `max_steps` plays no part."
        ),
        row!(
            "NoamHoldAnnealing",
            r#"{"optimizer_lr": 0.1, "warmup_steps": 9, "hold_steps": 21, "decay_rate": 0.5, "max_steps": 2000000}"#,
            Schedule::linear(0.0, 0.1, 10)?
                .advance(1.0)?
                .then_at(10, Schedule::constant(0.1)?)?
                .then_at(30, Schedule::inverse_sqrt(0.1, 9.0)?),
            "The decay's clock goes on from the warmup: `(W / (t - hold))^decay_rate`."
        ),
        row!(
            "WarmupAnnealing",
            r#"{"optimizer_lr": 0.1, "warmup_ratio": 0.1, "max_steps": 100}"#,
            Schedule::linear(0.0, 0.1, 11)?.advance(1.0)?.then_at(11, Schedule::linear(0.1, 0.0, 90)?.advance(1.0)?),
            "Each group warms up to its own rate, but from then on all have the first one's."
        ),
        row!(
            "InverseSquareRootAnnealing",
            r#"{"optimizer_lr": 0.1, "max_steps": 2000000}"#,
            Schedule::inverse_sqrt(0.1, 1.0),
            ""
        ),
        row!(
            "SquareAnnealing",
            r#"{"optimizer_lr": 0.1, "max_steps": 100, "min_lr": 0.0}"#,
            Schedule::polynomial(0.1, 0.0, 100, 2.0),
            "`min_lr` is 1e-5 by default, and cuts the curve off."
        ),
        row!(
            "SquareRootAnnealing",
            r#"{"optimizer_lr": 0.1, "max_steps": 100}"#,
            Schedule::polynomial(0.1, 0.0, 100, 0.5),
            "It counts from the start, so that the rate drops where a warmup ends."
        ),
        row!(
            "PolynomialDecayAnnealing",
            r#"{"optimizer_lr": 0.1, "max_steps": 100, "power": 2.0, "min_lr": 0.01}"#,
            Schedule::polynomial(0.1, 0.01, 100, 2.0),
            "`cycle` has no effect up to `max_steps`."
        ),
        row!(
            "PolynomialHoldDecayAnnealing",
            r#"{"optimizer_lr": 0.1, "hold_steps": 20, "max_steps": 100, "power": 2.0}"#,
            Schedule::constant(0.1)?.then_at(20, Schedule::polynomial(0.1, 0.0, 80, 2.0)?),
            "Without a hold it counts from the start, the warmup included."
        ),
        row!(
            "T5InverseSquareRootAnnealing",
            r#"{"constant_steps": 16, "max_steps": 2000000}"#,
            Schedule::constant(0.25)?.then_at(16, Schedule::inverse_sqrt(0.25, 16.0)?),
            "Whatever the optimizer's rate is."
        ),
        row!(
            "WarmupHoldAnnealOneMinusSquareRoot",
            r#"{"optimizer_lr": 0.1, "hold_steps": 20, "max_steps": 100}"#,
            Schedule::constant(0.1)?.then_at(20, Ramp::new(0.1, 0.0, 80).shape(Shape::OneMinusSqrt).build()?),
            "`min_lr` cuts the curve off."
        ),
        row!(
            "WarmupHoldAnnealLinear",
            r#"{"optimizer_lr": 0.1, "hold_steps": 20, "max_steps": 100, "min_lr": 0.01}"#,
            Schedule::constant(0.1)?.then_at(20, Schedule::linear(0.1, 0.01, 80)?),
            ""
        ),
    ],
};
