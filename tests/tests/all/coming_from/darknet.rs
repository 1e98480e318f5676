//! Darknet's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "darknet",
    title: "Darknet",
    notes: "The kind is the `policy` of `[net]`, whose keys are the `params`; a step is a batch of `batch` images. An update counts \
            itself, so that all is one step earlier than it looks: the first rate is that of batch number 1. `power`, 4 by default, \
            is shared by the burn-in and `poly`. `fork` says whose Darknet it is, `pjreddie`, the original, or `AlexeyAB`. The policy \
            `random` is refused: no schedule has random rates. Darknet computes in single precision, so its rates have 7 digits.",
    rows: &[
        row!(
            "constant",
            r#"{"learning_rate": 0.01, "burn_in": 100}"#,
            Schedule::constant(0.01)?.warmup_with(0.0, 100, Shape::OneMinusPower(4.0))?.advance(1.0),
            "The burn-in rises by the power of 4: after half of it the rate is a sixteenth."
        ),
        row!(
            "step",
            r#"{"learning_rate": 0.1, "step": 50, "scale": 0.5}"#,
            Schedule::step(0.1, 50, 0.5)?.advance(1.0),
            "Update 49 has the lower rate already."
        ),
        row!(
            "steps",
            r#"{"learning_rate": 0.001, "burn_in": 100, "steps": [200, 250], "scales": [0.1, 0.1]}"#,
            Schedule::piecewise_constant(0.001, &[(100, 1e-4), (150, 1e-5)])?
                .warmup_with(0.0, 100, Shape::OneMinusPower(4.0))?
                .advance(1.0),
            "The steps count the burn-in. A step counts only after all before it in the list."
        ),
        row!(
            "exp",
            r#"{"learning_rate": 0.1, "gamma": 0.99}"#,
            Schedule::exponential(0.1, 0.99)?.advance(1.0),
            "No update has `learning_rate` itself."
        ),
        row!(
            "poly",
            r#"{"learning_rate": 0.1, "power": 2, "max_batches": 200}"#,
            Schedule::polynomial(0.1, 0.0, 200, 2.0)?.advance(1.0),
            "The last update, `max_batches` - 1, has the rate 0."
        ),
        row!(
            "sigmoid",
            r#"{"learning_rate": 0.1, "gamma": 0.2, "step": 30, "fork": "AlexeyAB"}"#,
            Schedule::tanh(0.1, 0.0, 10_030, -3.0, 1000.0)?.advance(1.0),
            "It falls for a `gamma` above 0, where Caffe's rises. In the original the rate is 0 before `step`, because it subtracts \
             unsigned numbers."
        ),
        row!(
            "sgdr",
            r#"{"learning_rate": 0.01, "learning_rate_min": 1e-4, "sgdr_cycle": 100, "sgdr_mult": 1, "fork": "AlexeyAB"}"#,
            Schedule::cosine_annealing(0.01, 1e-4, 100)?.advance(1.0)?.repeat(100),
            "Only in AlexeyAB's; the original takes it for `constant`. The last batch of a cycle has the minimum, none has the peak. \
             `sgdr_mult` is 2 by default, and `sgdr_cycle` is `max_batches`."
        ),
    ],
};
