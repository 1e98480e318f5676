//! mmcv's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "mmcv",
    title: "mmcv 1.x",
    notes: "The kind is the `policy` of `lr_config`. A step is an iteration; with `EpochBasedRunner` a policy counts epochs unless \
            `by_epoch` is false, with `IterBasedRunner` it counts iterations. `warmup_iters` are iterations all the same, and the \
            warmup is a factor on the rate of the moment: `1 - (1 - t / warmup_iters) (1 - warmup_ratio)`.",
    rows: &[
        row!(
            "fixed",
            r#"{"optimizer_lr": 0.1, "warmup": "exp", "warmup_iters": 50, "warmup_ratio": 0.01}"#,
            Schedule::constant(0.1)?.warmup_with(0.001, 50, Shape::Geometric),
            "The full rate is reached at `warmup_iters`."
        ),
        row!(
            "step",
            r#"{"optimizer_lr": 0.02, "step": [8, 11], "steps_per_epoch": 10, "warmup": "linear", "warmup_iters": 50, "warmup_ratio": 0.001}"#,
            Schedule::multi_step(0.02, &[8, 11], 0.1)?.per_epoch(10)?.times(Schedule::linear(0.001, 1.0, 50)?),
            "The steps are epochs and the warmup is iterations. A single number is an interval."
        ),
        row!(
            "exp",
            r#"{"optimizer_lr": 0.1, "gamma": 0.9, "steps_per_epoch": 10}"#,
            Schedule::exponential(0.1, 0.9)?.per_epoch(10),
            "Per epoch, unless `by_epoch` is false."
        ),
        row!(
            "poly",
            r#"{"optimizer_lr": 0.01, "runner": "IterBasedRunner", "max_iters": 80, "power": 0.9, "min_lr": 0.0001}"#,
            Schedule::polynomial(0.01, 0.0001, 80, 0.9),
            "`min_lr` would be the rate of the step after the last one."
        ),
        row!(
            "inv",
            r#"{"optimizer_lr": 0.1, "runner": "IterBasedRunner", "gamma": 0.05, "power": 0.75}"#,
            Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 0.1, offset: 20.0, time_scale: 20.0, power: -0.75 })),
            "It never ends."
        ),
        row!(
            "CosineAnnealing",
            r#"{"optimizer_lr": 0.1, "max_epochs": 12, "steps_per_epoch": 10, "by_epoch": false, "min_lr_ratio": 0.01}"#,
            Schedule::cosine_annealing(0.1, 0.001, 120),
            "By default a stair per epoch. Either `min_lr` or `min_lr_ratio` must be given."
        ),
        row!(
            "FlatCosineAnnealing",
            r#"{"optimizer_lr": 0.1, "runner": "IterBasedRunner", "max_iters": 100, "min_lr": 0.0}"#,
            Schedule::cosine_annealing(0.1, 0.0, 25)?.delay(75),
            "`start_percent` is a share of the run, 0.75 by default."
        ),
        row!(
            "CosineRestart",
            r#"{"optimizer_lr": 0.1, "runner": "IterBasedRunner", "periods": [20, 40], "restart_weights": [1.0, 0.5], "min_lr": 0.01}"#,
            {
                let lr =
                    Schedule::cosine_annealing(0.1, 0.01, 20)?.then(Schedule::cosine_annealing(0.055, 0.01, 40)?)?;
                lr.clone().then_at(60, Schedule::constant(lr.at(59))?)
            },
            "A weight scales the part above the floor; mmengine's scales the rate. mmcv raises past the last period."
        ),
        row!(
            "cyclic",
            r#"{"optimizer_lr": 0.01, "runner": "IterBasedRunner", "max_iters": 100}"#,
            {
                let cycle =
                    Schedule::cosine_annealing(0.01, 0.1, 40)?.then(Schedule::cosine_annealing(0.1, 1e-6, 60)?)?;
                Repeat::new(cycle, 100).build()
            },
            "By default up to 10 times the rate and down to 1e-4 of it, in one cycle. `gamma` shrinks the swing from cycle to cycle."
        ),
        row!(
            "OneCycle",
            r#"{"optimizer_lr": 0.1, "runner": "IterBasedRunner", "max_iters": 100, "max_lr": 0.1}"#,
            OneCycle::new(0.1, 100).lr(),
            "PyTorch's; the optimizer's rate plays no part. The momentum is another hook's."
        ),
        row!(
            "LinearAnnealing",
            r#"{"optimizer_lr": 0.1, "max_epochs": 8, "steps_per_epoch": 10, "min_lr": 0.0}"#,
            Schedule::linear(0.1, 0.0, 8)?.per_epoch(10),
            "Either `min_lr` or `min_lr_ratio` must be given."
        ),
    ],
};
