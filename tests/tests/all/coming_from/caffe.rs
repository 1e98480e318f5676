//! Caffe's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "caffe",
    title: "Caffe",
    notes: "The kind is the `lr_policy`, `params` are those of `solver.prototxt`, and a step is an iteration, however many batches \
            `iter_size` puts into it. A `gamma` or `power` that is left out is 0. Caffe computes in single precision, so its rates \
            have 7 digits. A blob's `lr_mult` is a factor on all of it.",
    rows: &[
        row!("fixed", r#"{"base_lr": 0.01}"#, Schedule::constant(0.01), ""),
        row!(
            "step",
            r#"{"base_lr": 0.01, "gamma": 0.1, "stepsize": 100}"#,
            Schedule::step(0.01, 100, 0.1),
            "`stepsize` itself is the first iteration with the lower rate."
        ),
        row!("exp", r#"{"base_lr": 0.01, "gamma": 0.99}"#, Schedule::exponential(0.01, 0.99), ""),
        row!(
            "inv",
            r#"{"base_lr": 0.01, "gamma": 1e-4, "power": 0.75}"#,
            Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 0.01, offset: 1e4, time_scale: 1e4, power: -0.75 })),
            "It never ends. With `power: 1` it is `Schedule::inverse_time(0.01, 1e-4, 1.0)`."
        ),
        row!(
            "multistep",
            r#"{"base_lr": 0.1, "gamma": 0.5, "stepvalue": [60, 120, 120]}"#,
            Schedule::multi_step(0.1, &[60, 120, 121], 0.5),
            "An iteration passes one `stepvalue` at most, and takes them in the order of the file."
        ),
        row!(
            "poly",
            r#"{"base_lr": 0.01, "power": 0.9, "max_iter": 200}"#,
            Schedule::polynomial(0.01, 0.0, 200, 0.9),
            "`max_iter` is the length of the run as well."
        ),
        row!(
            "sigmoid",
            r#"{"base_lr": 0.1, "gamma": 0.2, "stepsize": 30}"#,
            Schedule::tanh(0.0, 0.1, 10_030, -3.0, 1000.0),
            "It rises, to half of the rate at `stepsize`; a negative `gamma` is refused. 1 / (1 + e^-2x) is (1 + tanh(x)) / 2, so that \
             `lb` is -`gamma` `stepsize` / 2, and the ramp is so long that nothing is missing at its end."
        ),
    ],
};
