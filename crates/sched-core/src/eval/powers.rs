//! The rates of an exponential by one multiplication each.

use crate::exact::Real;
use crate::schedule::{Exponential, Node};

/// How many steps share one power, and how many of these powers are known.
const BLOCK: usize = 64;

/// `initial * gamma^t` as `gamma^(64 n)` times `initial * gamma^i` with `t = 64 n + i`: the first is one power for 64 steps, for
/// the first 4096 steps from a table; the second always is. The tables are made with 106 bits, so that few roundings remain.
pub(crate) struct Powers {
    gamma: f64,
    /// `gamma^(64 n)`.
    blocks: [f64; BLOCK],
    /// `initial * gamma^i`.
    rates: [f64; BLOCK],
}

impl Powers {
    /// For an exponential that has a factor per step, and a first block of numbers with 53 bits.
    pub(crate) fn of(node: &Node) -> Option<Self> {
        let Node::Exponential(Exponential { initial, gamma, decay_steps: 1.0 }) = *node else {
            return None;
        };
        let powers = powers_of(Real::from(gamma));
        let rates = powers.map(|power| power.times(initial).value());
        let blocks = powers_of(powers[BLOCK / 2].mul(powers[BLOCK / 2])).map(Real::value);
        rates.iter().all(|rate| rate.is_normal()).then_some(Self { gamma, blocks, rates })
    }

    /// `gamma^(64 n)`, if it has 53 bits, and `i`.
    fn split(&self, step: u64) -> Option<(f64, usize)> {
        let (n, i) = (step / BLOCK as u64, step % BLOCK as u64);
        let known = usize::try_from(n).ok().and_then(|n| self.blocks.get(n));
        let power = match known {
            Some(&power) => power,
            None => libm::pow(self.gamma, (step - i) as f64),
        };
        (step < 1 << 53 && power.is_normal()).then_some((power, i as usize))
    }

    /// The rate at a whole step, where it has 53 bits.
    pub(crate) fn at(&self, step: u64) -> Option<f64> {
        let (power, i) = self.split(step)?;
        Some(power * self.rates[i]).filter(|rate| rate.is_normal())
    }

    /// The rates from a step on, up to the end of its block; how many, where they have 53 bits.
    pub(crate) fn sample(&self, step: u64, rates: &mut [f64]) -> Option<usize> {
        let (power, i) = self.split(step)?;
        let block = &self.rates[i..];
        let run = block.len().min(rates.len());
        for (rate, first) in rates.iter_mut().zip(block) {
            *rate = power * first;
        }
        // The rates only fall or only rise, so if both ends are normal numbers, all are.
        (rates[0].is_normal() && rates[run - 1].is_normal()).then_some(run)
    }
}

/// `base^i`, by few multiplications each.
fn powers_of(base: Real) -> [Real; BLOCK] {
    let mut powers = [Real::ONE; BLOCK];
    powers[1] = base;
    for i in 2..BLOCK {
        powers[i] = powers[i / 2].mul(powers[i - i / 2]);
    }
    powers
}
