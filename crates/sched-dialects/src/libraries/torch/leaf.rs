//! One of the schedulers that share an optimizer, and what each of its calls does to the rate there.

use super::rule::{Rule, Swing};
use crate::declare::DialectError;
use crate::declare::legacy::Params;
use sched_core::{OneCycle, Schedule, ScheduleError};

/// What the schedulers find in the optimizer's parameter group, and leave there.
#[derive(Default)]
pub(super) struct Group {
    pub(super) leaves: usize,
    pub(super) lr: f64,
    pub(super) initial_lr: Option<f64>,
    pub(super) momentum: Option<f64>,
    pub(super) one_cycle: Option<OneCycle>,
    pub(super) swing: Option<Swing>,
    pub(super) swa_lr: Option<f64>,
}

/// PyTorch raises an error here.
pub(super) struct Raised;

/// A scheduler that is not made of others, at work in a composite.
pub(super) struct Leaf {
    pub(super) id: usize,
    pub(super) rule: Rule,
    /// The `initial_lr` that its constructor has found.
    pub(super) base: f64,
    /// Its course if it were alone, and what is left of the way to its target.
    pub(super) curve: Schedule,
    pub(super) weight: Schedule,
    pub(super) momentum: Option<Schedule>,
    /// PyTorch's `last_epoch`, and `_step_count`.
    pub(super) epoch: i64,
    pub(super) calls: u64,
}

impl Leaf {
    pub(super) fn construct(p: &Params<'_>, group: &mut Group) -> Result<Self, DialectError> {
        no_resume(p)?;
        let rule = Rule::read(p)?;
        match rule {
            Rule::OneCycle { cycle, momentum, .. } => {
                group.initial_lr = Some(cycle.max_lr / cycle.div_factor);
                group.one_cycle = Some(cycle);
                group.swing = momentum.or(group.swing);
            }
            Rule::Cyclic { cycle, momentum } => {
                group.initial_lr.get_or_insert(cycle.base_lr);
                group.swing = momentum.or(group.swing);
            }
            Rule::Swa { swa_lr, .. } => group.swa_lr = Some(swa_lr),
            _ => {}
        }
        let base = match group.initial_lr {
            Some(initial_lr) => initial_lr,
            None => {
                group.lr = p.optimizer_lr()?;
                *group.initial_lr.insert(group.lr)
            }
        };
        let build = || Ok((rule.curve(base)?, rule.weight()?, rule.momentum()?));
        let (curve, weight, momentum) = build().map_err(|error| p.invalid(error))?;
        group.leaves += 1;
        let mut this = Self { id: group.leaves, rule, base, curve, weight, momentum, epoch: -1, calls: 0 };
        let cannot_begin = |Raised| p.refused("schedulers", "not make PyTorch raise an error at once");
        this.step(group, true).map_err(cannot_begin)?;
        if let Rule::Cyclic { .. } = this.rule {
            // Its constructor still takes the rates of the base class.
            group.lr = base;
        }
        Ok(this)
    }

    /// Takes over what the last one constructed has left in the optimizer.
    pub(super) fn share(&mut self, group: &Group) -> Result<(), ScheduleError> {
        match (&mut self.rule, group.one_cycle, group.swa_lr) {
            (Rule::OneCycle { cycle, momentum, .. }, Some(last), _) => {
                (cycle.max_lr, cycle.div_factor) = (last.max_lr, last.div_factor);
                cycle.final_div_factor = last.final_div_factor;
                *momentum = momentum.and(group.swing);
            }
            (Rule::Swa { swa_lr, .. }, _, Some(last)) => *swa_lr = last,
            _ => return Ok(()),
        }
        self.curve = self.rule.curve(self.base)?;
        self.momentum = self.rule.momentum()?;
        Ok(())
    }

    /// The time on its curve; `SWALR` counts its calls.
    pub(super) fn clock(&self) -> u64 {
        match self.rule {
            Rule::Swa { .. } => self.calls.saturating_sub(1),
            _ => u64::try_from(self.epoch).unwrap_or(0),
        }
    }

    pub(super) fn step(&mut self, group: &mut Group, initial: bool) -> Result<(), Raised> {
        self.epoch = self.epoch.saturating_add(1);
        self.calls = if initial { 1 } else { self.calls.saturating_add(1) };
        let epoch = self.clock();
        if epoch > 0 && self.rule.next_error(epoch - 1) == Some(epoch) {
            return Err(Raised);
        }
        group.lr = match self.rule {
            _ if self.rule.is_absolute() => self.curve.at(epoch),
            Rule::Swa { .. } if epoch == 0 => self.toward_swa(group.lr),
            _ if epoch > 0 => self.onward(epoch - 1, group.lr),
            _ if initial => group.lr * self.first_factor(),
            _ => self.late(group.lr)?,
        };
        group.momentum = self.momentum.as_ref().map(|momentum| momentum.at(epoch)).or(group.momentum);
        Ok(())
    }

