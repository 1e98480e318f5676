//! sched's own files: a schedule, groups of them, or another library's scheduler by its names.

use sched_core::{Feedback, Interval, Plan, Schedule, Value, ValueError, show};
use serde::Deserialize;

use super::{Fields, FileError, FileKind, Found, per_epoch, ultralytics};
use crate::declare::{DialectError, Library, NOT_GIVEN, Translation};
use crate::dialect::{Dialect, scheduler};
use crate::files::run::steps_per_epoch;

pub(super) const DIALECT: FileKind = FileKind {
    name: "scheduler of another library ({\"library\", \"kind\", \"params\"})",
    is_own: true,
    names: &["library", "kind", "params"],
    run: [&[], &[]],
    is_it: |file| file.has("library") || (file.has("kind") && file.has("params")),
    read: |file, found| {
        read_in_interval(file, found, |file, plan| {
            let known = named(Fields::new(file));
            let may_be_fraction = |path: &str| known.is_some_and(|(library, kind)| library.may_be_fraction(kind, path));
            let dialect: Dialect = parse(&with_run(plan.resolve_params_where(file, &may_be_fraction)?, plan))?;
            Ok(dialect.groups().to_vec())
        })
    },
};

pub(super) const GROUPS: FileKind = FileKind {
    name: "file of sched with parameter groups",
    is_own: true,
    names: &["groups"],
    run: [&[], &[]],
    is_it: |file| file.has("groups"),
    read: |file, found| {
        read_in_interval(file, found, |file, plan| {
            let Groups { groups } = parse(&plan.resolve(file)?)?;
            if groups.is_empty() {
                return Err(FileError::Own("`groups` is empty, but must have at least one element".to_owned()));
            }
            Ok(groups.into_iter().map(Group::translation).collect())
        })
    },
};

pub(super) const GROUP: FileKind = FileKind {
    name: "file of sched with a schedule and what goes with it",
    is_own: true,
    names: &["schedule"],
    run: [&[], &[]],
    is_it: |file| file.has("schedule") && !file.has("trainer"),
    read: |file, found| {
        read_in_interval(file, found, |file, plan| {
            let group: Group = parse(&plan.resolve(file)?)?;
            Ok(vec![group.translation()])
        })
    },
};

/// The nodes of a schedule; `schedule` is one by itself.
const NODES: &[&str] = &[
    "constant",
    "ramp",
    "exponential",
    "power_law",
    "steps",
    "sequence",
    "repeat",
    "product",
    "sum",
    "average",
    "min",
    "max",
    "clamp",
    "complement",
    "every",
    "stretch",
    "delay",
    "advance",
    "warp",
];

/// What may stand in every file of sched's own: the run's numbers, and the schema that an editor checks the file with.
const BESIDE: &[&str] = &["plan", "$schema"];

pub(super) const SCHEDULE: FileKind = FileKind {
    name: "schedule of sched",
    is_own: true,
    names: NODES,
    run: [&[], &[]],
    is_it: |file| {
        let names: Vec<&str> =
            file.entries().iter().map(|(name, _)| name.as_str()).filter(|name| !BESIDE.contains(name)).collect();
        matches!(names.as_slice(), [name] if NODES.contains(name))
    },
    read: |file, found| {
        let file = Value::Map(without_plan(file, found)?);
        let lr: Schedule = parse(&found.plan.resolve(&file)?)?;
        found.groups = vec![lr.into()];
        Ok(())
    },
};

/// What is wrong with a file that would be a schedule, but for what stands beside it.
pub(in crate::files) fn crowded(file: Fields<'_>) -> Option<FileError> {
    let is_node = |name: &str, value: &Value| {
        NODES.contains(&name) && (name == "constant" || matches!(value, Value::Map(_) | Value::List(_)))
    };
    let entries = file.entries().iter().filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    let (nodes, others): (Vec<_>, Vec<_>) = entries.partition(|(name, value)| is_node(name, value));
    let (node, _) = nodes.first()?;
    let (extra, _) = nodes.get(1).or(others.first())?;
    Some(FileError::Own(format!(
        "`{}` cannot stand beside `{node}`: a schedule is one of its names, and perhaps a `plan`",
        show::line(extra)
    )))
}

/// What a parameter group follows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    schedule: Schedule,
    momentum: Option<Schedule>,
    weight_decay: Option<Schedule>,
    feedback: Option<Feedback>,
}

