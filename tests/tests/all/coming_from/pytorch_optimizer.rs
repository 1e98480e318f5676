//! pytorch_optimizer's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "pytorch_optimizer",
    title: "pytorch_optimizer",
    notes: "A step is an update. The constructors leave the optimizer at `min_lr`, and the schedule begins with \
            update 1, so most lines here begin with that rate; for a new run, leave it out. What it takes from \
            PyTorch is under PyTorch.",
    rows: &[
        row!(
            "CosineAnnealingWarmupRestarts",
            r#"{"first_cycle_steps": 20, "max_lr": 0.1, "min_lr": 0.001, "warmup_steps": 5, "gamma": 1.0}"#,
            Schedule::cosine_annealing(0.1, 0.001, 15)?.warmup(0.001, 5)?.repeat(20),
            "Each cycle warms up again, and `first_cycle_steps` includes that. `gamma` is 0.9 by default and scales \
             the peak, not what is above `min_lr`."
        ),
        row!(
            "LinearScheduler",
            r#"{"t_max": 50, "max_lr": 0.1, "min_lr": 0.001, "init_lr": 0.01, "warmup_steps": 5}"#,
            Schedule::constant(0.001)?.then_at(1, Schedule::linear(0.1, 0.001, 45)?.warmup(0.01, 5)?),
            "`t_max` includes the warmup. Past it the line goes below 0 there; here it holds."
        ),
        row!(
            "CosineScheduler",
            r#"{"t_max": 50, "max_lr": 0.1, "min_lr": 0.001, "init_lr": 0.01, "warmup_steps": 5}"#,
            Schedule::constant(0.001)?.then_at(
                1,
                Ramp::new(0.1, 0.001, 45).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.01, 5)?
            ),
            "`t_max` includes the warmup. Past it the rate rises again."
        ),
        row!(
            "PolyScheduler",
            r#"{"t_max": 50, "max_lr": 0.1}"#,
            Schedule::piecewise_constant(0.0, &[(1, 0.1)])?.then_at(
                2,
                Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 0.1, offset: 1.0, time_scale: 1.0, power: 0.5 }))?
                    .min(Schedule::constant(0.1 * 50_f64.sqrt())?)?
            ),
            "It grows, past `max_lr` and without bound; here it holds from `t_max` on. A polynomial decay is \
             `Schedule::polynomial(0.1, 0.0, 50, 0.5)`."
        ),
        row!(
            "REXScheduler",
            r#"{"total_steps": 50, "max_lr": 0.1, "min_lr": 0.001}"#,
            Schedule::constant(0.001)?.then_at(1, Schedule::rex(0.1, 0.001, 50)?.advance(1.0)?),
            "The first update has `min_lr`, and none has `max_lr`. REX itself is `Schedule::rex(0.1, 0.001, 50)`."
        ),
        row!(
            "get_wsd_schedule",
            r#"{"optimizer_lr": 0.1, "num_warmup_steps": 10, "num_stable_steps": 70, "num_decay_steps": 20}"#,
            Wsd::new(0.1, 70, 20).warmup(0.0, 10).build(),
            "With a `min_lr_ratio` all cooldowns but the cosine go to 0 and then jump up to it; `.eta_min(lr)` does \
             not."
        ),
        row!(
            "get_chebyshev_schedule",
            r#"{"optimizer_lr": 0.01, "num_epochs": 4}"#,
            {
                let node = |i: f64| 0.01 / (0.525 - 0.475 * ((i + 0.5) * std::f64::consts::FRAC_PI_4).cos());
                Schedule::piecewise_constant(node(0.0), &[(3, node(1.0))])
            },
            "Rates of up to 20 times the optimizer's, by design, in fractal order. They begin at update 2."
        ),
        row!(
            "ProportionScheduler",
            r#"{"optimizer_lr": 0.1, "lr_scheduler": {"kind": "CosineAnnealingLR", "params": {"T_max": 25}}, "max_lr": 0.1, "max_value": 2.0, "min_value": 0.5}"#,
            Ramp::new(2.0, 0.5, 25).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "The value that follows the rate, beside it. `min_value` and `max_value` are both 2 by default: it \
             stands still."
        ),
    ],
};
