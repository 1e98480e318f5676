//! A state dict that PyTorch loads.

use std::path::Path;

use sched_core::Schedule;
use sched_dialects::{Dialect, Translation, Value as Param, run_torch};

use super::archive::archive;
use super::dict::state_dict;
use super::error::WriteError;
use super::guess::{Guess, close};
use super::pickle::pickle;
use super::plateau::plateau;
use super::python::Python;
use super::recognise::{guesses, nearest};
use crate::meaning::ResumedGroup;
use crate::read::Value;

/// A scheduler's state dict that PyTorch loads: `torch.load(path, weights_only=True)`, then `load_state_dict`.
///
/// PyTorch's schedulers keep the rate in the optimizer, and some of them more: `OneCycleLR` and `SWALR` their peak and end.
/// So construct the scheduler as [`constructor`](Self::constructor) says, on an optimizer with the rates `base_lrs`, load the
/// state dict, and set each group's `lr` to the one in `_last_lr`, or load an optimizer's state dict that has it.
///
/// ```
/// use sched_core::{Schedule, Scheduler};
/// use sched_torch::{ResumedGroup, StateDict};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut scheduler = Scheduler::new(Schedule::step(0.1, 30, 0.5)?);
/// scheduler.seek(45);
/// let state_dict = StateDict::recognised(&[ResumedGroup { scheduler, momentum: None }])?;
/// assert_eq!(state_dict.constructor(), Some("StepLR(optimizer, step_size=30, gamma=0.5)"));
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("scheduler.pt");
/// state_dict.save(&path)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StateDict {
    dict: Python,
    constructor: Option<String>,
}

impl StateDict {
    /// The state dict of the scheduler of PyTorch's that gives the rates of these parameter groups from their position on.
    ///
    /// The class is recognised from the schedules and then checked: its rates are compared with theirs, near and far ahead.
    ///
    /// # Errors
    ///
    /// No class has these rates; the groups differ in more than their rates; or a rule is not PyTorch's plateau.
    pub fn recognised(groups: &[ResumedGroup]) -> Result<Self, WriteError> {
        let schedulers: Vec<_> = groups.iter().map(|group| &group.scheduler).collect();
        if schedulers.is_empty() {
            return Err(WriteError::NoGroups);
        }
        let position = schedulers[0].position();
        if schedulers.iter().any(|scheduler| scheduler.position() != position) {
            return Err(WriteError::Groups { what: "their positions".to_owned() });
        }
        if schedulers.iter().any(|scheduler| scheduler.feedback().is_some()) {
            let (params, dict) = plateau(&schedulers)?;
            return Ok(Self { dict, constructor: Some(call("ReduceLROnPlateau", &params)) });
        }
        let curves = groups.iter().map(|group| {
            let schedule = group.scheduler.schedule().ok_or(WriteError::Function)?;
            Ok((schedule, group.momentum.as_ref()))
        });
        let curves = curves.collect::<Result<Vec<_>, WriteError>>()?;
        let (kind, params) = recognised(&curves, position)?;
        let progress = run_torch(kind, &params, position)?;
        let Param::Map(mut entries) = params else { return Err(WriteError::NoGroups) };
        entries.retain(|(name, _)| name != "optimizer_lr");
        let params = Param::Map(entries);
        Ok(Self { dict: state_dict(kind, &params, &progress), constructor: Some(call(kind, &params)) })
    }

    /// A copy of a state dict that was found in a file, whatever it means.
    ///
    /// # Errors
    ///
    /// It holds tensors, objects or itself.
    pub fn copied(value: Value<'_>) -> Result<Self, WriteError> {
        Ok(Self { dict: Python::copied(value)?, constructor: None })
    }

    /// The Python that makes the scheduler to load this state dict into; `None` of a copy.
    #[must_use]
    pub fn constructor(&self) -> Option<&str> {
        self.constructor.as_deref()
    }

    /// The file, as `torch.save` writes it.
    ///
    /// # Errors
    ///
    /// The archive could not be made.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteError> {
        archive(&pickle(&self.dict)).map_err(|error| WriteError::Archive(error.to_string()))
    }

    /// Replaces the file at `path`, all or nothing.
    ///
    /// # Errors
    ///
    /// The file could not be written; an old one is still there.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        Ok(sched_files::replace_with(path, &self.to_bytes()?)?)
    }
}

