//! A small convolutional network.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d, Relu};
use burn::prelude::*;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};
use mnist_shared::CLASSES;

use super::loader::DigitBatch;

/// Two convolutions, each halving the image, and a linear layer.
#[derive(Module, Debug)]
pub(super) struct Cnn {
    conv1: Conv2d,
    conv2: Conv2d,
    linear: Linear,
    relu: Relu,
}

const CHANNELS: [usize; 2] = [12, 24];

/// The fields with parameters, from the input on.
pub(super) const LAYERS: [&str; 3] = ["conv1", "conv2", "linear"];

impl Cnn {
    pub(super) fn new(device: &Device) -> Self {
        let [first, second] = CHANNELS;
        let conv = |channels, size| {
            let margin = PaddingConfig2d::Explicit(size / 2, size / 2, size / 2, size / 2);
            Conv2dConfig::new(channels, [size, size]).with_stride([2, 2]).with_padding(margin).init(device)
        };
        Self {
            conv1: conv([1, first], 5),
            conv2: conv([first, second], 3),
            linear: LinearConfig::new(second * 7 * 7, CLASSES).init(device),
            relu: Relu::new(),
        }
    }

    /// A score for each digit.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let hidden = self.relu.forward(self.conv1.forward(images));
        let hidden = self.relu.forward(self.conv2.forward(hidden));
        self.linear.forward(hidden.flatten(1, 3))
    }

    fn classify(&self, batch: DigitBatch) -> ClassificationOutput {
        let output = self.forward(batch.images);
        let loss = CrossEntropyLossConfig::new().init(&output.device()).forward(output.clone(), batch.labels.clone());
        ClassificationOutput::new(loss, output, batch.labels)
    }
}

impl TrainStep for Cnn {
    type Input = DigitBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: DigitBatch) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Cnn {
    type Input = DigitBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: DigitBatch) -> ClassificationOutput {
        self.classify(batch)
    }
}
