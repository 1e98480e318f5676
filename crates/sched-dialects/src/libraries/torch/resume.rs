//! From the middle of a run onwards, and to there.

use sched_core::Value;

use super::course::Course;
use super::leaf::Leaf;
use super::member::{Member, bisect_right};
use super::progress::{TorchGroup, TorchProgress};
use super::rule::{Group, Raised};
use super::{Any, ChainedScheduler, LIBRARY, SequentialLR, construct};
use crate::declare::{Context, DialectError, Member as Given, Param, Refusal, Translation, groups};
use crate::shared::Optimizer;

/// What one of PyTorch's schedulers does from the middle of a run onwards, one translation per parameter group. Step 0 is
/// the rate that is in the optimizer now.
///
/// PyTorch's recursions start from the rate in the optimizer, so this is what PyTorch does after its `load_state_dict`, even
/// if that rate was edited or left by another scheduler. `params` are those of the constructor.
///
/// ```
/// use sched_dialects::{TorchGroup, TorchProgress, Value, resume_torch};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let params = Value::Map(vec![("step_size".into(), Value::Int(5)), ("gamma".into(), Value::Number(0.5))]);
/// let progress = TorchProgress { last_epoch: 8, step_count: 9, base_lrs: vec![0.1], ..TorchProgress::default() };
/// // 0.05 is due at epoch 8, but somebody has set 0.04.
/// let groups = resume_torch("StepLR", &params, &progress, &[TorchGroup { lr: 0.04, momentum: None }])?;
/// assert_eq!([0, 1, 2, 7].map(|t| groups[0].lr.at(t)), [0.04, 0.04, 0.02, 0.01]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`Dialect::new`](crate::Dialect::new); and for `ReduceLROnPlateau`, which follows a metric.
pub fn resume_torch(
    kind: &str,
    params: &Value,
    progress: &TorchProgress,
    now: &[TorchGroup],
) -> Result<Vec<Translation>, DialectError> {
    let lrs = Value::List(now.iter().map(|group| Value::Number(group.lr)).collect());
    let params = &with_lrs(params, lrs);
    let contexts = groups(&LIBRARY, kind, params)?;
    let each = contexts.iter().zip(now).map(|(cx, now)| {
        cx.attempt(|cx| {
            let mut group = Group { lr: now.lr, momentum: now.momentum, ..Group::default() };
            let root = member(cx, progress, &mut group)?;
            if !root.drives_momentum() {
                group.momentum = None;
            }
            Course::new(root, group).finish()?.ok_or_else(|| Optimizer::optimizer_lr.refused(NEVER))
        })
    });
    each.collect()
}

/// Where one of PyTorch's schedulers and its members are after `steps` calls; the other way round than [`resume_torch`].
///
/// `params` are those of the constructor and `optimizer_lr`.
///
/// # Errors
///
/// As [`Dialect::new`](crate::Dialect::new); for `ReduceLROnPlateau`; and where PyTorch itself raises an error on the way.
pub fn run_torch(kind: &str, params: &Value, steps: u64) -> Result<TorchProgress, DialectError> {
    let mut all: Option<TorchProgress> = None;
    for cx in groups(&LIBRARY, kind, params)? {
        let whole = cx.translate()?;
        let progress = cx.attempt(|cx| {
            let mut group = Group::default();
            let mut root = construct(cx, SequentialLR::schedulers, &mut group)?;
            root.share(&group)?;
            let mut done = 0;
            while done < steps {
                // Between two turns, the rate is on the curve.
                let mut leaves = vec![];
                root.active(&mut leaves);
                let errors = leaves.iter().filter_map(|leaf| leaf.next_error());
                let next = errors.chain(root.until_turn()).chain([steps - done]).min().unwrap_or(1).max(1);
                done += next;
                root.skip(next - 1);
                group.lr = whole.lr.at(done - 1);
                root.step(&mut group).map_err(|Raised| {
                    Optimizer::optimizer_lr.refused("not be stepped as far as PyTorch raises an error")
                })?;
            }
            Ok(progress(&root))
        })?;
        match &mut all {
            Some(all) => merge(all, &progress),
            None => all = Some(progress),
        }
    }
    Ok(all.unwrap_or_default())
}

/// Of one parameter group.
fn progress(member: &Member) -> TorchProgress {
    let of = |members: &[Member], last_epoch, active: usize| {
        let members: Vec<_> = members.iter().map(progress).collect();
        let last_lrs = members.get(active).map_or_else(Vec::new, |active| active.last_lrs.clone());
        TorchProgress { last_epoch, last_lrs, members, ..TorchProgress::default() }
    };
    match member {
        Member::Leaf(leaf) => TorchProgress {
            last_epoch: leaf.epoch,
            step_count: leaf.calls,
            base_lrs: vec![leaf.alone.base],
            last_lrs: vec![leaf.last_lr],
            ..TorchProgress::default()
        },
        Member::Chained(members) | Member::Switch { members, .. } => of(members, 0, members.len() - 1),
        Member::Sequential { members, milestones, epoch } => {
            of(members, i64::try_from(*epoch).unwrap_or(i64::MAX), bisect_right(milestones, *epoch))
        }
    }
}

/// Adds the rates of another parameter group.
fn merge(all: &mut TorchProgress, one: &TorchProgress) {
    all.base_lrs.extend(&one.base_lrs);
    all.last_lrs.extend(&one.last_lrs);
    all.members.iter_mut().zip(&one.members).for_each(|(all, one)| merge(all, one));
}

pub(super) const NEVER: &str =
    "come to rest or repeat itself soon: each rate follows from the one before, and no formula gives it";

/// The parameters, with the optimizer's rates, which tell how many groups there are.
fn with_lrs(params: &Value, lrs: Value) -> Value {
    let Value::Map(entries) = params else { return params.clone() };
    let others = entries.iter().filter(|(name, _)| name != Optimizer::optimizer_lr.name).cloned();
    Value::Map(others.chain([(Optimizer::optimizer_lr.name.to_owned(), lrs)]).collect())
}

/// The scheduler of this context, at work.
fn member(cx: &Context<'_>, progress: &TorchProgress, group: &mut Group) -> Result<Member, Refusal> {
    match Any::read(cx)? {
        Any::SequentialLR(it) => {
            let members = members(cx, &it.schedulers, SequentialLR::schedulers, progress, group)?;
            SequentialLR::milestones
                .must(it.milestones.len() + 1 == members.len(), "have one element less than `schedulers`")?;
            let epoch = u64::try_from(progress.last_epoch).unwrap_or(0);
            Ok(Member::Sequential { members, milestones: it.milestones, epoch })
        }
        Any::ChainedScheduler(it) => {
            Ok(Member::Chained(members(cx, &it.schedulers, ChainedScheduler::schedulers, progress, group)?))
        }
        any => match any.rule() {
            Some(rule) => Leaf::resume(rule, cx, progress, group).map(Member::Leaf),
            None => {
                cx.translate()?; // what is code is refused as such
                Err(Optimizer::optimizer_lr.refused("not follow a metric here"))
            }
        },
    }
}

fn members(
    cx: &Context<'_>,
    given: &[Given],
    param: Param,
    progress: &TorchProgress,
    group: &mut Group,
) -> Result<Vec<Member>, Refusal> {
    param.must(!given.is_empty(), "have at least one element")?;
    param.must(given.len() == progress.members.len(), "have one element for each state in `_schedulers`")?;
    let each = given.iter().zip(&progress.members);
    each.map(|(given, progress)| Ok(cx.member(given)?.attempt(|cx| member(cx, progress, group))?)).collect()
}
