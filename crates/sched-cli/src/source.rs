//! Schedule files: what they hold, in whatever form.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use sched_core::{Feedback, Plan, Schedule, Value};
use sched_dialects::{Dialect, Translation};
use serde::{Deserialize, Serialize};

use crate::plan_args::PlanArgs;

/// A schedule file, read and resolved.
pub(crate) struct Source {
    /// The file's name, for messages and legends.
    pub(crate) name: String,
    /// What is known about the run.
    pub(crate) plan: Plan,
    /// One per parameter group, at least one.
    pub(crate) groups: Vec<Group>,
    /// The file as it stands.
    pub(crate) value: Value,
}

/// What a parameter group follows; as a file, the form that `convert` writes.
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

/// The syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Syntax {
    Json,
    Toml,
}

impl Syntax {
    /// By the extension, if it has one of ours.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

impl Source {
    /// Reads a file, `-` for stdin.
    pub(crate) fn read(path: &Path, plan: &PlanArgs) -> anyhow::Result<Self> {
        let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
        let value = read_value(path).with_context(|| name.clone())?;
        Self::new(name.clone(), value, plan).with_context(|| name)
    }

    /// What a file that has been parsed holds.
    pub(crate) fn new(name: String, value: Value, plan: &PlanArgs) -> anyhow::Result<Self> {
        let Value::Map(mut entries) = value.clone() else {
            bail!("the file is {value}, but must be a map: a schedule, or a library's scheduler");
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

    /// The parameter group of that number.
    pub(crate) fn group(&self, index: usize) -> anyhow::Result<&Group> {
        self.groups.get(index).ok_or_else(|| {
            anyhow!(
                "{}: `--group` is {index}, but must be below {}, the number of groups",
                self.name,
                self.groups.len()
            )
        })
    }

    /// How many steps the run has: as the plan says, else up to the end of the longest schedule, which may have none.
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

/// Reads data out of a value; an error begins with where.
fn parse<T: serde::de::DeserializeOwned>(path: &str, value: &Value) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let path = match (path, inner.as_str()) {
            (path, ".") => path.to_owned(),
            ("", inner) => inner.to_owned(),
            (path, inner) if inner.starts_with('[') => format!("{path}{inner}"),
            (path, inner) => format!("{path}.{inner}"),
        };
        if path.is_empty() { anyhow!("{}", error.inner()) } else { anyhow!("`{path}`: {}", error.inner()) }
    })
}

/// Reads a file of either syntax, `-` for stdin.
fn read_value(path: &Path) -> anyhow::Result<Value> {
    let text = read_text(path)?;
    // No TOML file begins with a brace, and no map in JSON with anything else.
    let sniffed = if text.trim_start().starts_with('{') { Syntax::Json } else { Syntax::Toml };
    match Syntax::of(path).unwrap_or(sniffed) {
        Syntax::Json => Ok(serde_json::from_str(&text).context("no valid JSON")?),
        Syntax::Toml => Ok(toml::from_str(&text).context("no valid TOML")?),
    }
}

/// Reads a plan from a file of its own.
pub(crate) fn read_plan(path: &Path) -> anyhow::Result<Plan> {
    parse("", &read_value(path)?)
}

/// Reads a text, `-` for stdin.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read it")?;
        Ok(text)
    } else {
        fs::read_to_string(path).context("cannot read it")
    }
}
