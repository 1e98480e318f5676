//! Whole files as people have them, with the rates that the peer's program uses.

use sched_core::{Plan, Schedule};
use sched_dialects::{Found, KINDS, read};
use serde::Deserialize;

/// A file, what the run knows beside it, and the rates at some updates; or that the peer fails on it.
#[derive(Deserialize)]
struct Case {
    id: String,
    peer: String,
    text: String,
    plan: Plan,
    group: Option<usize>,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    steps: Vec<u64>,
    #[serde(default)]
    lr: Vec<f64>,
    #[serde(default)]
    rtol: f64,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../fixtures/cases/files.json")).unwrap()
}

#[test]
fn every_file_has_the_rates_of_its_peer() {
    let failures: Vec<String> = cases().iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_kind_of_file_has_a_case() {
    let found: Vec<_> = cases().iter().filter_map(|case| Some(read(&case.text, &case.plan).ok()?.kind)).collect();
    let without: Vec<_> = KINDS.iter().filter(|kind| !kind.is_own && !found.contains(&kind.name)).collect();
    assert!(without.is_empty(), "{without:?}");
}

fn check(case: &Case) -> Result<(), String> {
    let name = format!("{} ({})", case.id, case.peer);
    let Found { groups, .. } = match read(&case.text, &case.plan) {
        Ok(_) if case.error => return Err(format!("{name}: the peer fails, but this is read")),
        Err(_) if case.error => return Ok(()),
        found => found.map_err(|error| format!("{name}: {error}"))?,
    };
    let lr = &groups.get(case.group.unwrap_or(0)).ok_or(format!("{name}: has {} groups", groups.len()))?.lr;
    for (&step, &expected) in case.steps.iter().zip(&case.lr) {
        let rate = lr.at(step);
        if (rate - expected).abs() > case.rtol * expected.abs() {
            return Err(format!("{name}: at step {step} it is {rate:e}, expected {expected:e}"));
        }
    }
    Ok(())
}

/// A scheduler's parameters without the run's numbers, a plan that has them, and the same numbers as parameters.
const RUNS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "icefall",
        "Eden",
        r#""optimizer_lr": 0.1, "lr_batches": 9, "lr_epochs": 3"#,
        r#""steps_per_epoch": 7"#,
        r#""steps_per_epoch": 7"#,
    ),
    (
        "composer",
        "LinearWithWarmupScheduler",
        r#""optimizer_lr": 0.1, "t_warmup": "1ep""#,
        r#""steps_per_epoch": 7, "epochs": 4"#,
        r#""steps_per_epoch": 7, "max_duration": "28ba""#,
    ),
    (
        "mmcv",
        "poly",
        r#""optimizer_lr": 0.1, "min_lr": 0.001"#,
        r#""epochs": 4, "total_steps": 28"#,
        r#""steps_per_epoch": 7, "max_epochs": 4"#,
    ),
    (
        "mmcv",
        "poly",
        r#""optimizer_lr": 0.1, "runner": "IterBasedRunner""#,
        r#""total_steps": 28"#,
        r#""max_iters": 28"#,
    ),
    (
        "torchtitan",
        "lr_scheduler",
        r#""optimizer_lr": 0.1, "warmup_steps": 9"#,
        r#""total_steps": 28"#,
        r#""training_steps": 28"#,
    ),
    (
        "transformers",
        "get_linear_schedule_with_warmup",
        r#""optimizer_lr": 0.1, "num_warmup_steps": 9"#,
        r#""steps_per_epoch": 7, "epochs": 4"#,
        r#""num_training_steps": 28"#,
    ),
    (
        "torchtune",
        "get_cosine_schedule_with_warmup",
        r#""optimizer_lr": 0.1, "num_warmup_steps": 9"#,
        r#""total_steps": 28"#,
        r#""num_training_steps": 28"#,
    ),
    ("deepspeed", "WarmupDecayLR", r#""warmup_num_steps": 9"#, r#""total_steps": 28"#, r#""total_num_steps": 28"#),
    ("nemo", "CosineAnnealing", r#""optimizer_lr": 0.1"#, r#""total_steps": 28"#, r#""max_steps": 28"#),
    ("fastai", "SchedCos", r#""start": 0.1, "end": 0.01"#, r#""total_steps": 28"#, r#""total_steps": 28"#),
    (
        "fvcore",
        "CosineParamScheduler",
        r#""start_value": 0.1, "end_value": 0.01"#,
        r#""total_steps": 28"#,
        r#""total_steps": 28"#,
    ),
    ("caffe", "poly", r#""base_lr": 0.1, "power": 1"#, r#""total_steps": 28"#, r#""max_iter": 28"#),
    ("darknet", "poly", r#""learning_rate": 0.1"#, r#""total_steps": 28"#, r#""max_batches": 28"#),
    ("torch", "OneCycleLR", r#""max_lr": 0.1"#, r#""steps_per_epoch": 7, "epochs": 4"#, r#""total_steps": 28"#),
    (
        "PyTorch",
        "torch.optim.lr_scheduler.OneCycleLR",
        r#""max_lr": 0.1"#,
        r#""steps_per_epoch": 7, "epochs": 4"#,
        r#""total_steps": 28"#,
    ),
    (
        "megatron",
        "arguments",
        r#""lr": 0.1, "min_lr": 0.01, "lr_decay_style": "cosine""#,
        r#""total_steps": 28"#,
        r#""train_iters": 28"#,
    ),
    // An update takes four batches.
    (
        "ultralytics",
        "train",
        r#""optimizer": "SGD", "batch": 16, "epochs": 9"#,
        r#""steps_per_epoch": 7"#,
        r#""steps_per_epoch": 28"#,
    ),
    (
        "lightning_bolts",
        "LinearWarmupCosineAnnealingLR",
        r#""optimizer_lr": 0.1, "warmup_epochs": 2"#,
        r#""epochs": 9"#,
        r#""max_epochs": 9"#,
    ),
];

#[test]
fn a_plan_beside_a_scheduler_counts_like_its_parameters() {
    let none = Plan::new();
    let path = r#"{"kind": "torch.optim.lr_scheduler.OneCycleLR", "params": {"max_lr": 1}, "plan": {"steps_per_epoch": 7, "epochs": 4}}"#;
    assert!(read(path, &none).is_ok());
    for (library, kind, params, plan, same) in RUNS {
        let file = |params: &str, plan: &str| {
            format!(r#"{{"library": "{library}", "kind": "{kind}", "params": {{{params}}}, "plan": {{{plan}}}}}"#)
        };
        let with_params = read(&file(&format!("{params}, {same}"), ""), &none).unwrap().groups;
        let beside: Plan = serde_json::from_str(&format!("{{{plan}}}")).unwrap();
        assert_eq!(read(&file(params, plan), &none).unwrap().groups, with_params, "{library}.{kind}");
        assert_eq!(read(&file(params, ""), &beside).unwrap().groups, with_params, "{library}.{kind}");
        // What the file says takes precedence, and without either it is asked for.
        let other = Plan::new().steps_per_epoch(1_000).epochs(1);
        assert_eq!(
            read(&file(&format!("{params}, {same}"), ""), &other).unwrap().groups,
            with_params,
            "{library}.{kind}"
        );
        let error = read(&file(params, ""), &none).unwrap_err().to_string();
        assert!(error.contains("not given"), "{library}.{kind}: {error}");
    }
}

/// Where PyTorch takes a number of epochs that is not whole, samples are no whole number of updates.
#[test]
fn samples_in_a_dialect_file_need_not_be_whole_updates() {
    let groups = |params: &str, rounding: &str| {
        let plan = format!(r#""plan": {{"batch": 2048, "total_steps": 1000{rounding}}}"#);
        read(&format!(r#"{{"library": "torch", {params}, {plan}}}"#), &Plan::new()).unwrap().groups
    };
    let cosine =
        |t_max: &str| format!(r#""kind": "CosineAnnealingLR", "params": {{"optimizer_lr": 0.1, "T_max": {t_max}}}"#);
    assert_eq!(groups(&cosine(r#""183105 samples""#), ""), groups(&cosine("89.40673828125"), ""));
    assert_eq!(groups(&cosine(r#""183105 samples""#), r#", "rounding": "up""#), groups(&cosine("90"), ""));
    assert_eq!(groups(&cosine(r#""8.95 %""#), ""), groups(&cosine("90"), "")); // 89.5
    assert_eq!(groups(&cosine(r#""8.95 %""#), r#", "rounding": "down""#), groups(&cosine("89"), ""));
    let swa = |epochs: &str| {
        format!(r#""kind": "SWALR", "params": {{"optimizer_lr": 0.1, "swa_lr": 0.01, "anneal_epochs": {epochs}}}"#)
    };
    assert_eq!(groups(&swa(r#""183105 samples""#), ""), groups(&swa("89"), "")); // which must be whole
    let chained = |steps: &str| {
        let member = format!(r#"{{"kind": "LinearLR", "params": {{"total_iters": {steps}}}}}"#);
        format!(r#""kind": "ChainedScheduler", "params": {{"optimizer_lr": 0.1, "schedulers": [{member}]}}"#)
    };
    assert_eq!(groups(&chained(r#""183105 samples""#), ""), groups(&chained("89.40673828125"), ""));
}

#[test]
fn an_interval_says_what_a_file_counts() -> Result<(), Box<dyn std::error::Error>> {
    let step = |rest: &str| {
        let params = r#"{"optimizer_lr": 0.1, "step_size": 30, "gamma": 0.5}"#;
        read(&format!(r#"{{"library": "torch", "kind": "StepLR", "params": {params}{rest}}}"#), &Plan::new())
    };
    let epochs = step(r#", "interval": "epoch", "plan": {"steps_per_epoch": 500}"#)?;
    assert_eq!(epochs.groups[0].lr, Schedule::step(0.1, 30, 0.5)?.per_epoch(500)?);
    assert_eq!(step(r#", "interval": "step""#)?.groups, step("")?.groups);
    assert_eq!(step("")?.groups[0].lr, Schedule::step(0.1, 30, 0.5)?);
    // Durations and the run's numbers are epochs then, too.
    let ours = r#"{"schedule": {"ramp": {"from": 1, "to": 0, "steps": "50 %"}}, "interval": "epoch",
        "plan": {"steps_per_epoch": 5, "total_steps": 100}}"#;
    let expected = Schedule::linear(1.0, 0.0, 10)?.per_epoch(5)?;
    assert_eq!(read(ours, &Plan::new())?.groups[0].lr, expected);
    let bolts = r#"{"library": "lightning_bolts", "kind": "LinearWarmupCosineAnnealingLR", "interval": "epoch",
        "params": {"optimizer_lr": 0.1, "warmup_epochs": 2}, "plan": {"steps_per_epoch": 5, "epochs": 9}}"#;
    let same = bolts.replace(r#""warmup_epochs": 2}"#, r#""warmup_epochs": 2, "max_epochs": 9}"#);
    assert_eq!(read(bolts, &Plan::new())?.groups, read(&same, &Plan::new())?.groups);
    for (rest, says) in [
        (r#", "interval": "epoch""#, "`steps_per_epoch`"),
        (r#", "interval": "week""#, "`interval` is \"week\", but must be `step` or `epoch`"),
        (r#", "interval": 5"#, "`interval` is 5, but must be `step` or `epoch`"),
    ] {
        let error = step(rest).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    Ok(())
}

#[test]
fn a_trainers_file_tells_the_length_of_the_run() -> Result<(), Box<dyn std::error::Error>> {
    let hf = |rest: &str| format!(r#"{{"lr_scheduler_type": "constant", "learning_rate": 1e-3, {rest}}}"#);
    let steps = |file: &str, plan: Plan| read(file, &plan).map(|found| found.plan.run_steps().ok());
    let per_epoch = Plan::new().steps_per_epoch(100);
    // Trainer: `max_steps`, if it is above 0, overrides `num_train_epochs`.
    assert_eq!(steps(&hf(r#""max_steps": 500"#), Plan::new())?, Some(500));
    assert_eq!(steps(&hf(r#""max_steps": 500, "num_train_epochs": 9"#), per_epoch)?, Some(500));
    assert_eq!(steps(&hf(r#""max_steps": -1, "num_train_epochs": 9.0"#), per_epoch)?, Some(900));
    assert_eq!(steps(&hf(r#""num_train_epochs": 9"#), Plan::new())?, None);
    // What the run itself knows takes precedence.
    assert_eq!(steps(&hf(r#""max_steps": 500"#), Plan::new().total_steps(70))?, Some(70));
    assert_eq!(steps(&hf(r#""max_steps": 500"#), per_epoch.epochs(3))?, Some(300));
    let detectron2 = "SOLVER:\n  BASE_LR: 0.02\n  MAX_ITER: 270000\n  STEPS: [210000, 250000]\n";
    assert_eq!(steps(detectron2, Plan::new())?, Some(270_000));
    Ok(())
}
