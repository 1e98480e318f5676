//! A kind's parameters: which there are, what they default to, and how they are read.

use super::error::DialectError;
use super::{LIBRARIES, Translation};
use sched_core::{ScheduleError, Value};

/// A library: its name and its schedulers.
#[derive(Debug)]
pub struct Library {
    /// Its name, as in Python's `import`.
    pub name: &'static str,
    /// What its schedulers read from the optimizer; every kind has these parameters too.
    pub optimizer: &'static [Param],
    /// Its schedulers.
    pub kinds: &'static [Kind],
}

/// A scheduler of a library.
#[derive(Debug)]
pub struct Kind {
    /// The name of the class or function.
    pub name: &'static str,
    /// Its parameters, in the library's order.
    pub params: &'static [Param],
    pub(super) build: fn(&Params<'_>) -> Result<Translation, DialectError>,
}

/// A parameter of a scheduler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is when it is not given.
    pub default: Default,
    /// Whether it may be a list with one element per parameter group.
    pub per_group: bool,
}

/// What a parameter is when it is not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be given.
    Required,
    /// Python's `None`.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(&'static str),
    /// A list of numbers.
    Numbers(&'static [f64]),
}

impl Default {
    /// As a value; `None` if it must be given.
    pub fn value(self) -> Option<Value> {
        Some(match self {
            Self::Required => return None,
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Number(value) => Value::Number(value),
            Self::Text(value) => Value::Text(value.to_owned()),
            Self::Numbers(values) => Value::List(values.iter().copied().map(Value::Number).collect()),
        })
    }
}

impl Param {
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, default: Default::Required, per_group: false }
    }

    pub(super) const fn null(name: &'static str) -> Self {
        Self { name, default: Default::Null, per_group: false }
    }

    pub(super) const fn bool(name: &'static str, default: bool) -> Self {
        Self { name, default: Default::Bool(default), per_group: false }
    }

    pub(super) const fn int(name: &'static str, default: i64) -> Self {
        Self { name, default: Default::Int(default), per_group: false }
    }

    pub(super) const fn number(name: &'static str, default: f64) -> Self {
        Self { name, default: Default::Number(default), per_group: false }
    }

    pub(super) const fn text(name: &'static str, default: &'static str) -> Self {
        Self { name, default: Default::Text(default), per_group: false }
    }

    /// It may be a list with one element per parameter group.
    pub(super) const fn per_group(mut self) -> Self {
        self.per_group = true;
        self
    }
}

/// The parameters of one scheduler as one parameter group sees them.
#[derive(Clone)]
pub(super) struct Params<'a> {
    library: &'static Library,
    kind: &'static Kind,
    given: Vec<(&'a str, &'a Value)>,
    group: usize,
    groups: usize,
}

/// Every parameter group of a scheduler.
pub(super) fn translate(library: &str, kind: &str, params: &Value) -> Result<Vec<Translation>, DialectError> {
    let library = LIBRARIES
        .iter()
        .find(|known| known.name == library)
        .ok_or_else(|| DialectError::UnknownLibrary { library: library.to_owned() })?;
    let mut params = Params::new(library, kind, params)?;
    params.groups = params.group_count()?;
    (0..params.groups)
        .map(|group| {
            params.group = group;
            params.build()
        })
        .collect()
}

impl<'a> Params<'a> {
    fn new(library: &'static Library, kind: &str, params: &'a Value) -> Result<Self, DialectError> {
        let kind = library.kinds.iter().find(|known| known.name == kind).ok_or_else(|| DialectError::UnknownKind {
            library: library.name.to_owned(),
            kind: kind.to_owned(),
            known: library.kinds.iter().map(|kind| kind.name).collect(),
        })?;
        let mut this = Self { library, kind, given: Vec::new(), group: 0, groups: 1 };
        let Value::Map(entries) = params else {
            return Err(DialectError::WrongType {
                scheduler: this.scheduler(),
                param: "params".to_owned(),
                value: params.to_string(),
                expected: "names and values",
            });
        };
        for (name, value) in entries {
            if this.find(name).is_none() || this.given.iter().any(|(given, _)| given == name) {
                return Err(DialectError::UnknownParam {
                    scheduler: this.scheduler(),
                    param: name.clone(),
                    known: this.known(),
                });
            }
            this.given.push((name, value));
        }
        for param in kind.params {
            if param.default == Default::Required && !this.is_given(param.name) {
                return Err(this.missing(param.name));
            }
        }
        Ok(this)
    }

