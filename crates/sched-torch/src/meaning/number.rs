//! Python's numbers, whatever they are wrapped in.

use crate::read::{Kind, Value};

/// A number as Python's `float()` gives it: also a tensor of one element, which PyTorch allows for a rate, and a scalar of
/// NumPy.
pub(super) fn number(value: Value<'_>) -> Option<f64> {
    match value.kind() {
        Kind::Int(value) => Some(value as f64),
        Kind::Float(value) => Some(value),
        Kind::Tensor(tensor) if tensor.elements() == 1 => tensor.to_f64_vec().ok()?.first().copied(),
        Kind::Object(_) => numpy_scalar(value),
        _ => None,
    }
}

/// No optimizer has more parameter groups than this.
const MAX_GROUPS: usize = 4096;

/// A list of numbers, one per parameter group, or one tensor of them.
pub(super) fn numbers(value: Value<'_>) -> Option<Vec<f64>> {
    match value.as_tensor() {
        Some(tensor) if tensor.elements() <= MAX_GROUPS as u64 => tensor.to_f64_vec().ok(),
        Some(_) => None,
        None => value.as_items().filter(|items| items.len() <= MAX_GROUPS)?.map(number).collect(),
    }
}

/// A whole number, also if it is wrapped.
pub(super) fn whole(value: Value<'_>) -> Option<i64> {
    if let Some(value) = value.as_i64() {
        return Some(value);
    }
    let value = number(value)?;
    (value.fract() == 0.0 && value.abs() <= 2_f64.powi(53)).then_some(value as i64)
}

/// `numpy.core.multiarray.scalar(dtype, bytes)`.
fn numpy_scalar(value: Value<'_>) -> Option<f64> {
    let call = value.as_object()?;
    let function = call.callable().as_global()?;
    if !(function.module.starts_with("numpy.") && function.module.ends_with(".multiarray") && function.name == "scalar")
    {
        return None;
    }
    let mut args = call.args().as_items()?;
    let (dtype, bytes) = (args.next()?.as_object()?, args.next()?);
    let Kind::Bytes(bytes) = bytes.kind() else { return None };
    let name = dtype.args().as_items()?.next()?.as_str()?;
    let order = dtype.state().as_items().and_then(|mut state| state.nth(1)).and_then(Value::as_str);
    let mut bytes = bytes.to_vec();
    if order == Some(">") {
        bytes.reverse();
    }
    macro_rules! each {
        ($($code:literal: $number:ty),*) => {
            match name {
                $($code => bytes.try_into().ok().map(|bytes| <$number>::from_le_bytes(bytes) as f64),)*
                _ => None,
            }
        };
    }
    each! {
        "f8": f64, "f4": f32, "i8": i64, "i4": i32, "i2": i16, "i1": i8, "u8": u64, "u4": u32, "u2": u16, "u1": u8
    }
}
