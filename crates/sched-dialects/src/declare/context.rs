//! A library, its schedulers, and what is given to one of them.

use sched_core::Value;
use sched_core::show::nearest;

use super::error::{Cause, DialectError, Fault, Refusal};
use super::param::Param;
use super::translation::Translation;
use super::value::{FromValue, Kwargs, Member};

/// A library: its name and its schedulers.
#[derive(Debug)]
pub struct Library {
    /// Its name, as in Python's `import`.
    pub name: &'static str,
    /// What else people call it, such as its name in package registries; in small letters, with `_` for `-`.
    pub aliases: &'static [&'static str],
    /// What its schedulers read from the optimizer or the run; every kind has these parameters too.
    pub optimizer: &'static [Param],
    /// Its schedulers.
    pub kinds: &'static [Kind],
}

impl Library {
    /// Whether this is one of its names, perhaps with a version, `torch==2.15.0`, or the path of a module, `torch.optim`.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let bare = name.trim().split(|c: char| c.is_whitespace() || "=<>~![;@.".contains(c)).next().unwrap_or_default();
        let bare = bare.to_lowercase().replace('-', "_");
        self.name == bare || self.aliases.contains(&bare.as_str())
    }

    /// One of its schedulers by its name, perhaps behind the path of its module, or by another name that the library itself
    /// has for it.
    pub(crate) fn find(&self, kind: &str) -> Option<&'static Kind> {
        let name = kind.rsplit('.').next().unwrap_or(kind);
        let by_name = self.kinds.iter().find(|known| known.name == name);
        by_name.or_else(|| self.kinds.iter().find(|known| known.is_also_called(name)))
    }

    /// Whether a time at this path of a file, such as `params.milestones[1]`, need not be whole. A parameter of a member is known
    /// by its name alone.
    pub(crate) fn may_be_fraction(&self, kind: &str, path: &str) -> bool {
        let name = path.rsplit('.').next().unwrap_or(path).split('[').next().unwrap_or(path);
        let own = if path.matches('.').count() > 1 { None } else { self.find(kind) };
        let kinds = self.kinds.iter().filter(|known| own.is_none_or(|own| own.name == known.name));
        let mut params = kinds.flat_map(|kind| kind.params).filter(|param| param.name == name).peekable();
        params.peek().is_some() && params.all(|param| param.may_be_fraction)
    }

    /// All names that its schedulers have.
    fn words(&self) -> Vec<&'static str> {
        self.kinds.iter().flat_map(|kind| [kind.name].into_iter().chain(kind.aliases.iter().copied())).collect()
    }

    /// The error for a kind that it does not have.
    pub(crate) fn unknown(&self, kind: &str) -> DialectError {
        DialectError::UnknownKind {
            library: self.name.to_owned(),
            kind: kind.to_owned(),
            known: self.kinds.iter().map(|kind| kind.name).collect(),
            nearest: nearest(kind.rsplit('.').next().unwrap_or(kind), &self.words()),
        }
    }
}

