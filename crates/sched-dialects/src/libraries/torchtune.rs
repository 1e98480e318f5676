//! torchtune 0.6: `torchtune.training.lr_schedulers`, which has a copy of one of transformers' functions.

use super::transformers::get_cosine_schedule_with_warmup;
use crate::declare::library;
use crate::shared::Optimizer;

library! {
    "torchtune" with Optimizer:
    get_cosine_schedule_with_warmup,
}
