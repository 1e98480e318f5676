//! MLX's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "mlx",
    title: "MLX",
    notes: "A step is an update. MLX computes in single precision, so its rates have 7 digits.",
    rows: &[
        row!("exponential_decay", r#"{"init": 0.1, "decay_rate": 0.9}"#, Schedule::exponential(0.1, 0.9), ""),
        row!("step_decay", r#"{"init": 0.1, "decay_rate": 0.5, "step_size": 10}"#, Schedule::step(0.1, 10, 0.5), ""),
        row!(
            "cosine_decay",
            r#"{"init": 0.1, "decay_steps": 100, "end": 0.01}"#,
            Schedule::cosine_annealing(0.1, 0.01, 100),
            "Releases before 0.32 cut the cosine to 0 off at `end`."
        ),
        row!("linear_schedule", r#"{"init": 0.0, "end": 0.1, "steps": 10}"#, Schedule::linear(0.0, 0.1, 10), ""),
        row!(
            "join_schedules",
            r#"{"schedules": [{"kind": "linear_schedule", "params": {"init": 0.0, "end": 0.1, "steps": 10}}, {"kind": "cosine_decay", "params": {"init": 0.1, "decay_steps": 90}}], "boundaries": [10]}"#,
            Schedule::cosine_annealing(0.1, 0.0, 90)?.warmup(0.0, 10),
            "Each counts from its boundary. mlx-lm joins one step after the warmup."
        ),
    ],
};
