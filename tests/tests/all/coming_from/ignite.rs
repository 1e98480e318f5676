//! PyTorch-Ignite's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "ignite",
    title: "PyTorch-Ignite",
    notes: "A step is an event: an update, when attached to `ITERATION_STARTED` as is assumed here. Values are \
            rates, whatever the optimizer's. A wrapped scheduler of PyTorch is `\"kind\": \"torch.X\"`.",
    rows: &[
        row!(
            "LinearCyclicalScheduler",
            r#"{"optimizer_lr": 0.1, "start_value": 0.01, "end_value": 0.1, "cycle_size": 40}"#,
            Cyclic::new(0.01, 0.1, 20).lr(),
            "`cycle_size` is there and back, unless `monotonic`. `Cyclic` takes half of it."
        ),
        row!(
            "CosineAnnealingScheduler",
            r#"{"optimizer_lr": 0.1, "start_value": 0.1, "end_value": 0.001, "cycle_size": 50}"#,
            Schedule::cosine_annealing(0.1, 0.001, 50)?.repeat(50),
            "It starts again after `cycle_size`, always. `Schedule::cosine_annealing` alone holds."
        ),
        row!(
            "PiecewiseLinear",
            r#"{"optimizer_lr": 0.1, "milestones_values": [[10, 0.1], [30, 0.05], [60, 0.01]]}"#,
            Schedule::piecewise(&[(10, 0.1), (30, 0.05), (60, 0.01)], Shape::Linear),
            "The first value holds before its milestone, the last one after."
        ),
        row!(
            "ConcatScheduler",
            r#"{"optimizer_lr": 0.1, "schedulers": [{"kind": "LinearCyclicalScheduler", "params": {"start_value": 0.0, "end_value": 0.1, "cycle_size": 20}}, {"kind": "CosineAnnealingScheduler", "params": {"start_value": 0.1, "end_value": 0.01, "cycle_size": 30}}], "durations": [10]}"#,
            Schedule::linear(0.0, 0.1, 10)?.then_at(10, Schedule::cosine_annealing(0.1, 0.01, 30)?.repeat(30)?),
            "`durations` are lengths, not boundaries. A 0 among them, except as the first, lasts for ever."
        ),
        row!(
            "create_lr_scheduler_with_warmup",
            r#"{"optimizer_lr": 0.1, "lr_scheduler": {"kind": "torch.ExponentialLR", "params": {"gamma": 0.95}}, "warmup_start_value": 0.0, "warmup_duration": 8}"#,
            Schedule::exponential(0.1, 0.95)?.warmup(0.0, 7),
            "The full rate is at `warmup_duration - 1`, and that is also the scheduler's own first step if both \
             values are equal."
        ),
        row!(
            "LRScheduler",
            r#"{"optimizer_lr": 0.1, "lr_scheduler": {"kind": "torch.StepLR", "params": {"step_size": 30, "gamma": 0.1}}}"#,
            Schedule::step(0.1, 30, 0.1),
            "The numbers of the wrapped scheduler are events: updates, where PyTorch has epochs."
        ),
    ],
};