/// The first scheduler that has the rates of all groups.
fn recognised(curves: &[(Schedule, Option<&Schedule>)], position: u64) -> Result<(&'static str, Param), WriteError> {
    let mut differ = None;
    let each: Vec<Vec<Guess>> = curves.iter().map(|(schedule, momentum)| guesses(schedule, *momentum)).collect();
    for first in each.first().into_iter().flatten() {
        let same = |guesses: &Vec<Guess>| guesses.iter().find(|guess| guess.kind == first.kind).cloned();
        let Some(all) = each.iter().map(same).collect::<Option<Vec<_>>>() else { continue };
        let maps: Vec<Param> = all.iter().map(|guess| named(&guess.params)).collect();
        let params = match combined(&maps.iter().collect::<Vec<_>>(), "") {
            Ok(params) => params,
            Err(what) => {
                differ = Some(what);
                continue;
            }
        };
        let Param::Map(mut entries) = params else { continue };
        let bases = all.iter().map(|guess| Param::Number(guess.base)).collect();
        entries.push(("optimizer_lr".to_owned(), Param::List(bases)));
        let params = Param::Map(entries);
        let has_the_rates = |dialect: &Dialect| {
            let groups = dialect.groups().iter().zip(curves);
            dialect.groups().len() == curves.len()
                && groups.into_iter().all(|(group, curve)| goes_on(group, curve, position))
        };
        if Dialect::new("torch", first.kind, params.clone()).is_ok_and(|dialect| has_the_rates(&dialect)) {
            return Ok((first.kind, params));
        }
    }
    if let Some(what) = differ {
        return Err(WriteError::Groups { what: format!("`{what}`") });
    }
    let Some((schedule, _)) = curves.first() else { return Err(WriteError::NoGroups) };
    let (reason, nearest) = nearest(schedule);
    Err(WriteError::NoClass { schedule: schedule.to_string(), reason, nearest })
}

fn named(params: &[(&str, Param)]) -> Param {
    Param::Map(params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// Parameters that PyTorch takes once for each parameter group.
const PER_GROUP: [&str; 5] = ["max_lr", "base_lr", "swa_lr", "base_momentum", "max_momentum"];

/// The parameters of all groups as those of one scheduler; or the name of one that differs.
fn combined(all: &[&Param], name: &str) -> Result<Param, String> {
    let differ = || name.to_owned();
    let first = *all.first().ok_or_else(differ)?;
    match first {
        Param::Map(entries) => {
            let entries = entries.iter().enumerate().map(|(i, (key, _))| {
                let same: Option<Vec<&Param>> = all
                    .iter()
                    .map(|one| match one {
                        Param::Map(entries) => entries.get(i).filter(|(other, _)| other == key).map(|(_, value)| value),
                        _ => None,
                    })
                    .collect();
                Ok((key.clone(), combined(&same.ok_or_else(differ)?, key)?))
            });
            Ok(Param::Map(entries.collect::<Result<_, String>>()?))
        }
        Param::List(items) => {
            let items = (0..items.len()).map(|i| {
                let same: Option<Vec<&Param>> = all
                    .iter()
                    .map(|one| match one {
                        Param::List(others) if others.len() == items.len() => others.get(i),
                        _ => None,
                    })
                    .collect();
                combined(&same.ok_or_else(differ)?, name)
            });
            Ok(Param::List(items.collect::<Result<_, String>>()?))
        }
        _ if PER_GROUP.contains(&name) => {
            let alike = all.iter().all(|other| *other == first);
            Ok(if alike { first.clone() } else { Param::List(all.iter().map(|&one| one.clone()).collect()) })
        }
        Param::Number(number) => {
            let alike = all.iter().all(|other| matches!(other, Param::Number(other) if close(*number, *other)));
            if alike { Ok(first.clone()) } else { Err(differ()) }
        }
        _ => {
            if all.iter().all(|other| *other == first) {
                Ok(first.clone())
            } else {
                Err(differ())
            }
        }
    }
}

/// Whether a scheduler of PyTorch's gives these rates from a position on.
fn goes_on(group: &Translation, (schedule, momentum): &(Schedule, Option<&Schedule>), position: u64) -> bool {
    let ends = [group.lr.horizon(), schedule.horizon()].into_iter().flatten();
    let around = ends.flat_map(|end| end.saturating_sub(2)..=end.saturating_add(2));
    let ahead = (0..=4096).chain((12..63).flat_map(|power| [(1_u64 << power) - 1, 1 << power]));
    let mut steps =
        ahead.map(|i| position.saturating_add(i)).chain(around.filter(|step| (position..1 << 62).contains(step)));
    let scale = schedule.at(position);
    steps.all(|step| {
        let (a, b) = (group.lr.at(step), schedule.at(step));
        let same_lr = (a - b).abs() <= 1e-12 * b + 1e-16 * scale;
        let same_momentum = match (&group.momentum, momentum) {
            (Some(a), Some(b)) => close(a.at(step), b.at(step)),
            (a, b) => a.is_none() && b.is_none(),
        };
        same_lr && same_momentum
    })
}

/// `StepLR(optimizer, step_size=30, gamma=0.5)`.
fn call(kind: &str, params: &Param) -> String {
    let Param::Map(entries) = params else { return String::new() };
    let args = entries.iter().map(|(name, value)| format!("{name}={}", literal(value)));
    // The only one whose second argument is the optimizer.
    let first = (kind != "ChainedScheduler").then(|| "optimizer".to_owned());
    format!("{kind}({})", first.into_iter().chain(args).collect::<Vec<_>>().join(", "))
}

/// In Python.
fn literal(value: &Param) -> String {
    match value {
        Param::Null => "None".to_owned(),
        Param::Bool(true) => "True".to_owned(),
        Param::Bool(false) => "False".to_owned(),
        Param::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Param::Map(entries) => match entries.as_slice() {
            [(_, Param::Text(kind)), (_, params)] => call(kind, params),
            _ => String::new(),
        },
        other => other.to_string(),
    }
}
