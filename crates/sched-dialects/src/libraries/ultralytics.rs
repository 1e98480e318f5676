//! Ultralytics 8.4: the rates of `BaseTrainer`, by the names in `args.yaml`.
//!
//! The trainer sets rates batch by batch, and an update may accumulate several batches: it has the rate of the last of them.

use sched_core::{Node, Phase, Ramp, Schedule, ScheduleError, Shape};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, Params as _, PerGroup, Refusal, Scheduler, Translation, library, params, words,
};
use crate::shared::{advanced, first_step};

library! {
    "ultralytics" | "yolo": train,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Weight,
    Norm,
    Bias,
    Muon,
}

words! { Group { "weight" => Self::Weight, "bn" => Self::Norm, "bias" => Self::Bias, "muon" => Self::Muon } }

params! {
    /// A line, or half a cosine wave, from `lr0` to `lr0 lrf`, constant within an epoch. Before it a warmup over
    /// `round(min(warmup_epochs, epochs - 1) steps_per_epoch)` batches, from 0, or `warmup_bias_lr`, towards the rate of the
    /// current epoch; gradient accumulation and momentum grow with it.
    struct train {
        lr0: f64 where AT_LEAST_0 = 0.01,
        lrf: f64 where AT_LEAST_0 = 0.01,
        cos_lr: bool = false,
        momentum: f64 where AT_LEAST_0 = 0.937,
        warmup_epochs: f64 = 3.0,
        warmup_momentum: f64 where AT_LEAST_0 = 0.8,
        warmup_bias_lr: f64 where AT_LEAST_0 = 0.1,
        epochs: u64 where ABOVE_0 = 100,
        time: Option<f64>,
        optimizer: String = "auto",
        batch: u64 where ABOVE_0 = 16,
        nbs: u64 where ABOVE_0 = 64,
        nc: Option<u64>,
        steps_per_epoch: u64 where ABOVE_0,
        param_groups: PerGroup<Option<Group>>,
    }
}

/// What the trainer makes of `optimizer`.
struct Optimizer {
    family: Family,
    lr: f64,
    momentum: f64,
    warmup_bias_lr: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// The momentum is `betas[0]`, which the warmup leaves alone.
    Adam,
    Momentum,
    /// Every group is there twice, the first time with three times the rate.
    Muon,
}

/// From this update on, each takes as many batches; `batch` is its last one.
struct Stretch {
    update: u64,
    batch: u64,
    accumulate: u64,
}

/// More stretches than this are refused.
const MOST: usize = 10_000;

impl train {
    fn chosen(&self) -> Result<Optimizer, Refusal> {
        let batches = self.steps_per_epoch.checked_mul(self.epochs);
        Self::steps_per_epoch
            .must(batches.is_some_and(|batches| batches <= 1 << 53), "make at most 2^53 batches in all `epochs`")?;
        let family = match self.optimizer.to_ascii_lowercase().as_str() {
            "auto" => return self.automatic(),
            "adam" | "adamax" | "adamw" | "nadam" | "radam" => Family::Adam,
            "sgd" | "rmsprop" => Family::Momentum,
            "musgd" => Family::Muon,
            _ => {
                return Err(Self::optimizer.refused(
                    "be \"auto\", \"SGD\", \"MuSGD\", \"Adam\", \"Adamax\", \"AdamW\", \"NAdam\", \"RAdam\" or \"RMSProp\"",
                ));
            }
        };
        Ok(Optimizer { family, lr: self.lr0, momentum: self.momentum, warmup_bias_lr: self.warmup_bias_lr })
    }

    /// What a run of this length gets; its number of samples is known only to a batch.
    fn automatic(&self) -> Result<Optimizer, Refusal> {
        const LONG: u128 = 10_000;
        let (batch, steps) = (u128::from(self.batch), u128::from(self.steps_per_epoch));
        let updates = |samples: u128| samples.div_ceil(batch.max(self.nbs.into())) * u128::from(self.epochs);
        let (least, most) = (updates((steps - 1) * batch + 1), updates(steps * batch));
        Self::optimizer.must(
            most <= LONG || least > LONG,
            "be named here: at about 10000 iterations the exact size of the data set decides what \"auto\" is",
        )?;
        let (family, lr) = if most <= LONG {
            let classes = self.nc.ok_or(Self::nc.missing())?;
            (Family::Adam, to_6_decimals(0.002 * 5.0 / (4.0 + classes as f64)))
        } else {
            (Family::Muon, 0.01)
        };
        Ok(Optimizer { family, lr, momentum: 0.9, warmup_bias_lr: 0.0 })
    }

    /// Its length in batches; batch 0 is its first and this its last, so that 0 is none at all.
    fn warmup_steps(&self) -> u64 {
        let epochs = self.warmup_epochs.min((self.epochs - 1) as f64);
        (epochs.max(0.0) * self.steps_per_epoch as f64).round_ties_even() as u64
    }

