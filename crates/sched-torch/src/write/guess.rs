//! A scheduler of PyTorch's that may have the rates of a schedule.

use sched_dialects::Value as Param;

/// A scheduler of PyTorch's, by its constructor's parameters and the rate that it finds in the optimizer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    pub(super) kind: &'static str,
    pub(super) params: Vec<(&'static str, Param)>,
    pub(super) base: f64,
}

impl Guess {
    pub(super) fn new<const N: usize>(kind: &'static str, base: f64, params: [(&'static str, Param); N]) -> Self {
        Self { kind, params: params.into(), base }
    }

    /// As a member of a composite.
    pub(super) fn into_member(self) -> Param {
        let params = self.params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Param::Map(vec![
            ("kind".to_owned(), Param::Text(self.kind.to_owned())),
            ("params".to_owned(), Param::Map(params)),
        ])
    }
}

/// Equal but for rounding.
pub(super) fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// A whole number of steps.
pub(super) fn steps(count: f64) -> Option<Param> {
    (count.fract() == 0.0 && (1.0..9e15).contains(&count)).then_some(Param::Int(count as i128))
}
