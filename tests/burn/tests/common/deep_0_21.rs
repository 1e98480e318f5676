//! A model with one part per layer, on burn 0.21.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{MseLoss, Reduction};
use burn::tensor::TensorData;
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::train::{InferenceStep, RegressionOutput, TrainOutput, TrainStep};
use burn_0_21 as burn;

use super::deep_parts;
use super::learner_0_21::{Batch, bits_of};

#[derive(Module, Debug)]
pub(crate) struct Deep<B: Backend> {
    pub(crate) embed: Linear<B>,
    pub(crate) blocks: Vec<Linear<B>>,
    pub(crate) head: Linear<B>,
}

impl<B: Backend> Deep<B> {
    /// The same weights as on burn 0.22.
    pub(crate) fn new(device: &B::Device) -> Self {
        let mut parts = deep_parts().into_iter().map(|(inputs, outputs, weight, bias)| Linear {
            weight: Param::from_data(TensorData::new(weight, [inputs, outputs]), device),
            bias: Some(Param::from_data(TensorData::new(bias, [outputs]), device)),
        });
        let embed = parts.next().unwrap();
        let mut blocks: Vec<Linear<B>> = parts.collect();
        let head = blocks.pop().unwrap();
        Self { embed, blocks, head }
    }

    pub(crate) fn loss(&self, batch: Batch<B>) -> RegressionOutput<B> {
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

impl<B: AutodiffBackend> TrainStep for Deep<B> {
    type Input = Batch<B>;
    type Output = RegressionOutput<B>;

    fn step(&self, batch: Batch<B>) -> TrainOutput<RegressionOutput<B>> {
        let output = self.loss(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl<B: Backend> InferenceStep for Deep<B> {
    type Input = Batch<B>;
    type Output = RegressionOutput<B>;

    fn step(&self, batch: Batch<B>) -> RegressionOutput<B> {
        self.loss(batch)
    }
}
