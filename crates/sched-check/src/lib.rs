//! The likely mistakes in a schedule file for a run: a schedule that ends long before the run or long after it, a rate that jumps or
//! never changes, a warmup that takes most of the run. Each [`Finding`] names the step and the rates, and a [`Fix`] that has been
//! tried: with it, the next check is quiet about the finding.
//!
//! ```
//! use sched_check::{Kind, Options, check};
//! use sched_core::Plan;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = sched_dialects::parse("ramp: {from: 0.1, to: 0.0, steps: 90, shape: cosine}", None)?;
//! let findings = check(&file, &Plan::new().epochs(90).steps_per_epoch(100), &Options::default())?;
//! assert_eq!((findings.len(), findings[0].kind, findings[0].step), (1, Kind::ScheduleTooShort, 90));
//! assert_eq!(findings[0].fix.to_string(), "set `ramp.steps` to \"90 epochs\" (now 90)");
//! # Ok(())
//! # }
//! ```

mod change;
mod check;
mod edit;
mod file;
mod finding;
mod fix;
mod kind;
mod mend;
mod rules;
mod run;

pub use check::{Options, check};
pub use edit::Edit;
pub use finding::{Finding, Quantity, Severity};
pub use fix::{Fix, Instead};
pub use kind::Kind;
