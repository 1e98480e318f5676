//! On burn 0.21.

use std::iter;

use anyhow::{Context, Result};
use burn::backend::{Autodiff, NdArray};
use burn::module::{Module, Param, ParamId};
use burn::nn::Linear;
use burn::nn::loss::{MseLoss, Reduction};
use burn::optim::adaptor::OptimizerAdaptor;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::{MomentumConfig, MomentumState};
use burn::optim::record::AdaptorRecord;
use burn::optim::{
    Adam, AdamConfig, AdamState, AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams,
    Optimizer as _, Sgd, SgdConfig, SgdState, SimpleOptimizer,
};
use burn::tensor::{Tensor, TensorData};
use burn_0_21 as burn;

use crate::checkpoint::{AdamOptions, Array, Checkpoint, Class, Optimizer, SgdOptions};
use crate::run::{Batch, Run, Trained, Trainer};

type Inner = NdArray;
type Backend = Autodiff<Inner>;
type Device = burn::tensor::Device<Backend>;

/// PyTorch's `Sequential(Linear(4, 16), Tanh(), Linear(16, 1))`.
#[derive(Module, Debug)]
struct Net<B: burn::tensor::backend::Backend> {
    hidden: Linear<B>,
    output: Linear<B>,
}

impl Net<Backend> {
    fn load(checkpoint: &Checkpoint, device: &Device) -> Result<Self> {
        let linear = |name: &str| -> Result<Linear<Backend>> {
            let weight = checkpoint.parameter(&format!("{name}.weight"))?;
            let bias = checkpoint.parameter(&format!("{name}.bias"))?;
            Ok(Linear {
                weight: Param::from_data(data(weight), device),
                bias: Some(Param::from_data(data(bias), device)),
            })
        };
        Ok(Self { hidden: linear("0")?, output: linear("2")? })
    }

    /// The layers, by PyTorch's names.
    fn layers(&self) -> [(&'static str, &Linear<Backend>); 2] {
        [("0", &self.hidden), ("2", &self.output)]
    }

    /// The parameters of each parameter group.
    fn groups(&self, checkpoint: &Checkpoint) -> Result<Vec<Vec<ParamId>>> {
        checkpoint.groups(self.layers().into_iter().flat_map(|(name, layer)| {
            let bias = layer.bias.as_ref().map(|bias| (format!("{name}.bias"), bias.id));
            iter::once((format!("{name}.weight"), layer.weight.id)).chain(bias)
        }))
    }

    fn loss(&self, batch: Batch, device: &Device) -> Tensor<Backend, 1> {
        let inputs = Tensor::<Backend, 2>::from_data(data(batch.inputs), device);
        let targets = Tensor::<Backend, 2>::from_data(data(batch.targets), device);
        let outputs = self.output.forward(self.hidden.forward(inputs).tanh());
        MseLoss::new().forward(outputs, targets, Reduction::Mean)
    }

    fn parameters(&self) -> Result<Vec<Vec<f32>>> {
        let mut parameters = vec![];
        for (_, layer) in self.layers() {
            parameters.push(values(layer.weight.val().transpose())?);
            if let Some(bias) = &layer.bias {
                parameters.push(values(bias.val())?);
            }
        }
        Ok(parameters)
    }
}

pub(crate) fn train(run: &Run) -> Result<Trained> {
    match run.checkpoint.optimizers()?.first().context("no parameter groups")?.class {
        Class::Sgd(_) => train_with::<Sgd<Inner>>(run),
        Class::Adam(_) => train_with::<Adam>(run),
        Class::AdamW(_) => train_with::<AdamW>(run),
    }
}

fn train_with<O: Resume>(run: &Run) -> Result<Trained> {
    let device = Device::default();
    let net = Net::load(&run.checkpoint, &device)?;
    let groups = net.groups(&run.checkpoint)?;
    let mut optimizers = run.checkpoint.optimizers()?.iter().map(build::<O>).collect::<Result<Vec<_>>>()?;
    if run.checkpoint.has_state()? {
        let record = record::<O>(&net, &run.checkpoint)?;
        optimizers = optimizers.into_iter().map(|optimizer| optimizer.load_record(record.clone())).collect();
    }
    run.train(Training { net, optimizers, groups, device })
}

struct Training<O: Resume> {
    net: Net<Backend>,
    /// An optimizer of burn 0.21 has one rate and changes the parameters that it gets gradients of, so each parameter group has one.
    optimizers: Vec<Adaptor<O>>,
    /// The parameters of each parameter group.
    groups: Vec<Vec<ParamId>>,
    device: Device,
}

impl<O: Resume> Trainer for Training<O> {
    fn set_options(&mut self, options: &[Optimizer]) -> Result<()> {
        for (optimizer, options) in self.optimizers.iter_mut().zip(options) {
            *optimizer = build::<O>(options)?.load_record(optimizer.to_record());
        }
        Ok(())
    }

    fn update(&mut self, batch: Batch, rates: &[f64]) -> f32 {
        let loss = self.net.loss(batch, &self.device);
        let mut gradients = loss.backward();
        for ((optimizer, rate), ids) in self.optimizers.iter_mut().zip(rates).zip(&self.groups) {
            let gradients = GradientsParams::from_params(&mut gradients, &self.net, ids);
            self.net = optimizer.step(*rate, self.net.clone(), gradients);
        }
        loss.into_scalar()
    }

