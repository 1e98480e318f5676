//! `SequentialLR`, `ChainedScheduler` and the switch to `SWALR`: who is called when.

use sched_core::ScheduleError;

use super::leaf::Leaf;
use super::rule::{Group, Raised};

/// A scheduler in a composite, or the composite itself.
pub(super) enum Member {
    Leaf(Leaf),
    Sequential {
        members: Vec<Member>,
        milestones: Vec<u64>,
        epoch: u64,
    },
    Chained(Vec<Member>),
    /// The first one's calls, then the other's.
    Switch {
        members: Vec<Member>,
        calls_left: u64,
    },
}

impl Member {
    /// What the members' constructors have done to the rate is undone, and the first one starts again. There is one
    /// milestone less than members.
    pub(super) fn sequence(mut members: Vec<Self>, milestones: Vec<u64>, group: &mut Group) -> Result<Self, Raised> {
        group.lr = group.initial_lr.unwrap_or(group.lr);
        members.iter_mut().for_each(Self::undo);
        members[bisect_right(&milestones, 0)].begin(group)?;
        Ok(Self::Sequential { members, milestones, epoch: 0 })
    }

    /// Every `OneCycleLR` and `SWALR` finds in the optimizer what the last one has left there.
    pub(super) fn share(&mut self, group: &Group) -> Result<(), ScheduleError> {
        match self {
            Self::Leaf(leaf) => leaf.share(group),
            Self::Sequential { members, .. } | Self::Chained(members) | Self::Switch { members, .. } => {
                members.iter_mut().try_for_each(|member| member.share(group))
            }
        }
    }

    /// Takes one step back from every member's epoch, but not from a composite's own.
    fn undo(&mut self) {
        match self {
            Self::Leaf(leaf) => leaf.epoch -= 1,
            Self::Sequential { members, .. } | Self::Chained(members) | Self::Switch { members, .. } => {
                members.iter_mut().for_each(Self::undo);
            }
        }
    }

    /// The first step of a sequence. A composite does not know that it is the first, and nor do its members.
    fn begin(&mut self, group: &mut Group) -> Result<(), Raised> {
        match self {
            Self::Leaf(leaf) => {
                leaf.begin(group);
                Ok(())
            }
            composite => composite.step(group),
        }
    }

    pub(super) fn step(&mut self, group: &mut Group) -> Result<(), Raised> {
        match self {
            Self::Leaf(leaf) => leaf.step(group),
            Self::Chained(members) => members.iter_mut().try_for_each(|member| member.step(group)),
            Self::Sequential { members, milestones, epoch } => {
                *epoch = epoch.saturating_add(1);
                let active = bisect_right(milestones, *epoch);
                let member = &mut members[active];
                if active > 0 && milestones[active - 1] == *epoch { member.restart(group) } else { member.step(group) }
            }
            Self::Switch { members, calls_left } => {
                let member = &mut members[usize::from(*calls_left == 0)];
                *calls_left = calls_left.saturating_sub(1);
                member.step(group)
            }
        }
    }

    /// The step at a milestone: epoch 0 again, in closed form, which a composite does not have.
    fn restart(&mut self, group: &mut Group) -> Result<(), Raised> {
        match self {
            Self::Leaf(leaf) => leaf.restart(group),
            _ => Err(Raised),
        }
    }

    /// Many steps at once, in which no sequence gets to a milestone.
    pub(super) fn skip(&mut self, steps: u64) {
        match self {
            Self::Leaf(leaf) => leaf.skip(steps),
            Self::Chained(members) => members.iter_mut().for_each(|member| member.skip(steps)),
            Self::Sequential { members, milestones, epoch } => {
                members[bisect_right(milestones, *epoch)].skip(steps);
                *epoch = epoch.saturating_add(steps);
            }
            Self::Switch { members, calls_left } => {
                members[usize::from(*calls_left == 0)].skip(steps);
                *calls_left = calls_left.saturating_sub(steps);
            }
        }
    }

    /// The leaves that step now, in their order.
    pub(super) fn active<'a>(&'a self, leaves: &mut Vec<&'a Leaf>) {
        match self {
            Self::Leaf(leaf) => leaves.push(leaf),
            Self::Chained(members) => members.iter().for_each(|member| member.active(leaves)),
            Self::Sequential { members, milestones, epoch } => {
                members[bisect_right(milestones, *epoch)].active(leaves);
            }
            Self::Switch { members, calls_left } => members[usize::from(*calls_left == 0)].active(leaves),
        }
    }

    /// Whether one of the leaves ever changes the momentum.
    pub(super) fn drives_momentum(&self) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.momentum.is_some(),
            Self::Sequential { members, .. } | Self::Chained(members) | Self::Switch { members, .. } => {
                members.iter().any(Self::drives_momentum)
            }
        }
    }

    /// In how many steps another member takes over.
    pub(super) fn until_turn(&self) -> Option<u64> {
        let (own, member) = match self {
            Self::Leaf(_) => return None,
            Self::Chained(members) => return members.iter().filter_map(Self::until_turn).min(),
            Self::Sequential { members, milestones, epoch } => {
                let next = milestones.iter().filter(|milestone| **milestone > *epoch).min();
                (next.map(|next| next - epoch), &members[bisect_right(milestones, *epoch)])
            }
            Self::Switch { members, calls_left: 0 } => (None, &members[1]),
            Self::Switch { members, calls_left } => (calls_left.checked_add(1), &members[0]),
        };
        [own, member.until_turn()].into_iter().flatten().min()
    }
}

/// Python's: where `x` belongs in a list; the same place also where the list is not sorted.
pub(super) fn bisect_right(list: &[u64], x: u64) -> usize {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low.midpoint(high);
        if x < list[middle] { high = middle } else { low = middle + 1 }
    }
    low
}