/// A scheduler of a library.
#[derive(Debug)]
pub struct Kind {
    /// The name of the class or function.
    pub name: &'static str,
    /// Other names that the library has for it, such as those of transformers' `lr_scheduler_type`.
    pub aliases: &'static [&'static str],
    /// Its parameters, in the library's order.
    pub params: &'static [Param],
    build: fn(&Context<'_>) -> Result<Translation, Refusal>,
    groups: fn(&Context<'_>) -> Result<usize, Refusal>,
}

impl Kind {
    /// A scheduler by its declaration.
    pub(crate) const fn of<S: Scheduler>(aliases: &'static [&'static str]) -> Self {
        let build = |cx: &Context<'_>| S::read(cx)?.translate(cx);
        Self { name: S::NAME, aliases, params: S::PARAMS, build, groups: S::groups }
    }

    /// Whether this is one of its other names, which Python's enums have in capitals.
    pub(crate) fn is_also_called(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// The parameters of a scheduler, or a block of them that several share, by the library's own names.
pub(crate) trait Params: Sized {
    /// The name of the class or function.
    const NAME: &'static str;
    /// The parameters, in the library's order.
    const PARAMS: &'static [Param];

    /// The values, for the context's parameter group.
    fn read(cx: &Context<'_>) -> Result<Self, Refusal>;
}

/// A scheduler of another library, by its parameters.
pub(crate) trait Scheduler: Params {
    /// What it is here, for the context's parameter group.
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal>;

    /// How many parameter groups there are if no list says so.
    fn groups(_: &Context<'_>) -> Result<usize, Refusal> {
        Ok(1)
    }
}

/// Declares a library by its kinds: `library! { "torch" with Optimizer: StepLR, ExponentialLR, }`. The block of parameters
/// that every kind has may be missing.
///
/// Other names stand behind a bar: `"torch" | "pytorch"`, `get_linear_schedule_with_warmup | "linear"`.
///
/// `library! { "torch" with Optimizer: enum Any { StepLR, ExponentialLR, } }` also makes that enum, which is any one of the
/// kinds, for composites that must know their members.
macro_rules! library {
    ($name:literal $(| $alias:literal)* $(with $all:ty)?: $(#[$meta:meta])* $vis:vis enum $any:ident { $($kind:ident,)+ }) => {
        library! { $name $(| $alias)* $(with $all)?: $($kind,)+ }

        $(#[$meta])*
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "the library's own names")]
        $vis enum $any {
            $($kind($kind),)+
        }

        impl $any {
            /// The scheduler whose context this is.
            $vis fn read(cx: &$crate::declare::Context<'_>) -> Result<Self, $crate::declare::Refusal> {
                use $crate::declare::Params;
                match cx.kind() {
                    $(name if name == <$kind>::NAME => <$kind>::read(cx).map(Self::$kind),)+
                    kind => Err(LIBRARY.unknown(kind).into()),
                }
            }
        }
    };
    (@ $all:ty) => { <$all as $crate::declare::Params>::PARAMS };
    (@) => { &[] };
    ($name:literal $(| $alias:literal)* $(with $all:ty)?: $($kind:ident $(| $word:literal)*,)+) => {
        pub(crate) const LIBRARY: $crate::declare::Library = $crate::declare::Library {
            name: $name,
            aliases: &[$($alias),*],
            optimizer: library!(@ $($all)?),
            kinds: &[$($crate::declare::Kind::of::<$kind>(&[$($word),*])),+],
        };
    };
}
pub(crate) use library;

/// What is given to a scheduler, as one parameter group sees it.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    library: &'static Library,
    kind: &'static Kind,
    given: Vec<(&'a str, &'a Value)>,
    group: usize,
    groups: usize,
}

/// Every parameter group of a scheduler.
pub(crate) fn translate(
    library: &'static Library,
    kind: &str,
    params: &Value,
) -> Result<Vec<Translation>, DialectError> {
    groups(library, kind, params)?.iter().map(Context::translate).collect()
}

/// What is given to a scheduler, as each of its parameter groups sees it; at least one.
pub(crate) fn groups<'a>(
    library: &'static Library,
    kind: &str,
    params: &'a Value,
) -> Result<Vec<Context<'a>>, DialectError> {
    let cx = Context::new(library, kind, params)?;
    let groups = cx.group_count()?.map_or_else(|| cx.attempt(cx.kind.groups), Ok)?;
    Ok((0..groups).map(|group| Context { group, groups, ..cx.clone() }).collect())
}

impl<'a> Context<'a> {
    fn new(library: &'static Library, kind: &str, params: &'a Value) -> Result<Self, DialectError> {
        let kind = library.find(kind).ok_or_else(|| library.unknown(kind))?;
        let mut this = Self { library, kind, given: Vec::new(), group: 0, groups: 1 };
        let Value::Map(entries) = params else {
            return Err(DialectError::WrongType {
                scheduler: this.scheduler(),
                param: "params".to_owned(),
                value: params.to_string(),
                expected: Kwargs::expected(false),
            });
        };
        for (name, value) in entries {
            if this.find(name).is_none() {
                let (scheduler, known) = (this.scheduler(), this.known());
                let nearest = nearest(name, &known);
                return Err(DialectError::UnknownParam { scheduler, param: name.clone(), known, nearest });
            }
            if this.given(name).is_some() {
                return Err(DialectError::GivenTwice { scheduler: this.scheduler(), param: name.clone() });
            }
            this.given.push((name, value));
        }
        for param in kind.params {
            if param.default.value().is_none() && this.given(param.name).is_none() {
                return Err(this.explain(param.missing()));
            }
        }
        Ok(this)
    }

    /// A member of a composite, with what this scheduler reads from the optimizer.
    pub(crate) fn member<'b>(&'b self, member: &'b Member) -> Result<Context<'b>, DialectError> {
        self.member_of(self.library, &member.kind, &member.params)
    }