impl Group {
    fn translation(self) -> Translation {
        let Self { schedule, momentum, weight_decay, feedback } = self;
        Translation { momentum, weight_decay, feedback, ..schedule.into() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    groups: Vec<Group>,
}

/// Reads what counts steps or, if the file's `interval` says so, epochs. Then the plan that it is read with counts epochs too.
fn read_in_interval(
    file: Fields<'_>,
    found: &mut Found,
    read: impl FnOnce(&Value, &Plan) -> Result<Vec<Translation>, FileError>,
) -> Result<(), FileError> {
    let (intervals, file): (Vec<_>, Vec<_>) =
        without_plan(file, found)?.into_iter().partition(|(name, _)| name == "interval");
    let interval = match intervals.first() {
        None => Interval::Step,
        Some((_, Value::Text(word))) if word == "step" => Interval::Step,
        Some((_, Value::Text(word))) if word == "epoch" => Interval::Epoch,
        Some((_, value)) => {
            return Err(FileError::Own(format!("`interval` is {value}, but must be `step` or `epoch`")));
        }
    };
    let file = Value::Map(file);
    found.groups = match interval {
        Interval::Step => read(&file, &found.plan)?,
        Interval::Epoch => {
            let steps = steps_per_epoch(&found.plan)?;
            let epochs = found.plan.epochs.or_else(|| found.plan.total_steps?.checked_div(steps));
            let in_epochs = Plan { steps_per_epoch: Some(1), epochs, rounding: found.plan.rounding, ..Plan::new() };
            per_epoch(read(&file, &in_epochs)?, steps)?
        }
    };
    Ok(())
}

/// The file but for its own plan, to which the run's plan takes precedence.
fn without_plan(file: Fields<'_>, found: &mut Found) -> Result<Vec<(String, Value)>, FileError> {
    let beside = |(name, _): &(String, Value)| BESIDE.contains(&name.as_str());
    let (beside, others): (Vec<_>, Vec<_>) = file.entries().iter().cloned().partition(beside);
    if let Some((_, plan)) = beside.iter().find(|(name, _)| name == "plan") {
        let own = Plan::deserialize(plan).map_err(|error| said("plan", error))?;
        found.plan = found.plan.or(own);
        found.plan.check()?;
    }
    Ok(others)
}

/// Another library's scheduler with the run's numbers that it needs and is not given, as far as the plan knows them.
fn with_run(mut file: Value, plan: &Plan) -> Value {
    while let Some((param, value)) = missing(Fields::new(&file), plan) {
        if let Value::Map(entries) = &mut file
            && let Some((_, Value::Map(params))) = entries.iter_mut().find(|(name, _)| name == "params")
        {
            params.push((param, value));
        }
    }
    file
}

/// The library and the kind of a dialect file, if there are such.
fn named(file: Fields<'_>) -> Option<(&'static Library, &'static str)> {
    match (file.text("library").ok()?, file.text("kind").ok()?) {
        (Some(library), Some(kind)) => scheduler(library, kind).ok(),
        // A whole path is both.
        (Some(path), None) | (None, Some(path)) => scheduler(path, path).ok(),
        (None, None) => None,
    }
}

/// The parameter that is missed first, from the plan.
fn missing(file: Fields<'_>, plan: &Plan) -> Option<(String, Value)> {
    if *plan == Plan::new() {
        return None;
    }
    let (library, kind) = named(file)?;
    let params = file.at("params")?;
    let (whose, param) = match Dialect::new(library.name, kind, params.value().clone()).err()? {
        DialectError::MissingParam { scheduler, param, .. } => (scheduler, param),
        DialectError::Refused { scheduler, param, value, .. } if value == NOT_GIVEN => (scheduler, param),
        _ => return None,
    };
    // A member's parameters stand elsewhere.
    if whose != format!("{}.{kind}", library.name) {
        return None;
    }
    let number = match param.as_str() {
        "steps_per_epoch" if library.name == "ultralytics" => ultralytics::batches(params, plan).ok(),
        "steps_per_epoch" | "epoch_len" => steps_per_epoch(plan).ok(),
        "epochs" | "max_epochs" => plan.epochs,
        "max_iter" | "max_iters" | "max_steps" | "max_batches" | "num_training_steps" | "total_num_steps"
        | "total_steps" | "train_iters" | "training_steps" => plan.run_steps().ok(),
        "max_duration" => return Some((param, Value::Text(format!("{}ba", plan.run_steps().ok()?)))),
        _ => None,
    };
    Some((param, Value::Int(number?.into())))
}

fn parse<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, FileError> {
    T::deserialize(value).map_err(|error| said("", error))
}

/// An error with the whole path to what is wrong.
fn said(start: &str, error: ValueError) -> FileError {
    let path = match (start, error.path()) {
        (start, "") => start.to_owned(),
        ("", inner) => inner.to_owned(),
        (start, inner) if inner.starts_with('[') => format!("{start}{inner}"),
        (start, inner) => format!("{start}.{inner}"),
    };
    FileError::Own(if path.is_empty() { error.to_string() } else { format!("`{path}`: {error}") })
}
