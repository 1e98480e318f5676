//! JSON that keeps the order of its keys, and files around hand-made pickles.

use sched_torch::{DictKind, Kind, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use zip::write::{SimpleFileOptions, ZipWriter};

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What the PyTorch state dicts hold.
pub(crate) fn index() -> Vec<Json> {
    let index: Json = serde_json::from_slice(&fs::read(fixture("state_dicts/index.json")).unwrap()).unwrap();
    index.list().to_vec()
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    List(Vec<Json>),
    Dict(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Dict(entries) => entries.iter().find(|(found, _)| found == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            other => panic!("{other:?} is not a list"),
        }
    }

    pub(crate) fn str(&self) -> &str {
        match self {
            Json::Str(text) => text,
            other => panic!("{other:?} is not a string"),
        }
    }

    /// A float, written out or as one of the words for the non-finite ones.
    pub(crate) fn f64(&self) -> Option<f64> {
        match self {
            Json::Float(value) => Some(*value),
            Json::Str(word) => match word.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyJson;
        impl<'de> Visitor<'de> for AnyJson {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Int(value))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Json, E> {
                i64::try_from(value).map(Json::Int).map_err(E::custom)
            }
            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Float(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Str(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    entries.push(entry);
                }
                Ok(Json::Dict(entries))
            }
        }
        deserializer.deserialize_any(AnyJson)
    }
}

/// A pickle as the object of an old stream, with these storages after it: their keys and their bytes with the count.
pub(crate) fn stream(pickle: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.".to_vec();
    file.extend_from_slice(pickle);
    file.extend_from_slice(b"\x80\x02](");
    for (key, _) in storages {
        file.extend_from_slice(&unicode(key));
    }
    file.extend_from_slice(b"e.");
    for (_, bytes) in storages {
        file.extend_from_slice(bytes);
    }
    file
}

/// A pickle as `data.pkl` of a zip archive, with further members beside it.
pub(crate) fn archive(pickle: &[u8], members: &[(&str, &[u8])]) -> Vec<u8> {
    archive_with(pickle, members, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
}

pub(crate) fn archive_with(pickle: &[u8], members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("data.pkl", pickle)].iter().chain(members) {
        writer.start_file(format!("archive/{name}"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// `BINUNICODE`
pub(crate) fn unicode(text: &str) -> Vec<u8> {
    let mut bytes = vec![b'X'];
    bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

/// Opcodes one after another, with `PROTO 4` before and `STOP` after them.
pub(crate) fn pickle(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice(), b"."].concat()
}

/// Holds a value equal to its JSON, types and the order of keys included.
pub(crate) fn assert_is(value: Value<'_>, json: &Json, place: &str) {
    let fail = || -> ! { panic!("{place}: {value}, but the index says {json:?}") };
    if let Some(tensor) = json.get("__tensor__") {
        let found = value.as_tensor().unwrap_or_else(|| fail());
        assert_eq!(found.dtype().name(), tensor.get("dtype").unwrap().str(), "{place}");
        let shape: Vec<Json> = found.shape().iter().map(|size| Json::Int(i64::try_from(*size).unwrap())).collect();
        assert_eq!(&Json::List(shape), tensor.get("shape").unwrap(), "{place}");
        let data = match tensor.get("data").unwrap() {
            Json::List(data) => data.clone(),
            scalar => vec![scalar.clone()],
        };
        let data: Vec<f64> = data.iter().map(|number| number.f64().unwrap()).collect();
        assert_eq!(found.to_f64_vec().unwrap(), data, "{place}");
        return;
    }
    let pairs = |pairs: &Json| -> Vec<(Json, Json)> {
        pairs.list().iter().map(|pair| (pair.list()[0].clone(), pair.list()[1].clone())).collect()
    };
    let entries = match json {
        Json::Dict(_) if let Some(counts) = json.get("__counter__") => Some((pairs(counts), true)),
        Json::Dict(_) if let Some(entries) = json.get("__dict__") => Some((pairs(entries), false)),
        Json::Dict(entries) if json.get("__tuple__").is_none() => {
            Some((entries.iter().map(|(key, value)| (Json::Str(key.clone()), value.clone())).collect(), false))
        }
        _ => None,
    };
    if let Some((entries, is_counter)) = entries {
        let dict = value.as_dict().unwrap_or_else(|| fail());
        assert_eq!(dict.kind() == DictKind::Counter, is_counter, "{place}");
        assert_eq!(dict.len(), entries.len(), "{place}: {value}");
        for ((key, value), (wanted_key, wanted)) in dict.entries().zip(&entries) {
            assert_is(key, wanted_key, &format!("a key of {place}"));
            assert_is(value, wanted, &format!("{place}.{key}"));
        }
        return;
    }
    let (items, is_tuple) = match json {
        Json::List(items) => (items.as_slice(), false),
        _ => json.get("__tuple__").map_or((&[][..], false), |items| (items.list(), true)),
    };
    match value.kind() {
        Kind::None => assert_eq!(json, &Json::Null, "{place}"),
        Kind::Bool(found) => assert_eq!(json, &Json::Bool(found), "{place}"),
        Kind::Int(found) => assert_eq!(json, &Json::Int(found), "{place}"),
        Kind::Float(found) => {
            assert_eq!(json.f64().unwrap_or_else(|| fail()).to_bits(), found.to_bits(), "{place}");
        }
        Kind::Str(found) => assert_eq!(json, &Json::Str(found.to_owned()), "{place}"),
        Kind::List | Kind::Tuple if matches!(value.kind(), Kind::Tuple) == is_tuple => {
            let found = value.as_items().unwrap();
            assert_eq!(found.len(), items.len(), "{place}: {value}");
            for (position, (found, wanted)) in found.zip(items).enumerate() {
                assert_is(found, wanted, &format!("{place}.{position}"));
            }
        }
        _ => fail(),
    }
}