    /// A member whose kind is known.
    pub(crate) fn member_as<'b, P: Params>(&'b self, kwargs: &'b Kwargs) -> Result<(P, Context<'b>), DialectError> {
        let member = self.member_of(self.library, P::NAME, &kwargs.0)?;
        Ok((member.attempt(P::read)?, member))
    }

    /// A member of another library: ignite wraps PyTorch's schedulers.
    pub(crate) fn member_of<'b>(
        &'b self,
        library: &'static Library,
        kind: &str,
        params: &'b Value,
    ) -> Result<Context<'b>, DialectError> {
        let mut member = Context::new(library, kind, params)?;
        for param in self.library.optimizer {
            if let Some(value) = self.given(param.name)
                && member.given(param.name).is_none()
                && member.find(param.name).is_some()
            {
                member.given.push((param.name, value));
            }
        }
        if member.group_count()?.is_some_and(|count| count != self.groups) {
            let list = member.lists().next().map_or("", |(param, _)| param.name);
            return Err(member.explain(Refusal::of(list, Fault::Refused(ONE_PER_GROUP))));
        }
        (member.group, member.groups) = (self.group, self.groups);
        Ok(member)
    }

    /// This scheduler, for its parameter group.
    pub(crate) fn translate(&self) -> Result<Translation, DialectError> {
        self.attempt(self.kind.build)
    }

    /// What may fail, with this scheduler's name and parameters in the message.
    pub(crate) fn attempt<T>(&self, what: impl FnOnce(&Self) -> Result<T, Refusal>) -> Result<T, DialectError> {
        what(self).map_err(|refusal| self.explain(refusal))
    }

    /// The name of the kind.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind.name
    }

    /// The parameter group.
    pub(crate) fn group(&self) -> usize {
        self.group
    }

    /// How many parameter groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// The same parameters, as another parameter group sees them.
    pub(crate) fn of_group(&self, group: usize) -> Self {
        Self { group, ..self.clone() }
    }

    /// A parameter as given or by default.
    pub(crate) fn get<T: FromValue>(&self, param: Param) -> Result<T, Refusal> {
        let value = match self.given(param.name) {
            Some(value) => value,
            None => &param.default.value().ok_or_else(|| param.missing())?,
        };
        T::from_value(value, self.group).ok_or_else(|| {
            let near = if let Value::Text(word) = value { nearest(word, T::WORDS) } else { None };
            let meant = near.map_or_else(String::new, |word| format!("; did you mean {word:?}?"));
            param.wrong_type(T::expected(false) + &meant)
        })
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    fn find(&self, name: &str) -> Option<&'static Param> {
        self.params().find(|param| param.name == name)
    }

    fn known(&self) -> Vec<&'static str> {
        self.params().map(|param| param.name).collect()
    }

    fn params(&self) -> impl Iterator<Item = &'static Param> {
        self.kind.params.iter().chain(self.library.optimizer)
    }

    /// The parameters that are given as one element per parameter group.
    fn lists(&self) -> impl Iterator<Item = (&'static Param, usize)> {
        self.params().filter(|param| param.per_group).filter_map(|param| match self.given(param.name)? {
            Value::List(values) => Some((param, values.len())),
            _ => None,
        })
    }

    /// As many as the lists have elements, which must be as long as each other; `None` if there are no lists.
    fn group_count(&self) -> Result<Option<usize>, DialectError> {
        let count = self.lists().next().map(|(_, count)| count);
        match self.lists().find(|&(_, len)| len == 0 || Some(len) != count) {
            Some((param, _)) => Err(self.explain(param.refused(ONE_PER_GROUP))),
            None => Ok(count),
        }
    }

    fn explain(&self, refusal: Refusal) -> DialectError {
        let scheduler = self.scheduler();
        let (param, fault) = match refusal.cause() {
            Cause::Told(error) => return error,
            Cause::Schedule(source) => return DialectError::Schedule { scheduler, source },
            Cause::Param(name, fault) => (name.to_owned(), fault),
        };
        let value = match self.given(&param) {
            Some(value) => value.to_string(),
            None => NOT_GIVEN.to_owned(),
        };
        match fault {
            Fault::Missing => DialectError::MissingParam { scheduler, param, known: self.known() },
            Fault::WrongType(expected) => DialectError::WrongType { scheduler, param, value, expected },
            Fault::Refused(rule) => DialectError::Refused { scheduler, param, value, rule },
            Fault::Code(closure) => DialectError::Code { scheduler, param, code: value, closure },
        }
    }

    fn scheduler(&self) -> String {
        format!("{}.{}", self.library.name, self.kind.name)
    }
}

/// What a message shows in place of a value.
pub(crate) const NOT_GIVEN: &str = "not given";

const ONE_PER_GROUP: &str = "have one element for each parameter group";
