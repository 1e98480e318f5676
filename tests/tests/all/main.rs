//! What schedules, rules and files must do.

mod accuracy;
mod book;
mod coming_from;
mod conformance;
mod early_stopping;
mod errors;
mod factors;
mod faults;
mod files;
mod functions;
mod gallery;
mod golden_torch;
mod hostile_text;
mod messages;
mod own_rule;
mod range_test;
mod rule_files;
mod send_sync;
mod staircases;
