//! A state dict as what PyTorch's constructors were given, and where the run is.

use sched_dialects::{TorchProgress, Value as Param};

use super::class::Class;
use super::error::{Problem, ResumeError};
use super::fields::Fields;
use super::optimizer::Optimizer;
use super::params::{Params, params};
use crate::read::Dict;

/// Members of members of ..., and all members together.
const MAX_DEPTH: usize = 12;
const MAX_SCHEDULERS: usize = 1000;

/// A scheduler by its constructor's parameters, and where it is.
pub(super) struct State {
    pub(super) class: &'static Class,
    pub(super) params: Param,
    pub(super) progress: TorchProgress,
}

impl State {
    /// The number of updates made so far. `ChainedScheduler` does not know it, its members do.
    pub(super) fn position(&self) -> u64 {
        position(&self.progress)
    }

    /// The rates that all of it began with: those of the first scheduler that is not made of others.
    pub(super) fn base_lrs(&self) -> &[f64] {
        let mut progress = &self.progress;
        while let Some(first) = progress.members.first() {
            progress = first;
        }
        &progress.base_lrs
    }
}

fn position(progress: &TorchProgress) -> u64 {
    let own = u64::try_from(progress.last_epoch).unwrap_or(0);
    progress.members.iter().map(position).fold(own, u64::max)
}

/// Reads state dicts, and notes what is strange about them.
#[derive(Default)]
pub(super) struct Reader<'f> {
    pub(super) optimizer: Option<Optimizer<'f>>,
    /// Paths of keys that the class has in no version of PyTorch.
    pub(super) unknown_keys: Vec<String>,
    /// Paths of keys that are not there, although the newest PyTorch has them, and that were done without.
    pub(super) missing_keys: Vec<String>,
    pub(super) assumed: Vec<String>,
    pub(super) schedulers: usize,
}

impl<'f> Reader<'f> {
    /// The state dict `dict` at `path`, of this class if it is known.
    pub(super) fn read(
        &mut self,
        dict: Dict<'f>,
        path: &str,
        class: Option<&'static Class>,
    ) -> Result<State, ResumeError> {
        self.read_at(&Fields { dict, path: path.to_owned() }, class, 0)
    }

    fn read_at(
        &mut self,
        fields: &Fields<'f>,
        given: Option<&'static Class>,
        depth: usize,
    ) -> Result<State, ResumeError> {
        self.schedulers += 1;
        if depth > MAX_DEPTH || self.schedulers > MAX_SCHEDULERS {
            return Err(fields.error(Problem::TooManySchedulers { limit: MAX_SCHEDULERS }));
        }
        let dict = fields.dict;
        let class = match given {
            Some(class) => class,
            None => Class::inferred(dict).map_err(|problem| fields.error(problem))?,
        };
        let missing = class.missing(dict);
        if !missing.is_empty() {
            return Err(fields.error(Problem::Missing { class: class.name, keys: missing }));
        }
        self.unknown_keys.extend(class.unknown(dict).into_iter().map(|key| place(fields, &key)));
        if class.is_code() {
            Err(code(fields, given.map(|class| class.name))?)
        } else {
            self.known(fields, class, depth)
        }
    }

    fn known(&mut self, fields: &Fields<'f>, class: &'static Class, depth: usize) -> Result<State, ResumeError> {
        let needs = |key| fields.error(Problem::Missing { class: class.name, keys: vec![key] });
        let mut progress = TorchProgress::default();
        if class.name != "ChainedScheduler" {
            progress.last_epoch = fields.whole("last_epoch")?.ok_or_else(|| needs("last_epoch"))?;
        }
        match fields.rates("_last_lr")? {
            Some(rates) => progress.last_lrs = rates,
            None => self.missing_keys.push(place(fields, "_last_lr")),
        }
        let entries = if class.is_composite() {
            self.members(fields, class, &mut progress, depth)?
        } else {
            let is_plateau = class.name == "ReduceLROnPlateau";
            if !is_plateau {
                progress.base_lrs = fields.rates("base_lrs")?.ok_or_else(|| needs("base_lrs"))?;
                let calls = fields.whole("_step_count")?;
                if calls.is_none() {
                    self.missing_keys.push(place(fields, "_step_count"));
                }
                let calls = calls.unwrap_or_else(|| progress.last_epoch.saturating_add(1));
                progress.step_count = u64::try_from(calls).unwrap_or(0);
            }
            if class.name == "CosineAnnealingWarmRestarts" {
                (progress.last_epoch, progress.head_start) = restarts_clock(fields, progress.last_epoch)?;
            }
            let Params { entries, assumed } = params(class, fields, self.optimizer.as_ref(), &progress.base_lrs)?;
            self.assumed.extend(assumed);
            entries
        };
        Ok(State { class, params: Param::Map(entries), progress })
    }

