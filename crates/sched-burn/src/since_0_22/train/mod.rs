#![doc = concat!("What takes part in a training with burn's `Learner`, for the feature `burn-", version!(), "`.")]

mod checkpoint;
mod epoch_lines;
mod epochs;
mod factor;
mod find_lr;
mod learning_rates;
mod loader;
mod logger;
mod scalar_logger;
mod training;

pub use checkpoint::{newest_checkpoint, write_scheduler};
pub use epoch_lines::EpochLines;
pub use find_lr::{find_lr, find_lr_with};
pub use scalar_logger::ScalarLogger;
pub use training::supervised_training;

use super::{burn, burn_pack, lr_scheduler};
