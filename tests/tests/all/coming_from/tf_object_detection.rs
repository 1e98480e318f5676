//! The names of TensorFlow's object detection API.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "tf_object_detection",
    title: "TensorFlow Object Detection API",
    notes: "The kind is the one field that `learning_rate` has in `pipeline.config`, whose fields are the `params`. A step is an \
            update. TensorFlow computes in single precision, so its rates have 7 digits.",
    rows: &[
        row!("constant_learning_rate", r#"{"learning_rate": 0.01}"#, Schedule::constant(0.01), ""),
        row!(
            "exponential_decay_learning_rate",
            r#"{"initial_learning_rate": 0.01, "decay_steps": 50, "decay_factor": 0.5, "burnin_learning_rate": 0.001, "burnin_steps": 20}"#,
            Schedule::constant(0.001)?.then_at(20, Schedule::step(0.01, 50, 0.5)?),
            "In stairs, unless `staircase` is false, and those are counted from the end of the burn-in. `min_learning_rate` holds in \
             the burn-in, too."
        ),
        row!(
            "manual_step_learning_rate",
            r#"{"initial_learning_rate": 0.001, "schedule": [{"step": 50, "learning_rate": 0.01}, {"step": 200, "learning_rate": 0.001}], "warmup": true}"#,
            Schedule::linear(0.001, 0.01, 50)?.then_at(50, Schedule::piecewise_constant(0.01, &[(150, 0.001)])?),
            "`warmup` is a line from the initial rate to the first one of the schedule: the first entry is where the warmup ends."
        ),
        row!(
            "cosine_decay_learning_rate",
            r#"{"learning_rate_base": 0.04, "total_steps": 250, "warmup_learning_rate": 0.01, "warmup_steps": 50, "hold_base_rate_steps": 20}"#,
            Schedule::cosine_annealing(0.04, 0.0, 180)?.delay(20)?.warmup(0.01, 50),
            "`total_steps` includes the warmup and the hold. `warmup_steps` is 10000 by default."
        ),
    ],
};
