//! A fingerprint of plain data, the same in every file format.
//!
//! Serde walks the data, so no field can be forgotten. Every step of the hash is a bijection of its state for a given input
//! and of its input for a given state, so two inputs of the same form that differ in one word always have different
//! fingerprints: no flipped bit goes unnoticed.

use core::fmt;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The fingerprint of a value.
pub(crate) fn checksum<T: Serialize + ?Sized>(value: &T) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    // Nothing in a state fails to serialise; if it did, the fingerprint would not match.
    let _ = value.serialize(&mut hash);
    hash.0
}

struct Hash(u64);

impl Hash {
    fn word(&mut self, word: u64) -> Result<(), Never> {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Never> {
        self.word(bytes.len() as u64)?;
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word))?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Never;

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a checksum cannot fail")
    }
}

impl core::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Never
    }
}

macro_rules! words {
    ($($method:ident $type:ty)*) => {$(
        fn $method(self, value: $type) -> Result<(), Never> {
            self.word(value as u64)
        }
    )*};
}

impl Serializer for &mut Hash {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    words! {
        serialize_bool bool serialize_char char
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64
    }

    fn serialize_f32(self, value: f32) -> Result<(), Never> {
        self.word(u64::from(value.to_bits()))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Never> {
        self.word(value.to_bits())
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.bytes(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.word(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.word(1)?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.bytes(variant.as_bytes())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.bytes(variant.as_bytes())?;
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Never> {
        self.word(len.unwrap_or(0) as u64)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Self, Never> {
        self.bytes(variant.as_bytes())?;
        Ok(self)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self, Never> {
        self.word(len.unwrap_or(0) as u64)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Self, Never> {
        self.bytes(variant.as_bytes())?;
        Ok(self)
    }
}

macro_rules! elements {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for &mut Hash {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! named_fields {
    ($($trait:ident)*) => {$(
        impl $trait for &mut Hash {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Never> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )*};
}

named_fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for &mut Hash {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schedule;

    #[test]
    fn every_bit_of_a_number_counts() {
        let reference = checksum(&0.1_f64);
        for bit in 0..64 {
            assert_ne!(checksum(&f64::from_bits(0.1_f64.to_bits() ^ (1 << bit))), reference, "bit {bit}");
        }
    }

    #[test]
    fn the_kind_of_a_node_counts_and_not_only_its_numbers() {
        let constants = || alloc::vec![Schedule::constant(0.1).unwrap(), Schedule::constant(0.2).unwrap()];
        let sum = Schedule::try_from(crate::Node::Sum(constants())).unwrap();
        let max = Schedule::try_from(crate::Node::Max(constants())).unwrap();
        assert_ne!(checksum(&sum), checksum(&max));
    }
}
