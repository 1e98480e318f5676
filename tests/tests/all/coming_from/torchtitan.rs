//! torchtitan's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "torchtitan",
    title: "torchtitan",
    notes: "A step is an update; `optimizer_lr` is the optimizer's rate, `training_steps` is `training.steps`.",
    rows: &[row!(
        "lr_scheduler",
        r#"{"optimizer_lr": 0.001, "training_steps": 100, "warmup_steps": 10, "decay_ratio": 0.5}"#,
        Schedule::linear(0.0, 0.001, 10)?
            .advance(1.0)?
            .then_at(10, Schedule::constant(0.001)?)?
            .then_at(51, Schedule::linear(0.001, 0.0, 50)?.advance(1.0)?),
        "The first update has a tenth of the rate, not 0, and the last one is one short of the floor. `sqrt` is 1 - sqrt."
    )],
};
