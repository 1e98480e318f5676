//! From a file to schedulers that go on.

use sched_core::{Schedule, Scheduler};
use sched_dialects::{Dialect, TorchGroup, Translation, Value as Param, resume_torch};

use super::class::Class;
use super::error::{Problem, ResumeError};
use super::fields::Fields;
use super::number::whole;
use super::optimizer::Optimizer;
use super::plateau;
use super::state::{Reader, State};
use crate::read::{Dict, Found, TorchFile};

/// How to understand a file that does not say everything.
///
/// ```
/// use sched_torch::ResumeOptions;
///
/// let options = ResumeOptions::new().key("trainer.scheduler").class("ExponentialLR");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct ResumeOptions {
    key: Option<String>,
    class: Option<String>,
    schedule: Option<Vec<Translation>>,
}

impl ResumeOptions {
    /// Finds and infers everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where in the file the scheduler is: `a.b.0`.
    pub fn key(mut self, path: impl Into<String>) -> Self {
        self.key = Some(path.into());
        self
    }

    /// The scheduler's class: `StepLR`.
    pub fn class(mut self, name: impl Into<String>) -> Self {
        self.class = Some(name.into());
        self
    }

    /// The curves of the parameter groups, where they are not in the file: the rates of `LambdaLR` are code. The file then
    /// gives the position only. One schedule is enough for several groups: it is the first one's, and the others' are scaled
    /// by their `base_lrs`.
    pub fn schedule(mut self, groups: impl Into<Vec<Translation>>) -> Self {
        self.schedule = Some(groups.into());
        self
    }
}

/// A scheduler of PyTorch that goes on here.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Its class, such as `StepLR`; `None` if a schedule was given and the keys are those of no class.
    pub class: Option<&'static str>,
    /// Whether the class follows from the keys, because none was given.
    pub is_inferred: bool,
    /// Where in the file the scheduler is; empty if the file holds nothing else.
    pub path: String,
    /// Where the optimizer is whose parameter groups were read.
    pub optimizer_path: Option<String>,
    /// The parameter groups, at least one.
    pub groups: Vec<ResumedGroup>,
    /// Keys that the class has in no version of PyTorch; they are not used.
    pub unknown_keys: Vec<String>,
    /// Keys that PyTorch writes today, that the file lacks and that were done without.
    pub missing_keys: Vec<String>,
    /// What the file does not say and was assumed, in words.
    pub assumed: Vec<String>,
}

/// A parameter group that goes on.
#[derive(Clone, Debug)]
pub struct ResumedGroup {
    /// The next [`step`](Scheduler::step) gives the rate that is in PyTorch's optimizer; its
    /// [`state`](Scheduler::state) is the state to save.
    pub scheduler: Scheduler,
    /// The momentum, or the first beta, where the scheduler drives it; at the scheduler's position.
    pub momentum: Option<Schedule>,
}

impl TorchFile {
    /// The schedulers that go on where the one in this file has stopped, one per parameter group.
    ///
    /// The class follows from the keys of the state dict, unless it is given. The curve follows from the constructor's
    /// parameters, which are in the state dict, and from the rate that is in the optimizer, or else in `_last_lr`: that is
    /// what PyTorch goes on from, also if somebody has edited it. An optimizer beside the scheduler is found by itself.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use sched_torch::{ResumeOptions, TorchFile};
    ///
    /// let file = TorchFile::open("tests/fixtures/resume/sgd-multistep-epochs.pt")?;
    /// let resumed = file.resume(&ResumeOptions::new())?;
    /// assert_eq!(resumed.class, Some("MultiStepLR"));
    /// let mut scheduler = resumed.groups[0].scheduler.clone();
    /// assert_eq!(scheduler.position(), 8);
    /// assert_eq!(scheduler.step(), 0.03);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no scheduler or several; its class is not known or is a function; something is missing, of another type, or
    /// what PyTorch itself would refuse.
    pub fn resume(&self, options: &ResumeOptions) -> Result<Resumed, ResumeError> {
        let given = options.class.as_deref().map(Class::named).transpose()?;
        let Found { path, value } = self.find_scheduler(options.key.as_deref())?;
        let Some(dict) = value.as_dict() else {
            return Err(crate::read::FindError::NotAStateDict { path, held: format!("{value:.80}") }.into());
        };
        let optimizer = Optimizer::beside(self, &path, group_count(dict));
        let fields = Fields { dict, path: path.clone() };
        let mut reader = Reader { optimizer, ..Reader::default() };
        let (class, groups) = match &options.schedule {
            Some(schedule) => {
                let class = given.or_else(|| Class::inferred(dict).ok());
                (class, on_a_schedule(&fields, schedule, &mut reader)?)
            }
            None => {
                let state = reader.read(dict, &path, given)?;
                let groups = go_on(&fields, &state, given.is_none(), &mut reader)?;
                (Some(state.class), groups)
            }
        };
        Ok(Resumed {
            class: class.map(|class| if class.is_code() { "LambdaLR or MultiplicativeLR" } else { class.name }),
            is_inferred: given.is_none(),
            path,
            optimizer_path: reader.optimizer.map(|optimizer| optimizer.path),
            groups,
            unknown_keys: reader.unknown_keys,
            missing_keys: reader.missing_keys,
            assumed: reader.assumed,
        })
    }
}

