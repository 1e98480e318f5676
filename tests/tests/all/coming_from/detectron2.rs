//! detectron2's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "detectron2",
    title: "detectron2",
    notes: "The kind is `LR_SCHEDULER_NAME`, `params` are keys of `SOLVER`. The decay counts from the start of the run, and the \
            warmup aims at the rate that it has by `WARMUP_ITERS`; only with `RESCALE_INTERVAL` it begins after the warmup. A \
            `BIAS_LR_FACTOR` other than 1 makes a second parameter group.",
    rows: &[
        row!(
            "WarmupMultiStepLR",
            r#"{"BASE_LR": 0.02, "STEPS": [60, 80], "MAX_ITER": 90, "WARMUP_ITERS": 10}"#,
            Schedule::linear(0.02 * 0.001, 0.02, 10)?.then_at(10, Schedule::multi_step(0.02, &[50, 70], 0.1)?),
            "Steps past `MAX_ITER` are dropped. A step in the warmup lowers its aim."
        ),
        row!(
            "WarmupCosineLR",
            r#"{"BASE_LR": 0.02, "MAX_ITER": 100, "WARMUP_ITERS": 10}"#,
            {
                let wave = Ramp::new(0.02, 0.0, 100).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?;
                Schedule::linear(0.02 * 0.001, wave.at(10), 10)?.then_at(10, wave.advance(10.0)?)
            },
            "The cosine begins with the run, so that the peak is a little below `BASE_LR`. `BASE_LR_END` is a rate, not a share."
        ),
        row!(
            "WarmupStepWithFixedGammaLR",
            r#"{"BASE_LR": 0.02, "MAX_ITER": 90, "NUM_DECAYS": 2, "WARMUP_ITERS": 10}"#,
            Schedule::linear(0.02 * 0.001, 0.02, 10)?.then_at(10, Schedule::multi_step(0.02, &[20, 50], 0.1)?),
            "`NUM_DECAYS` + 1 stairs of the same length. It raises after the last update."
        ),
    ],
};
