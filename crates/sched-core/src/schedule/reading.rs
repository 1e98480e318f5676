//! Reads numbers from files so that a wrong one is reported with the name of its field.
//!
//! A derived deserialiser says "invalid value: integer `-5`, expected u64", and which of forty numbers that was is left to
//! find out. These say "`period` is -5, but must be a whole number, 0 or more". Formats that do not store types (bincode) are asked for
//! exactly the type that was written.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

pub(crate) struct Count(pub(crate) &'static str);

impl Visitor<'_> for Count {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: a whole number, 0 or more", self.0)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
        u64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
        // Some tools write whole numbers as 1e4 or 500.0.
        let step = value as u64;
        if step as f64 == value && value < super::error::LONGEST {
            Ok(step)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

pub(crate) struct Number(pub(crate) &'static str);

impl Visitor<'_> for Number {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: a finite number", self.0)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        Ok(value) // the node checks its range
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }
}

macro_rules! fields {
    ($($kind:ident $visitor:ident $method:ident $type:ty: $($name:ident)*;)*) => {$(
        pub(crate) mod $kind {
            use super::*;
            $(
                pub(crate) fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                    deserializer.$method($visitor(stringify!($name)))
                }
            )*
        }
    )*};
}

fields! {
    count Count deserialize_u64 u64: start step steps period n patience cooldown start_step accumulation warmup window
        reset_start observations bad_observations good_observations cooldown_left warmup_left at_min reductions accumulated;
    number Number deserialize_f64 f64:
        constant from to steps initial gamma decay_steps scale offset time_scale power value growth cycle_scale floor min
        max whole by k cosine_power polynomial one_minus_power exp_ratio logarithmic rex_alpha lb ub factor threshold margin min_lr
        max_lr eps multiplier beta;
}

/// `limit`, which may be absent.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Limit(u64);

    impl<'de> Deserialize<'de> for Limit {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_u64(Count("limit")).map(Self)
        }
    }

    Ok(Option::<Limit>::deserialize(deserializer)?.map(|limit| limit.0))
}
