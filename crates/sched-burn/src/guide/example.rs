// What the examples of the guide train: a small model, on data that it can learn. They include this file without showing it.

use std::sync::Arc;

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use burn::train::{InferenceStep, RegressionOutput, TrainOutput, TrainStep};
use burn_0_22 as burn;

#[derive(Module, Debug)]
pub struct Net {
    pub embed: Linear,
    pub blocks: Vec<Linear>,
    pub head: Linear,
}

impl Net {
    pub fn new() -> Self {
        let device = Device::flex().autodiff();
        device.seed(1); // the same weights every time
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(&device);
        Self { embed: linear(1, 8), blocks: vec![linear(8, 8), linear(8, 8)], head: linear(8, 1) }
    }

    pub fn loss(&self, batch: Batch) -> Tensor<1> {
        self.output(batch).loss
    }

    fn output(&self, batch: Batch) -> RegressionOutput {
        let embedded = self.embed.forward(batch.inputs);
        let hidden = self.blocks.iter().fold(embedded, |x, block| block.forward(x.tanh()));
        let output = self.head.forward(hidden);
        let loss = MseLoss::new().forward(output.clone(), batch.targets.clone(), Reduction::Mean);
        RegressionOutput::new(loss, output, batch.targets)
    }
}

impl TrainStep for Net {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let output = self.output(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Net {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> RegressionOutput {
        self.output(batch)
    }
}

#[derive(Clone, Debug)]
pub struct Batch {
    inputs: Tensor<2>,
    targets: Tensor<2>,
}

struct Points;

impl Batcher<f32, Batch> for Points {
    fn batch(&self, points: Vec<f32>, device: &Device) -> Batch {
        let inputs = Tensor::<1>::from_floats(points.as_slice(), device).unsqueeze_dim(1);
        Batch { targets: inputs.clone() * 2.0 - 1.0, inputs }
    }
}

/// So many points from 0 to 1, in batches of 16.
pub fn points(count: usize) -> Arc<dyn DataLoader<Batch>> {
    let points = (0..count).map(|index| index as f32 / count as f32).collect();
    DataLoaderBuilder::new(Points).batch_size(16).build(InMemDataset::new(points))
}
