//! A parameter: its name, what it is when it is not given, and what goes wrong with it.

use sched_core::Value;

use super::error::{Fault, Refusal};
use super::rule::{Numbers, Rule};
use super::value::{Default, FromValue};

/// A parameter of a scheduler.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is when it is not given.
    pub default: Default,
    /// Whether it may be a list with one element per parameter group.
    pub per_group: bool,
    /// Whether it may be a number that is not whole.
    pub may_be_fraction: bool,
}

impl Param {
    /// The parameter of a field with this name; one without influence on the rate has a field with `_` in front.
    pub(crate) const fn of<T: FromValue>(field: &'static str) -> Self {
        let name = match field.as_bytes() {
            [b'_', ..] => field.split_at(1).1,
            _ => field,
        };
        Self { name, default: T::UNSET, per_group: T::PER_GROUP, may_be_fraction: T::MAY_BE_FRACTION }
    }

    /// With a default.
    pub(crate) const fn or(self, default: fn() -> Value) -> Self {
        Self { default: Default::Value(default), ..self }
    }

    /// `Ok` if the library accepts the value; `rule` is the end of "must ...".
    pub(crate) fn must(self, ok: bool, rule: &'static str) -> Result<(), Refusal> {
        if ok { Ok(()) } else { Err(self.refused(rule)) }
    }

    /// `Ok` if the value follows the rule.
    pub(crate) fn follow(self, rule: &Rule, value: &impl Numbers) -> Result<(), Refusal> {
        self.must(value.all(rule.holds), rule.words)
    }

    /// The library refuses the value, or no schedule can have it; `rule` is the end of "must ...".
    #[cold]
    #[inline(never)]
    pub(crate) fn refused(self, rule: &'static str) -> Refusal {
        Refusal::of(self.name, Fault::Refused(rule))
    }

    /// The value has another type; `expected` is the end of "must be ...".
    pub(crate) fn wrong_type(self, expected: String) -> Refusal {
        Refusal::of(self.name, Fault::WrongType(expected))
    }

    /// The parameter is code; `closure` shows how to write it here.
    pub(crate) fn code(self, closure: &'static str) -> Refusal {
        Refusal::of(self.name, Fault::Code(closure))
    }

    /// The parameter must be given here.
    pub(crate) fn missing(self) -> Refusal {
        Refusal::of(self.name, Fault::Missing)
    }
}
