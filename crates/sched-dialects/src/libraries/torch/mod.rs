//! PyTorch 2.15: `torch.optim.lr_scheduler` and `torch.optim.swa_utils.SWALR`.
//!
//! `last_epoch` is a way of resuming: the schedule is the same, and goes on from step `last_epoch + 1`.

mod composite;
mod leaf;
mod member;
mod rule;

use rule::Rule;

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::{mode, only_lr, threshold_mode};
use crate::declare::{Default, Kind, Library, Param};
use sched_core::{Plateau, Schedule};

pub(super) const LIBRARY: Library = Library {
    name: "torch",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum").per_group(),
        Param::null("optimizer_betas"),
    ],
    kinds: &[
        Kind::old("StepLR", &[Param::required("step_size"), Param::number("gamma", 0.1), LAST_EPOCH], alone),
        Kind::old("MultiStepLR", &[Param::required("milestones"), Param::number("gamma", 0.1), LAST_EPOCH], alone),
        Kind::old("ConstantLR", &[Param::number("factor", 1.0 / 3.0), Param::int("total_iters", 5), LAST_EPOCH], alone),
        Kind::old(
            "LinearLR",
            &[
                Param::number("start_factor", 1.0 / 3.0),
                Param::number("end_factor", 1.0),
                Param::int("total_iters", 5),
                LAST_EPOCH,
            ],
            alone,
        ),
        Kind::old("ExponentialLR", &[Param::required("gamma"), LAST_EPOCH], alone),
        Kind::old("PolynomialLR", &[Param::int("total_iters", 5), Param::number("power", 1.0), LAST_EPOCH], alone),
        Kind::old("CosineAnnealingLR", &[Param::required("T_max"), Param::number("eta_min", 0.0), LAST_EPOCH], alone),
        Kind::old(
            "CosineAnnealingWarmRestarts",
            &[Param::required("T_0"), Param::int("T_mult", 1), Param::number("eta_min", 0.0), LAST_EPOCH],
            alone,
        ),
        Kind::old(
            "CyclicLR",
            &[
                Param::required("base_lr").per_group(),
                Param::required("max_lr").per_group(),
                Param::int("step_size_up", 2000),
                Param::null("step_size_down"),
                Param::text("mode", "triangular"),
                Param::number("gamma", 1.0),
                Param::null("scale_fn"),
                Param::text("scale_mode", "cycle"),
                Param::bool("cycle_momentum", true),
                Param::number("base_momentum", 0.8).per_group(),
                Param::number("max_momentum", 0.9).per_group(),
                LAST_EPOCH,
            ],
            alone,
        ),
        Kind::old(
            "OneCycleLR",
            &[
                Param::required("max_lr").per_group(),
                Param::null("total_steps"),
                Param::null("epochs"),
                Param::null("steps_per_epoch"),
                Param::number("pct_start", 0.3),
                Param::text("anneal_strategy", "cos"),
                Param::bool("cycle_momentum", true),
                Param::number("base_momentum", 0.85).per_group(),
                Param::number("max_momentum", 0.95).per_group(),
                Param::number("div_factor", 25.0),
                Param::number("final_div_factor", 1e4),
                Param::bool("three_phase", false),
                LAST_EPOCH,
            ],
            alone,
        ),
        Kind::old(
            "ReduceLROnPlateau",
            &[
                Param::text("mode", "min"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::number("threshold", 1e-4),
                Param::text("threshold_mode", "rel"),
                Param::int("cooldown", 0),
                Param::number("min_lr", 0.0).per_group(),
                Param::number("eps", 1e-8),
            ],
            reduce_lr_on_plateau,
        ),
        Kind::old(
            "SWALR",
            &[
                Param::required("swa_lr").per_group(),
                Param::int("anneal_epochs", 10),
                Param::text("anneal_strategy", "cos"),
                LAST_EPOCH,
            ],
            alone,
        ),
        Kind::old("LambdaLR", &[Param::required("lr_lambda"), LAST_EPOCH], alone),
        Kind::old("MultiplicativeLR", &[Param::required("lr_lambda"), LAST_EPOCH], alone),
        Kind::old(
            "SequentialLR",
            &[Param::required("schedulers"), Param::required("milestones"), LAST_EPOCH],
            composite::translate,
        ),
        Kind::old("ChainedScheduler", &[Param::required("schedulers")], composite::translate),
        Kind::old(
            "SWA_switch",
            &[Param::required("scheduler"), Param::required("swa_start"), Param::required("swa")],
            composite::translate,
        ),
    ],
};

const LAST_EPOCH: Param = Param { name: "last_epoch", default: Default::Int(-1), per_group: false };

/// A scheduler that has the optimizer for itself.
fn alone(p: &Params<'_>) -> Result<Translation, DialectError> {
    p.check(p.int("last_epoch")? >= -1, "last_epoch", "be -1 or more")?;
    let rule = Rule::read(p)?;
    let base = if rule.has_own_rates() { 0.0 } else { p.optimizer_lr()? };
    let invalid = |error| p.invalid(error);
    Ok(Translation {
        lr: rule.curve(base).map_err(invalid)?,
        momentum: rule.momentum().map_err(invalid)?,
        feedback: None,
        value: None,
    })
}

/// The rate is multiplied by `factor` after more than `patience` bad metrics; in `rel` mode with the sign of the best one,
/// so that of negative metrics worse ones may be better.
fn reduce_lr_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let factor = p.number("factor")?;
    p.check(factor < 1.0, "factor", "be below 1")?;
    let plateau = Plateau::new()
        .mode(mode(p)?)
        .factor(factor.max(0.0))
        .patience(p.count("patience")?)
        .threshold(p.number("threshold")?, threshold_mode(p, "threshold_mode")?)
        .cooldown(p.count("cooldown")?)
        .min_lr(p.number("min_lr")?.max(0.0))
        .eps(p.number("eps")?)
        .build();
    let plateau = plateau.map_err(|error| p.invalid(error))?;
    let lr = only_lr(p, Schedule::constant(p.optimizer_lr()?))?;
    Ok(Translation { feedback: Some(plateau.into()), ..lr })
}
