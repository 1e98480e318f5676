//! Where one piece of a schedule ends and the next begins.

use crate::exact::Real;
use crate::schedule::{Beyond, LONGEST, Node, Phase, Ramp, Repeat, Schedule};

impl Schedule {
    /// The first step after `step` at which another piece begins: the end of a ramp, a milestone, a phase, a cycle, a stair.
    ///
    /// Read off the structure, like [`horizon`](Self::horizon), so the rate need not change there.
    ///
    /// ```
    /// use sched_core::Schedule;
    ///
    /// # fn main() -> Result<(), sched_core::ScheduleError> {
    /// let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;
    /// assert_eq!(schedule.next_seam(0), Some(500));
    /// assert_eq!(schedule.next_seam(500), Some(10_000));
    /// assert_eq!(schedule.next_seam(10_000), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_seam(&self, step: u64) -> Option<u64> {
        let seam = libm::ceil(self.seam(step as f64)?);
        // Beyond 2^53 steps and seams may round to the same number.
        (seam < LONGEST && step < u64::MAX).then(|| (seam as u64).max(step + 1))
    }

    fn seam(&self, after: f64) -> Option<f64> {
        self.node().seam(after)
    }
}

impl Node {
    /// The first seam after a time.
    fn seam(&self, after: f64) -> Option<f64> {
        match self {
            Self::Constant(_) | Self::Exponential(_) | Self::PowerLaw(_) => None,
            Self::Ramp(ramp) => ramp.seam(after),
            Self::Steps(steps) => {
                let next = steps.milestones.partition_point(|milestone| milestone.step as f64 <= after);
                steps.milestones.get(next).map(|milestone| milestone.step as f64)
            }
            Self::Sequence(phases) => sequence(phases, after),
            Self::Repeat(repeat) => repeat.seam(after),
            Self::Product(of) | Self::Sum(of) | Self::Average(of) | Self::Min(of) | Self::Max(of) => {
                of.iter().filter_map(|child| child.seam(after)).min_by(f64::total_cmp)
            }
            Self::Clamp { of, .. } | Self::Complement { of, .. } => of.seam(after),
            Self::Every { n, of } => {
                let stair = libm::floor(after / *n as f64);
                let goes_on = of.horizon().is_none_or(|end| stair < end as f64);
                goes_on.then_some((stair + 1.0) * *n as f64)
            }
            Self::Stretch { k, of } => of.seam(after / k).map(|seam| seam * k),
            Self::Delay { steps, of } => {
                let steps = *steps as f64;
                if after < steps { Some(steps) } else { of.seam(after - steps).map(|seam| seam + steps) }
            }
            Self::Advance { by, of } => of.seam(after + by).map(|seam| seam - by),
            Self::Warp { steps, power, of } => {
                let bent = |t: f64, power: f64| if t < *steps { steps * libm::pow(t / steps, power) } else { t };
                of.seam(bent(after, *power)).map(|seam| bent(seam, 1.0 / power))
            }
        }
    }
}

impl Ramp {
    fn seam(&self, after: f64) -> Option<f64> {
        if after < self.steps {
            return Some(self.steps);
        }
        match self.beyond {
            Beyond::Hold => None,
            Beyond::Mirror | Beyond::Repeat => {
                (self.steps > 0.0).then(|| (libm::floor(after / self.steps) + 1.0) * self.steps)
            }
        }
    }
}

fn sequence(phases: &[Phase], after: f64) -> Option<f64> {
    let next = phases.partition_point(|phase| phase.start as f64 <= after);
    let end = phases.get(next).map(|phase| phase.start as f64);
    let start = phases[next - 1].start as f64; // the first one starts at 0
    let inside = phases[next - 1].schedule.seam(after - start).map(|seam| seam + start);
    match (inside, end) {
        (Some(inside), Some(end)) => Some(inside.min(end)),
        (inside, end) => inside.or(end),
    }
}

