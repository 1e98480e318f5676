//! burn 0.22.

use burn_0_22 as burn;
use burn_pack_0_22 as burn_pack;

/// For names in examples.
#[cfg(feature = "train")]
macro_rules! version {
    () => {
        "0_22"
    };
}

/// Keeps the first block (burn 0.23 and later) or the second (before).
#[cfg(feature = "train")]
macro_rules! since_0_23 {
    ({ $($since:tt)* } else { $($before:tt)* }) => { $($before)* };
}

#[path = "since_0_22/mod.rs"]
mod since_0_22;
#[cfg(feature = "train")]
pub use since_0_22::train;
