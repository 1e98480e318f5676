//! An axis: where a value is on it, and its round ticks.

use serde::Serialize;

use crate::number::Short;

/// The largest magnitude on an axis; its reciprocal is the smallest on a logarithmic one.
const LIMIT: f64 = 1e100;

/// An axis from a lower to a higher value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scale {
    low: f64,
    high: f64,
    log: bool,
    /// Whether ticks are at whole numbers only.
    whole: bool,
}

/// A round number on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The number.
    pub value: f64,
    /// How it is written: all ticks of an axis in one notation.
    pub label: String,
}

impl Scale {
    /// A linear axis. Ends that an axis cannot have are moved.
    #[must_use]
    pub fn linear(low: f64, high: f64) -> Self {
        let [low, high] = [low, high].map(|end| if end.is_nan() { 0.0 } else { end.clamp(-LIMIT, LIMIT) });
        // Fewer digits between the ends than a label has would make all labels alike.
        let least = (1e-4 * low.abs()).max(1.0 / LIMIT);
        let high = if low == 0.0 && high <= 0.0 { 1.0 } else { high.max(low + least) };
        Self { low, high, log: false, whole: false }
    }

    /// A logarithmic axis. Ends that an axis cannot have are moved.
    #[must_use]
    pub fn log(low: f64, high: f64) -> Self {
        let low = if low > 0.0 { low.clamp(1.0 / LIMIT, LIMIT) } else { 1.0 / LIMIT };
        let high = if high > 0.0 { high.min(LIMIT) } else { low };
        Self { low, high: high.max(low * 1.001), log: true, whole: false }
    }

    /// A linear axis of steps, from 0, whose ticks are at whole ones.
    #[must_use]
    pub fn steps(end: u64) -> Self {
        Self { whole: true, ..Self::linear(0.0, end.max(1) as f64) }
    }

    /// Where a value is: 0 at the lower end, 1 at the higher one.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let at = |value: f64| if self.log { value.log10() } else { value };
        (at(value) - at(self.low)) / (at(self.high) - at(self.low))
    }

    /// The lower end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The higher end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Whether the axis is logarithmic.
    #[must_use]
    pub fn is_log(&self) -> bool {
        self.log
    }

    /// Round numbers, about `most` and at least two: multiples of 1, 2 or 5 times a power of ten; on a logarithmic axis,
    /// decades.
    #[must_use]
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        let most = most.max(2);
        let values = if self.log { self.decades(most) } else { self.multiples(most) };
        let labels = labels(&values);
        values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
    }

    fn multiples(&self, most: usize) -> Vec<f64> {
        // A single number does not tell the scale.
        (most..most + 9).map(|most| self.spaced(most)).find(|values| values.len() > 1).unwrap_or_default()
    }

    fn spaced(&self, most: usize) -> Vec<f64> {
        let least = (self.high - self.low) / most as f64;
        let power = (least.log10() + 1e-9).floor() as i32;
        let candidates = (power..=power + 1).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| (digit, power)));
        let fits = |&(digit, power): &(f64, i32)| {
            digit * 10_f64.powi(power) >= least * (1.0 - 1e-9) && !(self.whole && power < 0)
        };
        let (digit, power) = candidates.into_iter().find(fits).unwrap_or((1.0, 0));
        // Divides by an exact power of ten, so that labels have no dust.
        let value = |i: f64| if power < 0 { i * digit / 10_f64.powi(-power) } else { i * digit * 10_f64.powi(power) };
        let stride = value(1.0);
        let (first, last) = ((self.low / stride - 1e-9).ceil(), (self.high / stride + 1e-9).floor());
        (0..=most * 5).map(|i| first + i as f64).take_while(|i| *i <= last).map(|i| value(i) + 0.0).collect()
    }

    fn decades(&self, most: usize) -> Vec<f64> {
        let power = |power: i32| if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) };
        let first = (self.low.log10() - 1e-9).floor() as i32;
        let last = (self.high.log10() + 1e-9).floor() as i32;
        let inside = |value: &f64| (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(value);
        let decades: Vec<f64> = (first..=last).map(power).filter(inside).collect();
        if decades.len() >= 3 {
            let stride = decades.len().div_ceil(most);
            return decades.into_iter().step_by(stride).collect();
        }
        let parts: Vec<f64> = (first..=last)
            .flat_map(|p| [1.0, 2.0, 5.0].map(|digit| if p < 0 { digit / power(-p) } else { digit * power(p) }))
            .filter(inside)
            .collect();
        if parts.len() >= 2 && parts.len() <= most {
            parts
        } else if decades.len() == 2 {
            decades
        } else {
            self.multiples(most)
        }
    }
}

