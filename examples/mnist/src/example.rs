//! The part of the example that depends on burn.

mod loader;
mod metrics;
mod mnist;
mod model;
mod train;

use burn::backend::Autodiff;
use mnist_shared::Example;

#[cfg(not(feature = "wgpu"))]
type Backend = burn::backend::NdArray;
#[cfg(feature = "wgpu")]
type Backend = burn::backend::Wgpu;

pub(crate) const EXAMPLE: Example = Example {
    name: "mnist",
    command: if cfg!(feature = "wgpu") {
        "cargo run -p mnist --no-default-features --features wgpu --"
    } else {
        "cargo run -p mnist --"
    },
    layers: Err("burn 0.21's Learner has one rate for the whole model; the example `mnist-0_22` has it"),
    mnist: mnist::load,
    newest_checkpoint: train::newest::<Autodiff<Backend>>,
    train: train::train::<Autodiff<Backend>>,
    find_lr: train::find::<Autodiff<Backend>>,
};
