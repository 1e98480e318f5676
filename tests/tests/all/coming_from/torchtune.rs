//! torchtune's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "torchtune",
    title: "torchtune",
    notes: "A step is an update. A recipe's `lr_scheduler` has no `num_training_steps`: the recipe computes them, and a file needs them.",
    rows: &[row!(
        "get_cosine_schedule_with_warmup",
        r#"{"optimizer_lr": 3e-4, "num_warmup_steps": 10, "num_training_steps": 100}"#,
        Ramp::new(3e-4, 0.0, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 10),
        "transformers'. The first update has the rate 0. It rises again past the end; \
         `Schedule::cosine_annealing(3e-4, 0.0, 90)?.warmup(0.0, 10)` does not."
    )],
};
