//! A rule in a file: the state of one, or options that a person wrote.

use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// What a file says of a rule. The form decides, not the format: a state is a sequence, or a map that begins with `rules` or
/// `memory`; any other map holds options.
pub(super) enum Written<R, M, O> {
    State { rules: R, memory: M },
    Options(O),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State<R, M: Default> {
    rules: R,
    #[serde(default)]
    memory: M,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Rules,
    Memory,
    Other(String),
}

impl<'de, R, M, O> Deserialize<'de> for Written<R, M, O>
where
    R: Deserialize<'de>,
    M: Deserialize<'de> + Default,
    O: Deserialize<'de> + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Rule", &["rules", "memory"], WrittenVisitor(PhantomData))
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<'de, R, M, O> Visitor<'de> for WrittenVisitor<Written<R, M, O>>
where
    R: Deserialize<'de>,
    M: Deserialize<'de> + Default,
    O: Deserialize<'de> + Default,
{
    type Value = Written<R, M, O>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the options of a rule, or its `rules` and `memory`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let rules = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        Ok(Written::State { rules, memory: seq.next_element()?.unwrap_or_default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut rest: A) -> Result<Self::Value, A::Error> {
        let (first, is_state) = match rest.next_key()? {
            None => return Ok(Written::Options(O::default())),
            Some(Key::Rules) => (String::from("rules"), true),
            Some(Key::Memory) => (String::from("memory"), true),
            Some(Key::Other(name)) => (name, false),
        };
        let map = MapAccessDeserializer::new(PutBack { first: Some(first), rest });
        if is_state {
            let State { rules, memory } = State::deserialize(map)?;
            Ok(Written::State { rules, memory })
        } else {
            O::deserialize(map).map(Written::Options)
        }
    }
}

/// A map whose first key has been read.
struct PutBack<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for PutBack<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => {
                let first: StringDeserializer<A::Error> = first.into_deserializer();
                seed.deserialize(first).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
