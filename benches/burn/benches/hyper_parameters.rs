//! A whole training step, forward and backward included: with a plain AdamW, with one whose first beta and weight decay
//! follow curves, and with one that averages the weights.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sched_burn::{Schedule, ScheduledOptimizer};

/// Inputs, hidden units, outputs and the size of a batch.
type Sizes = [usize; 4];

/// More steps than the benchmark makes, so that none is past the end.
const STEPS: u64 = 1 << 36;

fn curve(from: f64, to: f64) -> Schedule {
    let curve = Schedule::cosine_annealing(from, to, STEPS).and_then(|curve| curve.warmup(from, 1000));
    curve.expect("these parameters are valid")
}

fn scheduled<O: 'static>(adamw: fn(f64, f64) -> O) -> ScheduledOptimizer<O> {
    let curves = [("beta_1", curve(0.85, 0.95)), ("weight_decay", curve(0.04, 0.4))];
    ScheduledOptimizer::new(curves, move |[beta_1, weight_decay]| adamw(beta_1, weight_decay))
}

fn averaged<O: Clone + Send + Sync + 'static>(optimizer: O) -> ScheduledOptimizer<O> {
    ScheduledOptimizer::constant(optimizer).ema(curve(0.996, 1.0))
}

mod v0_21 {
    use burn::backend::{Autodiff, NdArray};
    use burn::module::Module;
    use burn::nn::{Linear, LinearConfig};
    use burn::optim::adaptor::OptimizerAdaptor;
    use burn::optim::{AdamW, AdamWConfig, GradientsParams, Optimizer, SimpleOptimizer};
    use burn::tensor::backend::Backend;
    use burn::tensor::{Distribution, Tensor};
    use burn_0_21 as burn;

    use super::{Sizes, black_box};

    type Cpu = Autodiff<NdArray>;

    #[derive(Module, Debug)]
    pub(super) struct Mlp<B: Backend> {
        hidden: Linear<B>,
        output: Linear<B>,
    }

    pub(super) fn adamw(beta_1: f64, weight_decay: f64) -> AdamW {
        AdamWConfig::new().with_beta_1(beta_1 as f32).with_weight_decay(weight_decay as f32).build()
    }

    pub(super) fn training_step(
        [inputs, hidden, outputs, batch]: Sizes,
        optimizer: impl SimpleOptimizer<NdArray>,
    ) -> impl FnMut() {
        let (device, mut optimizer) = (Default::default(), OptimizerAdaptor::from(optimizer));
        let mut model = Mlp::<Cpu> {
            hidden: LinearConfig::new(inputs, hidden).init(&device),
            output: LinearConfig::new(hidden, outputs).init(&device),
        };
        let batch = Tensor::<Cpu, 2>::random([batch, inputs], Distribution::Default, &device);
        move || {
            let output = model.output.forward(model.hidden.forward(batch.clone()).tanh());
            let gradients = GradientsParams::from_grads(output.powi_scalar(2).mean().backward(), &model);
            // At a rate of 0, every step computes with the same numbers: subnormal ones would be slower.
            model = black_box(optimizer.step(0.0, model.clone(), gradients));
        }
    }
}

mod v0_22 {
    use burn::module::Module;
    use burn::nn::{Linear, LinearConfig};
    use burn::optim::{AdamW, AdamWConfig, GradientsParams, ModuleOptimizer, Optimizer};
    use burn::tensor::{Device, Distribution, Tensor};
    use burn_0_22 as burn;

    use super::{Sizes, black_box};

    #[derive(Module, Debug)]
    pub(super) struct Mlp {
        hidden: Linear,
        output: Linear,
    }

    pub(super) fn adamw(beta_1: f64, weight_decay: f64) -> AdamW {
        AdamWConfig::new().with_beta_1(beta_1 as f32).with_weight_decay(weight_decay as f32).build()
    }

    pub(super) fn training_step([inputs, hidden, outputs, batch]: Sizes, optimizer: impl Optimizer) -> impl FnMut() {
        let (device, mut optimizer) = (Device::flex().autodiff(), ModuleOptimizer::from(optimizer));
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
}

/// The two burns have the same words, but not the same types.
macro_rules! updates {
    ($c:expr, $version:literal, $burn:ident) => {
        for (model, sizes) in [("4-6-1, batch of 4", [4, 6, 1, 4]), ("64-64-10, batch of 32", [64, 64, 10, 32])] {
            let mut group = $c.benchmark_group(format!("update {}/{model}", $version));
            let mut plain = $burn::training_step(sizes, $burn::adamw(0.9, 0.1));
            group.bench_function("plain", |b| b.iter(&mut plain));
            let mut ours = $burn::training_step(sizes, scheduled($burn::adamw));
            group.bench_function("scheduled", |b| b.iter(&mut ours));
            let mut ours = $burn::training_step(sizes, averaged($burn::adamw(0.9, 0.1)));
            group.bench_function("averaged", |b| b.iter(&mut ours));
            group.finish();
        }
    };
}

fn updates(c: &mut Criterion) {
    updates!(c, "0.21", v0_21);
    updates!(c, "0.22", v0_22);
}

/// What the curves and the new optimizer cost, which is once per parameter and update.
fn rebuild(c: &mut Criterion) {
    let (optimizer, mut step) = (scheduled(v0_22::adamw), 0);
    c.bench_function("rebuild", |b| {
        b.iter(|| {
            step += 1;
            black_box(&optimizer).at(step)
        });
    });
}

criterion_group!(benches, updates, rebuild);
criterion_main!(benches);
