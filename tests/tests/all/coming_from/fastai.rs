//! fastai's names.

use sched_core::*;

use super::{Section, row};

pub(super) const SECTION: Section = Section {
    library: "fastai",
    title: "fastai",
    notes: "A schedule is a function of the position from 0 to 1; a file says with `total_steps` how many updates \
            that is. The end value is at position 1, one update after the last, and a cosine turns back there. Parts \
            of a `combine_scheds` have no `total_steps`.",
    rows: &[
        row!(
            "SchedLin",
            r#"{"start": 0.1, "end": 0.001, "total_steps": 60}"#,
            Schedule::linear(0.1, 0.001, 60),
            "Past position 1 the line goes on there, in time below 0; here it holds."
        ),
        row!(
            "SchedCos",
            r#"{"start": 0.1, "end": 0.001, "total_steps": 60}"#,
            Ramp::new(0.1, 0.001, 60).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
            "`Schedule::cosine_annealing(0.1, 0.001, 60)` does not turn back."
        ),
        row!(
            "SchedExp",
            r#"{"start": 0.1, "end": 0.001, "total_steps": 60}"#,
            Schedule::exponential_over(0.1, 0.01, 60.0),
            "The factor is `end / start`. Down it goes on past position 1, up it holds: `Ramp` with \
             `Shape::Geometric`, the learning-rate finder's."
        ),
        row!(
            "SchedNo",
            r#"{"start": 0.1, "end": 0.001, "total_steps": 60}"#,
            Schedule::constant(0.1),
            "`end` means nothing."
        ),
        row!(
            "SchedPoly",
            r#"{"start": 0.1, "end": 0.001, "power": 2.0, "total_steps": 60}"#,
            Ramp::new(0.1, 0.001, 60).shape(Shape::OneMinusPower(2.0)).build(),
            "`position^power`, so slow first and fast last: the opposite of everybody else's polynomial decay."
        ),
        row!(
            "combine_scheds",
            r#"{"pcts": [0.25, 0.75], "scheds": [{"kind": "SchedCos", "params": {"start": 0.01, "end": 0.1}}, {"kind": "SchedLin", "params": {"start": 0.1, "end": 0.001}}], "total_steps": 60}"#,
            Schedule::cosine_annealing(0.01, 0.1, 15)?.then_at(15, Schedule::linear(0.1, 0.001, 45)?),
            "`pcts` are lengths, not boundaries, and must add up to exactly 1."
        ),
        row!(
            "combined_cos",
            r#"{"pct": 0.25, "start": 0.01, "middle": 0.1, "end": 0.001, "total_steps": 60}"#,
            Ramp::new(0.1, 0.001, 45).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup_with(
                0.01,
                15,
                Shape::Cosine
            ),
            "The middle value is at `pct * total_steps` itself."
        ),
        row!(
            "fit_one_cycle",
            r#"{"lr_max": 0.1, "total_steps": 100}"#,
            Ramp::new(0.1, 1e-6, 75).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup_with(
                0.004,
                25,
                Shape::Cosine
            ),
            "Not PyTorch's: `pct_start` is 0.25, `div_final` divides `lr_max` and not the first rate, and the peak \
             is one step later."
        ),
    ],
};
