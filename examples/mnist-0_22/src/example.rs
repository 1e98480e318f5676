//! The part of the example that depends on burn.

mod loader;
mod metrics;
mod mnist;
mod model;
mod rate;
mod train;

use burn::tensor::Device;
use mnist_shared::Example;

pub(crate) const EXAMPLE: Example = Example {
    name: "mnist-0_22",
    command: if cfg!(feature = "wgpu") {
        "cargo run -p mnist-0_22 --no-default-features --features wgpu --"
    } else {
        "cargo run -p mnist-0_22 --"
    },
    layers: Ok(&model::LAYERS),
    mnist: mnist::load,
    newest_checkpoint: |directory, _| train::newest(directory, &device()),
    train: |job| train::train(job, &device()),
    find_lr: |trial| train::find(trial, &device()),
};

#[cfg(not(feature = "wgpu"))]
#[expect(deprecated, reason = "the same backend as in burn 0.21; new projects take `Device::flex()`")]
fn device() -> Device {
    Device::ndarray()
}

#[cfg(feature = "wgpu")]
fn device() -> Device {
    Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)
}
