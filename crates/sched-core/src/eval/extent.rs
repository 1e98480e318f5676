//! How many steps it takes to see what a schedule does.

use crate::schedule::{Beyond, LONGEST, Node, Phase, PowerLaw, Repeat, Schedule, Steps};

/// An endless decay has run its course when the rate has fallen to a hundredth.
const DECADES: f64 = 2.0;
/// A power law is seen over this many times its offset: an inverse square root falls to a third.
const OFFSETS: f64 = 9.0;
/// Of a wave without end, this many cycles are enough.
const CYCLES: u64 = 3;
/// A phase that starts this many times later than an endless decay has run its course is out of sight.
const OUT_OF_SIGHT: f64 = 100.0;

impl Schedule {
    /// The number of steps that show the whole schedule, for a picture when nothing tells the length of the run; 0 for a
    /// constant.
    ///
    /// It is read off the schedule's own numbers. With a [horizon](Self::horizon), it is the horizon, and after a last jump or
    /// warmup as much again as the stretch before it. Without one, it is the length of a mirrored ramp (PyTorch's `T_max`), three
    /// cycles of a wave, an exponential decay to a hundredth, or ten times the warmup of an inverse square root.
    ///
    /// ```
    /// use sched_core::Schedule;
    ///
    /// # fn main() -> Result<(), sched_core::ScheduleError> {
    /// assert_eq!(Schedule::cosine_annealing(1e-3, 0.0, 9_500)?.warmup(0.0, 500)?.extent(), 10_000);
    /// assert_eq!(Schedule::multi_step(0.1, &[30, 60], 0.1)?.extent(), 90);
    /// assert_eq!(Schedule::step(0.1, 30, 0.1)?.extent(), 90);
    /// assert_eq!(Schedule::noam(1.0, 512, 4_000)?.extent(), 39_999);
    /// assert_eq!(Schedule::constant(0.1)?.extent(), 0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn extent(&self) -> u64 {
        let extent = libm::ceil(self.node().extent());
        // The cast saturates, but 2^64 is not a step.
        if extent < LONGEST { extent as u64 } else { u64::MAX }
    }
}

impl Node {
    fn extent(&self) -> f64 {
        let latest = |of: &[Schedule]| of.iter().map(|child| child.node().extent()).fold(0.0, f64::max);
        match self {
            Self::Constant(_) => 0.0,
            Self::Ramp(ramp) if ramp.beyond == Beyond::Repeat => ramp.steps * CYCLES as f64,
            Self::Ramp(ramp) => ramp.steps,
            Self::Exponential(e) if e.gamma == 0.0 => 1.0,
            Self::Exponential(e) if e.gamma == 1.0 || e.initial == 0.0 => 0.0,
            Self::Exponential(e) => e.decay_steps * DECADES / libm::fabs(libm::log10(e.gamma)),
            Self::PowerLaw(law) => law.extent(),
            Self::Steps(steps) => steps.extent(),
            Self::Sequence(phases) => sequence(phases),
            Self::Repeat(repeat) => repeat.extent(),
            Self::Product(of) | Self::Sum(of) | Self::Average(of) | Self::Min(of) | Self::Max(of) => latest(of),
            Self::Clamp { of, .. } | Self::Complement { of, .. } => of.node().extent(),
            Self::Every { n, of } => {
                // The level on which an endless decay has run its course is shown too.
                let last = if of.horizon().is_none() { 1.0 } else { 0.0 };
                // 2 / log10(0.1) is not quite whole.
                (libm::ceil(of.node().extent() - 1e-9) + last) * *n as f64
            }
            Self::Stretch { k, of } => of.node().extent() * k,
            Self::Delay { steps, of } => *steps as f64 + of.node().extent(),
            Self::Advance { by, of } => {
                let extent = of.node().extent();
                // What never ends goes on beyond its extent.
                if extent > *by || of.horizon().is_some() { (extent - by).max(0.0) } else { extent }
            }
            Self::Warp { steps, power, of } => match of.node().extent() {
                extent if extent >= *steps => extent,
                // Where the warped time has come as far.
                extent => steps * libm::pow(extent / steps, 1.0 / power),
            },
        }
    }
}

impl PowerLaw {
    fn extent(&self) -> f64 {
        match self {
            Self { scale: 0.0, .. } | Self { power: 0.0, .. } => 0.0,
            Self { offset: 0.0, .. } => self.time_scale * OFFSETS,
            _ => self.offset * OFFSETS,
        }
    }
}

