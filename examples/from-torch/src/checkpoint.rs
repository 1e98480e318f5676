//! What the checkpoint says, without burn.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sched_burn::sched_torch::{ResumeOptions, TorchFile, Value};
use sched_burn::{Schedule, Scheduler};

/// A file by `torch.save` of `{"model_state_dict": .., "optimizer_state_dict": .., "scheduler_state_dict": ..}`.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    file: TorchFile,
    /// A scheduler for each parameter group.
    pub(crate) schedulers: Vec<Scheduler>,
    /// The momentum of each parameter group by position, where the scheduler drives it.
    momenta: Vec<Option<Schedule>>,
}

/// The optimizer of a parameter group, under PyTorch's names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Optimizer {
    pub(crate) class: Class,
    /// For Adam and AdamW, the first of the `betas`.
    pub(crate) momentum: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Class {
    Sgd(SgdOptions),
    Adam(AdamOptions),
    AdamW(AdamOptions),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SgdOptions {
    pub(crate) dampening: f64,
    pub(crate) weight_decay: f64,
    pub(crate) nesterov: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AdamOptions {
    pub(crate) beta_2: f64,
    pub(crate) eps: f64,
    pub(crate) weight_decay: f64,
}

/// A tensor in burn's layout.
#[derive(Debug)]
pub(crate) struct Array {
    /// The size of each dimension.
    pub(crate) shape: Vec<usize>,
    /// The elements, row by row.
    pub(crate) values: Vec<f32>,
}

impl Checkpoint {
    /// Opens the file and resumes its scheduler.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = TorchFile::open(path)?;
        // `Scheduler::from_torch_groups` is shorter, but has no momentum.
        let resumed = file.resume(&ResumeOptions::new())?;
        for assumed in &resumed.assumed {
            eprintln!("assumed: {assumed}");
        }
        let groups = resumed.groups.into_iter().map(|group| (group.scheduler.into(), group.momentum));
        let (schedulers, momenta) = groups.unzip();
        Ok(Self { file, schedulers, momenta })
    }

    /// A parameter of the model, by PyTorch's name: `0.weight`.
    pub(crate) fn parameter(&self, name: &str) -> Result<Array> {
        array(self.file.at(&format!("model_state_dict.{name}"))?).with_context(|| name.to_owned())
    }

    /// The average that the optimizer keeps for a parameter: its `momentum_buffer`, `exp_avg` or `exp_avg_sq`.
    pub(crate) fn moment(&self, parameter: &str, key: &str) -> Result<Array> {
        let index = self.index(parameter)?;
        let moment = self.state(parameter, key)?;
        let shape = |value: Value<'_>| value.as_tensor().map_or(vec![], |tensor| tensor.shape().to_vec());
        let (expected, found) = (shape(self.file.at(&format!("model_state_dict.{parameter}"))?), shape(moment));
        ensure!(
            found == expected,
            "`{parameter}` has the shape {expected:?}, but `{key}` of the optimizer's parameter {index} has {found:?}: the \
             optimizer was given its parameters in another order than the model's"
        );
        array(moment).with_context(|| format!("`{key}` of `{parameter}`"))
    }

    /// Whether the optimizer has any state. Before its first update it has none, and a new one of burn goes on like it.
    pub(crate) fn has_state(&self) -> Result<bool> {
        let state = self.file.at("optimizer_state_dict.state")?;
        Ok(!state.as_dict().context("`optimizer_state_dict.state` is not a dict")?.is_empty())
    }

    /// How many updates Adam has made to a parameter.
    pub(crate) fn steps(&self, parameter: &str) -> Result<usize> {
        let value = self.state(parameter, "step")?;
        // A number before PyTorch 1.12.
        let steps = match value.as_u64() {
            Some(steps) => steps as usize,
            None => *array(value)?.values.first().context("`step` is empty")? as usize,
        };
        Ok(steps)
    }

    /// Sorts parameters into the parameter groups, by their names.
    pub(crate) fn groups<T>(&self, parameters: impl IntoIterator<Item = (String, T)>) -> Result<Vec<Vec<T>>> {
        let mut groups: Vec<_> = self.schedulers.iter().map(|_| vec![]).collect();
        for (name, parameter) in parameters {
            groups[self.group(&name)?].push(parameter);
        }
        Ok(groups)
    }

    /// The parameter group of a parameter.
    fn group(&self, parameter: &str) -> Result<usize> {
        let index = self.index(parameter)?;
        let has_it = |group: Value<'_>| {
            let mut indices = group.get("params").and_then(Value::as_items).into_iter().flatten();
            indices.any(|item| item.as_u64() == Some(index as u64))
        };
        let group = self.param_groups()?.into_iter().position(has_it);
        let group = group.with_context(|| format!("no parameter group has parameter {index}, `{parameter}`"))?;
        ensure!(group < self.schedulers.len(), "the scheduler has no rate for parameter group {group}, `{parameter}`");
        Ok(group)
    }

    /// The optimizer of each parameter group. The state dict does not name its class, so it follows from the options.
    pub(crate) fn optimizers(&self) -> Result<Vec<Optimizer>> {
        self.param_groups()?.into_iter().map(options).collect()
    }

    /// The optimizer of a parameter.
    pub(crate) fn optimizer(&self, parameter: &str) -> Result<Optimizer> {
        Ok(self.optimizers()?[self.group(parameter)?])
    }

    /// Gives the optimizers the momentum of the update that comes next. Returns whether the scheduler drives it.
    pub(crate) fn drive_momentum(&self, optimizers: &mut [Optimizer], schedulers: &[Scheduler]) -> bool {
        for ((optimizer, momentum), scheduler) in optimizers.iter_mut().zip(&self.momenta).zip(schedulers) {
            if let Some(momentum) = momentum {
                optimizer.momentum = momentum.at(scheduler.position());
            }
        }
        self.momenta.iter().any(Option::is_some)
    }

    /// The optimizer numbers its parameters in the order in which they were given to it. If they were given with their names
    /// (`model.named_parameters()`), it has these; otherwise it must be the order of the model, which has neither buffers nor
    /// frozen parameters.
    fn index(&self, parameter: &str) -> Result<usize> {
        let names = self.param_groups()?.into_iter().filter_map(|group| group.get("param_names")?.as_items());
        let mut names: Vec<_> = names.flatten().collect();
        if names.is_empty() {
            let model = self.file.at("model_state_dict")?.as_dict().context("`model_state_dict` is not a dict")?;
            names.extend(model.keys());
        }
        let index = names.iter().position(|name| name.as_str() == Some(parameter));
        index.with_context(|| format!("`{parameter}` is not a parameter of the optimizer: {names:?}"))
    }

    fn state(&self, parameter: &str, key: &str) -> Result<Value<'_>> {
        let index = self.index(parameter)?;
        let state = self.file.at(&format!("optimizer_state_dict.state.{index}.{key}"));
        state.with_context(|| format!("the optimizer has no `{key}` for its parameter {index}, `{parameter}`"))
    }

    fn param_groups(&self) -> Result<Vec<Value<'_>>> {
        let groups = self.file.at("optimizer_state_dict.param_groups")?;
        Ok(groups.as_items().context("`param_groups` is not a list")?.collect())
    }
}

