//! Views of the values in a file.

use super::container::Contents;
use super::heap::{self, DictKind, Heap, Slot};
use super::tensor::Tensor;

/// A value in a file. Copies are cheap: it refers to the file.
///
/// A list that stands in two places is one list, and a list can hold itself, as in Python: see
/// [`is_same_object`](Self::is_same_object). Whoever walks values by recursion must expect that; short of such a circle,
/// nothing nests deeper than [`Limits::depth`](field@crate::Limits::depth).
#[derive(Clone, Copy)]
pub struct Value<'a> {
    contents: &'a Contents,
    slot: Slot,
}

/// What a [`Value`] is.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// `None`
    None,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// An `int` beyond 64 bits: two's complement, least significant byte first.
    BigInt(&'a [u8]),
    /// `float`
    Float(f64),
    /// `complex`
    Complex {
        /// Real part.
        re: f64,
        /// Imaginary part.
        im: f64,
    },
    /// `str`
    Str(&'a str),
    /// `bytes` or `bytearray`
    Bytes(&'a [u8]),
    /// `tuple`, `torch.Size` too
    Tuple,
    /// `list`
    List,
    /// `set` or `frozenset`
    Set,
    /// `dict` and its kin
    Dict(Dict<'a>),
    /// A tensor or a parameter.
    Tensor(Tensor<'a>),
    /// A storage outside of a tensor.
    Storage,
    /// A class, a function or a constant such as `torch.float32`, by name.
    Global(Global<'a>),
    /// An object of a class that is not read: inert.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    pub(crate) fn new(contents: &'a Contents, slot: Slot) -> Self {
        Self { contents, slot }
    }

    fn heap(self) -> &'a Heap {
        &self.contents.heap
    }

    fn object(self) -> Option<&'a heap::Object> {
        self.heap().object(self.slot)
    }

    /// What it is, to match on.
    #[must_use]
    pub fn kind(self) -> Kind<'a> {
        let contents = self.contents;
        match self.slot {
            Slot::None => Kind::None,
            Slot::Bool(value) => Kind::Bool(value),
            Slot::Int(value) => Kind::Int(value),
            Slot::Float(value) => Kind::Float(value),
            Slot::Object(id) => match contents.heap.get(id) {
                heap::Object::Str(text) => Kind::Str(text),
                heap::Object::Bytes(bytes) => Kind::Bytes(bytes),
                heap::Object::BigInt(bytes) => Kind::BigInt(bytes),
                heap::Object::Complex(parts) => Kind::Complex { re: parts[0], im: parts[1] },
                heap::Object::Tuple(_) => Kind::Tuple,
                heap::Object::List(_) => Kind::List,
                heap::Object::Set(_) | heap::Object::FrozenSet(_) => Kind::Set,
                heap::Object::Dict(dict) => Kind::Dict(Dict { contents, dict }),
                heap::Object::Tensor(record) => Kind::Tensor(Tensor::new(contents, record)),
                heap::Object::Storage(_) => Kind::Storage,
                heap::Object::Global(global) => Kind::Global(Global { module: &global.module, name: &global.name }),
                heap::Object::Instance(instance) => Kind::Object(Object { contents, instance }),
            },
        }
    }

    /// What an error message calls it: `a list`, `None`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        self.heap().type_name(self.slot)
    }

    /// Whether both are one object, Python's `is`: a change of one would be a change of the other. Scalars are no objects.
    #[must_use]
    pub fn is_same_object(self, other: Value<'_>) -> bool {
        match (self.object(), other.object()) {
            (Some(one), Some(two)) => std::ptr::eq(one, two),
            _ => false,
        }
    }

    /// Whether it is `None`.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.slot == Slot::None
    }

    /// A `bool`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.slot {
            Slot::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An `int` of at most 64 bits; a `bool` is none.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self.slot {
            Slot::Int(value) => Some(value),
            _ => None,
        }
    }

    /// An `int` that is not negative.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.as_i64().and_then(|value| u64::try_from(value).ok())
    }

    /// A `float`, or an `int` that a float holds exactly.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self.slot {
            Slot::Float(value) => Some(value),
            Slot::Int(value) if value.unsigned_abs() <= 1 << 53 => Some(value as f64),
            _ => None,
        }
    }

    /// A `str`.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        self.heap().str(self.slot).map(|text| &**text)
    }

    /// `bytes` or a `bytearray`.
    #[must_use]
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self.object()? {
            heap::Object::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The items of a `list`.
    #[must_use]
    pub fn as_list(self) -> Option<impl ExactSizeIterator<Item = Value<'a>> + Clone + use<'a>> {
        matches!(self.object()?, heap::Object::List(_)).then(|| self.as_items())?
    }

    /// The items of a `list`, a `tuple` or a `set`, in the order of the file.
    #[must_use]
    pub fn as_items(self) -> Option<impl ExactSizeIterator<Item = Value<'a>> + Clone + use<'a>> {
        let items: &[Slot] = match self.object()? {
            heap::Object::List(items) | heap::Object::Set(items) => items,
            heap::Object::Tuple(items) | heap::Object::FrozenSet(items) => items,
            _ => return None,
        };
        Some(items.iter().map(move |slot| Value::new(self.contents, *slot)))
    }

    /// The numbers of a `list` or `tuple` that holds nothing else.
    #[must_use]
    pub fn as_f64_vec(self) -> Option<Vec<f64>> {
        self.as_items()?.map(Value::as_f64).collect()
    }

    /// A `dict`, `OrderedDict`, `Counter` or `defaultdict`.
    #[must_use]
    pub fn as_dict(self) -> Option<Dict<'a>> {
        match self.kind() {
            Kind::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// A tensor.
    #[must_use]
    pub fn as_tensor(self) -> Option<Tensor<'a>> {
        match self.kind() {
            Kind::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// A class or function, by name.
    #[must_use]
    pub fn as_global(self) -> Option<Global<'a>> {
        match self.kind() {
            Kind::Global(global) => Some(global),
            _ => None,
        }
    }

    /// An inert object.
    #[must_use]
    pub fn as_object(self) -> Option<Object<'a>> {
        match self.kind() {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value of a string key, if it is a dict that has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.as_dict()?.get(key)
    }
}

/// A dict, in the order of the file, with keys of any type.
#[derive(Clone, Copy)]
pub struct Dict<'a> {
    contents: &'a Contents,
    dict: &'a heap::Dict,
}

