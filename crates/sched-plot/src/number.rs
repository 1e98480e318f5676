//! Numbers rounded for readers.

use std::fmt;

/// A number rounded to six significant digits for printing: `0.05`, `1e-3`, `9500`.
///
/// ```
/// assert_eq!(sched_plot::Short(0.1 + 0.2).to_string(), "0.3");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Short(pub f64);

impl Short {
    pub(crate) fn rounded(self) -> f64 {
        format!("{:.5e}", self.0).parse().unwrap_or(self.0)
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.rounded();
        let text = if x != 0.0 && !(0.01..1e7).contains(&f64::abs(x)) { format!("{x:e}") } else { x.to_string() };
        f.pad(&text)
    }
}

/// Rounds to three significant digits; a range test is less exact than that.
pub(crate) fn three_digits(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::Short;

    #[test]
    fn short_numbers() {
        for (x, text) in [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1e-3, "1e-3"),
            (1.234_567_8e-5, "1.23457e-5"),
            (9500.0, "9500"),
            (1e300, "1e300"),
        ] {
            assert_eq!(Short(x).to_string(), text);
        }
    }
}
