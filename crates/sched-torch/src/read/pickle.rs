//! The machine that runs a pickle. It builds objects and calls nothing.
//!
//! Long, because one match runs all opcodes.

use super::call;
use super::counted::Counted;
use super::error::{PickleError, PickleProblem, ReadError, Step, Stop};
use super::heap::{Builder, DictKind, Global, Heap, Instance, Object, Slot};
use super::opcode as op;
use std::collections::HashMap;

/// Reads one pickle, up to and including its `STOP`. `name` is what an error calls it; `storages` says whether persistent
/// ids may refer to them.
pub(crate) fn read(name: &'static str, bytes: &mut Counted<'_>, storages: bool) -> Result<(Heap, Slot), ReadError> {
    let limits = bytes.limits;
    let mut machine = Machine {
        bytes,
        storages,
        build: Builder::new(limits),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        let position = machine.bytes.position;
        let mut opcode = None;
        match machine.bytes.byte().and_then(|byte| {
            opcode = op::name(byte);
            machine.step(byte)
        }) {
            Ok(None) => {}
            Ok(Some(root)) => {
                let heap = machine.build.heap;
                heap.check_depth(root, limits)?;
                return Ok((heap, root));
            }
            Err(Stop::Problem(problem)) => {
                return Err(PickleError { pickle: name, position, opcode, problem }.into());
            }
            Err(Stop::Limit(limit)) => return Err(limit.into()),
            Err(Stop::Io(error)) => return Err(error.into()),
        }
    }
}

struct Machine<'m, 'b> {
    bytes: &'m mut Counted<'b>,
    storages: bool,
    build: Builder<'b>,
    stack: Vec<Slot>,
    /// Heights of the stack: what lies below the last one is out of reach until it is gone.
    marks: Vec<usize>,
    memo: HashMap<u32, Slot>,
}

impl Machine<'_, '_> {
    /// Runs one opcode; gives the result at `STOP`.
    fn step(&mut self, opcode: u8) -> Step<Option<Slot>> {
        match opcode {
            op::PROTO => match self.bytes.byte()? {
                2..=5 => {}
                other => return Err(PickleProblem::Protocol(other).into()),
            },
            // A frame only says how far to read ahead.
            op::FRAME => {
                let length = self.bytes.u64()?;
                if length > self.bytes.left {
                    return Err(PickleProblem::Frame { length, left: self.bytes.left }.into());
                }
            }
            op::STOP => {
                let root = self.pop()?;
                if !self.stack.is_empty() || !self.marks.is_empty() {
                    return Err(PickleProblem::LeftOver(self.stack.len() + self.marks.len() + 1).into());
                }
                return Ok(Some(root));
            }

            op::MARK => {
                self.build.limits.values(self.marks.len() as u64 + 1)?;
                self.marks.push(self.stack.len());
            }
            // Takes a mark off where nothing lies on it, as Python does.
            op::POP => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            op::POP_MARK => drop(self.pop_mark()?),

            op::NONE => self.push(Slot::None)?,
            op::NEWTRUE => self.push(Slot::Bool(true))?,
            op::NEWFALSE => self.push(Slot::Bool(false))?,
            op::BININT => {
                let value = i32::from_le_bytes(self.bytes.array()?);
                self.push(Slot::Int(value.into()))?;
            }
            op::BININT1 => {
                let value = self.bytes.byte()?;
                self.push(Slot::Int(value.into()))?;
            }
            op::BININT2 => {
                let value = u16::from_le_bytes(self.bytes.array()?);
                self.push(Slot::Int(value.into()))?;
            }
            op::LONG1 | op::LONG4 => {
                let length = self.bytes.length(if opcode == op::LONG1 { 1 } else { 4 })?;
                let bytes = self.bytes.take(length)?;
                let slot = integer(&mut self.build, bytes)?;
                self.push(slot)?;
            }
            op::BINFLOAT => {
                let value = f64::from_be_bytes(self.bytes.array()?);
                self.push(Slot::Float(value))?;
            }

            op::BINUNICODE | op::SHORT_BINUNICODE | op::BINUNICODE8 => {
                let length = self.bytes.length(match opcode {
                    op::SHORT_BINUNICODE => 1,
                    op::BINUNICODE => 4,
                    _ => 8,
                })?;
                let bytes = self.bytes.take(length)?;
                let text = str::from_utf8(&bytes).map_err(|_| PickleProblem::NotUtf8)?;
                let slot = self.build.str(text)?;
                self.push(slot)?;
            }
            // Python 2's `str`: text if it can be.
            op::BINSTRING | op::SHORT_BINSTRING => {
                let length = self.bytes.length(if opcode == op::SHORT_BINSTRING { 1 } else { 4 })?;
                let bytes = self.bytes.take(length)?;
                let slot = match str::from_utf8(&bytes) {
                    Ok(text) => self.build.str(text)?,
                    Err(_) => self.build.alloc(Object::Bytes(bytes.into()))?,
                };
                self.push(slot)?;
            }
            op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 | op::BYTEARRAY8 => {
                let length = self.bytes.length(match opcode {
                    op::SHORT_BINBYTES => 1,
                    op::BINBYTES => 4,
                    _ => 8,
                })?;
                let bytes = self.bytes.take(length)?;
                self.push_new(Object::Bytes(bytes.into()))?;
            }

            op::EMPTY_TUPLE => self.push_new(Object::Tuple(Box::default()))?,
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let mut items = Vec::new();
                for _ in 0..opcode - op::TUPLE1 + 1 {
                    items.insert(0, self.pop()?);
                }
                self.build.spend(items.len())?;
                self.push_new(Object::Tuple(items.into()))?;
            }
            op::TUPLE => {
                let items = self.pop_mark()?;
                self.build.spend(items.len())?;
                self.push_new(Object::Tuple(items.into()))?;
            }
            op::EMPTY_LIST => self.push_new(Object::List(Vec::new()))?,
            op::EMPTY_SET => self.push_new(Object::Set(Vec::new()))?,
            op::FROZENSET => {
                let items = self.pop_mark()?;
                self.build.spend(items.len())?;
                self.push_new(Object::FrozenSet(items.into()))?;
            }
            op::EMPTY_DICT => {
                let slot = self.build.dict(DictKind::Dict)?;
                self.push(slot)?;
            }
            op::APPEND => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            op::APPENDS => {
                let items = self.pop_mark()?;
                self.append(&items)?;
            }
            op::ADDITEMS => {
                let items = self.pop_mark()?;
                self.build.spend(items.len())?;
                let (id, found) = self.top()?;
                match id.map(|id| self.build.get_mut(id)) {
                    Some(Object::Set(set)) => set.extend(items),
                    _ => return Err(PickleProblem::Type { needed: "a set", found }.into()),
                }
            }
            op::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set_items(&[key, value])?;
            }
            op::SETITEMS => {
                let items = self.pop_mark()?;
                self.set_items(&items)?;
            }

