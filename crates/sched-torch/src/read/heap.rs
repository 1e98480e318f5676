//! The objects of a pickle, in the order of their birth. Values refer to them by number, so an object that is shared is
//! one object whatever is put into it later, and a list can hold itself.

use super::dtype::DType;
use super::limits::{LimitExceeded, Limits};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A value: a scalar, or the number of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Slot {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Object(u32),
}

#[derive(Debug)]
pub(crate) enum Object {
    Str(Arc<str>),
    Bytes(Box<[u8]>),
    /// An integer beyond 64 bits: two's complement, least significant byte first.
    BigInt(Box<[u8]>),
    Complex(Box<[f64; 2]>),
    Tuple(Box<[Slot]>),
    List(Vec<Slot>),
    Set(Vec<Slot>),
    FrozenSet(Box<[Slot]>),
    Dict(Box<Dict>),
    Global(Box<Global>),
    Storage(Box<Storage>),
    Tensor(Box<TensorRecord>),
    Instance(Box<Instance>),
}

/// Which of Python's mappings a dict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DictKind {
    /// `dict`
    Dict,
    /// `collections.OrderedDict`
    OrderedDict,
    /// `collections.Counter`
    Counter,
    /// `collections.defaultdict`
    DefaultDict,
}

#[derive(Debug)]
pub(crate) struct Dict {
    pub(crate) kind: DictKind,
    pub(crate) entries: Vec<(Slot, Slot)>,
    /// What was set on the object itself, like the `_metadata` of a model's state dict.
    pub(crate) attributes: Slot,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Global {
    pub(crate) module: Arc<str>,
    pub(crate) name: Arc<str>,
}

#[derive(Debug)]
pub(crate) struct Storage {
    /// The name of the storage in its file.
    pub(crate) key: Arc<str>,
    /// `None` for a class that is not known: its tensors stay inert.
    pub(crate) dtype: Option<DType>,
    /// Where the view starts in the storage that the file holds. Only old streams have views.
    pub(crate) start: u64,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
pub(crate) struct TensorRecord {
    pub(crate) storage: u32,
    pub(crate) dtype: DType,
    /// In elements, like the strides.
    pub(crate) offset: u64,
    pub(crate) shape: Box<[u64]>,
    pub(crate) strides: Box<[u64]>,
    pub(crate) elements: u64,
}

/// What a call of a global would have made, had it been called.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) callable: Slot,
    pub(crate) args: Slot,
    pub(crate) keywords: Slot,
    pub(crate) state: Slot,
    pub(crate) items: Vec<Slot>,
    pub(crate) entries: Vec<(Slot, Slot)>,
}

impl Object {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::BigInt(_) => "an integer beyond 64 bits",
            Self::Complex(_) => "a complex number",
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Set(_) | Self::FrozenSet(_) => "a set",
            Self::Dict(_) => "a dict",
            Self::Global(_) => "a class or function",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor",
            Self::Instance(_) => "an object",
        }
    }

    fn is_container(&self) -> bool {
        match self {
            Self::Tuple(_) | Self::List(_) | Self::Set(_) | Self::FrozenSet(_) | Self::Dict(_) | Self::Instance(_) => {
                true
            }
            Self::Str(_) | Self::Bytes(_) | Self::BigInt(_) | Self::Complex(_) => false,
            Self::Global(_) | Self::Storage(_) | Self::Tensor(_) => false,
        }
    }

    fn for_each_child(&self, mut visit: impl FnMut(Slot)) {
        match self {
            Self::Tuple(items) | Self::FrozenSet(items) => items.iter().copied().for_each(visit),
            Self::List(items) | Self::Set(items) => items.iter().copied().for_each(visit),
            Self::Dict(dict) => {
                dict.entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(&mut visit);
                visit(dict.attributes);
            }
            Self::Instance(instance) => {
                [instance.callable, instance.args, instance.keywords, instance.state].into_iter().for_each(&mut visit);
                instance.items.iter().copied().for_each(&mut visit);
                instance.entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(visit);
            }
            _ => {}
        }
    }
}

/// A dict's key as far as Python compares it by value; every other key is itself only. Equal strings are one object.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    None,
    Int(i64),
    Float(u64),
    Object(u32),
}

