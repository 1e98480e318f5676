//! optax's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "optax",
    title: "optax",
    notes: "A step is an update, as here. Lengths of 0 or less are no error but stay at the initial value for ever. \
            `decay_steps` with a warmup includes the warmup. Boundaries come with scales that multiply up, not with \
            rates.",
    rows: &[
        row!("constant_schedule", r#"{"value": 0.1}"#, Schedule::constant(0.1), ""),
        row!(
            "polynomial_schedule",
            r#"{"init_value": 0.1, "end_value": 0.01, "power": 2.0, "transition_steps": 50, "transition_begin": 10}"#,
            Schedule::polynomial(0.1, 0.01, 50, 2.0)?.delay(10),
            "It ends at `transition_begin + transition_steps`."
        ),
        row!(
            "linear_schedule",
            r#"{"init_value": 0.1, "end_value": 0.01, "transition_steps": 50}"#,
            Schedule::linear(0.1, 0.01, 50),
            "With `transition_steps=0` it is `init_value` there, the end value here."
        ),
        row!(
            "piecewise_constant_schedule",
            r#"{"init_value": 0.1, "boundaries_and_scales": {"30": 0.5, "60": 0.1}}"#,
            Schedule::piecewise_constant(0.1, &[(30, 0.05), (60, 0.005)]),
            "Scales multiply up; here each is a rate. The boundary itself has the new one."
        ),
        row!(
            "exponential_decay",
            r#"{"init_value": 0.1, "transition_steps": 20, "decay_rate": 0.5, "end_value": 0.01}"#,
            Schedule::exponential_over(0.1, 0.5, 20.0)?.max(Schedule::constant(0.01)?),
            "`end_value` is a bound from the first step on: from below, or from above if `decay_rate` is 1 or more. \
             `staircase` is `Schedule::step(0.1, 20, 0.5)`."
        ),
        row!(
            "cosine_decay_schedule",
            r#"{"init_value": 0.1, "decay_steps": 50, "alpha": 0.1}"#,
            Schedule::cosine_annealing(0.1, 0.01, 50),
            "`alpha` is a fraction of `init_value`, not a rate. `exponent` is `Shape::CosinePower`."
        ),
        row!(
            "piecewise_interpolate_schedule",
            r#"{"interpolate_type": "cosine", "init_value": 0.1, "boundaries_and_scales": {"20": 0.5, "60": 0.1}}"#,
            Schedule::piecewise(&[(0, 0.1), (20, 0.05), (60, 0.005)], Shape::Cosine),
            "Scales multiply up; here each is a rate."
        ),
        row!(
            "linear_onecycle_schedule",
            r#"{"transition_steps": 100, "peak_value": 0.1}"#,
            Schedule::piecewise(&[(0, 0.004), (30, 0.1), (85, 0.004), (100, 4e-7)], Shape::Linear),
            "Not PyTorch's: there are three lines, and the peak is at `int(pct_start * transition_steps)` itself."
        ),
        row!(
            "cosine_onecycle_schedule",
            r#"{"transition_steps": 100, "peak_value": 0.1}"#,
            Schedule::piecewise(&[(0, 0.004), (30, 0.1), (100, 4e-7)], Shape::Cosine),
            "The peak and the end are one step later than with PyTorch's `OneCycleLR` and with `OneCycle`."
        ),
        row!(
            "warmup_constant_schedule",
            r#"{"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 10}"#,
            Schedule::linear(0.0, 0.1, 10),
            "An `init_value` of 0 makes the first update do nothing."
        ),
        row!(
            "warmup_cosine_decay_schedule",
            r#"{"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 10, "decay_steps": 100, "end_value": 0.001}"#,
            Schedule::cosine_annealing(0.1, 0.001, 90)?.warmup(0.0, 10),
            "`decay_steps` includes the warmup: the cosine has 90 steps. `end_value` is a rate."
        ),
        row!(
            "warmup_exponential_decay_schedule",
            r#"{"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 10, "transition_steps": 20, "decay_rate": 0.5}"#,
            Schedule::exponential_over(0.1, 0.5, 20.0)?.warmup(0.0, 10),
            "`transition_begin` counts from the end of the warmup."
        ),
        row!(
            "sgdr_schedule",
            r#"{"cosine_kwargs": [{"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 5, "decay_steps": 20}, {"init_value": 0.0, "peak_value": 0.05, "warmup_steps": 5, "decay_steps": 40}]}"#,
            Schedule::cosine_annealing(0.1, 0.0, 15)?
                .warmup(0.0, 5)?
                .then(Schedule::cosine_annealing(0.05, 0.0, 35)?.warmup(0.0, 5)?),
            "Each `decay_steps` includes its own warmup. The last cycle holds its end."
        ),
        row!(
            "join_schedules",
            r#"{"schedules": [{"kind": "linear_schedule", "params": {"init_value": 0.0, "end_value": 0.1, "transition_steps": 10}}, {"kind": "cosine_decay_schedule", "params": {"init_value": 0.1, "decay_steps": 25}}], "boundaries": [10]}"#,
            Schedule::linear(0.0, 0.1, 10)?.then_at(10, Schedule::cosine_annealing(0.1, 0.0, 25)?),
            "Boundaries are absolute, and each schedule has its own clock, as with `then_at`."
        ),
        row!(
            "reduce_on_plateau",
            r#"{"optimizer_lr": 0.1, "factor": 0.5, "patience": 5}"#,
            metric(
                Scheduler::new(Schedule::constant(0.1)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(4)
                        .threshold(1e-4, ThresholdMode::RelativeSigned)
                        .eps(0.0)
                        .non_finite(NonFinite::Compare)
                        .build()?
                )
            ),
            "It reduces at bad metric `patience`, one earlier than here: give one less. `accumulation_size` is \
             `.accumulation(n)`, `min_scale` bounds the scale and not the rate."
        ),
    ],
};