    fn loss(&self, batch: Batch) -> f32 {
        self.net.loss(batch, &self.device).into_scalar()
    }

    fn parameters(&self) -> Result<Vec<Vec<f32>>> {
        self.net.parameters()
    }
}

/// PyTorch's moments as burn's record.
fn record<O: Resume>(net: &Net<Backend>, checkpoint: &Checkpoint) -> Result<Record<O>> {
    let mut record = Record::<O>::new();
    for (name, layer) in net.layers() {
        let weight = O::state::<2>(checkpoint, &format!("{name}.weight"))?;
        record.insert(layer.weight.id, AdaptorRecord::from_state::<2>(weight));
        if let Some(bias) = &layer.bias {
            let state = O::state::<1>(checkpoint, &format!("{name}.bias"))?;
            record.insert(bias.id, AdaptorRecord::from_state::<1>(state));
        }
    }
    Ok(record)
}

type Adaptor<O> = OptimizerAdaptor<O, Net<Backend>, Backend>;
type Record<O> = <Adaptor<O> as burn::optim::Optimizer<Net<Backend>, Backend>>::Record;

fn build<O: Resume>(options: &Optimizer) -> Result<Adaptor<O>> {
    Ok(O::build(*options).context("the parameter groups have optimizers of different classes")?.into())
}

/// burn 0.21 has a type for each class of optimizers.
trait Resume: SimpleOptimizer<Inner> {
    /// An optimizer with PyTorch's options, unless they are those of another class. burn has other defaults: `dampening` 0.1,
    /// `eps` 1e-5, AdamW's `weight_decay` 1e-4.
    fn build(options: Optimizer) -> Option<Self>;

    /// PyTorch's moments of a parameter.
    fn state<const D: usize>(checkpoint: &Checkpoint, parameter: &str) -> Result<Self::State<D>>;
}

impl Resume for Sgd<Inner> {
    fn build(Optimizer { class, momentum }: Optimizer) -> Option<Self> {
        let Class::Sgd(SgdOptions { dampening, weight_decay, nesterov }) = class else { return None };
        let momentum = (momentum != 0.0).then_some(MomentumConfig { momentum, dampening, nesterov });
        Some(SgdConfig::new().with_momentum(momentum).with_weight_decay(decay(weight_decay)).build())
    }

    fn state<const D: usize>(checkpoint: &Checkpoint, parameter: &str) -> Result<Self::State<D>> {
        if checkpoint.optimizer(parameter)?.momentum == 0.0 {
            // PyTorch keeps nothing.
            return Ok(SgdState::new(None));
        }
        Ok(SgdState::new(Some(MomentumState::new(moment(checkpoint, parameter, "momentum_buffer")?))))
    }
}

impl Resume for Adam {
    fn build(Optimizer { class, momentum }: Optimizer) -> Option<Self> {
        let Class::Adam(AdamOptions { beta_2, eps, weight_decay }) = class else { return None };
        let config = AdamConfig::new().with_beta_1(momentum as f32).with_beta_2(beta_2 as f32);
        Some(config.with_epsilon(eps as f32).with_weight_decay(decay(weight_decay)).build())
    }

    fn state<const D: usize>(checkpoint: &Checkpoint, parameter: &str) -> Result<Self::State<D>> {
        Ok(AdamState::new(moments(checkpoint, parameter)?))
    }
}

impl Resume for AdamW {
    fn build(Optimizer { class, momentum }: Optimizer) -> Option<Self> {
        let Class::AdamW(AdamOptions { beta_2, eps, weight_decay }) = class else { return None };
        let config = AdamWConfig::new().with_beta_1(momentum as f32).with_beta_2(beta_2 as f32);
        Some(config.with_epsilon(eps as f32).with_weight_decay(weight_decay as f32).build())
    }

    fn state<const D: usize>(checkpoint: &Checkpoint, parameter: &str) -> Result<Self::State<D>> {
        Ok(AdamWState::new(moments(checkpoint, parameter)?))
    }
}

fn decay(penalty: f64) -> Option<WeightDecayConfig> {
    (penalty != 0.0).then(|| WeightDecayConfig::new(penalty as f32))
}

fn moments<const D: usize>(checkpoint: &Checkpoint, parameter: &str) -> Result<AdaptiveMomentumState<Inner, D>> {
    let moment = |key| moment(checkpoint, parameter, key);
    Ok(AdaptiveMomentumState::new(checkpoint.steps(parameter)?, moment("exp_avg")?, moment("exp_avg_sq")?))
}

fn moment<const D: usize>(checkpoint: &Checkpoint, parameter: &str, key: &str) -> Result<Tensor<Inner, D>> {
    Ok(Tensor::from_data(data(checkpoint.moment(parameter, key)?), &Device::default()))
}

fn values<const D: usize>(tensor: Tensor<Backend, D>) -> Result<Vec<f32>> {
    tensor.into_data().to_vec().map_err(|error| anyhow::anyhow!("{error:?}"))
}

fn data(array: Array) -> TensorData {
    TensorData::new(array.values, array.shape)
}
