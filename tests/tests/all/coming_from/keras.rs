//! keras's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "keras",
    title: "keras",
    notes: "A step is an update, and an epoch for `ReduceLROnPlateau`. Floors given as `alpha` are fractions of the \
            initial rate, `end_learning_rate` is a rate and 1e-4 by default. `decay_steps` does not include the \
            warmup.",
    rows: &[
        row!(
            "ExponentialDecay",
            r#"{"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.5, "staircase": true}"#,
            Schedule::step(0.1, 20, 0.5),
            "Without `staircase`, which is the default: `Schedule::exponential_over(0.1, 0.5, 20.0)`."
        ),
        row!(
            "PiecewiseConstantDecay",
            r#"{"boundaries": [30, 60], "values": [0.1, 0.05, 0.01]}"#,
            Schedule::piecewise_constant(0.1, &[(31, 0.05), (61, 0.01)]),
            "A boundary itself still has the value before it: add one."
        ),
        row!(
            "PolynomialDecay",
            r#"{"initial_learning_rate": 0.1, "decay_steps": 50, "end_learning_rate": 0.001, "power": 2.0}"#,
            Schedule::polynomial(0.1, 0.001, 50, 2.0),
            "With `cycle` each next ramp is longer and starts lower, not at the initial rate."
        ),
        row!(
            "InverseTimeDecay",
            r#"{"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.5}"#,
            Schedule::inverse_time(0.1, 0.5, 20.0),
            "`initial / (1 + decay_rate * t / decay_steps)`: it never ends. `staircase` is \
             `Schedule::inverse_time(0.1, 0.5, 1.0)?.every(20)`."
        ),
        row!(
            "CosineDecay",
            r#"{"initial_learning_rate": 0.0, "decay_steps": 90, "alpha": 0.01, "warmup_target": 0.1, "warmup_steps": 10}"#,
            Schedule::cosine_annealing(0.1, 0.001, 90)?.warmup(0.0, 10),
            "With a `warmup_target` the whole takes `warmup_steps + decay_steps`, and `alpha` is a fraction of the \
             target. Without it `warmup_steps` does nothing."
        ),
        row!(
            "CosineDecayRestarts",
            r#"{"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 2.0, "m_mul": 0.5, "alpha": 0.01}"#,
            Repeat::new(Schedule::cosine_annealing(0.1, 0.001, 10)?, 10)
                .growth(2.0)
                .cycle_scale(0.5)
                .floor(0.001)
                .build(),
            "`t_mul` is 2 by default, 1 in PyTorch. `m_mul` shrinks what is above the floor."
        ),
        row!(
            "ReduceLROnPlateau",
            r#"{"optimizer_lr": 0.1, "factor": 0.5, "patience": 5}"#,
            metric(
                Scheduler::new(Schedule::constant(0.1)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(4)
                        .threshold(1e-4, ThresholdMode::AbsoluteFromMetric)
                        .eps(0.0)
                        .non_finite(NonFinite::CompareFirst)
                        .build()?
                )
            ),
            "It reduces at bad metric `patience`, one earlier than here: give one less, for the cooldown as well. \
             `min_delta` is absolute. The first metric is the best even if it is NaN."
        ),
    ],
};
