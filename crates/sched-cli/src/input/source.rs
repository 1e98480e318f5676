//! Schedule files: one of several forms in, a schedule in steps per parameter group out.

use std::path::Path;

use anyhow::{Context, anyhow};
use sched_core::{Feedback, Plan, Schedule, Value};
use sched_dialects::{Found, Translation, read_value};
use serde::Serialize;

use super::document::Document;
use super::plan::PlanArgs;

/// A schedule file, with its durations converted to steps.
pub(crate) struct Source {
    /// The name of the file, for messages and legends.
    pub(crate) name: String,
    /// The plan from the file and the options.
    pub(crate) plan: Plan,
    /// The plan from the options alone.
    pub(crate) given: Plan,
    /// The parameter groups, at least one.
    pub(crate) groups: Vec<Group>,
    /// What kind of file it is, if it is not sched's own, and what it says that could change a rate and is not taken into
    /// account.
    notes: Vec<String>,
    /// The content of the file as written.
    pub(crate) value: Value,
}

/// What a parameter group follows. `convert` writes it in this form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Group {
    #[serde(rename = "schedule")]
    pub(crate) lr: Schedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) momentum: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weight_decay: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) feedback: Option<Feedback>,
}

impl Source {
    /// Reads a file; `-` is stdin.
    pub(crate) fn read(path: &Path, plan: &PlanArgs) -> anyhow::Result<Self> {
        let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
        let given = plan.run().with_context(|| name.clone())?;
        let document = Document::read(path, plan.limit()).with_context(|| name.clone())?;
        let read = || Self::new(name.clone(), document.parse()?, given).map_err(|error| document.placed(error));
        let source = read().with_context(|| name.clone())?;
        for note in &source.notes {
            eprintln!("sched: {}: {note}", source.name);
        }
        Ok(source)
    }

    /// Interprets the content of a file.
    fn new(name: String, value: Value, given: Plan) -> anyhow::Result<Self> {
        let Found { kind, is_own, groups, plan, notes } = read_value(&value, &given)?;
        let groups = groups.iter().map(Group::from).collect();
        let kind = (!is_own).then(|| format!("read as a {kind}"));
        Ok(Self { name, plan, given, groups, notes: kind.into_iter().chain(notes).collect(), value })
    }

    /// The same file with another content, in the same run.
    pub(crate) fn with(&self, value: Value) -> anyhow::Result<Self> {
        Self::new(self.name.clone(), value, self.given)
    }

    /// A parameter group by its index.
    pub(crate) fn group(&self, index: u64) -> anyhow::Result<&Group> {
        usize::try_from(index).ok().and_then(|index| self.groups.get(index)).ok_or_else(|| {
            anyhow!(
                "{}: `--group` is {index}, but must be less than the number of groups, {}",
                self.name,
                self.groups.len()
            )
        })
    }

    /// The length of the run, if the plan knows it; otherwise that of the longest schedule.
    pub(crate) fn length(&self) -> Length {
        match self.plan.run_steps() {
            Ok(steps) => Length { steps, told_by_run: true },
            Err(_) => {
                let extent = self.groups.iter().map(|group| group.lr.extent()).max().unwrap_or(0);
                Length { steps: extent.saturating_add(1), told_by_run: false }
            }
        }
    }

    /// Says on stderr how much is shown and why, unless the run's length is known.
    pub(crate) fn note_length(&self, steps: u64) {
        let groups = || self.groups.iter().map(|group| &group.lr);
        let why = if groups().all(|lr| lr.extent() == 0) {
            "because the rate never changes"
        } else if groups().all(|lr| lr.horizon().is_some()) {
            "the whole schedule"
        } else {
            "enough to see a schedule that never ends"
        };
        let s = if steps == 1 { "" } else { "s" };
        eprintln!("sched: {}: shows {steps} step{s}, {why}; give the length of the run with `--steps`", self.name);
    }
}

/// How many steps to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) steps: u64,
    /// Whether that is the length of the run, rather than what shows the schedule whole.
    pub(crate) told_by_run: bool,
}

impl From<&Translation> for Group {
    fn from(translation: &Translation) -> Self {
        let Translation { lr, momentum, weight_decay, feedback, .. } = translation.clone();
        Self { lr, momentum, weight_decay, feedback }
    }
}