impl Key {
    fn of(slot: Slot) -> Self {
        match slot {
            Slot::None => Self::None,
            Slot::Bool(value) => Self::Int(i64::from(value)),
            Slot::Int(value) => Self::Int(value),
            // `1 == 1.0` in Python; beyond 2^53 the integer of a float need not be the one that was meant.
            Slot::Float(value) if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 => {
                Self::Int(value as i64)
            }
            Slot::Float(value) => Self::Float(value.to_bits()),
            Slot::Object(id) => Self::Object(id),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Heap {
    objects: Vec<Object>,
}

impl Heap {
    pub(crate) fn get(&self, id: u32) -> &Object {
        &self.objects[id as usize]
    }

    /// The object of a slot, `None` for a scalar.
    pub(crate) fn object(&self, slot: Slot) -> Option<&Object> {
        match slot {
            Slot::Object(id) => Some(self.get(id)),
            _ => None,
        }
    }

    pub(crate) fn type_name(&self, slot: Slot) -> &'static str {
        match slot {
            Slot::None => "None",
            Slot::Bool(_) => "a bool",
            Slot::Int(_) => "an integer",
            Slot::Float(_) => "a float",
            Slot::Object(id) => self.get(id).type_name(),
        }
    }

    pub(crate) fn str(&self, slot: Slot) -> Option<&Arc<str>> {
        match self.object(slot)? {
            Object::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a tuple or a list.
    pub(crate) fn sequence(&self, slot: Slot) -> Option<&[Slot]> {
        match self.object(slot)? {
            Object::Tuple(items) => Some(items),
            Object::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn global(&self, slot: Slot) -> Option<&Global> {
        match self.object(slot)? {
            Object::Global(global) => Some(global),
            _ => None,
        }
    }

    pub(crate) fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.objects.iter().filter_map(|object| match object {
            Object::Storage(storage) => Some(&**storage),
            _ => None,
        })
    }

    /// The module and the name of every global that the pickle mentions, sorted.
    pub(crate) fn globals(&self) -> BTreeSet<(&str, &str)> {
        self.objects
            .iter()
            .filter_map(|object| match object {
                Object::Global(global) => Some((&*global.module, &*global.name)),
                _ => None,
            })
            .collect()
    }

    /// Refuses what nests deeper than the limit, however it is reached. A reference back to an object that is being
    /// entered does not count: what walks the values must stop there anyway.
    pub(crate) fn check_depth(&self, root: Slot, limits: &Limits) -> Result<(), LimitExceeded> {
        const NEW: u32 = u32::MAX;
        const ENTERED: u32 = u32::MAX - 1;
        let mut depth = vec![NEW; self.objects.len()];
        // (id, whether its children are done)
        let mut work = Vec::new();
        if let Slot::Object(id) = root {
            work.push((id, false));
        }
        while let Some((id, done)) = work.pop() {
            if done {
                let mut deepest = 0;
                self.get(id).for_each_child(|child| {
                    if let Slot::Object(child) = child {
                        let below = depth[child as usize];
                        deepest = deepest.max(if below == ENTERED { 0 } else { below });
                    }
                });
                depth[id as usize] = deepest + u32::from(self.get(id).is_container());
                limits.depth(depth[id as usize].into())?;
            } else if depth[id as usize] == NEW {
                depth[id as usize] = ENTERED;
                work.push((id, true));
                self.get(id).for_each_child(|child| {
                    if let Slot::Object(child) = child
                        && depth[child as usize] == NEW
                    {
                        work.push((child, false));
                    }
                });
            }
        }
        Ok(())
    }
}

/// A heap that is being filled: knows equal strings and the keys of large dicts, and counts.
pub(crate) struct Builder<'l> {
    pub(crate) heap: Heap,
    pub(crate) limits: &'l Limits,
    values: u64,
    strings: HashMap<Arc<str>, u32>,
    /// For the dicts that are too large for a search from the front.
    keys: HashMap<u32, HashMap<Key, usize>>,
}

/// Up to here a dict is searched from the front.
const SMALL_DICT: usize = 8;

impl<'l> Builder<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self { heap: Heap::default(), limits, values: 0, strings: HashMap::new(), keys: HashMap::new() }
    }

    /// Counts what is about to be held.
    pub(crate) fn spend(&mut self, values: usize) -> Result<(), LimitExceeded> {
        self.values = self.values.saturating_add(values as u64);
        self.limits.values(self.values)
    }

    pub(crate) fn alloc(&mut self, object: Object) -> Result<Slot, LimitExceeded> {
        self.spend(1)?;
        // Numbers above are free for marks. A limit raised beyond them would need 128 GiB before it got here.
        let id = u32::try_from(self.heap.objects.len()).ok().filter(|id| *id < u32::MAX - 1).ok_or(LimitExceeded {
            what: "the number of values",
            limit: u64::from(u32::MAX) - 1,
            field: "values",
        })?;
        self.heap.objects.push(object);
        Ok(Slot::Object(id))
    }

    pub(crate) fn str(&mut self, text: &str) -> Result<Slot, LimitExceeded> {
        if let Some(id) = self.strings.get(text) {
            return Ok(Slot::Object(*id));
        }
        let text: Arc<str> = text.into();
        let slot = self.alloc(Object::Str(Arc::clone(&text)))?;
        if let Slot::Object(id) = slot {
            self.strings.insert(text, id);
        }
        Ok(slot)
    }

    pub(crate) fn dict(&mut self, kind: DictKind) -> Result<Slot, LimitExceeded> {
        self.alloc(Object::Dict(Box::new(Dict { kind, entries: Vec::new(), attributes: Slot::None })))
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> &mut Object {
        &mut self.heap.objects[id as usize]
    }

    /// Sets a key as Python does: a key that is there keeps its place and gets the new value. Does nothing where `id` is
    /// no dict.
    pub(crate) fn insert(&mut self, id: u32, key: Slot, value: Slot) -> Result<(), LimitExceeded> {
        self.spend(2)?;
        let Self { heap, keys, .. } = self;
        let Object::Dict(dict) = &mut heap.objects[id as usize] else { return Ok(()) };
        let entries = &mut dict.entries;
        let known = if entries.len() <= SMALL_DICT {
            let key = Key::of(key);
            entries.iter().position(|(other, _)| Key::of(*other) == key)
        } else {
            let index = keys.entry(id).or_insert_with(|| {
                entries.iter().enumerate().map(|(place, (key, _))| (Key::of(*key), place)).collect()
            });
            let place = *index.entry(Key::of(key)).or_insert(entries.len());
            (place < entries.len()).then_some(place)
        };
        match known {
            Some(place) => entries[place].1 = value,
            None => entries.push((key, value)),
        }
        Ok(())
    }
}
