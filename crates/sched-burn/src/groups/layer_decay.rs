//! Layer-wise decay of the rate.

use sched_core::Factor;

use super::error::GroupError;
use super::parameter_groups::ParameterGroups;
use super::path::{PartPath, check_all_taken};
use crate::scheduler::Scheduler;

/// Layer-wise decay: the further a layer is from the output, the lower its rate.
///
/// Name the layers from the input to the output. With `n` layers, layer `i`, counted from 0, has the factor
/// `max(min_scale, decay^(n - i))`. Everything that is in no layer is the head and has the full rate. So the last layer has
/// `decay`, and layer 0 has `decay^n`.
///
/// This is BEiT's `layer_decay` and timm's `param_groups_layer_decay`, which count the head as one more layer. For a
/// vision transformer with 12 blocks, their layer 0 is the embedding, layer `i + 1` is block `i`, and layer 13 is the
/// head; here, write `layer(["patch_embed", "pos_embed", "cls_token"]).blocks("blocks", 12)`. The final norm belongs to
/// the head in BEiT, and here if it is in no layer, but to the last block in timm; for that, end with
/// `.blocks("blocks", 11).layer(["blocks.11", "norm"])`.
///
/// A layer is named by the path of a part of the model, in whole names from the model down: `blocks.1` contains
/// `blocks.1.weight`, but not `blocks.10.weight`. A path consists of field names, and of indices into a `Vec`, an array
/// or a tuple, such as `encoder.blocks.1` if the blocks are in a field `encoder`. If a parameter is in several layers,
/// the last one counts.
#[cfg_attr(
    feature = "burn-0_22",
    doc = "
On burn 0.22 and later, [`scheduler`](Self::scheduler) makes each layer a parameter group with its own scheduler:

```
use burn_0_22 as burn;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::Module;
use burn::nn::Linear;
use sched_burn::prelude::*;

#[derive(Module, Debug)]
struct Net {
    embed: Linear,
    blocks: Vec<Linear>,
    head: Linear,
}

/// For burn's `Learner::new(model, optimizer, scheduler)`. The peak rate is 1e-3 for the head, 0.5e-3 for the second block,
/// 0.25e-3 for the first, and 0.125e-3 for the embedding.
fn scheduler(model: &Net) -> Result<ModuleLrScheduler, GroupError> {
    let scheduler = Scheduler::new(Schedule::cosine_annealing(1e-3, 0.0, 1000)?);
    LayerDecay::new(0.5).layer([\"embed\"]).blocks(\"blocks\", 2).scheduler(&scheduler, model)
}
# let _ = scheduler;
```
"
)]
#[cfg_attr(
    feature = "burn-0_21",
    doc = "
On burn 0.21, [`optimizer`](Self::optimizer) puts the factors into a [`GroupedOptimizer`](crate::GroupedOptimizer).
"
)]
///
/// Bao et al. 2021, BEiT, arXiv 2106.08254; Clark et al. 2020, ELECTRA, arXiv 2003.10555.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "layer-wise decay does nothing until `scheduler` or, on burn 0.21, `optimizer`"]
pub struct LayerDecay {
    decay: f64,
    min_scale: f64,
    no_opt_scale: f64,
    layers: Vec<Vec<String>>,
}

impl LayerDecay {
    /// Starts without layers. `decay` is above 0 and at most 1, usually 0.65 to 0.9.
    ///
    /// All values are checked on use.
    pub fn new(decay: f64) -> Self {
        Self { decay, min_scale: 0.0, no_opt_scale: 0.0, layers: vec![] }
    }

    /// Adds the next layer towards the output: one part of the model, or several side by side.
    pub fn layer(mut self, paths: impl IntoIterator<Item: Into<String>>) -> Self {
        self.layers.push(paths.into_iter().map(Into::into).collect());
        self
    }

    /// Adds the next layers towards the output, each of them one part of the model.
    pub fn layers(self, paths: impl IntoIterator<Item: Into<String>>) -> Self {
        paths.into_iter().fold(self, |decay, path| decay.layer([path]))
    }

    /// Adds the next `count` layers towards the output: `path.0`, `path.1` and so on, the paths of the elements of a `Vec`.
    pub fn blocks(self, path: &str, count: usize) -> Self {
        self.layers((0..count).map(|block| format!("{path}.{block}")))
    }

