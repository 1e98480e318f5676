//! The classes of `torch.optim.lr_scheduler`, by the keys of their state dicts.

use super::error::{Problem, ResumeError};
use crate::read::Dict;

/// A class of PyTorch's.
#[derive(Debug, PartialEq)]
pub(super) struct Class {
    pub(super) name: &'static str,
    /// The keys that its meaning needs.
    pub(super) keys: &'static [&'static str],
    /// Other keys that it has or had.
    optional: &'static [&'static str],
}

/// Keys of every class, in one version of PyTorch or another. Some are about warnings only: `verbose` until 2.6,
/// `_get_lr_called_within_step` since 1.4, `_is_initial` since 2.5.
const COMMON: [&str; 7] =
    ["base_lrs", "last_epoch", "_step_count", "_last_lr", "verbose", "_get_lr_called_within_step", "_is_initial"];

pub(super) const CLASSES: [Class; 16] = [
    Class { name: "StepLR", keys: &["step_size", "gamma"], optional: &[] },
    Class { name: "MultiStepLR", keys: &["milestones", "gamma"], optional: &[] },
    Class { name: "ConstantLR", keys: &["factor", "total_iters"], optional: &[] },
    Class { name: "LinearLR", keys: &["start_factor", "end_factor", "total_iters"], optional: &[] },
    Class { name: "ExponentialLR", keys: &["gamma"], optional: &[] },
    Class { name: "PolynomialLR", keys: &["total_iters", "power"], optional: &[] },
    Class { name: "CosineAnnealingLR", keys: &["T_max", "eta_min"], optional: &[] },
    Class { name: "CosineAnnealingWarmRestarts", keys: &["T_0", "T_i", "T_mult", "eta_min", "T_cur"], optional: &[] },
    Class {
        name: "CyclicLR",
        keys: &["max_lrs", "total_size", "step_ratio", "mode", "gamma", "cycle_momentum"],
        optional: &[
            "scale_mode",
            "use_beta1",
            "base_momentums",
            "max_momentums",
            "_scale_fn_custom",
            "_scale_fn_ref",
            "scale_fn",
        ],
    },
    Class {
        name: "OneCycleLR",
        keys: &["total_steps", "cycle_momentum"],
        optional: &[
            "_schedule_phases",
            "_anneal_func_type",
            "anneal_func",
            "use_beta1",
            "step_size_up",
            "step_size_down",
        ],
    },
    Class {
        name: "ReduceLROnPlateau",
        keys: &[
            "mode",
            "factor",
            "patience",
            "threshold",
            "threshold_mode",
            "cooldown",
            "min_lrs",
            "best",
            "cooldown_counter",
            "num_bad_epochs",
        ],
        optional: &["eps", "default_min_lr", "mode_worse"],
    },
    Class { name: "SWALR", keys: &["anneal_epochs"], optional: &["_anneal_strategy", "anneal_func"] },
    Class { name: "LambdaLR", keys: &["lr_lambdas"], optional: &[] },
    Class { name: "MultiplicativeLR", keys: &["lr_lambdas"], optional: &[] },
    Class { name: "SequentialLR", keys: &["_milestones", "_schedulers"], optional: &[] },
    Class { name: "ChainedScheduler", keys: &["_schedulers"], optional: &[] },
];

impl Class {
    /// The class of this name, which may be given with its module.
    pub(super) fn named(name: &str) -> Result<&'static Self, ResumeError> {
        let last = name.rsplit('.').next().unwrap_or(name);
        let known = || CLASSES.iter().map(|class| class.name).collect();
        let class = CLASSES.iter().find(|class| class.name == last);
        class.ok_or_else(|| ResumeError::UnknownClass { class: name.to_owned(), known: known() })
    }

    /// The class that has these keys. `LambdaLR` and `MultiplicativeLR` have the same.
    pub(super) fn inferred(dict: Dict<'_>) -> Result<&'static Self, Problem> {
        let complete = || CLASSES.iter().filter(|class| class.missing(dict).is_empty());
        let most = complete().map(|class| class.explained(dict)).max();
        let best: Vec<_> = complete().filter(|class| Some(class.explained(dict)) == most).collect();
        match best.as_slice() {
            [class] => Ok(class),
            [class, _] if class.is_code() => Ok(class),
            [] => {
                let nearest = CLASSES.iter().max_by_key(|class| (class.explained(dict), class.missing(dict).len()));
                let nearest = nearest.filter(|class| class.explained(dict) > 0);
                Err(Problem::NoClass { nearest: nearest.map(|class| (class.name, class.missing(dict))) })
            }
            several => Err(Problem::Ambiguous { classes: several.iter().map(|class| class.name).collect() }),
        }
    }

    /// Whether its rates come from a function, which a file does not hold.
    pub(super) fn is_code(&self) -> bool {
        self.keys == ["lr_lambdas"]
    }

    /// Whether it has others in `_schedulers`.
    pub(super) fn is_composite(&self) -> bool {
        self.keys.contains(&"_schedulers")
    }

    /// Its keys that the state dict lacks.
    pub(super) fn missing(&self, dict: Dict<'_>) -> Vec<&'static str> {
        self.keys.iter().copied().filter(|key| dict.get(key).is_none()).collect()
    }

    /// Keys of the state dict that the class has in no version of PyTorch.
    pub(super) fn unknown(&self, dict: Dict<'_>) -> Vec<String> {
        let known = |key: &str| COMMON.contains(&key) || self.keys.contains(&key) || self.optional.contains(&key);
        let keys = dict.keys().filter(|key| !key.as_str().is_some_and(known));
        keys.map(|key| key.as_str().map_or_else(|| format!("{key:.60}"), str::to_owned)).collect()
    }

    /// How many of the state dict's keys are its own.
    fn explained(&self, dict: Dict<'_>) -> usize {
        self.keys.iter().chain(self.optional).filter(|key| dict.get(key).is_some()).count()
    }
}
