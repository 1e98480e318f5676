//! Reading from a [`Value`], as from any serde format.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::value::Value;
use super::value_error::ValueError;
use crate::schedule::line;

impl<'de> Deserializer<'de> for &'de Value {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_i128(*value),
            },
            Value::Number(value) => visitor.visit_f64(*value),
            Value::Text(value) => visitor.visit_borrowed_str(value),
            Value::List(values) => {
                let parts = values.iter().enumerate().map(|(i, value)| Part { value, at: At::Index(i) });
                let mut seq = SeqDeserializer::new(parts);
                let value = visitor.visit_seq(&mut seq)?;
                seq.end()?;
                Ok(value)
            }
            Value::Map(entries) => {
                let mut map = MapDeserializer::new(entries.iter().map(|entry| (Name(&entry.0), Part::named(entry))));
                let value = visitor.visit_map(&mut map)?;
                map.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if *self == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant is its name, or a map from its name to what it holds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self {
            Value::Text(name) => {
                let read: Result<_, ValueError> = visitor.visit_enum(name.as_str().into_deserializer());
                // Of a variant that there is, what it should hold is missing.
                let is_known = variants.contains(&name.as_str());
                read.map_err(|error| if is_known { At::Name(name).place(error) } else { error })
            }
            Value::Map(entries) if entries.len() == 1 => {
                let map = MapDeserializer::new(entries.iter().map(|entry| (entry.0.as_str(), Part::named(entry))));
                visitor.visit_enum(MapAccessDeserializer::new(map))
            }
            Value::Map(entries) => {
                let names: Vec<String> = entries.iter().map(|(name, _)| format!("`{}`", line(name))).take(4).collect();
                let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                Err(ValueError::custom(format!("found {found} in one map, expected one name and what it holds")))
            }
            other => {
                Err(ValueError::invalid_type(other.unexpected(), &"a name, or a map from a name to what it holds"))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// A value inside another, whose errors say where.
struct Part<'de> {
    value: &'de Value,
    at: At<'de>,
}

#[derive(Clone, Copy)]
enum At<'de> {
    Index(usize),
    Name(&'de str),
}

impl<'de> Part<'de> {
    fn named((name, value): &'de (String, Value)) -> Self {
        Self { value, at: At::Name(name) }
    }
}

impl At<'_> {
    fn place(self, error: ValueError) -> ValueError {
        match self {
            Self::Index(i) => error.inside(format!("[{i}]")),
            Self::Name(name) => error.inside(name.to_owned()),
        }
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Part<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.value.deserialize_any(visitor).map_err(|error| self.at.place(error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.value.deserialize_option(visitor).map_err(|error| self.at.place(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.value.deserialize_newtype_struct(name, visitor).map_err(|error| self.at.place(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.value.deserialize_enum(name, variants, visitor).map_err(|error| self.at.place(error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// The name of a field, of which an error says where it stands.
struct Name<'de>(&'de str);

impl<'de> IntoDeserializer<'de, ValueError> for Name<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_str(self.0).map_err(|error: ValueError| At::Name(self.0).place(error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl Value {
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Null => Unexpected::Other("null"),
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => Unexpected::Signed(value),
                (_, Ok(value)) => Unexpected::Unsigned(value),
                _ => Unexpected::Other("a whole number of more than 64 bits"),
            },
            Self::Number(value) => Unexpected::Float(*value),
            Self::Text(value) => Unexpected::Str(value),
            Self::List(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use std::string::ToString;

    use crate::{Schedule, Value, ValueError};

    fn read(json: &str) -> Result<Schedule, ValueError> {
        let value: Value = serde_json::from_str(json).unwrap();
        Schedule::deserialize(&value)
    }

    #[test]
    fn a_schedule_read_through_a_value_is_the_same() {
        for json in [
            r#"{"constant": 1}"#,
            r#"{"ramp": {"from": 1, "to": 0.5, "steps": 10, "shape": {"tanh": {"lb": -7, "ub": 3}}, "beyond": "mirror"}}"#,
            r#"{"repeat": {"of": {"ramp": {"from": 1, "to": 0, "steps": 3}}, "period": 3, "limit": 2}}"#,
            r#"{"repeat": {"of": {"constant": 1}, "period": 3, "limit": null}}"#,
            r#"{"sequence": [{"start": 0, "schedule": {"constant": 0}}, {"start": 9007199254740993, "schedule": {"constant": 1}}]}"#,
        ] {
            assert_eq!(read(json).unwrap(), serde_json::from_str::<Schedule>(json).unwrap());
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for (json, message) in [
            (r#"{"constant": 1, "ramp": {}}"#, "found `constant`, `ramp` in one map, expected one name"),
            ("[1]", "found a list, expected a name, or a map from a name to what it holds"),
            (r#"{"constant": -1}"#, "`constant` is -1, but must be 0 or more"),
            (r#"{"delay": {"steps": -1, "of": {"constant": 1}}}"#, "`steps` is -1, but must be a whole number"),
            (r#"{"delay": {"steps": null, "of": {"constant": 1}}}"#, "`steps` is null, but must be a whole number"),
            (r#"{"delay": {"step": 1, "of": {"constant": 1}}}"#, "unknown field `step` (did you mean `steps`?)"),
            (r#"{"constnat": 1}"#, "unknown name `constnat` (did you mean `constant`?)"),
            (r#""ramp""#, "found a name alone, expected a name with a value"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(message), "{json}: {error}");
        }
    }

    #[test]
    fn an_error_says_where() {
        for (json, path) in [
            (r#"{"constant": -1}"#, ""),
            (r#"{"sum": [{"constant": 1}, {"constant": "x"}]}"#, "sum[1].constant"),
            (
                r#"{"sequence": [{"start": 0, "schedule": {"delay": {"steps": -1, "of": {"constant": 1}}}}]}"#,
                "sequence[0].schedule.delay.steps",
            ),
            (r#"{"min": [{"ramp": {"begin": 1}}]}"#, "min[0].ramp.begin"),
            (r#"{"min": [{"rampp": {}}]}"#, "min[0]"),
            (r#"{"min": [{"ramp": {"from": 1}}]}"#, "min[0].ramp"),
            (r#"{"ramp": {"from": 1, "to": 0, "steps": 3, "shape": "polynomial"}}"#, "ramp.shape.polynomial"),
        ] {
            assert_eq!(read(json).unwrap_err().path(), path, "{json}");
        }
    }
}
