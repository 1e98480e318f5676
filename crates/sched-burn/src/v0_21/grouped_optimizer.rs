//! Rates for parts of a model on burn 0.21, whose `Learner` has one rate.

use burn_0_21::module::{AutodiffModule, Module, ModuleVisitor, Param, ParamId};
use burn_0_21::optim::{GradientsParams, MultiGradientsParams, Optimizer};
use burn_0_21::tensor::Tensor;
use burn_0_21::tensor::backend::{AutodiffBackend, Backend};
use sched_core::Factor;

use crate::groups::path::{PartPath, check_all_taken};
use crate::groups::{GroupError, LayerDecay};
use crate::optimizer::{AverageError, WeightAverage};

/// An optimizer for burn 0.21 with a rate for each part of the model: the `Learner`'s rate times the part's factor.
///
/// A group is a list of parameters, or a part of the model by its path, in whole names from the model down: `blocks.1`
/// contains `blocks.1.weight`, but not `blocks.10.weight`. If a parameter is in several groups, the last one counts; if
/// it is in none, it has the full rate. A factor of 0 freezes: such parameters are unchanged, bit for bit, and the
/// optimizer does not see their gradients.
///
/// The inner optimizer steps once per factor, with the gradients of the parameters that have it. All of burn's
/// optimizers treat each parameter separately, gradient clipping included, so every parameter gets exactly one step.
///
/// A checkpoint is that of the inner optimizer, with or without groups. The factors are not part of it: they are
/// constant, and a schedule per group needs burn 0.22. To unfreeze a part, stop, then resume with other factors.
///
/// ```
/// # use burn_0_21 as burn;
/// use burn::module::Module;
/// use burn::nn::Linear;
/// use burn::optim::{AdamConfig, Optimizer};
/// use burn::tensor::backend::{AutodiffBackend, Backend};
/// use sched_burn::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Net<B: Backend> {
///     embed: Linear<B>,
///     blocks: Vec<Linear<B>>,
///     head: Linear<B>,
/// }
///
/// /// For burn's `Learner::new(model, optimizer, scheduler)`. The embedding is frozen, the blocks have a tenth of the rate.
/// fn optimizer<B: AutodiffBackend>(model: &Net<B>) -> Result<impl Optimizer<Net<B>, B>, GroupError> {
///     let optimizer = GroupedOptimizer::new(AdamConfig::new().init::<B, Net<B>>());
///     let optimizer = optimizer.group("embed", 0.0)?.group("blocks", 0.1)?;
///     optimizer.check(model)?;
///     Ok(optimizer)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an optimizer does nothing until it steps"]
pub struct GroupedOptimizer<O> {
    optimizer: O,
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    members: Members,
    factor: Factor,
}

#[derive(Clone, Debug)]
enum Members {
    Parts(Vec<PartPath>),
    Ids(Vec<ParamId>),
}

impl Members {
    fn hold(&self, id: ParamId, path: &str) -> bool {
        match self {
            Self::Parts(parts) => parts.iter().any(|part| part.holds(path)),
            Self::Ids(ids) => ids.contains(&id),
        }
    }