    /// Sets the smallest factor of a layer, between 0 and 1. The default is 0.
    pub fn min_scale(mut self, min_scale: f64) -> Self {
        self.min_scale = min_scale;
        self
    }

    /// Freezes the layers whose factor is below this, between 0 and 1: their factor becomes 0. The default is 0.
    pub fn no_opt_scale(mut self, no_opt_scale: f64) -> Self {
        self.no_opt_scale = no_opt_scale;
        self
    }

    /// The factor of each layer, from the input to the output, without the head, whose factor is 1.
    ///
    /// ```
    /// use sched_burn::LayerDecay;
    ///
    /// # fn main() -> Result<(), sched_burn::GroupError> {
    /// let factors = LayerDecay::new(0.5).layer(["embed"]).blocks("blocks", 2).factors()?;
    /// assert_eq!(factors, [0.125, 0.25, 0.5]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A number is out of its range, there is no layer, a layer has no path, or a path is malformed or in two layers.
    pub fn factors(&self) -> Result<Vec<f64>, GroupError> {
        Ok(self.build()?.into_iter().map(|layer| layer.factor.get()).collect())
    }

    /// burn's scheduler for this model, on burn 0.22 and later: `scheduler` for the head and, for each layer, a clone
    /// of it on the schedule times the layer's factor.
    ///
    /// Each clone has its own position and its own rule, saved in the checkpoint under the layer's number plus 1, as
    /// `1.position`; the head is under `0`. The rule's own bounds, such as a plateau's `min_lr`, are not multiplied.
    /// More groups can be added with burn's `with_group`; the last one that matches a parameter counts.
    ///
    /// The result is the `ModuleLrScheduler` of the burn that the model is made with.
    ///
    /// # Errors
    ///
    /// What [`factors`](Self::factors) refuses, a schedule that is nested too deeply to be multiplied, or a path that no
    /// parameter of `model` is left for; the error then lists the paths that exist.
    pub fn scheduler<M: ParameterGroups<S>, S>(&self, scheduler: &Scheduler, model: &M) -> Result<S, GroupError> {
        let mut groups = vec![];
        for layer in self.layers_of(model.parameters())? {
            groups.push((PartPath::pattern(&layer.parts), scheduler.scaled(layer.factor)?));
        }
        M::grouped(scheduler.clone(), groups)
    }

    /// The layers of a model with these parameters.
    pub(crate) fn layers_of(&self, parameters: Vec<String>) -> Result<Vec<Layer>, GroupError> {
        let layers = self.build()?;
        check(&layers, parameters)?;
        Ok(layers)
    }

    fn build(&self) -> Result<Vec<Layer>, GroupError> {
        if self.layers.is_empty() {
            return Err(sched_core::ScheduleError::Empty { field: "layers" }.into());
        }
        // The head is a layer too.
        let factors = Factor::layer_decay(self.decay, self.layers.len() + 1, self.min_scale, self.no_opt_scale)?;
        let mut layers: Vec<Layer> = Vec::with_capacity(self.layers.len());
        for (index, (paths, factor)) in self.layers.iter().zip(factors).enumerate() {
            if paths.is_empty() {
                return Err(GroupError::NamelessLayer { layer: index });
            }
            let parts = paths.iter().map(|path| PartPath::new(path)).collect::<Result<Vec<_>, _>>()?;
            for part in &parts {
                if let Some(first) = layers.iter().position(|layer| layer.parts.contains(part)) {
                    return Err(GroupError::TwoLayers { path: part.as_str().to_owned(), first, second: index });
                }
            }
            layers.push(Layer { parts, factor });
        }
        Ok(layers)
    }
}

/// Parts of a model with a common factor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer {
    pub(crate) parts: Vec<PartPath>,
    pub(crate) factor: Factor,
}

/// Checks that every path of every layer is the last match of some parameter.
fn check(layers: &[Layer], parameters: Vec<String>) -> Result<(), GroupError> {
    let parts: Vec<&PartPath> = layers.iter().flat_map(|layer| &layer.parts).collect();
    let last = |parameter: &String| parts.iter().rposition(|part| part.holds(parameter));
    let taken: Vec<Option<usize>> = parameters.iter().map(last).collect();
    check_all_taken(parts.len(), taken, |part| parts[part].as_str().to_owned(), parameters)
}
