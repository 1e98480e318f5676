//! The subcommands: each has its options as `Args` and does its work in `run`.

pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod lr;
pub(crate) mod plot;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod watch;
