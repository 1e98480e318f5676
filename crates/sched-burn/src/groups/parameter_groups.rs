//! What layer-wise decay asks of a burn whose scheduler has parameter groups.

use super::error::GroupError;
use crate::scheduler::Scheduler;

/// A model of such a burn. `S` is that burn's scheduler, so one model type implements the trait for its own burn only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Module` of a burn that has parameter groups",
    label = "not a `Module` of burn 0.22 or later",
    note = "enable the feature of `sched-burn` for the burn that the model is made with, such as `burn-0_23`",
    note = "burn 0.21 has no parameter groups; use `LayerDecay::optimizer` there"
)]
pub trait ParameterGroups<S> {
    /// The paths of the parameters that an optimizer changes.
    fn parameters(&self) -> Vec<String>;

    /// `scheduler` for all parameters but those that match a group's regular expression; the last match counts.
    ///
    /// # Errors
    ///
    /// burn does not accept an expression.
    fn grouped(scheduler: Scheduler, groups: Vec<(String, Scheduler)>) -> Result<S, GroupError>;
}
