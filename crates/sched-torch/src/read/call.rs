//! The few globals of Python and PyTorch whose calls are understood. Their meaning is written here; none is called.

use super::dtype::DType;
use super::error::{PickleProblem, Stop};
use super::heap::{Builder, Dict, DictKind, Global, Heap, Object, Slot, Storage, TensorRecord};

/// The most dimensions that PyTorch gives a tensor.
const MAX_DIMENSIONS: usize = 64;

/// Whether a global is one of those that are understood, wherever it stands.
pub(crate) fn is_known(module: &str, name: &str) -> bool {
    CALLS.iter().any(|(modules, names, _)| modules.contains(&module) && names.contains(&name))
        || (module == "torch" && (name == "device" || DType::from_name(name).is_some()))
        || is_storage(module, name)
        || (BUILTINS.contains(&module) && ["int", "float", "bool", "str", "list", "dict", "tuple"].contains(&name))
}

fn is_storage(module: &str, name: &str) -> bool {
    let typed = ["torch", "torch.cuda"].contains(&module) && DType::from_storage(name).is_some();
    typed || ["torch", "torch.storage"].contains(&module) && name == "UntypedStorage"
}

type Call = fn(&mut Builder<'_>, &[Slot]) -> Result<Option<Slot>, Stop>;

/// Protocol 2 calls builtins by the name of Python 2's module.
const BUILTINS: &[&str] = &["builtins", "__builtin__"];

const CALLS: &[(&[&str], &[&str], Call)] = &[
    (&["collections"], &["OrderedDict"], ordered_dict),
    (&["collections"], &["Counter"], counter),
    (&["collections"], &["defaultdict"], default_dict),
    (BUILTINS, &["set", "frozenset"], set),
    (BUILTINS, &["complex"], complex),
    (BUILTINS, &["bytes", "bytearray"], byte_array),
    (&["_codecs"], &["encode"], encode),
    (&["torch"], &["Size"], size),
    (&["torch._utils"], &["_rebuild_tensor", "_rebuild_tensor_v2"], tensor),
    (&["torch._utils"], &["_rebuild_tensor_v3"], untyped_tensor),
    (&["torch._utils"], &["_rebuild_parameter", "_rebuild_parameter_with_state"], parameter),
];

/// What calling a known global gives; `None` for every other one, and for arguments that are not the usual ones.
pub(crate) fn known(build: &mut Builder<'_>, callable: Slot, args: Slot) -> Result<Option<Slot>, Stop> {
    let Some(Global { module, name }) = build.heap.global(callable) else { return Ok(None) };
    let found = CALLS.iter().find(|(modules, names, _)| modules.contains(&&**module) && names.contains(&&**name));
    let Some((_, _, call)) = found else { return Ok(None) };
    // The arguments of the known calls are few; a longer tuple is no such call.
    let args = match build.heap.sequence(args) {
        Some(args) if args.len() <= 8 => args.to_vec(),
        _ => return Ok(None),
    };
    call(build, &args)
}

/// `OrderedDict()`, and Python 2's `OrderedDict([[key, value], ...])`.
fn ordered_dict(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let pairs = match args {
        [] => Vec::new(),
        [items] => {
            let Some(items) = build.heap.sequence(*items) else { return Ok(None) };
            let pair = |item: &Slot| match build.heap.sequence(*item) {
                Some([key, value]) => Some((*key, *value)),
                _ => None,
            };
            match items.iter().map(pair).collect::<Option<Vec<_>>>() {
                Some(pairs) => pairs,
                None => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    let slot = build.dict(DictKind::OrderedDict)?;
    if let Slot::Object(id) = slot {
        for (key, value) in pairs {
            build.insert(id, key, value)?;
        }
    }
    Ok(Some(slot))
}

/// `Counter()` and `Counter({...})`.
fn counter(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let entries = match args {
        [] => Vec::new(),
        [counts] => match build.heap.object(*counts) {
            Some(Object::Dict(dict)) => dict.entries.clone(),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    build.spend(2 * entries.len())?;
    let dict = Dict { kind: DictKind::Counter, entries, attributes: Slot::None };
    Ok(Some(build.alloc(Object::Dict(Box::new(dict)))?))
}

/// `defaultdict()` and `defaultdict(factory)`; the factory is not kept.
fn default_dict(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    if args.len() > 1 {
        return Ok(None);
    }
    Ok(Some(build.dict(DictKind::DefaultDict)?))
}

/// `set([...])`; a frozen one is not told apart.
fn set(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let items = match args {
        [] => Vec::new(),
        [items] => match build.heap.sequence(*items) {
            Some(items) => items.to_vec(),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    build.spend(items.len())?;
    Ok(Some(build.alloc(Object::Set(items))?))
}

fn complex(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [Slot::Float(re), Slot::Float(im)] = *args else { return Ok(None) };
    Ok(Some(build.alloc(Object::Complex(Box::new([re, im])))?))
}

/// `bytes()`, `bytearray(bytes)`, and protocol 2's `bytearray(str, 'latin-1')`.
fn byte_array(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    match args {
        [] => Ok(Some(build.alloc(Object::Bytes(Box::default()))?)),
        [bytes] if matches!(build.heap.object(*bytes), Some(Object::Bytes(_))) => Ok(Some(*bytes)),
        _ => encode(build, args),
    }
}

/// `encode(str, 'latin1')`, as protocol 2 writes bytes.
fn encode(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [text, encoding] = args else { return Ok(None) };
    let (Some(text), Some(encoding)) = (build.heap.str(*text), build.heap.str(*encoding)) else { return Ok(None) };
    if !["latin1", "latin-1"].contains(&&**encoding) {
        return Ok(None);
    }
    let text = text.clone();
    // Sixteen bytes are as much as a value.
    build.spend(text.len() / 16)?;
    match text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Box<[u8]>>>() {
        Some(bytes) => Ok(Some(build.alloc(Object::Bytes(bytes))?)),
        None => Ok(None),
    }
}

/// `torch.Size((...))`: the tuple.
fn size(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [sizes] = args else { return Ok(None) };
    Ok(matches!(build.heap.object(*sizes), Some(Object::Tuple(_))).then_some(*sizes))
}

/// `_rebuild_parameter(data, requires_grad, hooks)`: the data.
fn parameter(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [data, ..] = args else { return Ok(None) };
    Ok(matches!(build.heap.object(*data), Some(Object::Tensor(_))).then_some(*data))
}

/// `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks[, metadata])`.
fn tensor(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [storage, offset, shape, strides, ..] = *args else { return Ok(None) };
    rebuild(build, [storage, offset, shape, strides], None, args.get(6))
}

/// `_rebuild_tensor_v3(storage, offset, shape, strides, requires_grad, hooks, dtype[, metadata])`.
fn untyped_tensor(build: &mut Builder<'_>, args: &[Slot]) -> Result<Option<Slot>, Stop> {
    let [storage, offset, shape, strides, _, _, dtype, ..] = *args else { return Ok(None) };
    let dtype = match build.heap.global(dtype) {
        Some(Global { module, name }) if &**module == "torch" => DType::from_name(name),
        _ => None,
    };
    let Some(dtype) = dtype else { return Ok(None) };
    rebuild(build, [storage, offset, shape, strides], Some(dtype), args.get(7))
}

fn rebuild(
    build: &mut Builder<'_>,
    [storage_slot, offset, shape, strides]: [Slot; 4],
    dtype: Option<DType>,
    metadata: Option<&Slot>,
) -> Result<Option<Slot>, Stop> {
    // Metadata says, for one, that the elements count negated.
    if let Some(metadata) = metadata
        && !matches!(build.heap.object(*metadata), Some(Object::Dict(dict)) if dict.entries.is_empty())
        && *metadata != Slot::None
    {
        return Ok(None);
    }
    let (Slot::Object(id), Some(Object::Storage(storage))) = (storage_slot, build.heap.object(storage_slot)) else {
        return Ok(None);
    };
    let Some(dtype) = dtype.or(storage.dtype) else { return Ok(None) };
    let (Slot::Int(offset), Some(shape), Some(strides)) =
        (offset, integers(&build.heap, shape), integers(&build.heap, strides))
    else {
        return Ok(None);
    };
    let record = layout(id, dtype, storage.bytes, offset, &shape, &strides)
        .map_err(|problem| PickleProblem::Tensor { shape, strides, offset, problem })?;
    Ok(Some(build.alloc(Object::Tensor(Box::new(record)))?))
}

/// Checks that every element of the view lies in the storage.
fn layout(
    storage: u32,
    dtype: DType,
    bytes: u64,
    offset: i64,
    shape: &[i64],
    strides: &[i64],
) -> Result<TensorRecord, &'static str> {
    if shape.len() != strides.len() {
        return Err("has not as many strides as dimensions");
    }
    let positive =
        |numbers: &[i64]| numbers.iter().map(|number| u64::try_from(*number)).collect::<Result<Box<[u64]>, _>>().ok();
    let (Some(shape), Some(strides), Ok(offset)) = (positive(shape), positive(strides), u64::try_from(offset)) else {
        return Err("has a negative number in it");
    };
    let empty = shape.contains(&0);
    let elements =
        if empty { Some(0) } else { shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size)) };
    let elements = elements.ok_or("has more elements than can be counted")?;
    if !empty {
        let last = shape.iter().zip(&strides).try_fold(offset, |last, (size, stride)| {
            (size - 1).checked_mul(*stride).and_then(|span| last.checked_add(span))
        });
        let end = last.and_then(|last| last.checked_add(1)).and_then(|count| count.checked_mul(dtype.size()));
        if end.is_none_or(|end| end > bytes) {
            return Err("reaches beyond its storage");
        }
    }
    Ok(TensorRecord { storage, dtype, offset, shape, strides, elements })
}

fn integers(heap: &Heap, slot: Slot) -> Option<Vec<i64>> {
    let items = heap.sequence(slot).filter(|items| items.len() <= MAX_DIMENSIONS)?;
    items
        .iter()
        .map(|item| match item {
            Slot::Int(value) => Some(*value),
            _ => None,
        })
        .collect()
}

/// What a persistent id refers to: `('storage', class, key, location, size[, view])`, or the class of an old module,
/// `('module', class, file, source)`.
pub(crate) fn persistent(build: &mut Builder<'_>, id: Slot) -> Result<Slot, Stop> {
    let wrong = || Stop::Problem(PickleProblem::PersistentId);
    let heap = &build.heap;
    let parts = heap.sequence(id).ok_or_else(wrong)?;
    let tag = parts.first().and_then(|tag| heap.str(*tag)).ok_or_else(wrong)?;
    if &**tag == "module"
        && let [_, class, ..] = *parts
    {
        return Ok(class);
    }
    let (_, class, key, size, view) = match *parts {
        [tag, class, key, _, size] => (tag, class, key, size, Slot::None),
        [tag, class, key, _, size, view] => (tag, class, key, size, view),
        _ => return Err(wrong()),
    };
    let (Some(class), Some(key), Slot::Int(size)) = (heap.global(class), heap.str(key), size) else {
        return Err(wrong());
    };
    if &**tag != "storage" {
        return Err(wrong());
    }
    let dtype = match is_storage(&class.module, &class.name) {
        true if &*class.name == "UntypedStorage" => Some(DType::UInt8),
        true => DType::from_storage(&class.name),
        false => None,
    };
    // A view is (key, start, size), in elements.
    let (start, size) = match heap.sequence(view) {
        None => (0, size),
        Some([_, Slot::Int(start), Slot::Int(size)]) => (*start, *size),
        Some(_) => return Err(wrong()),
    };
    let element = dtype.map_or(1, DType::size);
    let bytes = |count: i64| u64::try_from(count).ok().and_then(|count| count.checked_mul(element)).ok_or_else(wrong);
    let storage = Storage { key: key.clone(), dtype, start: bytes(start)?, bytes: bytes(size)? };
    Ok(build.alloc(Object::Storage(Box::new(storage)))?)
}
