//! `sched inspect` and `sched convert` on files of PyTorch's.

use std::fs;
use std::path::PathBuf;

use sched_core::{Schedule, Scheduler};
use serde_json::{Value, json};

use crate::common::Folder;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sched-torch/tests/fixtures").join(name)
}

/// A folder with this checkpoint as `x.pt`.
fn with(name: &str) -> Folder {
    let folder = Folder::with([
        ("curve.json", r#"{"exponential": {"initial": 0.1, "gamma": 0.95, "decay_steps": 1}}"#),
        ("metrics.json", "[1, null, 1, 1]"),
    ]);
    fs::copy(fixture(name), folder.path("x.pt")).unwrap();
    folder
}

fn inspect(folder: &Folder, args: &str) -> Value {
    serde_json::from_str(&folder.stdout(&format!("inspect x.pt --json {args}"))).unwrap()
}

/// The rates are held to PyTorch's in sched-torch; here is what the command makes of them.
#[test]
fn every_group_of_a_checkpoint_is_shown() {
    let report = inspect(&with("state_dicts/OneCycleLR-g2-k15.checkpoint.pt"), "--next 51");
    let torch = &report["torch"];
    assert_eq!([&torch["class"], &torch["class_is_inferred"]], [&json!("OneCycleLR"), &json!(true)]);
    assert_eq!([&torch["key"], &torch["optimizer_key"]], ["scheduler_state_dict", "optimizer_state_dict"]);
    let index: Value = serde_json::from_slice(&fs::read(fixture("state_dicts/index.json")).unwrap()).unwrap();
    let is_it = |entry: &&Value| entry["files"]["scheduler"] == "OneCycleLR-g2-k15.scheduler.pt";
    let entry = index.as_array().unwrap().iter().find(is_it).unwrap();
    for (g, state) in report["states"].as_array().unwrap().iter().enumerate() {
        assert_eq!((&state["group"], &state["position"]), (&json!(g.to_string()), &json!(15)));
        for (ours, theirs) in [("next_lr", "next_lrs"), ("next_momentum", "next_momentum")] {
            let (ours, theirs) = (state[ours].as_array().unwrap(), entry[theirs][g].as_array().unwrap());
            assert_eq!((ours.len(), theirs.len()), (51, 51));
            for (ours, theirs) in ours.iter().zip(theirs) {
                let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
                assert!((ours - theirs).abs() <= 1e-12 * theirs, "{ours} {theirs}");
            }
        }
    }
}

#[test]
fn a_plateau_observes_metrics_from_the_option_or_a_file() {
    let folder = with("state_dicts/ReduceLROnPlateau-g1-k12.scheduler.pt");
    let next = |args: &str| inspect(&folder, args)["states"][0]["next_lr"].clone();
    // Patience 2: the third bad one counts.
    assert_eq!(next("--next 5 --metrics 1,1,1"), json!([0.1, 0.1, 0.1, 0.05, 0.05]));
    assert_eq!(next("--next 5 --metrics metrics.json"), json!([0.1, 0.1, 0.1, 0.1, 0.05]));
    assert_eq!(next("--next 2"), json!([0.1, 0.1]));
    let error = with("state_dicts/StepLR-g1-k7.scheduler.pt").refusal("inspect x.pt --metrics 1");
    assert!(error.contains("`--metrics` needs a rule"), "{error}");
}

#[test]
fn code_is_asked_for_and_taken_from_a_schedule_file() {
    let folder = with("state_dicts/LambdaLR-function-g1-k5.checkpoint.pt");
    let error = folder.refusal("inspect x.pt");
    assert!(error.contains("`--schedule FILE`") && error.contains("position: 5"), "{error}");
    let report = inspect(&folder, "--next 1 --schedule curve.json");
    let rate = report["states"][0]["next_lr"][0].as_f64().unwrap();
    assert!((rate - 0.07737809374999999).abs() < 1e-16, "{rate}");
}

#[test]
fn options_for_files_of_pytorch_are_refused_for_others() {
    let folder = Folder::with([("x.json", "{}")]);
    let error = folder.refusal("inspect x.json --class StepLR");
    assert!(error.contains("are for files of torch.save"), "{error}");
    let error = with("drift/lightning.pt").refusal("inspect x.pt");
    assert!(error.contains("2 schedulers: `lr_schedulers.0`, `lr_schedulers.1`"), "{error}");
    let report = inspect(&with("drift/lightning.pt"), "--key lr_schedulers.1 --class ExponentialLR");
    assert_eq!(report["torch"]["class_is_inferred"], false);
    let error = with("drift/lightning.pt").refusal("inspect x.pt --max-bytes 100");
    assert!(error.contains("the limit of 100"), "{error}");
}

#[test]
fn text_reports_say_how_the_file_was_understood() {
    let text = with("state_dicts/SWALR-g2-k6.scheduler.pt").stdout("inspect x.pt --next 2");
    insta::assert_snapshot!(text);
}

#[test]
fn a_state_becomes_a_state_dict_and_comes_back() {
    let mut scheduler = Scheduler::new(Schedule::step(0.1, 30, 0.5).unwrap());
    scheduler.seek(45);
    let folder = Folder::with([("x.json", &serde_json::to_string(&scheduler.state()).unwrap())]);
    let output = folder.sched("convert x.json -o x.pt").assert().success().stdout("").get_output().clone();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("`StepLR(optimizer, step_size=30, gamma=0.5)`"), "{message}");
    let report = inspect(&folder, "--next 1");
    assert_eq!(report["torch"]["class"], "StepLR");
    assert_eq!(report["states"][0]["state"], serde_json::to_value(scheduler.state()).unwrap());

    let warmup = Scheduler::new(Schedule::linear(0.0, 0.1, 5).unwrap());
    fs::write(folder.path("y.json"), serde_json::to_string(&warmup.state()).unwrap()).unwrap();
    let error = folder.refusal("convert y.json -o y.pt");
    assert!(error.contains("LinearLR cannot start at 0") && !folder.path("y.pt").exists(), "{error}");
}

#[test]
fn the_scheduler_of_a_checkpoint_is_copied() {
    let folder = with("state_dicts/LambdaLR-callable-g2-k6.checkpoint.pt");
    folder.sched("convert x.pt -o scheduler.bin").assert().success().stderr("");
    fs::rename(folder.path("scheduler.bin"), folder.path("x.pt")).unwrap();
    let error = folder.refusal("inspect x.pt");
    assert!(error.contains("position: 6, with base rates [0.1, 0.01]"), "{error}");
    let error = folder.refusal("convert x.pt -o y.pt --key nowhere");
    assert!(error.contains("`nowhere` is not in the file"), "{error}");
}
