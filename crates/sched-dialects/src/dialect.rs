//! A scheduler of another library, as a file has it.

use sched_core::Value;
use sched_core::show::{self, nearest};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::declare::{DialectError, Library, Translation, translate};
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
    /// The library may be called as its package is, with a version or a module (`pytorch`, `torch==2.15.0`, `tf.keras`), and the
    /// scheduler as it is imported (`torch.optim.lr_scheduler.StepLR`) or, in transformers, by its `lr_scheduler_type`.
    ///
    /// ```
    /// use sched_dialects::{Dialect, Value};
    ///
    /// let params = Value::Map(vec![("optimizer_lr".into(), Value::Number(0.1)), ("step_size".into(), Value::Int(30))]);
    /// let dialect = Dialect::new("PyTorch", "torch.optim.lr_scheduler.StepLR", params)?;
    /// assert_eq!((dialect.library(), dialect.kind()), ("torch", "StepLR"));
    /// # Ok::<(), sched_dialects::DialectError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The library, the kind or a parameter does not exist, a parameter is missing or has the wrong type, the library
    /// itself would refuse it, or it is code.
    pub fn new(library: &str, kind: &str, params: Value) -> Result<Self, DialectError> {
        let (known, kind) = scheduler(library, kind)?;
        let groups = translate(known, kind, &params)?;
        Ok(Self { library: known.name.to_owned(), kind: kind.to_owned(), params, groups })
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

/// The library and the kind that go by these names.
pub(crate) fn scheduler(library: &str, kind: &str) -> Result<(&'static Library, &'static str), DialectError> {
    let unknown = || DialectError::UnknownLibrary {
        library: library.to_owned(),
        known: LIBRARIES.iter().map(|library| library.name).collect(),
        nearest: {
            let names = LIBRARIES.iter().flat_map(|library| [&[library.name], library.aliases].concat());
            nearest(library, &names.collect::<Vec<_>>())
        },
    };
    let known = LIBRARIES.iter().find(|known| known.is_called(library)).ok_or_else(unknown)?;
    // `keras.callbacks.ReduceLROnPlateau` is not PyTorch's.
    let is_other = |other: &Library| other.name != known.name && other.is_called(kind);
    match known.find(kind) {
        Some(found) if !(kind.contains('.') && LIBRARIES.iter().any(is_other)) => Ok((known, found.name)),
        _ => Err(known.unknown(kind)),
    }
}

impl<'de> Deserialize<'de> for Dialect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename = "Dialect")]
        struct Stored {
            #[serde(default, deserialize_with = "given")]
            library: Option<Value>,
            #[serde(default, deserialize_with = "given")]
            kind: Option<Value>,
            #[serde(default, deserialize_with = "given")]
            params: Option<Value>,
        }
        /// `null` is not the same as nothing.
        fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
            Value::deserialize(deserializer).map(Some)
        }
        fn name<E: Error>(field: &str, value: Option<Value>) -> Result<Option<String>, E> {
            match value {
                None => Ok(None),
                Some(Value::Text(name)) => Ok(Some(name)),
                Some(value) => Err(E::custom(format!("`{field}` is {value}, but must be a name"))),
            }
        }
        let stored = Stored::deserialize(deserializer).map_err(show::error)?;
        let missing = |field, example| {
            D::Error::custom(format!("`{field}` is not given; write which one it is, such as \"{example}\""))
        };
        let (library, kind) = match (name("library", stored.library)?, name("kind", stored.kind)?) {
            (Some(library), Some(kind)) => (library, kind),
            (Some(path), None) | (None, Some(path)) if path.contains('.') => (path.clone(), path),
            (None, _) => return Err(missing("library", "torch")),
            (_, None) => return Err(missing("kind", "StepLR")),
        };
        let params = stored.params.unwrap_or(Value::Map(Vec::new()));
        Self::new(&library, &kind, params).map_err(D::Error::custom)
    }
}
