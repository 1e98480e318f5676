//! Which kind a file is of, and what it says.

use sched_core::show::{line, nearest};
use sched_core::{Plan, Value};

use super::error::FileError;
use super::fields::Fields;
use super::found::Found;
use super::kinds::{KINDS, crowded};
use super::syntax::parse;

/// Reads a file: sched's own, one with units, another library's scheduler, or a trainer's configuration, in JSON, TOML or YAML. What
/// it does not say and the run knows comes from the plan.
///
/// ```
/// use sched_core::Plan;
///
/// let text = "
/// model_name_or_path: base
/// learning_rate: 2e-5
/// num_train_epochs: 3
/// lr_scheduler_type: cosine
/// warmup_ratio: 0.1
/// output_dir: out
/// ";
/// let found = sched_dialects::read(text, &Plan::new().steps_per_epoch(100))?;
/// assert_eq!(found.kind, "TrainingArguments of transformers, LLaMA-Factory or TRL");
/// let lr = &found.groups[0].lr;
/// assert_eq!([0, 30, 300].map(|step| lr.at(step)), [0.0, 2e-5, 0.0]);
/// # Ok::<(), sched_dialects::FileError>(())
/// ```
///
/// # Errors
///
/// The text is no JSON, TOML or YAML, or no file that is known; a field or a number of the run is missing or wrong; or the trainer
/// itself would refuse it.
pub fn read(text: &str, plan: &Plan) -> Result<Found, FileError> {
    read_value(&parse(text, None)?, plan)
}

/// [`read`], of a file that is parsed already.
///
/// # Errors
///
/// As of [`read`].
pub fn read_value(file: &Value, plan: &Plan) -> Result<Found, FileError> {
    plan.check()?;
    if !matches!(file, Value::Map(_)) {
        return Err(FileError::NoMap { value: file.to_string() });
    }
    let fields = Fields::new(file);
    let Some(kind) = KINDS.iter().find(|kind| (kind.is_it)(fields)) else {
        return Err(unknown(fields));
    };
    let mut found = Found { kind: kind.name, is_own: kind.is_own, groups: Vec::new(), plan: *plan, notes: Vec::new() };
    (kind.read)(fields, &mut found)?;
    if !kind.is_own {
        found.notes.extend(misspelt(fields, kind.names));
    }
    if found.plan.run_steps().is_err() {
        found.plan = found.plan.or(run(fields, kind.run));
    }
    Ok(found)
}

/// What the file says of the length of the run.
fn run(fields: Fields<'_>, [steps, epochs]: [&[&str]; 2]) -> Plan {
    // What is no number has been refused where it is needed.
    let said = |names: &[&str]| names.iter().find_map(|name| fields.limit(name).ok().flatten());
    match said(steps) {
        Some(steps) => Plan::new().total_steps(steps),
        None => Plan { epochs: said(epochs), ..Plan::new() },
    }
}

fn unknown(fields: Fields<'_>) -> FileError {
    if let Some(error) = crowded(fields) {
        return error;
    }
    // The kind most of whose usual names are there.
    let score = |names: &[&str]| names.iter().filter(|name| fields.has(name)).count();
    let closest = KINDS.iter().map(|kind| (score(kind.names), kind)).max_by_key(|(score, _)| *score);
    let closest = match closest.filter(|(score, _)| *score > 0) {
        Some((_, kind)) => format!(", nearest to a {}, which has {}", kind.name, names(kind.names)),
        None if fields.entries().is_empty() => " (it is empty)".to_owned(),
        None => {
            let given: Vec<&str> = fields.entries().iter().map(|(name, _)| name.as_str()).take(8).collect();
            let known: Vec<&str> = KINDS.iter().flat_map(|kind| kind.names).copied().collect();
            let near = given.iter().find_map(|name| nearest(name, &known));
            let meant = near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            format!(" (it has {}{meant})", names(&given))
        }
    };
    FileError::Unknown { nearest: closest, known: KINDS.iter().map(|kind| kind.name).collect() }
}

/// Names that the trainer does not know, where one that it knows is nearly the same and missing.
fn misspelt(fields: Fields<'_>, known: &[&str]) -> Vec<String> {
    let missing: Vec<&str> = known.iter().filter(|name| !fields.has(name)).copied().collect();
    let given = fields.entries().iter().map(|(name, _)| name).filter(|name| !known.contains(&name.as_str()));
    given
        .filter_map(|name| Some(format!("`{}` is not read; did you mean `{}`?", line(name), nearest(name, &missing)?)))
        .collect()
}

fn names(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", line(name))).collect();
    quoted.join(", ")
}