    /// The parameters of a composite, and the progress of its members.
    fn members(
        &mut self,
        fields: &Fields<'f>,
        class: &'static Class,
        progress: &mut TorchProgress,
        depth: usize,
    ) -> Result<Vec<(String, Param)>, ResumeError> {
        const LIST: &str = "a list of state dicts";
        let members = fields.get("_schedulers").and_then(|members| members.as_items());
        let mut schedulers = Vec::new();
        for (i, member) in members.ok_or_else(|| fields.wrong("_schedulers", LIST))?.enumerate() {
            let dict = member.as_dict().ok_or_else(|| fields.wrong("_schedulers", LIST))?;
            let path = place(fields, &format!("_schedulers.{i}"));
            let state = self.read_at(&Fields { dict, path }, None, depth + 1)?;
            let kind = ("kind".to_owned(), Param::Text(state.class.name.to_owned()));
            schedulers.push(Param::Map(vec![kind, ("params".to_owned(), state.params)]));
            progress.members.push(state.progress);
        }
        let mut entries = vec![("schedulers".to_owned(), Param::List(schedulers))];
        if class.name == "SequentialLR" {
            let milestones = fields.get("_milestones").and_then(|value| value.as_items());
            let milestones = milestones.and_then(|all| all.map(super::number::whole).collect::<Option<Vec<_>>>());
            let milestones = milestones.ok_or_else(|| fields.wrong("_milestones", "a list of whole numbers"))?;
            let milestones = milestones.into_iter().map(|milestone| Param::Int(milestone.into())).collect();
            entries.push(("milestones".to_owned(), Param::List(milestones)));
        }
        Ok(entries)
    }
}

fn place(fields: &Fields<'_>, key: &str) -> String {
    if fields.path.is_empty() { key.to_owned() } else { format!("{}.{key}", fields.path) }
}

/// The epoch on the curve of warm restarts, and the fraction beyond it: `T_cur` of the cycle that lasts `T_i`.
fn restarts_clock(fields: &Fields<'_>, last_epoch: i64) -> Result<(i64, f64), ResumeError> {
    let number = |key| -> Result<Option<f64>, ResumeError> {
        Ok(fields.number(key)?.filter(|value| (0.0..1e15).contains(value)))
    };
    let (first, length, factor) = (number("T_0")?, number("T_i")?, number("T_mult")?);
    let (Some(first), Some(length), Some(factor), Some(current)) = (first, length, factor, number("T_cur")?) else {
        // Before its first step.
        return Ok((last_epoch, 0.0));
    };
    if last_epoch < 0 {
        return Ok((last_epoch, 0.0));
    }
    // Cycles that all have the same length look the same.
    let start = if factor > 1.0 {
        (length - first) / (factor - 1.0)
    } else {
        let cycles = ((last_epoch as f64 - current.floor()) / first).floor();
        if cycles > 0.0 { cycles * first } else { 0.0 }
    };
    let clock = start + current;
    if !(clock.is_finite() && start >= 0.0) {
        return Err(fields.wrong("T_i", "`T_0` times a power of `T_mult`"));
    }
    Ok((clock.floor() as i64, clock.fract()))
}

/// The refusal of a function, with all that the file does say.
fn code(fields: &Fields<'_>, class: Option<&'static str>) -> Result<ResumeError, ResumeError> {
    let position = fields.whole("last_epoch")?.unwrap_or(0);
    Ok(ResumeError::Code {
        path: fields.path.clone(),
        class: class.unwrap_or("LambdaLR or MultiplicativeLR").to_owned(),
        position: u64::try_from(position).unwrap_or(0),
        base_lrs: fields.rates("base_lrs")?.unwrap_or_default(),
        last_lrs: fields.rates("_last_lr")?.unwrap_or_default(),
    })
}
