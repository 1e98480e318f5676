//! A whole training step, forward and backward included: with a plain AdamW, and with one whose first beta and weight
//! decay follow curves.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamW, AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Distribution, Tensor};
use burn_0_22 as burn;
use criterion::{Criterion, criterion_group, criterion_main};
use sched_burn::{Schedule, ScheduledOptimizer};

#[derive(Module, Debug)]
struct Mlp {
    hidden: Linear,
    output: Linear,
}

/// Inputs, hidden units, outputs and the size of a batch.
type Sizes = [usize; 4];

fn adamw(beta_1: f64, weight_decay: f64) -> AdamW {
    AdamWConfig::new().with_beta_1(beta_1 as f32).with_weight_decay(weight_decay as f32).build()
}

/// More steps than the benchmark makes, so that none is past the end.
const STEPS: u64 = 1 << 36;

fn scheduled() -> ScheduledOptimizer<AdamW> {
    let curve = |from, to| Schedule::cosine_annealing(from, to, STEPS).and_then(|curve| curve.warmup(from, 1000));
    let valid = "these parameters are valid";
    let curves = [("beta_1", curve(0.85, 0.95).expect(valid)), ("weight_decay", curve(0.04, 0.4).expect(valid))];
    ScheduledOptimizer::new(curves, |[beta_1, weight_decay]| adamw(beta_1, weight_decay))
}

fn training_step([inputs, hidden, outputs, batch]: Sizes, mut optimizer: ModuleOptimizer) -> impl FnMut() {
    let device = Device::flex().autodiff();
    let mut model = Mlp {
        hidden: LinearConfig::new(inputs, hidden).init(&device),
        output: LinearConfig::new(hidden, outputs).init(&device),
    };
    let batch = Tensor::<2>::random([batch, inputs], Distribution::Default, &device);
    move || {
        let output = model.output.forward(model.hidden.forward(batch.clone()).tanh());
        let gradients = GradientsParams::from_grads(output.powi_scalar(2).mean().backward(), &model);
        // At a rate of 0, every step computes with the same numbers: subnormal ones would be slower.
        model = black_box(optimizer.step(0.0, model.clone(), gradients));
    }
}

fn updates(c: &mut Criterion) {
    for (model, sizes) in [("4-6-1, batch of 4", [4, 6, 1, 4]), ("64-64-10, batch of 32", [64, 64, 10, 32])] {
        let mut group = c.benchmark_group(format!("update/{model}"));
        let mut plain = training_step(sizes, adamw(0.9, 0.1).into());
        group.bench_function("plain", |b| b.iter(&mut plain));
        let mut ours = training_step(sizes, scheduled().into());
        group.bench_function("scheduled", |b| b.iter(&mut ours));
        group.finish();
    }
}

/// What the curves and the new optimizer cost, which is once per parameter and update.
fn rebuild(c: &mut Criterion) {
    let (optimizer, mut step) = (scheduled(), 0);
    c.bench_function("rebuild", |b| {
        b.iter(|| {
            step += 1;
            black_box(&optimizer).at(step)
        });
    });
}

criterion_group!(benches, updates, rebuild);
criterion_main!(benches);