    /// Their name in an error.
    fn name(&self) -> String {
        match self {
            Self::Parts(parts) => parts.iter().map(PartPath::as_str).collect::<Vec<_>>().join(", "),
            Self::Ids(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
}

impl<O> GroupedOptimizer<O> {
    /// Wraps an optimizer. Without groups, it behaves as before.
    pub fn new(optimizer: O) -> Self {
        Self { optimizer, groups: vec![] }
    }

    /// Multiplies the rate of the part of the model at `path` by `factor`, 0 or more.
    ///
    /// # Errors
    ///
    /// `path` is malformed, or `factor` is negative or not finite.
    pub fn group(self, path: &str, factor: f64) -> Result<Self, GroupError> {
        let factor = Factor::new(factor)?;
        Ok(self.with(Members::Parts(vec![PartPath::new(path)?]), factor))
    }

    /// Multiplies the rate of these parameters by `factor`, 0 or more.
    ///
    /// burn gives a new model new ids; loading a checkpoint restores the saved ones.
    ///
    /// # Errors
    ///
    /// `factor` is negative or not finite.
    pub fn group_of_ids(self, ids: impl IntoIterator<Item = ParamId>, factor: f64) -> Result<Self, GroupError> {
        let factor = Factor::new(factor)?;
        Ok(self.with(Members::Ids(ids.into_iter().collect()), factor))
    }

    /// Checks that each group has a parameter of the model: a path may contain a typo, or a later group may take
    /// everything.
    ///
    /// # Errors
    ///
    /// A group has none; the error lists the paths of the parameters that exist.
    pub fn check<B: Backend, M: Module<B>>(&self, model: &M) -> Result<(), GroupError> {
        let parameters = parameters(model);
        let taken: Vec<_> = parameters.iter().map(|(id, path)| last_group(&self.groups, *id, path)).collect();
        let paths = parameters.into_iter().map(|(_, path)| path).collect();
        check_all_taken(self.groups.len(), taken, |group| self.groups[group].members.name(), paths)
    }

    fn with(mut self, members: Members, factor: Factor) -> Self {
        self.groups.push(Group { members, factor });
        self
    }

    /// The gradients of each device by the factor of their parameters, without the frozen ones.
    fn split<B: AutodiffBackend, M: AutodiffModule<B>>(
        &self,
        module: &M,
        gradients: Vec<GradientsParams>,
    ) -> Vec<(Factor, Vec<GradientsParams>)> {
        let mut split = Split { groups: &self.groups, names: vec![], gradients, shares: vec![] };
        module.visit(&mut split);
        split.shares
    }
}

impl<M: AutodiffModule<B>, B: AutodiffBackend, O: Optimizer<M, B>> Optimizer<M, B> for GroupedOptimizer<O> {
    type Record = O::Record;

    fn step(&mut self, lr: f64, mut module: M, grads: GradientsParams) -> M {
        for (factor, gradients) in self.split(&module, vec![grads]) {
            for grads in gradients {
                module = self.optimizer.step(factor.apply(lr), module, grads);
            }
        }
        module
    }

    fn step_multi(&mut self, lr: f64, mut module: M, grads: MultiGradientsParams) -> M {
        let (gradients, devices): (Vec<_>, Vec<_>) = grads.grads.into_iter().unzip();
        for (factor, gradients) in self.split(&module, gradients) {
            // All devices in order, even those without gradients: burn chooses a parameter's device by index.
            let grads = MultiGradientsParams { grads: gradients.into_iter().zip(devices.iter().copied()).collect() };
            module = self.optimizer.step_multi(factor.apply(lr), module, grads);
        }
        module
    }

    fn to_record(&self) -> Self::Record {
        self.optimizer.to_record()
    }

    fn load_record(self, record: Self::Record) -> Self {
        Self { optimizer: self.optimizer.load_record(record), ..self }
    }
}

impl<M, O: WeightAverage<M>> WeightAverage<M> for GroupedOptimizer<O> {
    fn averaged(&self, model: M) -> Result<M, AverageError> {
        self.optimizer.averaged(model)
    }
}

/// The group that counts for a parameter.
fn last_group(groups: &[Group], id: ParamId, path: &str) -> Option<usize> {
    groups.iter().rposition(|group| group.members.hold(id, path))
}

/// Splits the gradients of a module.
struct Split<'a> {
    groups: &'a [Group],
    /// Where the visit is.
    names: Vec<String>,
    /// One entry per device.
    gradients: Vec<GradientsParams>,
    /// What has been taken so far, by factor; one entry per device.
    shares: Vec<(Factor, Vec<GradientsParams>)>,
}

impl Split<'_> {
    /// The share that a parameter's gradients go to; `None` if it is frozen.
    fn share(&mut self, id: ParamId) -> Option<&mut Vec<GradientsParams>> {
        let factor =
            last_group(self.groups, id, &self.names.join(".")).map_or(Factor::ONE, |group| self.groups[group].factor);
        if factor == Factor::ZERO {
            return None;
        }
        let share = self.shares.iter().position(|(of, _)| *of == factor).unwrap_or_else(|| {
            let none = self.gradients.iter().map(|_| GradientsParams::new()).collect();
            self.shares.push((factor, none));
            self.shares.len() - 1
        });
        Some(&mut self.shares[share].1)
    }
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Split<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.names.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.names.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let id = param.id;
        let taken: Vec<_> = self.gradients.iter_mut().map(|of| of.remove::<B::InnerBackend, D>(id)).collect();
        if taken.iter().all(Option::is_none) {
            return;
        }
        for (share, gradient) in self.share(id).into_iter().flatten().zip(taken) {
            if let Some(gradient) = gradient {
                share.register(id, gradient);
            }
        }
    }
}

impl LayerDecay {
    /// On burn 0.21: wraps this optimizer so that the `Learner`'s rate is multiplied by each layer's factor.
    ///
    /// # Errors
    ///
    /// What [`factors`](Self::factors) refuses, or a path that no parameter of `model` is left for; the error then
    /// lists the paths that exist.
    pub fn optimizer<O, B: Backend, M: Module<B>>(
        &self,
        optimizer: O,
        model: &M,
    ) -> Result<GroupedOptimizer<O>, GroupError> {
        let layers = self.layers_of(parameters(model).into_iter().map(|(_, path)| path).collect())?;
        let grouped = GroupedOptimizer::new(optimizer);
        Ok(layers.into_iter().fold(grouped, |grouped, layer| grouped.with(Members::Parts(layer.parts), layer.factor)))
    }
}

/// The parameters that an optimizer changes, and their paths.
fn parameters<B: Backend, M: Module<B>>(model: &M) -> Vec<(ParamId, String)> {
    let mut found = Parameters::default();
    model.visit(&mut found);
    found.parameters
}

#[derive(Default)]
struct Parameters {
    /// Where the visit is.
    names: Vec<String>,
    parameters: Vec<(ParamId, String)>,
}

impl<B: Backend> ModuleVisitor<B> for Parameters {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.names.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.names.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        self.parameters.push((param.id, self.names.join(".")));
    }
}