impl Steps {
    /// The last level is seen for as long as the one before.
    fn extent(&self) -> f64 {
        let last = self.milestones.last().map_or(0, |milestone| milestone.step);
        let before = self.milestones.iter().rev().map(|milestone| milestone.step).find(|step| *step < last);
        last as f64 + (last - before.unwrap_or(0)) as f64
    }
}

fn sequence(phases: &[Phase]) -> f64 {
    let Some((last, before)) = phases.split_last() else { return 0.0 };
    for (i, phase) in before.iter().enumerate() {
        let end = phase.start as f64 + phase.schedule.node().extent();
        if phase.schedule.horizon().is_none() && phases[i + 1].start as f64 > end * OUT_OF_SIGHT {
            return end;
        }
    }
    let start = last.start as f64;
    match (last.schedule.node(), before.last()) {
        (Node::Constant(lr), Some(phase)) if !falls_to(phase, last.start, *lr) => start + (start - phase.start as f64),
        _ => start + last.schedule.node().extent(),
    }
}

/// Whether a phase falls to this rate, so that nothing new is seen after it.
fn falls_to(phase: &Phase, end: u64, lr: f64) -> bool {
    let goal = phase.schedule.at(end - phase.start);
    goal < phase.schedule.at(0) && libm::fabs(goal - lr) <= 1e-9 * lr
}

impl Repeat {
    fn extent(&self) -> f64 {
        let cycles = self.limit.unwrap_or(CYCLES) as f64;
        let lengths =
            if self.growth == 1.0 { cycles } else { (libm::pow(self.growth, cycles) - 1.0) / (self.growth - 1.0) };
        self.period as f64 * lengths
    }
}

#[cfg(test)]
mod tests {
    use crate::{Beyond, Cyclic, Node, PowerLaw, Ramp, Repeat, Schedule};

    #[test]
    fn every_kind_of_schedule_is_seen_whole() {
        let line = || Schedule::linear(1.0, 0.0, 10).unwrap();
        let constant = || Schedule::constant(0.5).unwrap();
        let beyond = |beyond| Ramp::new(1.0, 0.0, 10).beyond(beyond).build().unwrap();
        let law = |offset, power| {
            Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 1.0, offset, time_scale: 4.0, power })).unwrap()
        };
        for (schedule, extent) in [
            (constant(), 0),
            (line(), 10),
            (beyond(Beyond::Mirror), 10),
            (beyond(Beyond::Repeat), 30),
            (Schedule::exponential(1.0, 0.1).unwrap(), 2),
            (Schedule::exponential(1.0, 10.0).unwrap(), 2), // a range test grows a hundredfold
            (Schedule::exponential(1.0, 0.0).unwrap(), 1),
            (Schedule::exponential(1.0, 1.0).unwrap(), 0),
            (law(10.0, -0.5), 90),
            (law(0.0, -1.0), 36),
            (law(10.0, 0.0), 0),
            (Schedule::multi_step(1.0, &[30, 80], 0.1).unwrap(), 130),
            (Schedule::multi_step(1.0, &[30], 0.1).unwrap(), 60),
            (Schedule::step(1.0, 30, 0.1).unwrap(), 90),
            (line().every(5).unwrap(), 50),
            (line().stretch(2.5).unwrap(), 25),
            (line().delay(5).unwrap(), 15),
            (line().advance(4.0).unwrap(), 6),
            (line().advance(14.0).unwrap(), 0),
            (beyond(Beyond::Mirror).advance(14.0).unwrap(), 10),
            (line().warp(12.0, 2.0).unwrap(), 11), // 12 sqrt(10 / 12)
            (line().times(line().delay(1).unwrap()).unwrap(), 11),
            // A warmup to a constant is seen with as much of the constant; the end of a decay is the end.
            (constant().warmup(0.0, 20).unwrap(), 40),
            (line().then(Schedule::constant(0.0).unwrap()).unwrap(), 10),
            (constant().then_at(50, Schedule::constant(0.1).unwrap()).unwrap(), 100),
            (Cyclic::new(0.1, 1.0, 2).step_size_down(3).lr().unwrap(), 15),
            (Repeat::new(line(), 10).growth(2.0).build().unwrap(), 70),
            (Repeat::new(line(), 10).growth(2.0).limit(2).build().unwrap(), 30),
            // What comes a billion steps after a decay is out of sight.
            (Schedule::exponential(1.0, 0.1).unwrap().then_at(1_000_000_000, constant()).unwrap(), 2),
            (Schedule::linear(1.0, 0.0, u64::MAX).unwrap(), u64::MAX),
        ] {
            assert_eq!(schedule.extent(), extent, "{schedule}");
        }
    }
}
