//! The bulk path on stairs: each rate lasts for many steps.

use super::runs::{BLOCK, run_length, runs};
use crate::schedule::Steps;

impl Steps {
    pub(super) fn fill(&self, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            let passed = self.milestones.partition_point(|milestone| milestone.step <= step);
            let run = self.milestones.get(passed).map_or(rates.len(), |next| run_length(next.step - step, rates));
            rates[..run].fill(self.at(step));
            run
        });
    }
}

/// Each rate of a curve for `n` steps. `at` is one rate of the curve, `fill` many.
pub(super) fn fill_stairs(
    n: u64,
    first: u64,
    rates: &mut [f64],
    at: impl Fn(u64) -> f64,
    fill: impl Fn(u64, &mut [f64]),
) {
    let mut stairs = [1.0; BLOCK];
    runs(first, rates, |step, rates| {
        let first = run_length(n - step % n, rates);
        let count = 1 + ((rates.len() - first) as u64).div_ceil(n).min(BLOCK as u64 - 1) as usize;
        let stairs = &mut stairs[..count];
        match stairs {
            // One alone takes less without what many share.
            [stair] => *stair = at(step / n),
            _ => fill(step / n, stairs),
        }
        let (head, tail) = rates.split_at_mut(first);
        head.fill(stairs[0]);
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let steps = tail.chunks_mut(n).zip(&stairs[1..]).map(|(steps, stair)| {
            steps.fill(*stair);
            steps.len()
        });
        first + steps.sum::<usize>()
    });
}

#[cfg(test)]
mod tests {
    use crate::Schedule;

    #[test]
    fn stairs_in_bulk_have_the_same_bits() {
        let mut rates = [f64::NAN; 1300];
        for of in [Schedule::exponential(0.1, 0.999), Schedule::cosine_annealing(0.1, 0.0, 900)] {
            for n in [1, 2, 3, 7, 1000, 1 << 40, u64::MAX] {
                let stairs = of.clone().unwrap().every(n).unwrap();
                for first in [0, 5, 1 << 40, (1 << 53) - 350, u64::MAX - 1301] {
                    stairs.sample(first, &mut rates);
                    for (step, rate) in (first..).zip(rates) {
                        assert_eq!(rate.to_bits(), stairs.at(step).to_bits(), "step {step} of {stairs}");
                    }
                }
            }
        }
    }
}
