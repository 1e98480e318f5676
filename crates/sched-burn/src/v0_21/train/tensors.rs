//! Whether the tensors of a record have as much data as their shapes say, and whose they are.
//!
//! burn 0.21 does not check that when it loads a record, and its ndarray backend would then read past the data. The
//! types of the records do not show their tensors, so a copy in a format that names its fields is searched for them.

use std::cell::RefCell;
use std::fmt;

use burn_0_21::module::ParamId;
use burn_0_21::tensor::DType;
use serde::de::value::{Error as DTypeError, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::checkpoints::Ids;

/// The ids of the parameters: the `id` beside a parameter of a model, the key of an optimizer's state.
///
/// # Errors
///
/// A tensor has too much or too little data, in words.
pub(super) fn check(record: &impl Serialize) -> Result<Ids, String> {
    let copy = rmp_serde::to_vec_named(record).map_err(|error| error.to_string())?;
    let ids = RefCell::default();
    Search(&ids).deserialize(&mut rmp_serde::Deserializer::from_read_ref(&copy)).map_err(|error| error.to_string())?;
    Ok(ids.into_inner())
}

/// A value of any type, as far as it matters for a tensor.
enum Seen {
    Bytes(usize),
    Number(u64),
    /// Empty if it contains anything else.
    Numbers(Vec<u64>),
    Text(String),
    Other,
}

#[derive(Clone, Copy)]
struct Search<'a>(&'a RefCell<Ids>);

impl Search<'_> {
    fn note_id(self, text: &str) {
        // As burn writes one; what is shorter may be a word.
        if text.len() == 13 {
            self.0.borrow_mut().extend(ParamId::try_deserialize(text).map(|id| id.val()));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Seen, E> {
        Ok(Seen::Bytes(bytes.len()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Seen, E> {
        Ok(Seen::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Seen, E> {
        Ok(u64::try_from(number).map_or(Seen::Other, Seen::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seen, E> {
        Ok(Seen::Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_none<E: Error>(self) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        let mut numbers = Some(Vec::new());
        while let Some(value) = seq.next_element_seed(self)? {
            match (value, &mut numbers) {
                (Seen::Number(number), Some(numbers)) => numbers.push(number),
                _ => numbers = None,
            }
        }
        Ok(Seen::Numbers(numbers.unwrap_or_default()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let (mut length, mut shape, mut dtype) = (None, None, None);
        while let Some((key, value)) = map.next_entry_seed(self, self)? {
            if let Seen::Text(key) = &key {
                self.note_id(key);
            }
            match (key, value) {
                (Seen::Text(key), Seen::Text(id)) if key == "id" => self.note_id(&id),
                (Seen::Text(key), Seen::Bytes(bytes)) if key == "bytes" => length = Some(bytes),
                (Seen::Text(key), Seen::Numbers(numbers)) if key == "shape" => shape = Some(numbers),
                (Seen::Text(key), Seen::Text(name)) if key == "dtype" => dtype = dtype_of(&name),
                _ => {}
            }
        }
        if let (Some(length), Some(shape), Some(dtype)) = (length, shape, dtype) {
            let expected = shape.iter().try_fold(dtype.size() as u64, |size, &dim| size.checked_mul(dim));
            if expected != Some(length as u64) {
                return Err(A::Error::custom(format!(
                    "a tensor of shape {shape:?} and type {dtype:?} has {length} bytes"
                )));
            }
        }
        Ok(Seen::Other)
    }
}

/// `None` for a quantized type, whose data has no fixed size.
fn dtype_of(name: &str) -> Option<DType> {
    let name: StrDeserializer<'_, DTypeError> = name.into_deserializer();
    DType::deserialize(name).ok()
}

#[cfg(test)]
mod tests {
    use burn_0_21::tensor::{Shape, TensorData};

    use super::*;

    #[test]
    fn a_tensor_has_the_data_of_its_shape() {
        let good = || TensorData::new(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
        let mut bad = good();
        bad.shape = Shape::from([2, 4]);
        check(&[("nested", Some(good()))]).unwrap();
        let error = check(&[("nested", Some(good())), ("deeper", Some(bad))]).unwrap_err();
        assert!(error.contains("a tensor of shape [2, 4] and type F32 has 24 bytes"), "{error}");
    }
}
