//! fairseq's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "fairseq",
    title: "fairseq",
    notes: "A step is an update. `lr` is a list with one rate per epoch, though only `fixed` and `polynomial_decay` \
            go through it: a file gives them `epoch_len`, the updates per epoch. `warmup_init_lr` of -1 means 0, and \
            `min_lr` for `cosine` and `step`.",
    rows: &[
        row!(
            "cosine",
            r#"{"lr": [0.1], "min_lr": 1e-5, "warmup_updates": 10, "warmup_init_lr": 1e-4, "lr_period_updates": 30, "lr_shrink": 0.5}"#,
            Repeat::new(Schedule::cosine_annealing(0.1, 1e-5, 30)?, 30).cycle_scale(0.5).build()?.warmup(1e-4, 10),
            "`lr_shrink` shrinks the floor with the peak, and is 0.1 by default. Without `lr_period_updates` the \
             period is `max_update` less the warmup."
        ),
        row!(
            "fixed",
            r#"{"lr": [0.1, 0.05, 0.01], "epoch_len": 100}"#,
            Schedule::piecewise_constant(0.1, &[(100, 0.05), (200, 0.01)]),
            "A warmup is a factor `(t + 1) / warmup_updates`, so the full rate is at `warmup_updates - 1`."
        ),
        row!(
            "inverse_sqrt",
            r#"{"lr": [0.1], "warmup_updates": 10}"#,
            Schedule::inverse_sqrt(0.1, 10.0)?.warmup(0.0, 10),
            "`warmup_updates` is 4000 by default, and is the timescale of the decay as well; 0 divides by 0."
        ),
        row!(
            "polynomial_decay",
            r#"{"lr": [0.1], "warmup_updates": 10, "total_num_update": 100, "end_learning_rate": 0.001, "power": 2.0}"#,
            Schedule::polynomial(0.1, 0.001, 90, 2.0)?.warmup(0.0, 10),
            "`total_num_update` includes the warmup. Of a list, the second rate is the first epoch's."
        ),
        row!(
            "reduce_lr_on_plateau",
            r#"{"lr": [0.1], "lr_shrink": 0.5, "lr_patience": 5, "warmup_updates": 10}"#,
            metric(
                Scheduler::new(Schedule::linear(0.0, 0.1, 10)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(5)
                        .threshold(1e-4, ThresholdMode::RelativeSigned)
                        .start_step(11)
                        .non_finite(NonFinite::Compare)
                        .build()?
                )
            ),
            "`lr_patience` is 0 by default: the first bad epoch reduces. Metrics do not count during the warmup."
        ),
        row!(
            "step",
            r#"{"lr": [0.1], "lr_deacy_period": 30, "lr_decay": 0.5, "min_lr": 0.01, "warmup_updates": 10}"#,
            Schedule::step(0.1, 30, 0.5)?.max(Schedule::constant(0.01)?)?.warmup(0.01, 10),
            "The name really is `lr_deacy_period`. The warmup starts at `min_lr`, and the steps count from its end."
        ),
        row!(
            "tri_stage",
            r#"{"lr": [0.1], "warmup_steps": 10, "hold_steps": 20, "decay_steps": 50}"#,
            Schedule::tri_stage(0.1, 10, 20, 50, 0.01, 0.01),
            "Scales, not rates: it starts and ends at 0.01 of the peak. `phase_ratio` are fractions of `max_update`."
        ),
        row!(
            "triangular",
            r#"{"lr": [0.01], "max_lr": 0.1, "lr_period_updates": 40, "lr_shrink": 0.5, "shrink_min": true}"#,
            Repeat::new(Cyclic::new(0.01, 0.1, 20).lr()?, 40).cycle_scale(0.5).build(),
            "`lr_period_updates` is there and back; an odd one loses a step. Without `shrink_min` only the tip \
             shrinks, in time below `lr` itself."
        ),
    ],
};
