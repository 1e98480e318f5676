//! paddle's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "paddle",
    title: "paddle",
    notes: "A step is a call of `scheduler.step()`, in dynamic mode; the rate is a parameter of the scheduler, not \
            of the optimizer. `end_lr` and `end_learning_rate` are rates, 1e-4 by default.",
    rows: &[
        row!(
            "NoamDecay",
            r#"{"d_model": 64, "warmup_steps": 20}"#,
            Schedule::constant(0.0)?.then_at(1, Schedule::noam(1.0, 64, 20)?),
            "It counts from 0, so that the first update does nothing; `Schedule::noam` alone counts from 1, as \
             burn's."
        ),
        row!(
            "PiecewiseDecay",
            r#"{"boundaries": [30, 60], "values": [0.1, 0.05, 0.01]}"#,
            Schedule::piecewise_constant(0.1, &[(30, 0.05), (60, 0.01)]),
            "A boundary itself has the new value; with keras's it is the next step."
        ),
        row!(
            "NaturalExpDecay",
            r#"{"learning_rate": 0.1, "gamma": 0.05}"#,
            Schedule::exponential_over(0.1, (-1.0_f64).exp(), 20.0),
            "`e^(-gamma t)`: a larger `gamma` decays faster. The time constant is `1 / gamma`."
        ),
        row!(
            "InverseTimeDecay",
            r#"{"learning_rate": 0.1, "gamma": 0.05}"#,
            Schedule::inverse_time(0.1, 0.05, 1.0),
            "`learning_rate / (1 + gamma t)`: it never ends."
        ),
        row!(
            "PolynomialDecay",
            r#"{"learning_rate": 0.1, "decay_steps": 50, "end_lr": 0.001, "power": 2.0}"#,
            Schedule::polynomial(0.1, 0.001, 50, 2.0),
            "With `cycle` each next ramp is longer and starts lower, not at the initial rate."
        ),
        row!(
            "LinearWarmup",
            r#"{"learning_rate": {"kind": "CosineAnnealingDecay", "params": {"learning_rate": 0.1, "T_max": 90}}, "warmup_steps": 10, "start_lr": 0.0, "end_lr": 0.1}"#,
            Ramp::new(0.1, 0.0, 90).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 10),
            "`end_lr` is not reached: at `warmup_steps` the other scheduler takes over, and the rate jumps if it \
             starts elsewhere."
        ),
        row!(
            "ExponentialDecay",
            r#"{"learning_rate": 0.1, "gamma": 0.95}"#,
            Schedule::exponential(0.1, 0.95),
            "The old function `exponential_decay` ignores its `decay_steps` and `staircase` in dynamic mode."
        ),
        row!(
            "MultiStepDecay",
            r#"{"learning_rate": 0.1, "milestones": [30, 80], "gamma": 0.1}"#,
            Schedule::multi_step(0.1, &[30, 80], 0.1),
            "A milestone itself has the lower rate."
        ),
        row!(
            "StepDecay",
            r#"{"learning_rate": 0.1, "step_size": 30, "gamma": 0.1}"#,
            Schedule::step(0.1, 30, 0.1),
            "`step_size` itself is the first step with the lower rate."
        ),
        row!(
            "LambdaDecay",
            r#"{"learning_rate": 0.5, "lr_lambda": "0.95 ** epoch"}"#,
            code(Scheduler::new(|step: u64| 0.5 * 0.95_f64.powi(step as i32))),
            "The lambda is a factor there, the closure is the rate."
        ),
        row!(
            "MultiplicativeDecay",
            r#"{"learning_rate": 0.5, "lr_lambda": "0.95"}"#,
            code(Scheduler::new(|step: u64| (1..=step).fold(0.5, |lr, _epoch| lr * 0.95))),
            "The first factor is that of step 1. With a constant factor: `Schedule::exponential(0.5, 0.95)`."
        ),
        row!(
            "ReduceOnPlateau",
            r#"{"learning_rate": 0.1, "factor": 0.5, "patience": 5}"#,
            metric(
                Scheduler::new(Schedule::constant(0.1)?).with_plateau(
                    Plateau::new()
                        .factor(0.5)
                        .patience(5)
                        .threshold(1e-4, ThresholdMode::RelativeSignedSum)
                        .blind_cooldown(true)
                        .non_finite(NonFinite::CompareFirst)
                        .build()?
                )
            ),
            "As PyTorch's, except that the first metric is the best even if it is NaN, and a metric during the cooldown is not \
             looked at, not even as the best."
        ),
        row!(
            "CosineAnnealingDecay",
            r#"{"learning_rate": 0.1, "T_max": 50, "eta_min": 0.001}"#,
            Ramp::new(0.1, 0.001, 50).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "It rises again past `T_max`. `Schedule::cosine_annealing(0.1, 0.001, 50)` does not."
        ),
        row!(
            "OneCycleLR",
            r#"{"max_learning_rate": 0.1, "total_steps": 100}"#,
            OneCycle::new(0.1, 100).final_div_factor(40.0).lr(),
            "`end_learning_rate` is a rate, 1e-4 by default. Here `final_div_factor` is the first rate over it: \
             0.1 / 25 / 1e-4."
        ),
        row!(
            "CyclicLR",
            r#"{"base_learning_rate": 0.01, "max_learning_rate": 0.1, "step_size_up": 20, "mode": "exp_range", "exp_gamma": 0.99}"#,
            Cyclic::new(0.01, 0.1, 20).mode(CyclicMode::ExpRange { gamma: 0.99 }).lr(),
            "`exp_range` shrinks with every step, not every cycle."
        ),
        row!(
            "LinearLR",
            r#"{"learning_rate": 0.1, "total_steps": 10, "start_factor": 0.25}"#,
            Schedule::linear(0.025, 0.1, 10),
            "Factors there, rates here."
        ),
        row!(
            "CosineAnnealingWarmRestarts",
            r#"{"learning_rate": 0.1, "T_0": 10, "T_mult": 2, "eta_min": 0.001}"#,
            Schedule::cosine_warm_restarts(0.1, 0.001, 10, 2.0),
            "The boundary itself has the peak again, so no whole step has `eta_min`."
        ),
    ],
};