    /// A member of a composite, with what this scheduler reads from the optimizer.
    pub(super) fn member(&self, kind: &str, params: &'a Value) -> Result<Params<'a>, DialectError> {
        self.member_of(self.library, kind, params)
    }

    /// A member from another library: ignite wraps torch's.
    pub(super) fn member_of(
        &self,
        library: &'static Library,
        kind: &str,
        params: &'a Value,
    ) -> Result<Params<'a>, DialectError> {
        let mut member = Params::new(library, kind, params)?;
        for param in self.library.optimizer {
            if let Some(given) = self.given.iter().find(|(name, _)| *name == param.name)
                && !member.is_given(param.name)
                && member.find(param.name).is_some()
            {
                member.given.push(*given);
            }
        }
        (member.group, member.groups) = (self.group, self.groups);
        Ok(member)
    }

    /// This scheduler, for its parameter group.
    pub(super) fn build(&self) -> Result<Translation, DialectError> {
        (self.kind.build)(self)
    }

    /// The name of the kind.
    pub(super) fn kind(&self) -> &'static str {
        self.kind.name
    }

    /// The same parameters, as another parameter group sees them.
    pub(super) fn of_group(&self, group: usize) -> Self {
        Self { group, ..self.clone() }
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    fn find(&self, name: &str) -> Option<&'static Param> {
        self.kind.params.iter().chain(self.library.optimizer).find(|param| param.name == name)
    }

    fn known(&self) -> Vec<&'static str> {
        self.kind.params.iter().chain(self.library.optimizer).map(|param| param.name).collect()
    }

    /// The longest list of a per-group parameter decides; the others must be as long, or no list.
    pub(super) fn group_count(&self) -> Result<usize, DialectError> {
        let mut count: Option<usize> = None;
        for (name, value) in &self.given {
            if let Value::List(values) = value
                && self.find(name).is_some_and(|param| param.per_group)
            {
                if values.is_empty() || count.is_some_and(|count| count != values.len()) {
                    return Err(self.refused(name, "have one element for each parameter group"));
                }
                count = Some(values.len());
            }
        }
        Ok(count.unwrap_or(1))
    }

    /// A parameter as given or by default, for this parameter group.
    pub(super) fn value(&self, name: &str) -> Result<Value, DialectError> {
        let param = self.find(name);
        match (self.given(name), param) {
            (Some(Value::List(values)), Some(param)) if param.per_group => values
                .get(self.group)
                .filter(|_| values.len() == self.groups)
                .cloned()
                .ok_or_else(|| self.refused(name, "have one element for each parameter group")),
            (Some(value), _) => Ok(value.clone()),
            (None, Some(param)) => param.default.value().ok_or_else(|| self.missing(name)),
            (None, None) => Err(self.missing(name)),
        }
    }

    /// A finite number.
    pub(super) fn number(&self, name: &str) -> Result<f64, DialectError> {
        match self.value(name)? {
            Value::Null => Err(self.missing(name)),
            value => as_number(&value).ok_or_else(|| self.wrong(name, "a finite number")),
        }
    }

    /// A finite number, or nothing.
    pub(super) fn number_or_null(&self, name: &str) -> Result<Option<f64>, DialectError> {
        if self.value(name)? == Value::Null { Ok(None) } else { self.number(name).map(Some) }
    }

    /// A whole number of steps, 0 or more.
    pub(super) fn count(&self, name: &str) -> Result<u64, DialectError> {
        match self.value(name)? {
            Value::Null => Err(self.missing(name)),
            value => as_count(&value).ok_or_else(|| self.wrong(name, "a whole number, 0 or more")),
        }
    }

    /// A whole number of steps, 0 or more, or nothing.
    pub(super) fn count_or_null(&self, name: &str) -> Result<Option<u64>, DialectError> {
        if self.value(name)? == Value::Null { Ok(None) } else { self.count(name).map(Some) }
    }

    /// A whole number, possibly negative.
    pub(super) fn int(&self, name: &str) -> Result<i64, DialectError> {
        match self.value(name)? {
            Value::Null => Err(self.missing(name)),
            value => as_int(&value).ok_or_else(|| self.wrong(name, "a whole number")),
        }
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Result<bool, DialectError> {
        match self.value(name)? {
            Value::Bool(value) => Ok(value),
            _ => Err(self.wrong(name, "true or false")),
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<String, DialectError> {
        match self.value(name)? {
            Value::Text(value) => Ok(value),
            _ => Err(self.wrong(name, "a text")),
        }
    }

    /// Whole numbers, possibly negative.
    pub(super) fn ints(&self, name: &str) -> Result<Vec<i64>, DialectError> {
        self.list(name, "a list of whole numbers", as_int)
    }

    /// Whole numbers, 0 or more.
    pub(super) fn counts(&self, name: &str) -> Result<Vec<u64>, DialectError> {
        self.list(name, "a list of whole numbers, 0 or more", as_count)
    }

    /// Finite numbers.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, DialectError> {
        self.list(name, "a list of finite numbers", as_number)
    }

    /// Pairs of a step and a number.
    pub(super) fn pairs(&self, name: &str) -> Result<Vec<(u64, f64)>, DialectError> {
        self.list(name, "a list of pairs of a whole number and a number", |value| match value {
            Value::List(pair) => match pair.as_slice() {
                [step, number] => Some((as_count(step)?, as_number(number)?)),
                _ => None,
            },
            _ => None,
        })
    }

    /// Pairs of numbers: a list of pairs, or a map whose names are numbers, as a Python `dict` is in a file.
    pub(super) fn number_pairs(&self, name: &str) -> Result<Vec<(f64, f64)>, DialectError> {
        let expected = "pairs of numbers";
        if let Value::Map(entries) = self.value(name)? {
            let pair = |(key, value): &(String, Value)| Some((key.parse().ok()?, as_number(value)?));
            return entries.iter().map(pair).collect::<Option<_>>().ok_or_else(|| self.wrong(name, expected));
        }
        self.list(name, expected, |value| match value {
            Value::List(pair) => match pair.as_slice() {
                [key, number] => Some((as_number(key)?, as_number(number)?)),
                _ => None,
            },
            _ => None,
        })
    }

    fn list<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, DialectError> {
        match self.value(name)? {
            Value::List(values) => {
                values.iter().map(read).collect::<Option<_>>().ok_or_else(|| self.wrong(name, expected))
            }
            _ => Err(self.wrong(name, expected)),
        }
    }

    /// The members of a composite: a list of `{"kind", "params"}`.
    pub(super) fn members(&self, name: &str) -> Result<Vec<Params<'a>>, DialectError> {
        let expected = "a list of {\"kind\", \"params\"}";
        match self.given.iter().find(|(given, _)| *given == name) {
            Some((_, Value::List(values))) => values
                .iter()
                .map(|value| {
                    let (kind, params) = kind_and_params(value).ok_or_else(|| self.wrong(name, expected))?;
                    self.member(kind, params)
                })
                .collect(),
            _ => Err(self.wrong(name, expected)),
        }
    }

    /// The members of a composite that are all of one kind: a list of their parameters.
    pub(super) fn members_of_kind(&self, name: &str, kind: &str) -> Result<Vec<Params<'a>>, DialectError> {
        match self.given.iter().find(|(given, _)| *given == name) {
            Some((_, Value::List(values))) => values.iter().map(|params| self.member(kind, params)).collect(),
            _ => Err(self.wrong(name, "a list of parameters")),
        }
    }

    /// A parameter as it is given.
    pub(super) fn given(&self, name: &str) -> Option<&'a Value> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    /// The kind and parameters of a parameter that is one scheduler, `{"kind", "params"}`.
    pub(super) fn nested(&self, name: &str) -> Option<(&'a str, &'a Value)> {
        kind_and_params(self.given(name)?)
    }

    /// The rate of this parameter group's optimizer, as the scheduler finds it.
    pub(super) fn optimizer_lr(&self) -> Result<f64, DialectError> {
        self.number("optimizer_lr")
    }

    /// The rate that the optimizer was given for all parameter groups, as far as it is known: the first group's.
    pub(super) fn optimizer_default_lr(&self) -> Result<f64, DialectError> {
        let name = "optimizer_lr";
        match self.given.iter().find(|(given, _)| *given == name) {
            Some((_, Value::List(values))) => {
                values.first().and_then(as_number).ok_or_else(|| self.wrong(name, "finite numbers"))
            }
            _ => self.number(name),
        }
    }

    /// The error for a value that the library refuses; `rule` is the end of "must ...".
    pub(super) fn refused(&self, name: &str, rule: &'static str) -> DialectError {
        DialectError::Refused { scheduler: self.scheduler(), param: name.to_owned(), value: self.shown(name), rule }
    }

    /// `Ok` if the library accepts the value.
    pub(super) fn check(&self, ok: bool, name: &str, rule: &'static str) -> Result<(), DialectError> {
        if ok { Ok(()) } else { Err(self.refused(name, rule)) }
    }

    /// The error for a parameter that is code; `closure` shows how to write it here.
    pub(super) fn code(&self, name: &str, closure: &'static str) -> DialectError {
        DialectError::Code { scheduler: self.scheduler(), param: name.to_owned(), code: self.shown(name), closure }
    }

    /// The error for a value of the wrong type; `expected` is the end of "must be ...".
    pub(super) fn wrong(&self, name: &str, expected: &'static str) -> DialectError {
        DialectError::WrongType {
            scheduler: self.scheduler(),
            param: name.to_owned(),
            value: self.shown(name),
            expected,
        }
    }

    /// The error for a schedule that its parameters do not make.
    pub(super) fn invalid(&self, source: ScheduleError) -> DialectError {
        DialectError::Schedule { scheduler: self.scheduler(), source }
    }

    fn missing(&self, name: &str) -> DialectError {
        DialectError::MissingParam { scheduler: self.scheduler(), param: name.to_owned(), known: self.known() }
    }

    fn shown(&self, name: &str) -> String {
        match self.given.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => value.to_string(),
            None => "not given".to_owned(),
        }
    }

    fn scheduler(&self) -> String {
        format!("{}.{}", self.library.name, self.kind.name)
    }
}

fn kind_and_params(value: &Value) -> Option<(&str, &Value)> {
    let Value::Map(entries) = value else { return None };
    match entries.as_slice() {
        [(a, Value::Text(kind)), (b, params)] if a == "kind" && b == "params" => Some((kind, params)),
        [(a, params), (b, Value::Text(kind))] if a == "params" && b == "kind" => Some((kind, params)),
        _ => None,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Number(value) if value.is_finite() => Some(*value),
        _ => None,
    }
}

fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Number(value) if *value as i64 as f64 == *value => Some(*value as i64),
        _ => None,
    }
}

fn as_count(value: &Value) -> Option<u64> {
    match value {
        Value::Int(value) => u64::try_from(*value).ok(),
        Value::Number(value) if *value as u64 as f64 == *value => Some(*value as u64),
        _ => None,
    }
}
