//! Ultralytics' names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "ultralytics",
    title: "Ultralytics",
    notes: "A step is an optimizer update; `params` are those of `args.yaml`, with `steps_per_epoch` in batches. With a `batch` below \
            `nbs` an update takes several batches, fewer of them in the warmup. There are three parameter groups: weights, \
            normalization layers and biases; `param_groups` names others.",
    rows: &[row!(
        "train",
        r#"{"optimizer": "SGD", "batch": 64, "epochs": 10, "warmup_epochs": 1, "steps_per_epoch": 20, "param_groups": ["weight"]}"#,
        {
            let epochs = Schedule::linear(0.01, 0.0001, 10)?;
            Schedule::linear(0.0, 0.01, 20)?
                .then_at(20, Schedule::linear(0.0, epochs.at(1), 20)?.advance(20.0)?)?
                .then_at(21, epochs.per_epoch(20)?.advance(21.0)?)
        },
        "The warmup ends on the batch after its last epoch, at the rate of that epoch. It is at most `epochs` - 1 long. The default \
         `optimizer: auto` ignores `lr0`."
    )],
};
