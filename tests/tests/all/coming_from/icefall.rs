//! icefall's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "icefall",
    title: "icefall",
    notes: "A step is a batch. `train.py` counts the batch before it trains on it, so the first rate is that of batch number 1; \
            epochs count from 0, and a file gives their length as `steps_per_epoch`. The warmup is a factor on the decay, which \
            runs meanwhile: by default from half of the rate, over 500 batches.",
    rows: &[
        row!(
            "Eden",
            r#"{"optimizer_lr": 0.045, "lr_batches": 7500, "lr_epochs": 3.5, "steps_per_epoch": 20, "warmup_batches": 0}"#,
            Schedule::eden(0.045, 7500.0, 0.25)?.advance(1.0)?.times(Schedule::eden(1.0, 3.5, 0.25)?.per_epoch(20)?),
            "`lr_batches` and `lr_epochs` say when each of the two decays begins to bite; neither is a length. The rate drops a \
             little at each new epoch."
        ),
        row!(
            "Eden2",
            r#"{"optimizer_lr": 0.045, "lr_batches": 5000}"#,
            Schedule::eden(0.045, 5000.0, 0.5)?.times(Schedule::linear(0.5, 1.0, 500)?)?.advance(1.0),
            "Batches only, and so the square root in place of two fourth roots. Long after `lr_batches` the rate falls as 1 / t."
        ),
    ],
};
