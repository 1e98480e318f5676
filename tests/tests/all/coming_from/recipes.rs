//! Training scripts that people copy from, whose rates are a function rather than a library's class.
//!
//! The expected values come from `tests/reference/recipes.py`.

use std::fmt::Write;

use sched_core::*;
use sched_tests::golden;
use serde::Deserialize;

use super::{cell, line};

/// A quantity that a script schedules.
struct Recipe {
    name: &'static str,
    /// The source of `ours`.
    rust: &'static str,
    ours: fn() -> Result<Schedule, ScheduleError>,
    trap: &'static str,
}

macro_rules! recipe {
    ($name:literal, $rust:expr, $trap:literal) => {
        Recipe { name: $name, rust: stringify!($rust), ours: || $rust, trap: $trap }
    };
}

const RECIPES: &[Recipe] = &[
    recipe!(
        "nanoGPT",
        Schedule::linear(0.0, 6e-4, 2001)?
            .advance(1.0)?
            .then_at(2000, Schedule::cosine_annealing(6e-4, 6e-5, 598_000)?),
        "The warmup is `(it + 1) / (warmup_iters + 1)`: the first update is not lost, and the peak comes at `warmup_iters` itself. \
         `lr_decay_iters` includes the warmup."
    ),
    recipe!(
        "nanoGPT, older",
        Schedule::cosine_annealing(6e-4, 6e-5, 598_000)?.warmup(0.0, 2000),
        "The warmup was `it / warmup_iters` at first, so that the first update did nothing. Most copies have this one."
    ),
    recipe!(
        "build-nanogpt, llm.c",
        Schedule::linear(0.0, 6e-4, 715)?.advance(1.0)?.then_at(715, Schedule::cosine_annealing(6e-4, 6e-5, 18_358)?),
        "The warmup is `(it + 1) / warmup_steps`: two updates have the full rate, 714 and 715."
    ),
    recipe!(
        "modded-nanogpt, 2024",
        Schedule::linear(0.0, 0.0018, 444)?
            .advance(1.0)?
            .then_at(444, Wsd::new(0.0018, 4277, 3555).decay_shape(Shape::Linear).build()?),
        "A trapezoid of `num_iterations` 8276, `warmup_iters` 444 and `warmdown_iters` 3555. Again two updates begin with the full \
         rate, and the last one has 1/3555 of it, not 0."
    ),
    recipe!(
        "modded-nanogpt, 2025",
        Wsd::new(0.05, 1062, 708).decay_shape(Shape::Linear).eta_min(0.005).build(),
        "No warmup; `cooldown_frac` is a share of `num_iterations`, here 0.4 of 1770, and the floor a tenth of the rate. One factor \
         for all optimizers, each with a rate of its own: this is Muon's."
    ),
    recipe!(
        "modded-nanogpt, Muon's momentum",
        Schedule::linear(0.85, 0.95, 300),
        "The momentum has a warmup, although the rate has none."
    ),
    recipe!(
        "DINO, rate",
        Schedule::linear(0.0, 5e-4, 199)?.then_at(200, Schedule::cosine_annealing(5e-4, 1e-6, 1800)?),
        "`np.linspace` includes its end: the warmup of 200 updates is full at 199, and the cosine begins there once more at 200. `lr` is \
         for a batch of 256, and scales with it."
    ),
    recipe!(
        "DINO, weight decay",
        Schedule::cosine_annealing(0.04, 0.4, 2000),
        "It rises. Only the first parameter group follows it; biases and norms have no weight decay."
    ),
    recipe!(
        "DINO, momentum of the teacher",
        Schedule::cosine_annealing(0.996, 1.0, 2000),
        "It rises to 1, where the teacher would stand still, but no update of the run has 1 itself."
    ),
    recipe!(
        "MAE",
        Schedule::cosine_annealing(0.0024, 0.0, 19_000)?.warmup(0.0, 1000),
        "Fractions of an epoch: here 25 updates an epoch, 40 epochs of warmup, 800 in all. With `accum_iter` an update has the rate of \
         its first batch. `blr` is for a batch of 256; in fine-tuning each layer has a factor of its own, here `Factor::layer_decay`."
    ),
    recipe!(
        "big_vision, cosine",
        Schedule::cosine_annealing(0.001, 0.0, 80_000)?.warmup(0.0, 10_000),
        "The length, here 90000 steps, includes the warmup. big_vision computes in single precision, so its rates have 7 digits."
    ),
    recipe!(
        "big_vision, rsqrt",
        Schedule::inverse_sqrt(8e-4, 10_000.0)?
            .warmup(0.0, 10_000)?
            .times(Schedule::linear(1.0, 0.0, 10_000)?.delay(90_000)?),
        "The decay counts from the end of the warmup; `timescale` is 10000 by default, whatever the warmup is. The cooldown is a factor \
         on the decay, which goes on below it."
    ),
    recipe!(
        "BERT",
        Schedule::linear(0.0, 1e-4, 10_000)?
            .then_at(10_000, Schedule::linear(1e-4, 0.0, 1_000_000)?.advance(10_000.0)?),
        "The decay counts from the start of the run: at the end of the warmup the rate falls to 99 % at once, and the full rate is never \
         reached. transformers' linear schedule, which is meant to be this one, counts from the end of the warmup."
    ),
];

/// What a recipe's own formula gives.
#[derive(Deserialize)]
struct Case {
    name: String,
    steps: Vec<u64>,
    values: Vec<f64>,
}

#[test]
fn every_recipe_has_its_values() {
    let cases: Vec<Case> = golden::read("recipes.json");
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, RECIPES.iter().map(|recipe| recipe.name).collect::<Vec<_>>());
    for (recipe, case) in RECIPES.iter().zip(&cases) {
        let ours = (recipe.ours)().unwrap();
        assert!(case.steps.len() > 6, "{} has few steps", recipe.name);
        for (&step, &expected) in case.steps.iter().zip(&case.values) {
            let value = ours.at(step);
            let close = (value - expected).abs() <= 1e-15 * expected;
            assert!(close, "{} at {step} is {value:e}, expected {expected:e}", recipe.name);
        }
    }
}

/// This part of the page.
pub(super) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for Recipe { name, rust, trap, .. } in RECIPES {
        writeln!(page, "| {name} | {} | {trap} |", cell(&line(rust))).unwrap();
    }
    page
}

const INTRODUCTION: &str = r"
## Recipes

Scripts whose rates are a function that people copy, with the numbers of the script. A step is an optimizer update. `tests/reference/recipes.py`
has the formulas.

| Recipe | Rust | Watch |
|---|---|---|
";
