//! The Trainer's clock: its time strings in batches, and the updates at which it steps a schedule.

use sched_core::{Schedule, Value};

use crate::declare::{ABOVE_0, FromValue, Refusal, Translation, params};
use crate::shared::Optimizer;

params! {
    /// What the Trainer knows.
    pub(super) struct Run {
        steps_per_epoch: Option<u64> where ABOVE_0,
        max_duration: Option<Time>,
        scale_schedule_ratio: f64 where ABOVE_0 = 1.0,
        step_schedulers_every_batch: bool = true,
        .._optimizer: Optimizer,
    }
}

/// A time string.
#[derive(Clone, Copy)]
pub(super) enum Time {
    Batches(u64),
    Epochs(u64),
    /// A part of the run.
    Part(f64),
}

impl FromValue for Time {
    fn expected(many: bool) -> String {
        if many { "times such as `10ba`, `2ep` or `0.5dur`" } else { "a time such as `10ba`, `2ep` or `0.5dur`" }
            .to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        let text = match value {
            // A length without a unit is in epochs.
            Value::Int(epochs) => return (*epochs).try_into().ok().map(Self::Epochs),
            Value::Text(text) => text.trim(),
            _ => return None,
        };
        let unit = text.find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E').or(text.find("ep"))?;
        let unit = text.find("ep").map_or(unit, |epochs| epochs.min(unit));
        let (number, unit) = text.split_at(unit);
        let number: f64 = number.trim().replace('_', "").parse().ok().filter(|number: &f64| *number >= 0.0)?;
        let whole = || (number.fract() == 0.0).then_some(number as u64);
        match unit {
            "ba" => Some(Self::Batches(whole()?)),
            "ep" => Some(Self::Epochs(whole()?)),
            "dur" => Some(Self::Part(number)),
            _ => None,
        }
    }
}

impl Run {
    fn epoch(&self) -> Result<u64, Refusal> {
        self.steps_per_epoch.ok_or(Self::steps_per_epoch.missing())
    }

    /// So many batches or epochs of a run that is stretched.
    fn stretched(&self, length: u64) -> u64 {
        if self.scale_schedule_ratio == 1.0 { length } else { (length as f64 * self.scale_schedule_ratio) as u64 }
    }

    /// A time in batches, stretched with the run or not; a part is one of the stretched run anyway.
    pub(super) fn batches(&self, time: Time, stretched: bool) -> Result<u64, Refusal> {
        let batches = match (time, self.max_duration) {
            (Time::Batches(batches), _) => batches,
            (Time::Epochs(epochs), _) => epochs.saturating_mul(self.epoch()?),
            (Time::Part(part), Some(Time::Epochs(_))) => {
                // In Composer's order, which decides what is rounded down.
                let (duration, epoch) = (self.duration()?, self.epoch()?);
                return Ok((part * epoch as f64 * (duration / epoch) as f64) as u64);
            }
            (Time::Part(part), _) => return Ok((part * self.duration()? as f64) as u64),
        };
        Ok(if stretched { self.stretched(batches) } else { batches })
    }

    /// The length of the run.
    pub(super) fn duration(&self) -> Result<u64, Refusal> {
        let batches = match self.max_duration {
            Some(Time::Batches(batches)) => self.stretched(batches),
            // A stretched run has whole epochs.
            Some(Time::Epochs(epochs)) => self.stretched(epochs).saturating_mul(self.epoch()?),
            Some(Time::Part(_)) => return Err(Self::max_duration.refused("be in epochs or batches")),
            None => return Err(Self::max_duration.missing()),
        };
        Self::scale_schedule_ratio.must(batches > 0, "leave something of `max_duration`")?;
        Ok(batches)
    }

    /// What a schedule that counts batches is at each update.
    pub(super) fn at_updates(&self, of: Schedule) -> Result<Translation, Refusal> {
        if self.step_schedulers_every_batch {
            return Ok(of.delay(1)?.into());
        }
        // At the first batch of each epoch, and not just before it.
        let steps = self.epoch()?;
        let pace = 1.0 / steps as f64;
        let is_late = pace.mul_add(steps as f64, -1.0) > 0.0;
        Ok(of.stretch(if is_late { pace.next_down() } else { pace })?.every(steps)?.into())
    }
}
