#![doc = concat!("What takes part in a training with burn's `Learner`, for the feature `burn-", version!(), "`.")]

mod factor;
mod find_lr;
mod loader;
mod logger;
mod training;

pub use find_lr::{find_lr, find_lr_with};
pub use training::supervised_training;

use super::burn;
