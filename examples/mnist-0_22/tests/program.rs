//! Runs the example on burn 0.22 as a user does.
#![cfg(any(feature = "ndarray", feature = "wgpu"))]

#[path = "../../mnist-shared/tests/program/mod.rs"]
mod program;

use program::{Program, column, numbers, rates, schedule_file, text};

const PATH: &str = env!("CARGO_BIN_EXE_mnist-0_22");

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
fn every_layer_has_its_part_of_the_rate() {
    let (whole, parts) = (Program::new(PATH), Program::new(PATH));
    let schedule = schedule_file(whole.directory.path());
    let options = format!("{schedule} --layer-decay 0.5 --plateau --patience 0");
    whole.finish(&format!("--epochs 3 {options}"));
    let history = whole.history();
    assert_eq!(history.lines().next(), Some("step,lr,loss,lr_conv1,lr_conv2"));
    let lr = numbers(rates(&history));
    assert_eq!(lr.len(), 12);
    // Halving is exact.
    assert_eq!(numbers(column(&history, 3)), lr.iter().map(|lr| 0.25 * lr).collect::<Vec<_>>());
    assert_eq!(numbers(column(&history, 4)), lr.iter().map(|lr| 0.5 * lr).collect::<Vec<_>>());
    let svg = whole.text("lr.svg");
    assert!(["conv1", "conv2", "linear"].iter().all(|layer| svg.contains(layer)));

    parts.finish(&format!("--epochs 1 {options}"));
    let refused = text(&parts.run("--resume --layer-decay 0.75"));
    assert!(refused.contains("--layer-decay is 0.75, but the run was started with 0.5"), "{refused}");
    parts.finish("--resume --epochs 3");
    assert_eq!(parts.history(), history);

    let plain = Program::new(PATH);
    plain.finish(&format!("--epochs 1 {schedule}"));
    assert_ne!(column(&plain.history(), 2)[1], column(&history, 2)[1], "layer decay changes what is learnt");
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
    program::a_damaged_checkpoint_is_skipped(PATH, "bpk");
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
