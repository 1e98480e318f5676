//! Parameter groups, for layer-wise decay.

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::{Module, ModuleVisitor, Param, ParamGroup};
use super::burn::tensor::Tensor;
use crate::groups::GroupError;
use crate::groups::parameter_groups::ParameterGroups;
use crate::scheduler::Scheduler;

impl<M: Module> ParameterGroups<ModuleLrScheduler> for M {
    fn parameters(&self) -> Vec<String> {
        let mut parameters = Parameters::default();
        self.visit(&mut parameters);
        parameters.paths
    }

    fn grouped(scheduler: Scheduler, groups: Vec<(String, Scheduler)>) -> Result<ModuleLrScheduler, GroupError> {
        let mut grouped = ModuleLrScheduler::new(scheduler);
        for (pattern, scheduler) in groups {
            let group = ParamGroup::from_regex(&pattern)
                .map_err(|error| GroupError::Pattern { pattern, reason: format!("{error:?}") })?;
            grouped = grouped.with_group(group, scheduler);
        }
        Ok(grouped)
    }
}

#[derive(Default)]
struct Parameters {
    /// Where the visit is.
    names: Vec<String>,
    paths: Vec<String>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.names.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.names.pop();
    }

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        self.paths.push(self.names.join("."));
    }
}
