//! Values made of values, place by place.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::value::Value;

/// A list of as many values, each made of one of these.
pub(super) fn list<E>(
    values: &[Value],
    path: &mut String,
    mut resolve: impl FnMut(&Value, &mut String) -> Result<Value, E>,
) -> Result<Value, E> {
    let mut resolved = Vec::with_capacity(values.len());
    for (i, value) in values.iter().enumerate() {
        resolved.push(at(path, &format!("[{i}]"), |path| resolve(value, path))?);
    }
    Ok(Value::List(resolved))
}

/// A map of the same names, each value made of the one here.
pub(super) fn map<E>(
    entries: &[(String, Value)],
    path: &mut String,
    mut resolve: impl FnMut(&str, &Value, &mut String) -> Result<Value, E>,
) -> Result<Value, E> {
    let mut resolved = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        resolved.push((name.clone(), at(path, name, |path| resolve(name, value, path))?));
    }
    Ok(Value::Map(resolved))
}

/// Runs `inside` one level down, with the path extended by `part`.
pub(super) fn at<T>(path: &mut String, part: &str, inside: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    if length > 0 && !part.starts_with('[') {
        path.push('.');
    }
    path.push_str(part);
    let result = inside(path);
    path.truncate(length);
    result
}