fn options(group: Value<'_>) -> Result<Optimizer> {
    let number = |key: &str| group.get(key).and_then(Value::as_f64).with_context(|| format!("no number `{key}`"));
    let flag = |key: &str| group.get(key).and_then(Value::as_bool);
    for key in ["maximize", "amsgrad"] {
        ensure!(flag(key) != Some(true), "the optimizer has `{key}`, which is not part of this example");
    }
    // Which only SGD has, and only Adam and AdamW.
    let (class, momentum) = match (flag("nesterov"), flag("amsgrad")) {
        (Some(nesterov), None) => {
            let options =
                SgdOptions { dampening: number("dampening")?, weight_decay: number("weight_decay")?, nesterov };
            (Class::Sgd(options), number("momentum")?)
        }
        (None, Some(_)) => {
            let betas = group.get("betas").and_then(Value::as_f64_vec).unwrap_or_default();
            let &[momentum, beta_2] = betas.as_slice() else { bail!("`betas` are not two numbers: {group}") };
            let options = AdamOptions { beta_2, eps: number("eps")?, weight_decay: number("weight_decay")? };
            let class = match flag("decoupled_weight_decay") {
                Some(true) => Class::AdamW(options),
                // Before PyTorch 2.7, Adam and AdamW have the same keys.
                None if options.weight_decay != 0.0 => {
                    bail!("the file does not say whether its weight decay is Adam's or AdamW's")
                }
                _ => Class::Adam(options),
            };
            (class, momentum)
        }
        _ => bail!("the optimizer is none of SGD, Adam and AdamW: {group}"),
    };
    Ok(Optimizer { class, momentum })
}

/// The elements of a tensor. Every matrix of this model is the weight of a `Linear`, which PyTorch keeps as `[out, in]` and burn
/// as `[in, out]`; moments have the layout of their parameter.
fn array(value: Value<'_>) -> Result<Array> {
    let tensor = value.as_tensor().with_context(|| format!("not a tensor but {value:.40}"))?;
    let shape: Vec<usize> = tensor.shape().iter().map(|size| *size as usize).collect();
    let values: Vec<f32> = tensor.to_f64_vec()?.into_iter().map(|value| value as f32).collect();
    Ok(Array { shape, values }.transposed())
}

impl Array {
    /// The same with rows as columns, if it is a matrix.
    pub(crate) fn transposed(self) -> Self {
        let [rows, columns] = self.shape[..] else { return self };
        let values = (0..columns).flat_map(|column| (0..rows).map(move |row| (row, column)));
        let values = values.map(|(row, column)| self.values[row * columns + column]).collect();
        Self { shape: vec![columns, rows], values }
    }
}
