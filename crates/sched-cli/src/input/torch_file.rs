//! Files of `torch.save`, and the options that say what they do not.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_dialects::Translation;
use sched_torch::{Limits, ResumeOptions, Resumed, TorchFile};

use super::foreign;
use super::plan::PlanArgs;
use super::source::{Group, Source};

/// What a file of PyTorch's does not say.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Files of PyTorch")]
pub(crate) struct TorchArgs {
    /// Where in the file the scheduler is, such as trainer.schedulers.0, if it is not found by itself.
    #[arg(long, value_name = "A.B.0")]
    key: Option<String>,
    /// The scheduler's class, such as StepLR [default: inferred from its keys].
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// A schedule file that gives the curve, for a scheduler whose rates are code, such as LambdaLR. The file of PyTorch then
    /// gives the position.
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,
}

impl TorchArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.key.is_some() || self.class.is_some() || self.schedule.is_some()
    }

    /// The schedulers that go on where the file has stopped.
    pub(crate) fn resume(&self, file: &TorchFile, plan: &PlanArgs) -> anyhow::Result<Resumed> {
        let mut options = ResumeOptions::new();
        if let Some(key) = &self.key {
            options = options.key(key);
        }
        if let Some(class) = &self.class {
            options = options.class(class);
        }
        if let Some(path) = &self.schedule {
            let groups = Source::read(path, plan)?.groups.into_iter();
            let translation =
                |group: Group| Translation { momentum: group.momentum, feedback: group.feedback, ..group.lr.into() };
            options = options.schedule(groups.map(translation).collect::<Vec<_>>());
        }
        Ok(file.resume(&options)?)
    }
}

/// The file, if `torch.save` wrote it: a zip archive or a pickle. Its tensors stay where they are.
pub(crate) fn open_torch(path: &Path, plan: &PlanArgs) -> anyhow::Result<Option<TorchFile>> {
    let is_regular = path.metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_regular {
        return Ok(None);
    }
    let mut start = Vec::new();
    File::open(path)?.take(foreign::START as u64).read_to_end(&mut start)?;
    // No state begins like this: in MessagePack, 0x80 is an empty map.
    if !(start.starts_with(b"PK") || start.first() == Some(&0x80)) {
        return Ok(None);
    }
    let mut limits = Limits::default();
    if let Some(most) = plan.given_limit() {
        limits.file_bytes = most;
    }
    match (TorchFile::open_with(path, limits), start.starts_with(b"PK").then(|| foreign::name(&start)).flatten()) {
        (Err(_), Some(name)) => bail!("this is {name}"),
        (opened, _) => opened.map(Some).context("a file of torch.save"),
    }
}
