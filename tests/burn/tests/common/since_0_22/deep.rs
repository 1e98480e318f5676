//! A model with one part per layer, on burn 0.22 and later.

use super::burn;
use super::burn::module::{Module, Param};
use super::burn::nn::Linear;
use super::burn::nn::loss::{MseLoss, Reduction};
use super::burn::tensor::{Device, TensorData};
use super::burn::train::{InferenceStep, RegressionOutput, TrainOutput, TrainStep};
use super::learner::{Batch, bits_of};
use crate::common::deep_parts;

#[derive(Module, Debug)]
pub(crate) struct Deep {
    pub(crate) embed: Linear,
    pub(crate) blocks: Vec<Linear>,
    pub(crate) head: Linear,
}

impl Deep {
    pub(crate) fn new(device: &Device) -> Self {
        let mut parts = deep_parts().into_iter().map(|(inputs, outputs, weight, bias)| Linear {
            weight: Param::from_data(TensorData::new(weight, [inputs, outputs]), device),
            bias: Some(Param::from_data(TensorData::new(bias, [outputs]), device)),
        });
        let embed = parts.next().unwrap();
        let mut blocks: Vec<Linear> = parts.collect();
        let head = blocks.pop().unwrap();
        Self { embed, blocks, head }
    }

    fn loss(&self, batch: Batch) -> RegressionOutput {
        let embedded = self.embed.forward(batch.inputs).tanh();
        let hidden = self.blocks.iter().fold(embedded, |x, block| x.clone() + block.forward(x).tanh());
        let output = self.head.forward(hidden);
        let loss = MseLoss::new().forward(output.clone(), batch.targets.clone(), Reduction::Mean);
        RegressionOutput::new(loss, output, batch.targets)
    }

    /// The bits of each part from the input to the output.
    pub(crate) fn bits(&self) -> Vec<Vec<u32>> {
        [&self.embed].into_iter().chain(&self.blocks).chain([&self.head]).map(bits_of).collect()
    }
}

impl TrainStep for Deep {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let output = self.loss(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Deep {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> RegressionOutput {
        self.loss(batch)
    }
}