    /// The stretches within the warmup, each also within an epoch, and the one after it.
    fn stretches(&self, warmup: u64) -> Result<(Vec<Stretch>, Stretch), Refusal> {
        let nominal = (self.nbs as f64 / self.batch as f64).round_ties_even().max(1.0) as u64;
        let nominal = nominal.min(self.steps_per_epoch.saturating_mul(self.epochs));
        // Rounded as numpy does: the last bit decides which of two numbers a half becomes.
        let slope = (nominal - 1) as f64 / warmup as f64;
        let accumulate = |batch: u64| match batch {
            batch if batch >= warmup => nominal,
            batch => ((slope * batch as f64 + 1.0).round_ties_even() as u64).max(1),
        };
        let mut stretches = vec![];
        let (mut update, mut batch) = (0, accumulate(0) - 1);
        while warmup > 0 && batch <= warmup {
            Self::warmup_epochs.must(stretches.len() < MOST, "be shorter: its rates are in more than 10000 pieces")?;
            let each = accumulate(batch);
            let epoch_end = (batch / self.steps_per_epoch + 1) * self.steps_per_epoch;
            let end = first_step(batch, epoch_end.min(warmup + 1), |batch| accumulate(batch) > each);
            stretches.push(Stretch { update, batch, accumulate: each });
            let more = (end - 1 - batch) / each;
            let last = batch + more * each;
            update += more + 1;
            batch = last + 1;
            while batch - last < accumulate(batch) {
                batch = last + accumulate(batch);
            }
        }
        Ok((stretches, Stretch { update, batch, accumulate: nominal }))
    }

    /// From `start` in the warmup towards what `target` is in the current epoch, and then that; `target` counts epochs.
    fn warmed(&self, start: f64, target: &Schedule) -> Result<Schedule, Refusal> {
        let warmup = self.warmup_steps();
        let (warm, regular) = self.stretches(warmup)?;
        let mut phases = vec![];
        for Stretch { update, batch, accumulate } in warm {
            let (each, to) = (accumulate as f64, target.at(batch / self.steps_per_epoch));
            let ramp = Ramp { from: start, to, steps: warmup as f64 / each, ..Ramp::new(start, to, 0) };
            phases.push(Phase { start: update, schedule: advanced(ramp.build()?, batch as f64 / each)? });
        }
        let after = match target.node() {
            Node::Constant(_) => target.clone(),
            _ => regular.of(target.clone().every(self.steps_per_epoch)?)?,
        };
        phases.push(Phase { start: regular.update, schedule: after });
        if let [Phase { start: 0, schedule }] = phases.as_slice() {
            return Ok(schedule.clone());
        }
        Ok(Schedule::sequence(phases)?)
    }
}

impl Stretch {
    /// A schedule that counts batches.
    fn of(&self, batches: Schedule) -> Result<Schedule, ScheduleError> {
        if self.accumulate == 1 {
            return advanced(batches, self.batch as f64);
        }
        // Half a batch later is the same batch, but not where rounding could lose it.
        batches.advance(self.batch as f64 + 0.5)?.stretch(1.0 / self.accumulate as f64)
    }
}

/// Python's `round(x, 6)`.
fn to_6_decimals(x: f64) -> f64 {
    format!("{x:.6}").parse().unwrap_or(x)
}

impl Scheduler for train {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Self::time.must(self.time.is_none(), "be null: how many epochs fit into it is not known in advance")?;
        let optimizer = self.chosen()?;
        let muon = optimizer.family == Family::Muon;
        let groups: &[Group] = if muon {
            Self::param_groups.must(cx.groups() == 8, "be left out, or the eight groups of MuSGD")?;
            &[Group::Weight, Group::Norm, Group::Bias, Group::Muon]
        } else {
            &[Group::Weight, Group::Norm, Group::Bias]
        };
        let index = if muon { cx.group() / 2 } else { cx.group() };
        let group = self.param_groups.or_else(|| groups.get(index).copied());
        let group = group.ok_or_else(|| Self::param_groups.refused("name each group"))?;
        let lr = if muon && cx.group().is_multiple_of(2) { 3.0 * optimizer.lr } else { optimizer.lr };
        let shape = if self.cos_lr { Shape::Cosine } else { Shape::Linear };
        let epochs = Ramp::new(lr, lr * self.lrf, self.epochs).shape(shape).build()?;
        let start = if group == Group::Bias { optimizer.warmup_bias_lr } else { 0.0 };
        let lr = self.warmed(start, &epochs)?;
        let momentum = if optimizer.family == Family::Adam || self.warmup_steps() == 0 {
            Schedule::constant(optimizer.momentum)?
        } else {
            self.warmed(self.warmup_momentum, &Schedule::constant(self.momentum)?)?
        };
        Ok(Translation { momentum: Some(momentum), ..lr.into() })
    }

    fn groups(cx: &Context<'_>) -> Result<usize, Refusal> {
        let this = Self::read(cx)?;
        Ok(match this.chosen()?.family {
            _ if this.param_groups.is_some() => 1,
            Family::Muon => 8,
            Family::Adam | Family::Momentum => 3,
        })
    }
}