/// As many as the scheduler, or the first one in it, has rates.
fn group_count(dict: Dict<'_>) -> Option<usize> {
    let lists = ["_last_lr", "base_lrs", "min_lrs"].into_iter();
    lists.filter_map(|key| super::number::numbers(dict.get(key)?)).map(|rates| rates.len()).next()
}

/// Rates that are equal but for the rounding of the recursions.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(a.abs())
}

/// The scheduler's own curve.
fn go_on(
    fields: &Fields<'_>,
    state: &State,
    is_inferred: bool,
    reader: &mut Reader<'_>,
) -> Result<Vec<ResumedGroup>, ResumeError> {
    let position = state.position();
    let path = &fields.path;
    let refused = |source| ResumeError::Params { path: path.clone(), source };
    let fresh_from = |lrs: &[f64]| Dialect::new("torch", state.class.name, with_lrs(&state.params, lrs));
    let in_optimizer = reader.optimizer.as_ref().and_then(|optimizer| optimizer.numbers("lr"));
    let lasts = &state.progress.last_lrs;
    if state.class.name == "ReduceLROnPlateau" {
        let lrs = in_optimizer.unwrap_or_else(|| lasts.clone());
        if lrs.is_empty() {
            return Err(fields.error(Problem::Missing { class: state.class.name, keys: vec!["_last_lr"] }));
        }
        let dialect = fresh_from(&lrs).map_err(refused)?;
        let groups = dialect.groups().iter().map(|group| {
            let feedback = group.feedback.as_ref().map(|rule| plateau::recalled(rule, fields)).transpose()?;
            Ok(assemble(Translation { feedback, ..group.clone() }, position))
        });
        return groups.collect();
    }
    // The whole curve, if the run is still on it.
    let fresh = fresh_from(state.base_lrs());
    let whole = fresh.as_ref().map(|dialect| dialect.groups().to_vec()).unwrap_or_default();
    let due: Vec<f64> = whole.iter().map(|group| group.lr.at(position)).collect();
    let rates = [in_optimizer.as_ref(), Some(lasts).filter(|lasts| !lasts.is_empty())].into_iter().flatten().next();
    let rates = match (rates, fresh) {
        (Some(rates), _) => rates.clone(),
        (None, Ok(_)) => due.clone(),
        (None, Err(error)) => return Err(refused(error)),
    };
    let on_its_way = due.len() == lasts.len() && due.iter().zip(lasts).all(|(due, last)| close(*due, *last));
    if !reader.unknown_keys.is_empty() && is_inferred && !on_its_way {
        let unknown = reader.unknown_keys.clone();
        return Err(fields.error(Problem::Foreign { class: state.class.name, unknown }));
    }
    check_what_sets_the_rate(fields, state, reader, on_its_way, &due)?;
    let momenta = reader.optimizer.as_ref().and_then(Optimizer::momenta);
    let momentum = |group: usize| momenta.as_ref().and_then(|momenta| momenta.get(group).copied());
    let now: Vec<_> = rates.iter().enumerate().map(|(i, &lr)| TorchGroup { lr, momentum: momentum(i) }).collect();
    let from_now = resume_torch(state.class.name, &state.params, &state.progress, &now).map_err(refused)?;
    let groups = from_now.into_iter().enumerate().map(|(i, from_now)| {
        let whole = whole.get(i).filter(|whole| is_continued(whole, &from_now, position));
        let translation = match whole {
            Some(whole) => whole.clone(),
            None => Translation {
                momentum: from_now.momentum.map(|momentum| after(position, momentum)).transpose()?,
                ..after(position, from_now.lr)?.into()
            },
        };
        Ok(assemble(translation, position))
    });
    groups.collect()
}

/// `CyclicLR` and `OneCycleLR` set the rate in each call, so one that is not due shows that something about the curve is not in
/// the file: a `scale_fn`, or the `max_lr` that the optimizer has.
fn check_what_sets_the_rate(
    fields: &Fields<'_>,
    state: &State,
    reader: &Reader<'_>,
    on_its_way: bool,
    due: &[f64],
) -> Result<(), ResumeError> {
    if on_its_way || state.progress.last_lrs.is_empty() || due.is_empty() {
        return Ok(());
    }
    match state.class.name {
        "OneCycleLR" if reader.optimizer.is_none() => {
            Err(fields.error(Problem::NeedsOptimizer { class: "OneCycleLR", keys: &["max_lr", "min_lr"] }))
        }
        "CyclicLR" => Err(ResumeError::Code {
            path: fields.path.clone(),
            class: "CyclicLR with a `scale_fn`".to_owned(),
            position: state.position(),
            base_lrs: state.progress.base_lrs.clone(),
            last_lrs: state.progress.last_lrs.clone(),
        }),
        _ => Ok(()),
    }
}