impl<'a> Dict<'a> {
    /// Which of Python's mappings it is.
    #[must_use]
    pub fn kind(self) -> DictKind {
        self.dict.kind
    }

    /// The number of entries.
    #[must_use]
    pub fn len(self) -> usize {
        self.dict.entries.len()
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.dict.entries.is_empty()
    }

    /// Keys and values.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (Value<'a>, Value<'a>)> + Clone + use<'a> {
        let contents = self.contents;
        self.dict.entries.iter().map(move |(key, value)| (Value::new(contents, *key), Value::new(contents, *value)))
    }

    /// The keys.
    pub fn keys(self) -> impl ExactSizeIterator<Item = Value<'a>> + Clone + use<'a> {
        self.entries().map(|(key, _)| key)
    }

    /// The value of a string key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.entries().find(|(found, _)| found.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The value of an integer key.
    #[must_use]
    pub fn get_index(self, key: i64) -> Option<Value<'a>> {
        self.entries().find(|(found, _)| found.as_i64() == Some(key)).map(|(_, value)| value)
    }

    /// What was set on the object itself, like the `_metadata` of a model's state dict; `None` if nothing was.
    #[must_use]
    pub fn attributes(self) -> Value<'a> {
        Value::new(self.contents, self.dict.attributes)
    }
}

/// A class, a function or a constant, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Global<'a> {
    /// The module: `torch.optim.lr_scheduler`.
    pub module: &'a str,
    /// The name in it: `StepLR`.
    pub name: &'a str,
}

/// What a call would have made, had it been made: an object of a class that is not read.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    contents: &'a Contents,
    instance: &'a heap::Instance,
}

impl<'a> Object<'a> {
    fn value(self, slot: Slot) -> Value<'a> {
        Value::new(self.contents, slot)
    }

    /// The class or function that would have been called; an [`Object`] where that is itself the result of a call.
    #[must_use]
    pub fn callable(self) -> Value<'a> {
        self.value(self.instance.callable)
    }

    /// The tuple of arguments.
    #[must_use]
    pub fn args(self) -> Value<'a> {
        self.value(self.instance.args)
    }

    /// The dict of keyword arguments, or `None`.
    #[must_use]
    pub fn keywords(self) -> Value<'a> {
        self.value(self.instance.keywords)
    }

    /// The object's attributes, as a rule a dict, or `None`.
    #[must_use]
    pub fn state(self) -> Value<'a> {
        self.value(self.instance.state)
    }

    /// Items that would have been appended.
    pub fn items(self) -> impl ExactSizeIterator<Item = Value<'a>> + Clone + use<'a> {
        self.instance.items.iter().map(move |slot| self.value(*slot))
    }

    /// Entries that would have been set.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (Value<'a>, Value<'a>)> + Clone + use<'a> {
        self.instance.entries.iter().map(move |(key, value)| (self.value(*key), self.value(*value)))
    }
}
