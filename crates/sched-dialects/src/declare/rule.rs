//! The ranges that parameters have: `gamma: f64 where BELOW_1`.

use super::value::PerGroup;

/// A range of numbers, with the end of "must ..." in words.
pub(crate) struct Rule {
    pub(super) holds: fn(f64) -> bool,
    pub(super) words: &'static str,
}

pub(crate) const ABOVE_0: Rule = Rule { holds: |x| x > 0.0, words: "be above 0" };
pub(crate) const AT_LEAST_0: Rule = Rule { holds: |x| x >= 0.0, words: "be 0 or more" };
pub(crate) const BELOW_1: Rule = Rule { holds: |x| x < 1.0, words: "be below 1" };
pub(crate) const ABOVE_0_BELOW_1: Rule = Rule { holds: |x| x > 0.0 && x < 1.0, words: "be above 0 and below 1" };
pub(crate) const BETWEEN_0_AND_1: Rule = Rule { holds: |x| (0.0..=1.0).contains(&x), words: "be between 0 and 1" };

/// For `last_epoch`, by which PyTorch's schedulers and those made like them resume.
#[allow(dead_code, reason = "until torch is ported")]
pub(crate) const FRESH: Rule = Rule { holds: |x| x == -1.0, words: "be -1; a run that resumes seeks to its position" };

/// What a rule can be about: each of its numbers must follow it.
pub(crate) trait Numbers {
    fn all(&self, holds: fn(f64) -> bool) -> bool;
}

impl Numbers for f64 {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        holds(*self)
    }
}

impl Numbers for u64 {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        holds(*self as f64)
    }
}

impl Numbers for i64 {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        holds(*self as f64)
    }
}

impl<T: Numbers> Numbers for Option<T> {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        self.as_ref().is_none_or(|value| value.all(holds))
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        self.iter().all(|value| value.all(holds))
    }
}

impl<T: Numbers> Numbers for PerGroup<T> {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        T::all(self, holds)
    }
}
