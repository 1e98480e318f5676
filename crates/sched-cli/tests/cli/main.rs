//! Runs the `sched` command as its users do.

mod book;
mod check;
mod common;
mod convert;
mod diff;
mod examples;
mod files;
mod inspect;
mod list;
mod lr;
mod mistakes;
mod plot;
mod run;
mod schema;
mod show;
mod torch;
mod trainers;
mod watch;
