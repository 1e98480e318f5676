//! Megatron's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "megatron",
    title: "Megatron-LM",
    notes: "A step is an optimizer update. The weight decay is a schedule too, `Translation::weight_decay`. The decay's length counts \
            the warmup, and past it the rate is `min_lr`. Update 0 has the warmup's first rate, usually 0; the training log shows \
            the rate of the update after.",
    rows: &[
        row!(
            "OptimizerParamScheduler",
            r#"{"init_lr": 0.0, "max_lr": 3e-4, "min_lr": 3e-5, "lr_warmup_steps": 80, "lr_decay_steps": 800, "lr_decay_style": "WSD", "wsd_decay_steps": 160, "lr_wsd_decay_style": "minus_sqrt", "start_wd": 0.1, "end_wd": 0.1, "wd_incr_steps": 800, "wd_incr_style": "constant", "increment": 8}"#,
            Wsd::new(3e-4, 70, 20).warmup(0.0, 10).eta_min(3e-5).decay_shape(Shape::OneMinusSqrt).build(),
            "Lengths are samples, of which an update takes `increment`. `constant` never ends."
        ),
        row!(
            "arguments",
            r#"{"lr": 6e-4, "min_lr": 6e-5, "lr_decay_style": "cosine", "lr_warmup_iters": 10, "train_iters": 100}"#,
            Schedule::cosine_annealing(6e-4, 6e-5, 90)?.warmup(0.0, 10),
            "`lr_warmup_fraction` is a share of the decay and is not rounded. A run in samples needs the `global_batch_size`."
        ),
    ],
};
