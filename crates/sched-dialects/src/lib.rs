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

mod declare;
mod dialect;
mod files;
mod libraries;
mod shared;

pub use declare::{Default, DialectError, Kind, Library, Param, Translation};
pub use dialect::Dialect;
pub use files::{FileError, Found, KINDS, Place, Syntax, parse, places, read, read_value, to_yaml};
pub use libraries::{LIBRARIES, TorchGroup, TorchProgress, resume_torch, run_torch};
pub use sched_core::Value;