impl Repeat {
    fn seam(&self, after: f64) -> Option<f64> {
        let (cycle, local) = self.locate(Real::from(after));
        if self.limit.is_some_and(|limit| cycle >= limit) {
            return None;
        }
        let inside = self.of.seam(local.value()).filter(|seam| *seam < self.period as f64);
        Some(match inside {
            Some(seam) => self.start_of(cycle).value() + seam * libm::pow(self.growth, cycle as f64),
            None => self.start_of(cycle.saturating_add(1)).value(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use crate::{Beyond, Cyclic, Ramp, Repeat, Schedule};

    fn seams(schedule: &Schedule) -> Vec<u64> {
        core::iter::successors(schedule.next_seam(0), |&seam| schedule.next_seam(seam)).take(8).collect()
    }

    #[test]
    fn every_node_knows_its_seams() {
        let line = || Schedule::linear(1.0, 0.0, 10).unwrap();
        let beyond = |beyond| Ramp::new(1.0, 0.0, 10).beyond(beyond).build().unwrap();
        let none: [u64; 0] = [];
        assert_eq!(seams(&Schedule::constant(1.0).unwrap()), none);
        assert_eq!(seams(&Schedule::exponential(1.0, 0.5).unwrap()), none);
        assert_eq!(seams(&line()), [10]);
        assert_eq!(seams(&beyond(Beyond::Mirror)), [10, 20, 30, 40, 50, 60, 70, 80]);
        assert_eq!(seams(&Schedule::multi_step(1.0, &[3, 7], 0.1).unwrap()), [3, 7]);
        assert_eq!(seams(&line().then_at(4, line()).unwrap()), [4, 14]);
        assert_eq!(seams(&Schedule::linear(1.0, 0.0, 3).unwrap().every(5).unwrap()), [5, 10, 15]);
        assert_eq!(seams(&Schedule::exponential(1.0, 0.5).unwrap().every(2).unwrap()), [2, 4, 6, 8, 10, 12, 14, 16]);
        assert_eq!(seams(&line().stretch(2.5).unwrap()), [25]);
        assert_eq!(seams(&line().delay(5).unwrap()), [5, 15]);
        assert_eq!(seams(&line().advance(2.5).unwrap()), [8]);
        assert_eq!(seams(&line().warp(10.0, 2.0).unwrap()), [10]);
        assert_eq!(seams(&line().times(line().delay(1).unwrap()).unwrap()), [1, 10, 11]);
    }

    #[test]
    fn cycles_have_seams_inside_and_between() {
        let triangle = Cyclic::new(0.1, 1.0, 2).step_size_down(3).lr().unwrap();
        assert_eq!(seams(&triangle), [2, 5, 7, 10, 12, 15, 17, 20]);
        let wave = Schedule::linear(1.0, 0.0, 10).unwrap();
        assert_eq!(seams(&Repeat::new(wave.clone(), 10).growth(2.0).limit(3).build().unwrap()), [10, 30, 70]);
        let halves = wave.then_at(5, Schedule::constant(0.5).unwrap()).unwrap();
        assert_eq!(seams(&Repeat::new(halves, 10).growth(2.0).limit(2).build().unwrap()), [5, 10, 20, 30]);
    }

    #[test]
    fn cycles_past_the_last_step_do_not_overflow() {
        // From a file that ended in a panic: with a head start of 2^64 steps every step is another cycle.
        let cycles = Repeat::new(Schedule::constant(1.0).unwrap(), 1).build().unwrap();
        assert_eq!(seams(&cycles.clone().advance(18_446_744_073_709_551_616.0).unwrap()), [1, 2, 3, 4, 5, 6, 7, 8]);
        let endless = Repeat::new(Schedule::linear(1.0, 0.0, 1).unwrap(), u64::MAX).build().unwrap();
        assert_eq!(endless.advance(18_446_744_073_709_551_616.0).unwrap().next_seam(u64::MAX), None);
    }

    #[test]
    fn the_end_of_time_has_no_seam() {
        let late = Schedule::constant(1.0).unwrap().then_at(u64::MAX, Schedule::constant(0.5).unwrap()).unwrap();
        assert_eq!(late.next_seam(0), None); // 2^64 - 1 rounds to 2^64
        let mirror = Ramp::new(1.0, 0.0, 10).beyond(Beyond::Mirror).build().unwrap();
        assert_eq!(mirror.next_seam(u64::MAX), None);
        assert!(mirror.next_seam(1 << 60).is_some_and(|seam| seam > 1 << 60));
    }
}
