//! DeepSpeed's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "deepspeed",
    title: "DeepSpeed",
    notes: "A step is an optimizer update, after gradient accumulation; `params` are those of `scheduler` in `ds_config.json`. The \
            engine steps after the update and starts at iteration -1, so that a warmup has its first rate twice, and all that \
            follows is one update later than it looks.",
    rows: &[
        row!(
            "WarmupLR",
            r#"{"warmup_max_lr": 0.001, "warmup_num_steps": 100}"#,
            Schedule::constant(0.0)?.then_at(1, Ramp::new(0.0, 0.001, 99).shape(Shape::Logarithmic(100.0)).build()?),
            "The default warmup is logarithmic: a third of the way in 5 of 100 updates. Without `warmup_max_lr` it ends at the optimizer's rate."
        ),
        row!(
            "WarmupDecayLR",
            r#"{"total_num_steps": 1000, "warmup_max_lr": 0.001, "warmup_num_steps": 100, "warmup_type": "linear"}"#,
            Schedule::constant(0.0)?.then_at(1, Schedule::linear(0.001, 0.0, 900)?.warmup(0.0, 100)?),
            "`total_num_steps` includes the warmup. It falls to `warmup_min_lr`."
        ),
        row!(
            "WarmupCosineLR",
            r#"{"optimizer_lr": 0.01, "total_num_steps": 1000, "warmup_num_steps": 100, "warmup_type": "linear", "cos_min_ratio": 0.1}"#,
            Schedule::constant(0.0)?
                .then_at(1, Schedule::linear(0.0, 0.01, 100)?)?
                .then_at(101, Schedule::cosine_annealing(0.01, 0.001, 900)?.advance(1.0)?),
            "Ratios of the optimizer's rate. The cosine is one step ahead, so that the peak itself is never reached."
        ),
        row!(
            "OneCycle",
            r#"{"optimizer": "SGD", "cycle_min_lr": 0.001, "cycle_max_lr": 0.1, "cycle_first_step_size": 40, "cycle_second_step_size": 60, "decay_step_size": 10, "decay_lr_rate": 0.5}"#,
            Schedule::linear(0.001, 0.1, 40)?
                .then_at(40, Schedule::linear(0.1, 0.001, 60)?)?
                .then_at(100, Schedule::inverse_time(0.001, 0.5, 10.0)?),
            "The decay needs a `decay_step_size`; without one, `decay_lr_rate` does nothing. The momentum is the first beta, so SGD's stays."
        ),
        row!(
            "LRRangeTest",
            r#"{"lr_range_test_min_lr": 1e-4, "lr_range_test_step_size": 10, "lr_range_test_step_rate": 5.0}"#,
            Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 1e-4, offset: 2.0, time_scale: 2.0, power: 1.0 })),
            "It never ends. `RangeTest` here grows geometrically, and suggests a rate."
        ),
    ],
};
