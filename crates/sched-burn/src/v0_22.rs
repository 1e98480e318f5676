//! burn 0.22.

use burn_0_22 as burn;

#[path = "since_0_22/mod.rs"]
mod since_0_22;
#[cfg(feature = "train")]
pub use since_0_22::train;
