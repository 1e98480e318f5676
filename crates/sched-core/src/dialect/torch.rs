//! PyTorch 2.15: `torch.optim.lr_scheduler` and `torch.optim.swa_utils.SWALR`.

use super::Translation;
use super::error::DialectError;
use super::params::{Kind, Library, Param, Params};
use crate::schedule::Schedule;

pub(super) const LIBRARY: Library = Library {
    name: "torch",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum").per_group(),
        Param::null("optimizer_betas"),
    ],
    kinds: &[Kind {
        name: "StepLR",
        params: &[Param::required("step_size"), Param::number("gamma", 0.1)],
        build: step_lr,
    }],
};

/// `lr * gamma^floor(t / step_size)`.
fn step_lr(p: &Params<'_>) -> Result<Translation, DialectError> {
    let schedule = Schedule::step(p.optimizer_lr()?, p.count("step_size")?, p.number("gamma")?);
    Ok(Translation::lr(schedule.map_err(|error| p.invalid(error))?))
}
