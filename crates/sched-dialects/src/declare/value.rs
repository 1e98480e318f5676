//! The types that a parameter may have, and how they are read.

use core::ops::{Deref, DerefMut};

use sched_core::{Anneal, PlateauMode, ThresholdMode, Value};

/// What a parameter is when it is not given.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// It must be given.
    Required,
    /// The library's default.
    Value(fn() -> Value),
}

impl Default {
    /// As a value; `None` if it must be given.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Required => None,
            Self::Value(value) => Some(value()),
        }
    }
}

/// What a default may be written as.
pub(crate) trait Literal {
    fn value(self) -> Value;
}

impl Literal for bool {
    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl Literal for i32 {
    fn value(self) -> Value {
        Value::Int(self.into())
    }
}

impl Literal for f64 {
    fn value(self) -> Value {
        Value::Number(self)
    }
}

impl Literal for &str {
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl<T: Literal, const N: usize> Literal for [T; N] {
    fn value(self) -> Value {
        Value::List(self.into_iter().map(T::value).collect())
    }
}

/// A type that a parameter may have.
pub(crate) trait FromValue: Sized {
    /// What a parameter of this type is that is neither given nor has a default.
    const UNSET: Default = Default::Required;
    /// Whether it may be a list with one element per parameter group.
    const PER_GROUP: bool = false;
    /// Whether a time in steps, as such a value, need not be whole.
    const MAY_BE_FRACTION: bool = false;
    /// The words, if it is a choice.
    const WORDS: &'static [&'static str] = &[];

    /// What a value must be, as the end of "must be ..."; `many`: as the end of "a list of ...".
    fn expected(many: bool) -> String;

    /// The value, for one of the parameter groups.
    fn from_value(value: &Value, group: usize) -> Option<Self>;
}

impl FromValue for f64 {
    const MAY_BE_FRACTION: bool = true;

    fn expected(many: bool) -> String {
        if many { "finite numbers" } else { "a finite number" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        match *value {
            Value::Int(value) => Some(value as f64),
            Value::Number(value) => value.is_finite().then_some(value),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    fn expected(many: bool) -> String {
        if many { "whole numbers, 0 or more" } else { "a whole number, 0 or more" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        match *value {
            Value::Int(value) => value.try_into().ok(),
            Value::Number(value) => (value as u64 as f64 == value).then_some(value as u64),
            _ => None,
        }
    }
}

impl FromValue for i64 {
    fn expected(many: bool) -> String {
        if many { "whole numbers" } else { "a whole number" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        match *value {
            Value::Int(value) => value.try_into().ok(),
            Value::Number(value) => (value as i64 as f64 == value).then_some(value as i64),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn expected(_: bool) -> String {
        "true or false".to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        if let Value::Bool(value) = *value { Some(value) } else { None }
    }
}

impl FromValue for String {
    fn expected(many: bool) -> String {
        if many { "strings" } else { "a string" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        if let Value::Text(value) = value { Some(value.clone()) } else { None }
    }
}

/// Python's `None`, or a value.
impl<T: FromValue> FromValue for Option<T> {
    const UNSET: Default = Default::Value(|| Value::Null);
    const PER_GROUP: bool = T::PER_GROUP;
    const MAY_BE_FRACTION: bool = T::MAY_BE_FRACTION;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn expected(many: bool) -> String {
        T::expected(many)
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::from_value(value, group).map(Some) }
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    const MAY_BE_FRACTION: bool = T::MAY_BE_FRACTION;

    fn expected(many: bool) -> String {
        format!("{} of {}", if many { "lists" } else { "a list" }, T::expected(true))
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let Value::List(values) = value else { return None };
        values.iter().map(|value| T::from_value(value, group)).collect()
    }
}

impl<A: FromValue, B: FromValue> FromValue for (A, B) {
    fn expected(many: bool) -> String {
        format!("{} of {} and {}", if many { "pairs" } else { "a pair" }, A::expected(false), B::expected(false))
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        match value {
            Value::List(pair) => match pair.as_slice() {
                [a, b] => Some((A::from_value(a, group)?, B::from_value(b, group)?)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A value that may be a list, one element for each parameter group; it dereferences to its own group's.
#[derive(Clone)]
pub(crate) struct PerGroup<T> {
    all: Vec<T>,
    group: usize,
}

impl<T> PerGroup<T> {
    /// The first parameter group's.
    pub(crate) fn first(&self) -> &T {
        &self.all[0]
    }
}

impl<T> Deref for PerGroup<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.all[self.group]
    }
}

impl<T> DerefMut for PerGroup<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.all[self.group]
    }
}

impl<T: FromValue> FromValue for PerGroup<T> {
    const UNSET: Default = T::UNSET;
    const PER_GROUP: bool = true;
    const MAY_BE_FRACTION: bool = T::MAY_BE_FRACTION;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn expected(many: bool) -> String {
        T::expected(many)
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        match value {
            // The context has checked that there is one element for each group.
            Value::List(values) => {
                let all = values.iter().map(|value| T::from_value(value, group)).collect::<Option<Vec<_>>>()?;
                (group < all.len()).then_some(Self { all, group })
            }
            value => Some(Self { all: vec![T::from_value(value, group)?], group: 0 }),
        }
    }
}

/// Another scheduler: `{"kind", "params"}`.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) kind: String,
    pub(crate) params: Value,
}

impl FromValue for Member {
    fn expected(_: bool) -> String {
        "{\"kind\", \"params\"}".to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        let Value::Map(entries) = value else { return None };
        match entries.as_slice() {
            [(a, Value::Text(kind)), (b, params)] | [(b, params), (a, Value::Text(kind))]
                if a == "kind" && b == "params" =>
            {
                Some(Self { kind: kind.clone(), params: params.clone() })
            }
            _ => None,
        }
    }
}

/// The parameters of a scheduler whose kind is known, as Python's `**kwargs`.
#[derive(Clone)]
pub(crate) struct Kwargs(pub(crate) Value);

impl FromValue for Kwargs {
    fn expected(many: bool) -> String {
        if many { "maps from names to values" } else { "a map from names to values" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        if let Value::Map(_) = value { Some(Self(value.clone())) } else { None }
    }
}

/// Any value, as it stands in the file.
impl FromValue for Value {
    fn expected(_: bool) -> String {
        "anything".to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        Some(value.clone())
    }
}

/// Any value: the parameter has no influence on the rate.
#[derive(Clone, Copy)]
pub(crate) struct Ignored;

impl FromValue for Ignored {
    const UNSET: Default = Default::Value(|| Value::Null);

    fn expected(_: bool) -> String {
        "anything".to_owned()
    }

    fn from_value(_: &Value, _: usize) -> Option<Self> {
        Some(Self)
    }
}

/// A choice by its words in the library: `words! { Anneal { "cos" => Anneal::Cos, "linear" => Anneal::Linear } }`.
macro_rules! words {
    ($type:ty { $($word:literal => $value:expr),+ $(,)? }) => {
        impl $crate::declare::FromValue for $type {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn expected(_: bool) -> String {
                $crate::declare::one_of(Self::WORDS)
            }

            fn from_value(value: &sched_core::Value, _: usize) -> Option<Self> {
                let sched_core::Value::Text(word) = value else { return None };
                match word.as_str() {
                    $($word => Some($value),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;

/// `"min", "max" or "auto"`.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

words! { PlateauMode { "min" => Self::Min, "max" => Self::Max } }
words! { ThresholdMode { "rel" => Self::RelativeSigned, "abs" => Self::Absolute } }
words! { Anneal { "cos" => Self::Cos, "linear" => Self::Linear } }
