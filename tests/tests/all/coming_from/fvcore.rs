//! fvcore's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "fvcore",
    title: "fvcore",
    notes: "A scheduler is a function of the part of the run that is over; `total_steps` is the length of the run. Comparisons have a \
            margin of 1e-6 of the run: past a million steps a value changes that much earlier.",
    rows: &[
        row!(
            "ConstantParamScheduler",
            r#"{"total_steps": 100, "value": 0.1}"#,
            Schedule::constant(0.1),
            "It raises at the end of the run."
        ),
        row!(
            "CosineParamScheduler",
            r#"{"total_steps": 100, "start_value": 0.1, "end_value": 0.001}"#,
            Ramp::new(0.1, 0.001, 100).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "Past the end it rises again."
        ),
        row!(
            "ExponentialParamScheduler",
            r#"{"total_steps": 100, "start_value": 2.0, "decay": 0.02}"#,
            Schedule::exponential_over(2.0, 0.02, 100.0),
            "`decay` is the factor of the whole run."
        ),
        row!(
            "LinearParamScheduler",
            r#"{"total_steps": 100, "start_value": 0.1, "end_value": 0.0}"#,
            Schedule::linear(0.1, 0.0, 100),
            "Past the end a rising line goes on."
        ),
        row!(
            "MultiStepParamScheduler",
            r#"{"total_steps": 90, "values": [0.1, 0.01, 0.001], "num_updates": 90, "milestones": [30, 60]}"#,
            Schedule::piecewise_constant(0.1, &[(30, 0.01), (60, 0.001)]),
            "`milestones` are in units of `num_updates`, whatever `total_steps` is."
        ),
        row!(
            "StepParamScheduler",
            r#"{"total_steps": 90, "values": [0.1, 0.01, 0.001], "num_updates": 90}"#,
            Schedule::piecewise_constant(0.1, &[(30, 0.01), (60, 0.001)]),
            "`num_updates` plays no part."
        ),
        row!(
            "StepWithFixedGammaParamScheduler",
            r#"{"total_steps": 80, "base_value": 0.1, "num_decays": 3, "gamma": 0.1, "num_updates": 80}"#,
            Schedule::multi_step(0.1, &[20, 40, 60], 0.1),
            "`num_decays` + 1 stairs of the same length."
        ),
        row!(
            "PolynomialDecayParamScheduler",
            r#"{"total_steps": 100, "base_value": 0.1, "power": 0.9}"#,
            Schedule::polynomial(0.1, 0.0, 100, 0.9),
            "Past the end an even `power` rises again."
        ),
        row!(
            "CompositeParamScheduler",
            r#"{"total_steps": 40, "schedulers": [{"kind": "LinearParamScheduler", "params": {"start_value": 0.0, "end_value": 0.5}}, {"kind": "CosineParamScheduler", "params": {"start_value": 0.5, "end_value": 0.0}}], "lengths": [0.25, 0.75], "interval_scaling": ["rescaled", "fixed"]}"#,
            {
                let wave = Ramp::new(0.5, 0.0, 40).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?;
                Schedule::linear(0.0, 0.5, 10)?.then_at(10, wave.advance(10.0)?)
            },
            "A `fixed` member runs as if it had begun with the run. `lengths` are shares of it."
        ),
    ],
};
