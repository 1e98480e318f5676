//! How a library's scheduler is declared: its parameters once, as a struct, and what they make beside it.
//!
//! # To add a kind
//!
//! 1. In the library's file, declare it with [`params!`] under the library's own names, and say what it is here:
//!
//!    ```ignore
//!    params! {
//!        /// `lr * gamma^floor(t / step_size)`.
//!        struct StepLR {
//!            step_size: u64 where ABOVE_0,          // must be given, and follow a rule
//!            gamma: f64 where BELOW_1 = 0.1,        // has a default
//!            min_lr: Option<f64>,                   // is `None` unless given
//!            max_lr: PerGroup<f64> = 1.0,           // may be a list, one element for each parameter group
//!            mode: PlateauMode = "min",             // is a choice of words, see `words!`
//!            _verbose: Ignored = false,             // has no influence on the rate: any value will do
//!            ..momentum: Momentum,                  // a block of parameters that several kinds share, also by `params!`
//!            .._resume: Resume,                     // a block that is only checked
//!        }
//!    }
//!
//!    impl Scheduler for StepLR {
//!        fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
//!            Self::gamma.must(self.gamma != 0.0, "not be 0, which torch divides by")?;
//!            Ok(Schedule::step(Optimizer::lr(cx)?, self.step_size, self.gamma)?.into())
//!        }
//!    }
//!    ```
//!
//!    `self.gamma` is the value, `Self::gamma` the parameter itself: an error made from it names the parameter, what the
//!    user wrote and the rule, and a misspelt one does not compile. (So no method may have a parameter's name.) A
//!    `ScheduleError` becomes a [`Refusal`] with `?`, but it has our names: give a rule to what goes into a schedule as it is.
//!    Lists of [`PerGroup`] say how many parameter groups there are; where none does, `Scheduler::groups` may.
//! 2. Add it to the library's list, [`library!`].
//!
//! # To add a library
//!
//! Its file in `libraries/`, and there its `mod` and its line in `LIBRARIES`.
//!
//! # Schedulers made of schedulers
//!
//! A parameter of type [`Member`] is another scheduler, `{"kind", "params"}`; [`Kwargs`] is one whose kind is known.
//! [`Context::member`] is what is given to it, for the same optimizer and parameter group, and [`Context::translate`]
//! translates it. A composite that must know more of its members matches on the enum that `library!` makes when asked to.
//! What such a composite does with a member goes into [`Context::attempt`] of the member's context, so that errors are told
//! as the member's.

mod context;
mod error;
mod param;
mod params;
mod rule;
#[cfg(test)]
mod tests;
mod translation;
mod value;

pub(crate) use context::{Context, NOT_GIVEN, Params, Scheduler, groups, library, translate};
pub use context::{Kind, Library};
pub use error::DialectError;
pub(crate) use error::Refusal;
pub use param::Param;
pub(crate) use params::{concat, params, total};
pub(crate) use rule::{
    ABOVE_0, ABOVE_0_BELOW_1, AT_LEAST_0, AT_LEAST_MINUS_1, BELOW_1, BETWEEN_0_AND_1, FRESH, Numbers,
};
pub use translation::Translation;
pub use value::Default;
pub(crate) use value::{FromValue, Ignored, Kwargs, Literal, Member, PerGroup, one_of, words};