/// A curve that was given, at the position of the file.
fn on_a_schedule(
    fields: &Fields<'_>,
    schedule: &[Translation],
    reader: &mut Reader<'_>,
) -> Result<Vec<ResumedGroup>, ResumeError> {
    let position = last_epoch(fields.dict, 0);
    let position =
        position.ok_or_else(|| fields.error(Problem::Missing { class: "a scheduler", keys: vec!["last_epoch"] }))?;
    let bases = fields.rates("base_lrs")?.unwrap_or_default();
    let lasts = fields.rates("_last_lr")?.unwrap_or_default();
    let found = bases.len().max(lasts.len()).max(1);
    let scaled = |group: usize| -> Result<Translation, ResumeError> {
        let [translation] = schedule else { return Ok(schedule[group].clone()) };
        let ratio = match (bases.first(), bases.get(group)) {
            (Some(first), Some(base)) if *first > 0.0 => base / first,
            _ => 1.0,
        };
        let lr = translation.lr.clone();
        let lr = if ratio == 1.0 { lr } else { lr.times(Schedule::constant(ratio)?)? };
        Ok(Translation { lr, ..translation.clone() })
    };
    if schedule.len() != 1 && schedule.len() != found {
        return Err(ResumeError::Groups { given: schedule.len(), found });
    }
    let groups: Vec<_> =
        (0..found).map(|group| Ok(assemble(scaled(group)?, position))).collect::<Result<_, ResumeError>>()?;
    for (i, (group, last)) in groups.iter().zip(&lasts).enumerate() {
        let lr = group.scheduler.peek();
        if !close(lr, *last) {
            reader.assumed.push(format!(
                "the schedule that was given has {lr:?} at position {position} of group {i}, where PyTorch had {last:?}"
            ));
        }
    }
    Ok(groups)
}

/// How deep schedulers in schedulers are looked at for their `last_epoch`; in a file they may go round in a circle.
const MAX_DEPTH: usize = 12;

/// The position that a state dict tells, or its first member that does.
fn last_epoch(dict: Dict<'_>, depth: usize) -> Option<u64> {
    if let Some(epoch) = dict.get("last_epoch").and_then(whole) {
        return Some(u64::try_from(epoch).unwrap_or(0));
    }
    let members = dict.get("_schedulers").filter(|_| depth < MAX_DEPTH)?.as_items()?;
    members.filter_map(|member| last_epoch(member.as_dict()?, depth + 1)).next()
}

/// The constructor's parameters, for an optimizer with these rates.
fn with_lrs(params: &Param, lrs: &[f64]) -> Param {
    let Param::Map(entries) = params else { return params.clone() };
    let lrs = Param::List(lrs.iter().copied().map(Param::Number).collect());
    Param::Map(entries.iter().cloned().chain([("optimizer_lr".to_owned(), lrs)]).collect())
}

/// Whether the whole curve goes on, from the position, as PyTorch does.
fn is_continued(whole: &Translation, from_now: &Translation, position: u64) -> bool {
    let horizon = from_now.lr.horizon().unwrap_or(0);
    let near = 0..=64_u64;
    let far = (7..=40).flat_map(|power| [(1 << power) - 1, 1 << power]);
    let end = horizon.saturating_sub(1)..=horizon.saturating_add(1);
    let mut steps = near.chain(far).chain(end);
    let same = |whole: &Schedule, from_now: &Schedule, step: u64| {
        let (a, b) = (whole.at(position.saturating_add(step)), from_now.at(step));
        (a - b).abs() <= 1e-12 * b.abs()
    };
    steps.all(|step| {
        same(&whole.lr, &from_now.lr, step)
            && match (&whole.momentum, &from_now.momentum) {
                (Some(whole), Some(from_now)) => same(whole, from_now, step),
                (whole, from_now) => whole.is_none() && from_now.is_none(),
            }
    })
}

/// A curve that begins at a position; before, it holds its first value, as what led there is not known.
fn after(position: u64, schedule: Schedule) -> Result<Schedule, ResumeError> {
    if position == 0 {
        return Ok(schedule);
    }
    Ok(Schedule::constant(schedule.at(0))?.then_at(position, schedule)?)
}

fn assemble(translation: Translation, position: u64) -> ResumedGroup {
    let Translation { lr, momentum, feedback, .. } = translation;
    let mut scheduler = Scheduler::new(lr);
    if let Some(feedback) = feedback {
        scheduler = scheduler.with_feedback(feedback);
    }
    scheduler.seek(position);
    ResumedGroup { scheduler, momentum }
}
