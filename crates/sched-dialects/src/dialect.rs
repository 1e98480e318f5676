//! A scheduler of another library, as a file has it.

use sched_core::{Value, show};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use crate::declare::{DialectError, Translation, translate};
use crate::libraries::LIBRARIES;

/// A scheduler of another library, and what it is here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dialect {
    library: String,
    kind: String,
    params: Value,
    #[serde(skip)]
    groups: Vec<Translation>,
}

impl Dialect {
    /// A library's scheduler, by its name and parameters; `params` is a [`Value::Map`].
    ///
    /// # Errors
    ///
    /// The library, the kind or a parameter does not exist, a parameter is missing or has the wrong type, the library
    /// itself would refuse it, or it is code.
    pub fn new(library: &str, kind: &str, params: Value) -> Result<Self, DialectError> {
        let known = LIBRARIES.iter().find(|known| known.name == library);
        let known = known.ok_or_else(|| DialectError::UnknownLibrary {
            library: library.to_owned(),
            known: LIBRARIES.iter().map(|library| library.name).collect(),
        })?;
        let groups = translate(known, kind, &params)?;
        Ok(Self { library: library.to_owned(), kind: kind.to_owned(), params, groups })
    }

    /// The name of the library.
    pub fn library(&self) -> &str {
        &self.library
    }

    /// The name of the scheduler in its library.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The parameters, as they were given.
    pub fn params(&self) -> &Value {
        &self.params
    }

    /// One translation per parameter group, at least one.
    pub fn groups(&self) -> &[Translation] {
        &self.groups
    }
}

impl<'de> Deserialize<'de> for Dialect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename = "Dialect")]
        struct Stored {
            library: String,
            kind: String,
            params: Value,
        }
        let stored = Stored::deserialize(deserializer).map_err(show::error)?;
        Self::new(&stored.library, &stored.kind, stored.params).map_err(D::Error::custom)
    }
}
