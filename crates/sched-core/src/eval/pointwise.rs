//! Several rates made one: product, sum, average, minimum, maximum.

use crate::exact::Real;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combination {
    Product,
    Sum,
    Average,
    Min,
    Max,
}

/// What the rates so far make.
#[derive(Clone, Copy)]
pub(super) struct Partial {
    value: Real,
    /// To be multiplied by this power of two, so that nothing on the way is too large or too small.
    twos: i32,
}

/// The power of two of a sum that could overflow: as many rates as memory holds stay finite.
const DOWN: i32 = 64;
/// From here on it could.
const LARGE: f64 = 1e290;

impl Combination {
    pub(super) fn of(self, rates: impl ExactSizeIterator<Item = Real>) -> Real {
        let count = rates.len();
        self.end(rates.fold(self.start(), |so_far, rate| self.add(so_far, rate)), count)
    }

    /// Whether a number is of a size that takes no care on the way.
    #[inline(always)]
    fn is_easy(self, rate: f64) -> bool {
        match self {
            Self::Product => Real::is_moderate(rate),
            Self::Sum | Self::Average => rate < LARGE,
            Self::Min | Self::Max => true,
        }
    }

    /// Of no rates.
    #[inline(always)]
    pub(super) fn start(self) -> Partial {
        let value = match self {
            Self::Product => Real::ONE,
            Self::Min => Real::MAX,
            Self::Sum | Self::Average | Self::Max => Real::ZERO,
        };
        Partial { value, twos: 0 }
    }

    #[inline(always)]
    pub(super) fn add(self, so_far: Partial, rate: Real) -> Partial {
        let Partial { value, twos } = so_far;
        let (value, twos) = match self {
            Self::Product => {
                let (rate, more) = rate.moderate();
                let product = if rate.lo == 0.0 { value.times(rate.hi) } else { value.mul(rate) };
                let (value, carry) = product.moderate();
                (value, twos.saturating_add(more).saturating_add(carry))
            }
            Self::Sum | Self::Average => {
                if twos == 0 && self.is_easy(value.hi) && self.is_easy(rate.hi) {
                    (value + rate, 0)
                } else {
                    (value.times_power_of_two(twos - DOWN) + rate.times_power_of_two(-DOWN), DOWN)
                }
            }
            Self::Min => (value.min(rate), 0),
            Self::Max => (value.max(rate), 0),
        };
        Partial { value, twos }
    }

    #[inline(always)]
    pub(super) fn end(self, Partial { value, twos }: Partial, count: usize) -> Real {
        let value = if self == Self::Average { value.over(count as f64) } else { value };
        if twos == 0 { value } else { value.times_power_of_two(twos).saturated() }
    }
}

/// Many rates at once, made one by one of each child's: what [`Combination::of`] makes, where nothing is too large or too small.
pub(super) struct Block<const N: usize> {
    hi: [f64; N],
    lo: [f64; N],
}

impl<const N: usize> Block<N> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { hi: [1.0; N], lo: [-0.0; N] }
    }

    /// The first child's rates, into a slice; `false` if some number is of a size that takes more care.
    #[inline(always)]
    pub(super) fn start(&mut self, combination: Combination, fill: impl FnOnce(&mut [f64; N])) -> bool {
        fill(&mut self.hi);
        self.lo.fill(-0.0); // not 0.0, for the reason at `BLOCK` of the bulk path
        // Not `all`, which would branch for each.
        self.hi.iter().fold(true, |easy, rate| easy & combination.is_easy(*rate))
    }

    /// And another child's rates.
    #[inline(always)]
    pub(super) fn add(&mut self, combination: Combination, rates: &[f64; N]) -> bool {
        match combination {
            Combination::Product => self.each(rates, Real::times),
            Combination::Sum | Combination::Average => self.each(rates, Real::plus),
            Combination::Min => self.each(rates, |least, rate| if rate < least.hi { Real::from(rate) } else { least }),
            Combination::Max => self.each(rates, |most, rate| if rate > most.hi { Real::from(rate) } else { most }),
        }
        rates
            .iter()
            .zip(&self.hi)
            .fold(true, |easy, (rate, so_far)| easy & combination.is_easy(*rate) & combination.is_easy(*so_far))
    }

    /// A loop with nothing to choose, so that the processor runs several steps at a time.
    #[inline(always)]
    fn each(&mut self, rates: &[f64; N], value: impl Fn(Real, f64) -> Real) {
        for ((hi, lo), rate) in self.hi.iter_mut().zip(&mut self.lo).zip(rates) {
            let value = value(Real { hi: *hi, lo: *lo }, *rate);
            (*hi, *lo) = (value.hi, value.lo);
        }
    }

    #[inline(always)]
    pub(super) fn end(&self, combination: Combination, count: usize, rates: &mut [f64]) {
        for (rate, (hi, lo)) in rates.iter_mut().zip(self.hi.iter().zip(&self.lo)) {
            *rate = combination.end(Partial { value: Real { hi: *hi, lo: *lo }, twos: 0 }, count).value();
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use crate::schedule::{Node, Schedule};

    fn constants(rates: &[f64]) -> Vec<Schedule> {
        rates.iter().map(|&lr| Schedule::constant(lr).unwrap()).collect()
    }

    fn of(node: Node) -> f64 {
        Schedule::try_from(node).unwrap().at(0)
    }

    #[test]
    fn a_product_survives_what_its_parts_do_not() {
        assert!((of(Node::Product(constants(&[1e300, 1e300, 1e-300, 1e-300, 0.5]))) - 0.5).abs() < 1e-15);
        assert_eq!(of(Node::Product(constants(&[1e300, 1e300]))), f64::MAX);
        assert_eq!(of(Node::Product(constants(&[0.0, 1e300]))), 0.0);
        assert!(
            (of(Node::Product(constants(&[5e-324, 1e300, 1e-1, 1e10]))) / 4.940_656_458_412_465e-15 - 1.0).abs()
                < 1e-15
        );
    }

    #[test]
    fn sums_and_averages_of_huge_rates_stay_finite() {
        assert_eq!(of(Node::Sum(constants(&[1.5e308, 1.5e308]))), f64::MAX);
        assert_eq!(of(Node::Average(constants(&[1.5e308, 1.5e308]))), 1.5e308);
        // Each of the small ones is less than half a unit of the largest, both together are more.
        let rates = [f64::MAX, 9e291, 9e291];
        assert_eq!(of(Node::Sum(constants(&rates))), f64::MAX);
        assert_eq!(of(Node::Average(constants(&rates))), f64::MAX / 3.0);
        let sum = Node::Sum(constants(&rates)).try_into().unwrap();
        assert_eq!(of(Node::Clamp { min: 0.0, max: 1.0, of: sum }), 1.0);
    }

    #[test]
    fn an_average_evaluates_its_parts_once() {
        // Twice would be 2^31 evaluations.
        let mut deep = Schedule::constant(1e300).unwrap();
        for _ in 0..31 {
            deep = Node::Average(vec![deep]).try_into().unwrap();
        }
        assert_eq!(deep.at(0), 1e300);
    }
}
