//! The schedulers of other libraries, by their own names, parameters, defaults and boundary counting.
//!
//! A [`Dialect`] is what somebody has today: a library, one of its kinds, and that kind's parameters. It becomes
//! sched-core's own data, one [`Translation`] per parameter group. As a file:
//!
//! ```
//! use sched_dialects::Dialect;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dialect: Dialect = serde_json::from_str(
//!     r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": 30, "gamma": 0.5}}"#,
//! )?;
//! let lr = &dialect.groups()[0].lr;
//! assert_eq!([0, 29, 30, 60].map(|t| lr.at(t)), [0.1, 0.1, 0.05, 0.025]);
//!
//! let error = serde_json::from_str::<Dialect>(
//!     r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_siez": 30}}"#,
//! );
//! assert!(error.unwrap_err().to_string().contains("`step_size`"));
//! # Ok(())
//! # }
//! ```
//!
//! Wherever the library defines a value, it is the same here. Past the range that its own documentation defines, a
//! negative or runaway rate or an exception becomes the last defined value, held.
//!
//! A parameter that the library takes once per parameter group may be a list here too; the number of groups is the length
//! of those lists. What the library reads from the optimizer is given as `optimizer_lr` and the like.

mod cycles;
mod error;
mod fairseq;
mod fastai;
mod forms;
mod ignite;
mod keras;
mod mmengine;
mod optax;
mod paddle;
mod params;
mod pytorch_optimizer;
mod timm;
mod torch;
mod transformers;

pub use error::DialectError;
pub use params::{Default, Kind, Library, Param};
pub use sched_core::Value;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use sched_core::{Feedback, Schedule};

/// All libraries, with their kinds and the parameters and defaults of each.
pub const LIBRARIES: &[Library] = &[
    torch::LIBRARY,
    optax::LIBRARY,
    timm::LIBRARY,
    transformers::LIBRARY,
    keras::LIBRARY,
    paddle::LIBRARY,
    fairseq::LIBRARY,
    mmengine::LIBRARY,
    ignite::LIBRARY,
    fastai::LIBRARY,
    pytorch_optimizer::LIBRARY,
];

/// A scheduler of another library, and what it is here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dialect {
    library: String,
    kind: String,
    params: Value,
    #[serde(skip)]
    groups: Vec<Translation>,
}

/// What a parameter group of another library's scheduler is here.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The learning rate.
    pub lr: Schedule,
    /// The momentum, or the first beta, where the scheduler drives it.
    pub momentum: Option<Schedule>,
    /// The rule that follows a metric, where the scheduler has one; it multiplies the learning rate.
    pub feedback: Option<Feedback>,
    /// Another quantity that follows the learning rate: what pytorch_optimizer's `ProportionScheduler` gives.
    pub value: Option<Schedule>,
}

impl Dialect {
    /// A library's scheduler, by its name and parameters; `params` is a [`Value::Map`].
    ///
    /// # Errors
    ///
    /// The library, the kind or a parameter does not exist, a parameter is missing or has the wrong type, the library
    /// itself would refuse it, or it is code.
    pub fn new(library: &str, kind: &str, params: Value) -> Result<Self, DialectError> {
        let groups = params::translate(library, kind, &params)?;
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
        let stored = Stored::deserialize(deserializer)?;
        Self::new(&stored.library, &stored.kind, stored.params).map_err(D::Error::custom)
    }
}

impl Translation {
    /// Only a learning rate.
    pub(crate) fn lr(lr: Schedule) -> Self {
        Self { lr, momentum: None, feedback: None, value: None }
    }
}
