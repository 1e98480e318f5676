//! The names of Lightning Bolts.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "lightning_bolts",
    title: "Lightning Bolts",
    notes: "A step is an epoch, in spite of the linear warmup, unless the configuration says `\"interval\": \"step\"`.",
    rows: &[row!(
        "LinearWarmupCosineAnnealingLR",
        r#"{"optimizer_lr": 0.1, "warmup_epochs": 10, "max_epochs": 100, "warmup_start_lr": 0.001}"#,
        Schedule::linear(0.001, 0.1, 9)?
            .then_at(10, Ramp::new(0.1, 0.0, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?),
        "The warmup is one step shorter than it says, and two updates have the full rate. `max_epochs` includes the warmup; past it \
         the rate rises again. The first rate is `warmup_start_lr`, 0 by default, without a warmup too, and then all have it for the peak."
    )],
};
