//! Schedule files: one of several forms in, a schedule in steps per parameter group out.

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use sched_core::{Feedback, Plan, Schedule, Value};
use sched_dialects::{Dialect, Translation};
use serde::{Deserialize, Serialize};

use super::document::{parse, read_value};
use super::plan::PlanArgs;

/// A schedule file, with its durations converted to steps.
pub(crate) struct Source {
    /// The name of the file, for messages and legends.
    pub(crate) name: String,
    /// The plan from the file and the options.
    pub(crate) plan: Plan,
    /// The parameter groups, at least one.
    pub(crate) groups: Vec<Group>,
    /// The content of the file as written.
    pub(crate) value: Value,
}

/// What a parameter group follows. `convert` writes it in this form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    #[serde(rename = "schedule")]
    pub(crate) lr: Schedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) momentum: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) feedback: Option<Feedback>,
}

impl Source {
    /// Reads a file; `-` is stdin.
    pub(crate) fn read(path: &Path, plan: &PlanArgs) -> anyhow::Result<Self> {
        let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
        let value = read_value(path, plan.limit()).with_context(|| name.clone())?;
        Self::new(name.clone(), value, plan).with_context(|| name)
    }

    /// Interprets the content of a file.
    pub(crate) fn new(name: String, value: Value, plan: &PlanArgs) -> anyhow::Result<Self> {
        let Value::Map(mut entries) = value.clone() else {
            bail!("the file is {value}, but must be a map: a schedule or another library's scheduler");
        };
        let own = match entries.iter().position(|(name, _)| name == "plan") {
            Some(index) => parse("plan", &entries.remove(index).1)?,
            None => Plan::new(),
        };
        let plan = plan.over(own)?;
        let has = |name: &str| entries.iter().any(|(entry, _)| entry == name);
        let (is_dialect, is_groups, is_group) = (has("library"), has("groups"), has("schedule"));
        let file = Value::Map(entries);
        let groups = if is_dialect {
            let DialectFile { library, kind, params } = parse("", &plan.resolve_params(&file)?)?;
            Dialect::new(&library, &kind, params)?.groups().iter().map(Group::from).collect()
        } else {
            let file = plan.resolve(&file)?;
            if is_groups {
                parse::<Groups>("", &file)?.groups
            } else if is_group {
                vec![parse("", &file)?]
            } else {
                vec![Group { lr: parse("", &file)?, momentum: None, feedback: None }]
            }
        };
        if groups.is_empty() {
            bail!("`groups` is empty, but must have at least one element");
        }
        Ok(Self { name, plan, groups, value })
    }

    /// A parameter group by its index.
    pub(crate) fn group(&self, index: usize) -> anyhow::Result<&Group> {
        self.groups.get(index).ok_or_else(|| {
            anyhow!(
                "{}: `--group` is {index}, but must be less than the number of groups, {}",
                self.name,
                self.groups.len()
            )
        })
    }

    /// The number of steps in the run: from the plan, or else up to the end of the longest schedule, if each has one.
    pub(crate) fn run_steps(&self) -> Option<u64> {
        self.plan.run_steps().ok().or_else(|| {
            let ends = self.groups.iter().map(|group| group.lr.horizon());
            ends.collect::<Option<Vec<_>>>()?.into_iter().max()?.checked_add(1)
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectFile {
    library: String,
    kind: String,
    params: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    groups: Vec<Group>,
}

impl From<&Translation> for Group {
    fn from(translation: &Translation) -> Self {
        let Translation { lr, momentum, feedback, .. } = translation.clone();
        Self { lr, momentum, feedback }
    }
}
