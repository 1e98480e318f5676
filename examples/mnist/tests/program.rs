//! Runs the example on burn 0.21 as a user does.
#![cfg(any(feature = "ndarray", feature = "wgpu"))]

#[path = "../../mnist-shared/tests/program/mod.rs"]
mod program;

use program::{Program, text};

const PATH: &str = env!("CARGO_BIN_EXE_mnist");

#[test]
fn a_resumed_run_is_the_same_as_a_whole_one() {
    program::a_resumed_run_is_the_same_as_a_whole_one(PATH);
}

#[test]
fn the_rate_follows_the_validation_loss() {
    program::the_rate_follows_the_validation_loss(PATH);
}

#[test]
fn a_schedule_that_does_not_fit_the_run_is_named() {
    program::a_schedule_that_does_not_fit_the_run_is_named(PATH);
}

#[test]
fn layers_with_rates_of_their_own_are_refused() {
    let program = Program::new(PATH);
    let output = program.run("--layer-decay 0.5");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("--layer-decay is not supported here"), "{}", text(&output));
    assert!(!program.artefact("run.json").exists());
}

#[test]
fn a_rate_is_found_beside_a_run() {
    program::a_rate_is_found_beside_a_run(PATH);
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_goes_on_where_it_was() {
    program::an_interrupted_run_goes_on_where_it_was(PATH);
}

#[test]
#[cfg(unix)]
fn a_run_on_a_terminal_can_be_stopped() {
    program::terminal::a_run_can_be_stopped(PATH);
}

#[test]
fn the_same_seed_trains_the_same() {
    program::the_same_seed_trains_the_same(PATH);
}

#[test]
fn a_damaged_checkpoint_is_skipped() {
    program::a_damaged_checkpoint_is_skipped(PATH, "mpk");
}

#[test]
fn nothing_is_lost_by_accident() {
    program::nothing_is_lost_by_accident(PATH);
}

#[test]
fn help_explains_every_option() {
    program::help_explains_every_option(PATH);
}

#[test]
#[cfg(not(feature = "mnist-data"))]
fn real_images_need_a_feature() {
    program::real_images_need_a_feature(PATH);
}
