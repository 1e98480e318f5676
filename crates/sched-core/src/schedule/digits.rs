//! Numbers as a person writes them.

use alloc::format;
use core::fmt;

/// A number in full, the shorter way: `0.05`, `1e-3`, `9500`.
pub(crate) struct Short(pub(crate) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x != 0.0 && !(0.01..1e7).contains(&x.abs()) { write!(f, "{x:e}") } else { write!(f, "{x}") }
    }
}

/// Whoever writes a number by hand stops here; what has more digits was computed.
const WRITTEN: usize = 9;

/// A number for a person to read: in full if it is whole or short enough to have been written by hand, otherwise rounded
/// to six digits.
pub(crate) struct Rounded(pub(crate) f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        let digits = format!("{x:e}").bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count();
        let in_full = digits <= WRITTEN || libm::trunc(x) == x;
        Short(if in_full { x } else { format!("{x:.5e}").parse().unwrap_or(x) }).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Rounded, Short};

    #[test]
    fn numbers_written_by_hand_stay_and_computed_ones_are_rounded() {
        for (x, short, rounded) in [
            (0.0, "0", "0"),
            (0.05, "0.05", "0.05"),
            (1e-3, "1e-3", "1e-3"),
            (9_500.0, "9500", "9500"),
            (16_384.5, "16384.5", "16384.5"),
            (1.234_567_89e-4, "1.23456789e-4", "1.23456789e-4"),
            (5.405_405_405_405_405_4e-5, "5.4054054054054054e-5", "5.40541e-5"),
            (0.1 + 0.2, "0.30000000000000004", "0.3"),
            (2.0 / 3.0, "0.6666666666666666", "0.666667"),
            (100.0 / 3.0, "33.333333333333336", "33.3333"),
            (1_234_567_890_123.0, "1.234567890123e12", "1.234567890123e12"),
            (18_446_744_073_709_551_616.0, "1.8446744073709552e19", "1.8446744073709552e19"),
            (f64::INFINITY, "inf", "inf"),
            (f64::NAN, "NaN", "NaN"),
        ] {
            assert_eq!((Short(x).to_string().as_str(), Rounded(x).to_string().as_str()), (short, rounded));
        }
    }
}