            op::GLOBAL => {
                let module = self.bytes.line()?;
                let name = self.bytes.line()?;
                let module = self.build.str(&module)?;
                let name = self.build.str(&name)?;
                self.push_global(module, name)?;
            }
            op::STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                self.push_global(module, name)?;
            }
            op::REDUCE | op::NEWOBJ => {
                let args = self.pop()?;
                let callable = self.pop()?;
                self.call(callable, args, Slot::None)?;
            }
            op::NEWOBJ_EX => {
                let keywords = self.pop()?;
                let args = self.pop()?;
                let callable = self.pop()?;
                self.call(callable, args, keywords)?;
            }
            op::BUILD => {
                let state = self.pop()?;
                let (id, found) = self.top()?;
                match id.map(|id| self.build.get_mut(id)) {
                    Some(Object::Dict(dict)) => dict.attributes = state,
                    Some(Object::Instance(instance)) => instance.state = state,
                    _ => return Err(PickleProblem::Type { needed: "an object", found }.into()),
                }
            }
            op::BINPERSID => {
                let id = self.pop()?;
                if !self.storages {
                    return Err(PickleProblem::NoStorages.into());
                }
                let slot = call::persistent(&mut self.build, id)?;
                self.push(slot)?;
            }

            op::BINGET => {
                let index = self.bytes.byte()?;
                self.recall(index.into())?;
            }
            op::LONG_BINGET => {
                let index = u32::from_le_bytes(self.bytes.array()?);
                self.recall(index)?;
            }
            op::BINPUT => {
                let index = self.bytes.byte()?;
                self.memoize(index.into())?;
            }
            op::LONG_BINPUT => {
                let index = u32::from_le_bytes(self.bytes.array()?);
                self.memoize(index)?;
            }
            op::MEMOIZE => {
                let index = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
                self.memoize(index)?;
            }

            other => {
                return Err(match op::name(other) {
                    Some(_) => PickleProblem::RefusedOpcode,
                    None => PickleProblem::UnknownOpcode(other),
                }
                .into());
            }
        }
        Ok(None)
    }

    fn push(&mut self, slot: Slot) -> Step<()> {
        self.build.limits.values(self.stack.len() as u64 + 1)?;
        self.stack.push(slot);
        Ok(())
    }

    fn push_new(&mut self, object: Object) -> Step<()> {
        let slot = self.build.alloc(object)?;
        self.push(slot)
    }

    /// The lowest height that is within reach.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn peek(&self) -> Step<Slot> {
        match self.stack[self.floor()..].last() {
            Some(slot) => Ok(*slot),
            None => Err(PickleProblem::EmptyStack.into()),
        }
    }

    fn pop(&mut self) -> Step<Slot> {
        let slot = self.peek()?;
        self.stack.pop();
        Ok(slot)
    }

    fn pop_mark(&mut self) -> Step<Vec<Slot>> {
        let height = self.marks.pop().ok_or(PickleProblem::NoMark)?;
        Ok(self.stack.split_off(height))
    }

    /// The object on top of the stack, and what an error calls it.
    fn top(&self) -> Step<(Option<u32>, &'static str)> {
        let slot = self.peek()?;
        let id = match slot {
            Slot::Object(id) => Some(id),
            _ => None,
        };
        Ok((id, self.build.heap.type_name(slot)))
    }

    fn append(&mut self, items: &[Slot]) -> Step<()> {
        self.build.spend(items.len())?;
        let (id, found) = self.top()?;
        match id.map(|id| self.build.get_mut(id)) {
            Some(Object::List(list)) => list.extend(items),
            Some(Object::Instance(instance)) => instance.items.extend(items),
            _ => return Err(PickleProblem::Type { needed: "a list", found }.into()),
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Slot]) -> Step<()> {
        let (pairs, []) = items.as_chunks::<2>() else { return Err(PickleProblem::OddItems.into()) };
        let (id, found) = self.top()?;
        let wrong = PickleProblem::Type { needed: "a dict", found };
        let Some(id) = id else { return Err(wrong.into()) };
        match self.build.get_mut(id) {
            Object::Dict(_) => {
                for [key, value] in pairs {
                    self.hashable(*key)?;
                    self.build.insert(id, *key, *value)?;
                }
            }
            Object::Instance(instance) => {
                instance.entries.extend(pairs.iter().map(|[key, value]| (*key, *value)));
                self.build.spend(items.len())?;
            }
            _ => return Err(wrong.into()),
        }
        Ok(())
    }

    fn hashable(&self, key: Slot) -> Step<()> {
        match self.build.heap.object(key) {
            Some(Object::List(_) | Object::Set(_) | Object::Dict(_)) => {
                let found = self.build.heap.type_name(key);
                Err(PickleProblem::Type { needed: "a key that can be hashed", found }.into())
            }
            _ => Ok(()),
        }
    }

    fn push_global(&mut self, module: Slot, name: Slot) -> Step<()> {
        let heap = &self.build.heap;
        match (heap.str(module), heap.str(name)) {
            (Some(module), Some(name)) => {
                let global = Global { module: module.clone(), name: name.clone() };
                self.push_new(Object::Global(Box::new(global)))
            }
            (None, _) => Err(PickleProblem::Type { needed: "a module's name", found: heap.type_name(module) }.into()),
            (_, None) => Err(PickleProblem::Type { needed: "a name", found: heap.type_name(name) }.into()),
        }
    }

    /// What a call would have made: a value for the few globals that are known, else an inert object.
    fn call(&mut self, callable: Slot, args: Slot, keywords: Slot) -> Step<()> {
        let heap = &self.build.heap;
        if !matches!(heap.object(args), Some(Object::Tuple(_))) {
            return Err(PickleProblem::Type { needed: "a tuple of arguments", found: heap.type_name(args) }.into());
        }
        if !matches!(heap.object(callable), Some(Object::Global(_) | Object::Instance(_))) {
            let found = heap.type_name(callable);
            return Err(PickleProblem::Type { needed: "a class or function", found }.into());
        }
        let known = if keywords == Slot::None { call::known(&mut self.build, callable, args)? } else { None };
        match known {
            Some(slot) => self.push(slot),
            None => self.push_new(Object::Instance(Box::new(Instance {
                callable,
                args,
                keywords,
                state: Slot::None,
                items: Vec::new(),
                entries: Vec::new(),
            }))),
        }
    }

    fn recall(&mut self, index: u32) -> Step<()> {
        let slot = *self.memo.get(&index).ok_or(PickleProblem::NoMemo(index))?;
        self.push(slot)
    }

    fn memoize(&mut self, index: u32) -> Step<()> {
        let slot = self.peek()?;
        self.memo.insert(index, slot);
        Ok(self.build.limits.memo(self.memo.len() as u64)?)
    }
}

/// An integer in two's complement, least significant byte first.
fn integer(build: &mut Builder<'_>, mut bytes: Vec<u8>) -> Step<Slot> {
    // Bytes that only repeat the sign say nothing.
    while let [.., below, top] = bytes[..]
        && ((top == 0 && below < 0x80) || (top == 0xff && below >= 0x80))
    {
        bytes.pop();
    }
    if bytes.len() > 8 {
        return Ok(build.alloc(Object::BigInt(bytes.into()))?);
    }
    let negative = bytes.last().is_some_and(|top| *top >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(&bytes);
    Ok(Slot::Int(i64::from_le_bytes(wide)))
}