/// All in one notation: decimals if that is short for each of them.
fn labels(values: &[f64]) -> Vec<String> {
    let short: Vec<String> = values.iter().map(|value| Short(*value).to_string()).collect();
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let smallest = values.iter().filter(|value| **value != 0.0).fold(f64::MAX, |least, value| least.min(value.abs()));
    if largest < 1e6 && smallest >= 1e-3 && largest >= 0.01 {
        // As many decimals as the one that needs most.
        let plain = |value: f64| format!("{value:.5}").trim_end_matches('0').trim_end_matches('.').to_owned();
        let decimals = |text: String| text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let is_log = values.len() > 1 && values[0] > 0.0 && largest / smallest >= 100.0;
        let most = values.iter().map(|value| decimals(plain(*value))).max().unwrap_or(0);
        if most <= 4 && !(is_log && smallest < 0.01) {
            let label = |value: &f64| if *value == 0.0 || is_log { plain(*value) } else { format!("{value:.most$}") };
            return values.iter().map(label).collect();
        }
    }
    let scientific = |(value, short): (&f64, String)| {
        if *value == 0.0 || short.contains('e') { short } else { format!("{:e}", Short(*value).rounded()) }
    };
    values.iter().zip(short).map(scientific).collect()
}

#[cfg(test)]
mod tests {
    use super::Scale;

    fn labels(scale: Scale, most: usize) -> String {
        scale.ticks(most).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_in_one_notation() {
        assert_eq!(labels(Scale::linear(0.0, 0.1), 6), "0 0.02 0.04 0.06 0.08 0.10");
        assert_eq!(labels(Scale::linear(0.0, 1.1e-3), 6), "0 2e-4 4e-4 6e-4 8e-4 1e-3");
        assert_eq!(labels(Scale::linear(0.84, 0.96), 5), "0.85 0.90 0.95");
        assert_eq!(labels(Scale::linear(0.84, 0.96), 2), "0.85 0.90 0.95");
        assert_eq!(labels(Scale::linear(-2.5, 2.5), 6), "-2 -1 0 1 2");
        assert_eq!(labels(Scale::linear(0.0, 1e100), 2), "0 5e99 1e100");
        assert_eq!(labels(Scale::linear(3.0, 3.0), 3), "3.0000 3.0001 3.0002 3.0003");
    }

    #[test]
    fn steps_have_no_ticks_between() {
        assert_eq!(labels(Scale::steps(3), 10), "0 1 2 3");
        assert_eq!(labels(Scale::steps(9_000), 10), "0 1000 2000 3000 4000 5000 6000 7000 8000 9000");
        assert_eq!(labels(Scale::steps(2_000_000), 4), "0 5e5 1e6 1.5e6 2e6");
    }

    #[test]
    fn logarithmic_axes_have_decades() {
        assert_eq!(labels(Scale::log(1e-7, 0.1), 10), "1e-7 1e-6 1e-5 1e-4 1e-3 1e-2 1e-1");
        assert_eq!(labels(Scale::log(0.01, 10.0), 10), "0.01 0.1 1 10");
        assert_eq!(labels(Scale::log(1e-12, 1.0), 5), "1e-12 1e-9 1e-6 1e-3 1e0");
        assert_eq!(labels(Scale::log(1e-4, 1.2e-3), 6), "1e-4 2e-4 5e-4 1e-3");
        assert_eq!(labels(Scale::log(0.03, 0.04), 6), "0.030 0.032 0.034 0.036 0.038 0.040");
    }

    #[test]
    fn a_value_has_its_place() {
        assert_eq!(Scale::linear(1.0, 3.0).place(2.0), 0.5);
        assert_eq!(Scale::log(1e-4, 1.0).place(1e-2), 0.5);
        assert_eq!(Scale::linear(f64::NAN, f64::INFINITY).place(5e99), 0.5);
    }
}
