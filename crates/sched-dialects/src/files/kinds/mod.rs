//! The kinds of files, one file each.

mod axolotl;
mod composer;
mod deepspeed;
mod detectron2;
mod fairseq;
mod keras;
mod lightning;
mod megatron;
mod mlx_lm;
mod mmcv;
mod mmengine;
mod nemo;
mod olmo;
mod own;
mod paddle_detection;
mod timm;
mod torchtitan;
mod training_args;
mod ultralytics;

use core::fmt;

pub(in crate::files) use own::crowded;

use sched_core::{Schedule, ScheduleError, Value};

use super::error::FileError;
use super::fields::Fields;
use super::found::Found;
use crate::declare::Translation;
use crate::dialect::Dialect;

/// A kind of file.
pub struct FileKind {
    /// Its name, for messages.
    pub name: &'static str,
    /// Whether the form is sched's own.
    pub is_own: bool,
    /// Names that such a file usually has.
    pub names: &'static [&'static str],
    /// The fields that say how many updates the run has; and those that say how many epochs, if none of the first does.
    pub(super) run: [&'static [&'static str]; 2],
    pub(super) is_it: fn(Fields<'_>) -> bool,
    pub(super) read: fn(Fields<'_>, &mut Found) -> Result<(), FileError>,
}

impl fmt::Debug for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKind").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All kinds of files; where several fit, the first is meant.
pub const KINDS: &[FileKind] = &[
    own::DIALECT,
    own::GROUPS,
    own::GROUP,
    own::SCHEDULE,
    deepspeed::KIND,
    mmengine::KIND,
    mmcv::KIND,
    detectron2::KIND,
    megatron::KIND,
    torchtitan::KIND,
    nemo::KIND,
    ultralytics::KIND,
    mlx_lm::KIND,
    keras::KIND,
    paddle_detection::KIND,
    fairseq::KIND,
    axolotl::KIND,
    olmo::KIND,
    composer::KIND,
    lightning::KIND,
    timm::KIND,
    training_args::KIND,
];

/// Parameters of a library's scheduler; those that are `None` are left out.
struct Params(Vec<(String, Value)>);

impl Params {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn with(mut self, name: &str, value: impl Into<Option<Value>>) -> Self {
        if let Some(value) = value.into() {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    fn number(self, name: &str, value: impl Into<Option<f64>>) -> Self {
        let value = value.into().map(Value::Number);
        self.with(name, value)
    }

    fn count(self, name: &str, value: impl Into<Option<u64>>) -> Self {
        let value = value.into().map(|count| Value::Int(count.into()));
        self.with(name, value)
    }

    /// As they stand in the file, but for these names.
    fn all(mut self, from: Fields<'_>, but: &[&str]) -> Self {
        let own = from.entries().iter().filter(|(name, _)| !but.contains(&name.as_str()));
        self.0.extend(own.cloned());
        self
    }

    fn of(self, library: &str, kind: &str) -> Result<Vec<Translation>, FileError> {
        Ok(Dialect::new(library, kind, Value::Map(self.0))?.groups().to_vec())
    }
}

/// Groups that count epochs, as groups that count updates.
fn per_epoch(groups: Vec<Translation>, steps: u64) -> Result<Vec<Translation>, ScheduleError> {
    let scaled = |schedule: Schedule| schedule.per_epoch(steps);
    let group = |group: Translation| {
        Ok(Translation {
            lr: scaled(group.lr)?,
            momentum: group.momentum.map(scaled).transpose()?,
            weight_decay: group.weight_decay.map(scaled).transpose()?,
            ..group
        })
    };
    groups.into_iter().map(group).collect()
}
