//! How libraries are declared that are not ported to `params!` yet. Goes when the last one is.

use sched_core::{Schedule, ScheduleError, Value};

use super::context::{Context, Kind, Library};
use super::error::DialectError;
use super::param::Param;
use super::translation::Translation;
use super::value::{Default, FromValue, PerGroup};

pub(crate) type Params<'a> = Context<'a>;

impl Kind {
    pub(crate) const fn old(
        name: &'static str,
        params: &'static [Param],
        build: fn(&Context<'_>) -> Result<Translation, DialectError>,
    ) -> Self {
        Self { name, params, build }
    }
}

impl Param {
    pub(crate) const fn old(name: &'static str, default: Default) -> Self {
        Self { name, default, per_group: false }
    }

    pub(crate) const fn required(name: &'static str) -> Self {
        Self::old(name, Default::Required)
    }

    pub(crate) const fn null(name: &'static str) -> Self {
        Self::old(name, Default::Null)
    }

    pub(crate) const fn bool(name: &'static str, default: bool) -> Self {
        Self::old(name, Default::Bool(default))
    }

    pub(crate) const fn int(name: &'static str, default: i64) -> Self {
        Self::old(name, Default::Int(default))
    }

    pub(crate) const fn number(name: &'static str, default: f64) -> Self {
        Self::old(name, Default::Number(default))
    }

    pub(crate) const fn text(name: &'static str, default: &'static str) -> Self {
        Self::old(name, Default::Text(default))
    }

    pub(crate) const fn per_group(mut self) -> Self {
        self.per_group = true;
        self
    }
}

impl<'a> Context<'a> {
    fn param(&self, name: &str) -> Result<Param, DialectError> {
        self.find(name).copied().ok_or_else(|| DialectError::MissingParam {
            scheduler: String::new(),
            param: name.to_owned(),
            known: vec![],
        })
    }

    fn old<T: FromValue + Clone>(&self, name: &str) -> Result<T, DialectError> {
        let param = self.param(name)?;
        self.attempt(|cx| {
            if param.per_group { cx.get::<PerGroup<T>>(param).map(|all| (*all).clone()) } else { cx.get(param) }
        })
    }

    fn needed<T: FromValue + Clone>(&self, name: &str) -> Result<T, DialectError> {
        let param = self.param(name)?;
        if self.value(name)? == Value::Null { self.attempt(|_| Err(param.missing())) } else { self.old(name) }
    }

    pub(crate) fn value(&self, name: &str) -> Result<Value, DialectError> {
        self.old(name)
    }

    pub(crate) fn number(&self, name: &str) -> Result<f64, DialectError> {
        self.needed(name)
    }

    pub(crate) fn number_or_null(&self, name: &str) -> Result<Option<f64>, DialectError> {
        self.old(name)
    }

    pub(crate) fn count(&self, name: &str) -> Result<u64, DialectError> {
        self.needed(name)
    }

    pub(crate) fn count_or_null(&self, name: &str) -> Result<Option<u64>, DialectError> {
        self.old(name)
    }

    pub(crate) fn int(&self, name: &str) -> Result<i64, DialectError> {
        self.needed(name)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, DialectError> {
        self.old(name)
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, DialectError> {
        self.old(name)
    }

    pub(crate) fn counts(&self, name: &str) -> Result<Vec<u64>, DialectError> {
        self.old(name)
    }

    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, DialectError> {
        self.old(name)
    }

    pub(crate) fn old_member(&self, kind: &str, params: &'a Value) -> Result<Context<'a>, DialectError> {
        self.old_member_of(self.library(), kind, params)
    }

    pub(crate) fn old_member_of(
        &self,
        library: &'static Library,
        kind: &str,
        params: &'a Value,
    ) -> Result<Context<'a>, DialectError> {
        self.enter(library, kind, params)
    }

    pub(crate) fn members(&self, name: &str) -> Result<Vec<Context<'a>>, DialectError> {
        match self.given(name) {
            Some(Value::List(values)) => values
                .iter()
                .map(|value| {
                    let (kind, params) =
                        kind_and_params(value).ok_or_else(|| self.wrong(name, "a list of {\"kind\", \"params\"}"))?;
                    self.old_member(kind, params)
                })
                .collect(),
            _ => Err(self.wrong(name, "a list of {\"kind\", \"params\"}")),
        }
    }

    pub(crate) fn nested(&self, name: &str) -> Option<(&'a str, &'a Value)> {
        kind_and_params(self.given(name)?)
    }

    pub(crate) fn build(&self) -> Result<Translation, DialectError> {
        self.translate()
    }

    pub(crate) fn optimizer_lr(&self) -> Result<f64, DialectError> {
        self.number("optimizer_lr")
    }

    pub(crate) fn optimizer_default_lr(&self) -> Result<f64, DialectError> {
        self.of_group(0).number("optimizer_lr")
    }

    pub(crate) fn refused(&self, name: &str, rule: &'static str) -> DialectError {
        let param = self.find(name).copied().unwrap_or(Param::required("kind"));
        self.explain(param.refused(rule))
    }

    pub(crate) fn check(&self, ok: bool, name: &str, rule: &'static str) -> Result<(), DialectError> {
        if ok { Ok(()) } else { Err(self.refused(name, rule)) }
    }

    pub(crate) fn code(&self, name: &str, closure: &'static str) -> DialectError {
        self.explain(self.find(name).copied().unwrap_or(Param::required("kind")).code(closure))
    }

    pub(crate) fn wrong(&self, name: &str, expected: &'static str) -> DialectError {
        self.explain(self.find(name).copied().unwrap_or(Param::required("kind")).wrong_type(expected.to_owned()))
    }

    pub(crate) fn invalid(&self, source: ScheduleError) -> DialectError {
        self.explain(source.into())
    }
}

fn kind_and_params(value: &Value) -> Option<(&str, &Value)> {
    let Value::Map(entries) = value else { return None };
    match entries.as_slice() {
        [(a, Value::Text(kind)), (b, params)] | [(b, params), (a, Value::Text(kind))]
            if a == "kind" && b == "params" =>
        {
            Some((kind, params))
        }
        _ => None,
    }
}

/// A translation that is only a learning rate.
pub(crate) fn only_lr(p: &Params<'_>, lr: Result<Schedule, ScheduleError>) -> Result<Translation, DialectError> {
    lr.map(Translation::from).map_err(|error| p.invalid(error))
}

pub(crate) fn mode(p: &Params<'_>) -> Result<sched_core::PlateauMode, DialectError> {
    p.old("mode")
}

pub(crate) fn threshold_mode(p: &Params<'_>, name: &str) -> Result<sched_core::ThresholdMode, DialectError> {
    p.old(name)
}