    /// From the rate at an epoch to the one at the next.
    fn onward(&self, epoch: u64, lr: f64) -> f64 {
        let target = self.rule.target();
        let (before, after) = (self.weight.at(epoch), self.weight.at(epoch + 1));
        match self.rule {
            Rule::Cosine { .. } if before == 0.0 => lr + (self.base - target) * after,
            Rule::Swa { .. } if before == 0.0 => target,
            Rule::Cosine { .. } | Rule::Swa { .. } => target + (lr - target) * (after / before),
            _ => lr * self.rule.ratio(epoch + 1),
        }
    }

    /// What the constructor multiplies the rate by.
    fn first_factor(&self) -> f64 {
        if let Rule::Cosine { .. } = self.rule { 1.0 } else { self.weight.at(0) }
    }

    /// `SWALR` has nowhere to come from at once when it has no epochs for it.
    fn toward_swa(&self, lr: f64) -> f64 {
        if self.weight.at(0) == 0.0 { self.rule.target() } else { lr }
    }

    /// Epoch 0 as any other: those that multiply by what has changed since epoch -1 do so.
    fn late(&self, lr: f64) -> Result<f64, Raised> {
        Ok(match self.rule {
            Rule::Exponential { gamma } => lr * gamma,
            Rule::Cosine { t_max: 0, .. } | Rule::Polynomial { total: 0, .. } => return Err(Raised),
            Rule::Polynomial { total, power } => lr * libm::pow(total as f64 / (total as f64 + 1.0), power),
            Rule::Cosine { eta_min, .. } => match self.weight.at(1) {
                0.0 => lr + (self.base - eta_min),
                before => eta_min + (lr - eta_min) / before,
            },
            _ => lr * self.first_factor(),
        })
    }

    /// Epoch 0 in closed form, or by the ordinary rule for those that have none.
    pub(super) fn restart(&mut self, group: &mut Group) -> Result<(), Raised> {
        self.epoch = 0;
        group.lr = match self.rule {
            Rule::Step { size: 0, .. }
            | Rule::Linear { total: 0, .. }
            | Rule::Polynomial { total: 0, .. }
            | Rule::Cosine { t_max: 0, .. } => return Err(Raised),
            Rule::Constant { total: 0, .. } => self.base,
            Rule::Swa { .. } => self.toward_swa(group.lr),
            _ => self.curve.at(0),
        };
        group.momentum = self.momentum.as_ref().map(|momentum| momentum.at(0)).or(group.momentum);
        Ok(())
    }

    /// Whether it sets the rate from now on, whatever it was; `SWALR` does so when it has arrived.
    pub(super) fn is_absolute(&self) -> bool {
        self.rule.is_absolute() || matches!(self.rule, Rule::Swa { epochs, .. } if self.clock() >= epochs)
    }

    /// In how many steps it does something to the rate.
    pub(super) fn next_change(&self) -> Option<u64> {
        self.rule.next_change(self.clock()).map(|next| next - self.clock())
    }

    /// In how many steps the cosine has passed its lowest point, from where it rises to its own base.
    pub(super) fn until_rise(&self) -> Option<u64> {
        let Rule::Cosine { t_max, .. } = self.rule else { return None };
        let position = self.clock().checked_rem(t_max.checked_mul(2)?)?;
        let falling = t_max.checked_sub(position);
        Some(falling.unwrap_or_else(|| t_max + (2 * t_max - position)) + 1)
    }

    pub(super) fn skip(&mut self, steps: u64) {
        self.epoch = self.epoch.saturating_add_unsigned(steps);
        self.calls = self.calls.saturating_add(steps);
    }

    /// A curve of its own clock, from now on.
    pub(super) fn advanced(&self, schedule: Schedule) -> Result<Schedule, ScheduleError> {
        match self.clock() {
            0 => Ok(schedule),
            clock => schedule.advance(clock as f64),
        }
    }

    /// Its course from a rate; `None` if there is none that leads through it.
    pub(super) fn course_from(&self, lr: f64) -> Result<Option<Schedule>, ScheduleError> {
        if close(self.curve.at(self.clock()), lr) {
            return self.advanced(self.curve.clone()).map(Some);
        }
        let target = self.rule.target();
        let start = target + (lr - target) / self.weight.at(self.clock());
        if !(start.is_finite() && start >= 0.0) {
            return Ok(None);
        }
        self.advanced(self.rule.curve(start)?).map(Some)
    }
}

/// Equal but for the rounding of some multiplications.
pub(super) fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-13 * b.abs()
}

/// PyTorch's composites do not go on from a `last_epoch`: it moves some of their clocks and not the others.
pub(super) fn no_resume(p: &Params<'_>) -> Result<(), DialectError> {
    p.check(p.int("last_epoch")? == -1, "last_epoch", "be -1 in a composite; go on with `seek`")
}
