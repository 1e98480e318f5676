//! Layer-wise decay on burn 0.22, whose scheduler has parameter groups.

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::{Module, ModuleVisitor, Param, ParamGroup};
use super::burn::tensor::Tensor;

use crate::groups::{GroupError, LayerDecay, PartPath, Walk, check};
use crate::scheduler::Scheduler;

impl LayerDecay {
    /// burn 0.22's scheduler for this model: `scheduler` for the head, and for each layer a clone of it on the schedule
    /// times the layer's factor.
    ///
    /// A clone has its own position and its own plateau or greedy rule, saved in the checkpoint under the layer's number
    /// plus 1, as `1.position`; the head is under `0`. The rule's own bounds, such as a plateau's `min_lr`, are not
    /// multiplied. Further groups can be added with burn's `with_group`; the last that matches a parameter counts.
    ///
    /// # Errors
    ///
    /// What [`factors`](Self::factors) refuses, a schedule that is nested too deeply to be multiplied, or a path that no
    /// parameter of `model` is left for; the error then lists the paths that there are.
    pub fn scheduler<M: Module>(&self, scheduler: &Scheduler, model: &M) -> Result<ModuleLrScheduler, GroupError> {
        let layers = self.build()?;
        check(&layers, parameters(model))?;
        let mut groups = ModuleLrScheduler::new(scheduler.clone());
        for layer in layers {
            let pattern = PartPath::pattern(&layer.parts);
            let group = ParamGroup::from_regex(&pattern)
                .map_err(|error| GroupError::Pattern { pattern, reason: format!("{error:?}") })?;
            groups = groups.with_group(group, scheduler.scaled(layer.factor)?);
        }
        Ok(groups)
    }
}

/// The paths of the parameters that an optimizer changes.
fn parameters<M: Module>(model: &M) -> Vec<String> {
    let mut found = Parameters::default();
    model.visit(&mut found);
    found.paths
}

#[derive(Default)]
struct Parameters {
    walk: Walk,
    paths: Vec<String>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.walk.enter(name);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.walk.exit();
    }

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        self.paths.push(self.walk.path());
    }
}
