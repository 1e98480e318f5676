//! On burn 0.22.

use std::iter;

use anyhow::{Context, Result};
use burn::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::module::{Module, Param, ParamGroup, ParamId};
use burn::nn::Linear;
use burn::nn::loss::{MseLoss, Reduction};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::{MomentumConfig, MomentumState};
use burn::optim::{
    AdamConfig, AdamState, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, ModuleOptimizer,
    OptimizerRecord, RecordState, SgdConfig, SgdState, StateSink,
};
use burn::tensor::{Device, Tensor, TensorData};
use burn_0_22 as burn;
use burn_pack_0_22 as burn_pack;

use crate::checkpoint::{AdamOptions, Array, Checkpoint, Class, Optimizer, SgdOptions};
use crate::run::{Batch, Run, Trained, Trainer};

/// PyTorch's `Sequential(Linear(4, 16), Tanh(), Linear(16, 1))`.
#[derive(Module, Debug)]
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Net {
    fn load(checkpoint: &Checkpoint, device: &Device) -> Result<Self> {
        let linear = |name: &str| -> Result<Linear> {
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
    fn layers(&self) -> [(&'static str, &Linear); 2] {
        [("0", &self.hidden), ("2", &self.output)]
    }

    /// The parameters of each parameter group.
    fn groups(&self, checkpoint: &Checkpoint) -> Result<Vec<Vec<ParamId>>> {
        checkpoint.groups(self.layers().into_iter().flat_map(|(name, layer)| {
            let bias = layer.bias.as_ref().map(|bias| (format!("{name}.bias"), bias.id));
            iter::once((format!("{name}.weight"), layer.weight.id)).chain(bias)
        }))
    }

    fn loss(&self, batch: Batch, device: &Device) -> Tensor<1> {
        let inputs = Tensor::<2>::from_data(data(batch.inputs), device);
        let targets = Tensor::<2>::from_data(data(batch.targets), device);
        let outputs = self.output.forward(self.hidden.forward(inputs).tanh());
        MseLoss::new().forward(outputs, targets, Reduction::Mean)
    }

    fn parameters(&self) -> Result<Vec<Vec<f32>>> {
        let mut parameters = vec![];
        for (_, layer) in self.layers() {
            parameters.push(layer.weight.val().transpose().into_data().try_to_vec()?);
            if let Some(bias) = &layer.bias {
                parameters.push(bias.val().into_data().try_to_vec()?);
            }
        }
        Ok(parameters)
    }
}

pub(crate) fn train(run: &Run) -> Result<Trained> {
    let device = Device::flex().autodiff();
    let net = Net::load(&run.checkpoint, &device)?;
    let groups = net.groups(&run.checkpoint)?;
    let mut optimizer = build(&run.checkpoint.optimizers()?, &groups)?;
    if run.checkpoint.has_state()? {
        optimizer = optimizer.load_record(record(&net, &run.checkpoint)?);
    }
    run.train(Training { net, optimizer, groups, device })
}

struct Training {
    net: Net,
    optimizer: ModuleOptimizer,
    /// The parameters of each parameter group.
    groups: Vec<Vec<ParamId>>,
    device: Device,
}

impl Trainer for Training {
    fn set_options(&mut self, options: &[Optimizer]) -> Result<()> {
        self.optimizer = build(options, &self.groups)?.load_record(self.optimizer.to_record());
        Ok(())
    }

    fn update(&mut self, batch: Batch, rates: &[f64]) -> f32 {
        let loss = self.net.loss(batch, &self.device);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.net);
        self.net = self.optimizer.step(learning_rate(rates, &self.groups), self.net.clone(), gradients);
        loss.into_scalar()
    }

    fn loss(&self, batch: Batch) -> f32 {
        self.net.loss(batch, &self.device).into_scalar()
    }

    fn parameters(&self) -> Result<Vec<Vec<f32>>> {
        self.net.parameters()
    }
}

/// Each parameter group's rate for its parameters.
///
/// Without a plateau, the `ModuleLrScheduler` can have the schedulers themselves, as burn's Learner needs it; but it does not let
/// anybody observe a metric.
fn learning_rate(rates: &[f64], groups: &[Vec<ParamId>]) -> ModuleLearningRate {
    let mut scheduler = ModuleLrScheduler::new(rates[0]);
    for (rate, ids) in rates.iter().zip(groups).skip(1) {
        scheduler = scheduler.with_group(ParamGroup::from_ids(ids.clone()), *rate);
    }
    scheduler.step()
}

/// An optimizer with PyTorch's options for each parameter group. burn has other defaults: `dampening` 0.1, `eps` 1e-5, AdamW's
/// `weight_decay` 1e-4.
fn build(options: &[Optimizer], groups: &[Vec<ParamId>]) -> Result<ModuleOptimizer> {
    let decay = |penalty: f64| (penalty != 0.0).then(|| WeightDecayConfig::new(penalty as f32));
    let mut whole = None;
    for (&Optimizer { class, momentum }, ids) in options.iter().zip(groups) {
        whole = Some(match class {
            Class::Sgd(SgdOptions { dampening, weight_decay, nesterov }) => {
                let momentum = (momentum != 0.0).then_some(MomentumConfig { momentum, dampening, nesterov });
                let config = SgdConfig::new().with_momentum(momentum).with_weight_decay(decay(weight_decay));
                with_group(whole, ids, config.build())
            }
            Class::Adam(AdamOptions { beta_2, eps, weight_decay }) => {
                let config = AdamConfig::new().with_beta_1(momentum as f32).with_beta_2(beta_2 as f32);
                let config = config.with_epsilon(eps as f32).with_weight_decay(decay(weight_decay));
                with_group(whole, ids, config.build())
            }
            Class::AdamW(AdamOptions { beta_2, eps, weight_decay }) => {
                let config = AdamWConfig::new().with_beta_1(momentum as f32).with_beta_2(beta_2 as f32);
                let config = config.with_epsilon(eps as f32).with_weight_decay(weight_decay as f32);
                with_group(whole, ids, config.build())
            }
        });
    }
    whole.context("no parameter groups")
}

/// The first one is for all parameters.
fn with_group(
    whole: Option<ModuleOptimizer>,
    ids: &[ParamId],
    optimizer: impl burn::optim::Optimizer,
) -> ModuleOptimizer {
    match whole {
        None => optimizer.into(),
        Some(whole) => whole.with_group(ParamGroup::from_ids(ids.to_vec()), optimizer, None),
    }
}

/// PyTorch's moments as burn's record.
fn record(net: &Net, checkpoint: &Checkpoint) -> Result<OptimizerRecord> {
    let mut record = Record { checkpoint, tensors: vec![], scalars: vec![] };
    for (name, layer) in net.layers() {
        record.add::<2>(layer.weight.id, &format!("{name}.weight"))?;
        if let Some(bias) = &layer.bias {
            record.add::<1>(bias.id, &format!("{name}.bias"))?;
        }
    }
    let mut file = burn_pack::Writer::new(record.tensors);
    for (name, value) in record.scalars {
        file = file.with_scalar(&name, value);
    }
    Ok(OptimizerRecord::from_bytes(file.into_bytes()?)?)
}

struct Record<'a> {
    checkpoint: &'a Checkpoint,
    tensors: Vec<burn_pack::Tensor>,
    scalars: Vec<(String, burn_pack::Scalar)>,
}

impl Record<'_> {
    /// Adds the state of a parameter. burn's own types give the names in the record; their prefix is the parameter's id.
    fn add<const D: usize>(&mut self, id: ParamId, parameter: &str) -> Result<()> {
        let device = Device::flex();
        let tensor = |key: &str| -> Result<Tensor<D>> {
            Ok(Tensor::from_data(data(self.checkpoint.moment(parameter, key)?), &device))
        };
        let moments = || -> Result<AdaptiveMomentumState<D>> {
            let steps = self.checkpoint.steps(parameter)?;
            Ok(AdaptiveMomentumState::new(steps, tensor("exp_avg")?, tensor("exp_avg_sq")?))
        };
        let prefix = id.val().to_string();
        let mut sink = StateSink::default();
        let Optimizer { class, momentum } = self.checkpoint.optimizer(parameter)?;
        match class {
            // PyTorch keeps nothing.
            Class::Sgd(_) if momentum == 0.0 => {}
            Class::Sgd(_) => {
                let state = SgdState::new(Some(MomentumState::new(tensor("momentum_buffer")?)));
                state.state_flatten(&prefix, &mut sink);
            }
            Class::Adam(_) => AdamState::new(moments()?).state_flatten(&prefix, &mut sink),
            Class::AdamW(_) => AdamWState::new(moments()?).state_flatten(&prefix, &mut sink),
        }
        self.scalars.extend(sink.scalars);
        for (name, data) in sink.tensors {
            let (bytes, shape, dtype) = data.into_parts();
            self.tensors.push(burn_pack::Tensor::new(name, dtype, shape, Some(id.val()), bytes));
        }
        Ok(())
    }
}

fn data(array: Array) -> TensorData {
    TensorData::new(array.values, array.shape)
}
