//! `sched lr`.

use predicates::str::contains;
use serde_json::{Value, json};

use crate::common::{COSINE, Folder, STEP_LR};

fn json(folder: &Folder, args: &str) -> Value {
    serde_json::from_str(&folder.stdout(&format!("{args} --format json"))).unwrap()
}

#[test]
fn csv_has_shortest_round_trip_floats() {
    let folder = Folder::with([("cosine.json", COSINE)]);
    let lines = folder.stdout("lr cosine.json --at 0,1,499,500,9000");
    assert_eq!(lines, "step,lr\n0,0.0\n1,0.0002\n499,0.0998\n500,0.1\n9000,0.00001\n");
}

#[test]
fn the_whole_run_is_the_default() {
    let folder = Folder::with([("cosine.json", COSINE), ("line.toml", "[ramp]\nfrom = 1\nto = 0\nsteps = 4\n")]);
    assert_eq!(folder.stdout("lr cosine.json").lines().count(), 1 + 9_000);
    assert_eq!(json(&folder, "lr line.toml"), json!({"steps": [0, 1, 2, 3, 4], "lr": [1.0, 0.75, 0.5, 0.25, 0.0]}));
    assert_eq!(json(&folder, "lr line.toml --at 0..5:2")["steps"], json!([0, 2, 4]));
    assert_eq!(json(&folder, "lr line.toml --total-steps 2")["lr"], json!([1.0, 0.75]));
    assert_eq!(json(&folder, "lr line.toml --at 3..3"), json!({"steps": [], "lr": []}));
    let late = u64::MAX;
    assert_eq!(json(&folder, &format!("lr line.toml --at {late}")), json!({"steps": [late], "lr": [0.0]}));
}

#[test]
fn steps_are_chosen_one_by_one_and_in_ranges() {
    let folder = Folder::with([("line.toml", "[ramp]\nfrom = 1\nto = 0\nsteps = 4\n")]);
    assert_eq!(json(&folder, "lr line.toml --at 9,1..3,0..5:2")["steps"], json!([9, 1, 2, 0, 2, 4]));
    // A stride is not added past the last step of all.
    let last = format!("lr line.toml --at {}..{}:9", u64::MAX - 1, u64::MAX);
    assert_eq!(json(&folder, &last)["steps"], json!([u64::MAX - 1]));
    for wrong in ["-1", "5..3", "0..5:0", "1.5", "5:2", "", "1,,2"] {
        let error = folder.refusal(&format!("lr line.toml --at={wrong}"));
        assert!(error.contains("'--at <STEPS>': must be a step, counted from 0, or FROM..TO"), "{wrong}: {error}");
    }
    let error = folder.refusal("lr line.toml --at -1");
    assert!(error.contains("invalid value '-1' for '--at <STEPS>': must be a step, counted from 0"), "{error}");
}

#[test]
fn without_a_run_the_schedules_own_numbers_tell_how_much_is_printed() {
    let cosine =
        r#"{"library": "torch", "kind": "CosineAnnealingLR", "params": {"optimizer_lr": 0.1, "T_max": 10000}}"#;
    let folder = Folder::with([
        ("cosine.json", cosine),
        ("decay.json", r#"{"exponential": {"initial": 1, "gamma": 0.1, "decay_steps": 20}}"#),
        ("constant.json", r#"{"constant": 1}"#),
    ]);
    for (file, steps, why) in [
        (
            "cosine.json",
            10_001,
            "shows 10001 steps, enough to see a schedule that never ends; give the length of the run with `--steps`",
        ),
        ("decay.json", 41, "shows 41 steps, enough"), // two time constants of ten
        ("constant.json", 1, "shows 1 step, because the rate never changes"),
    ] {
        let output = folder.sched(&format!("lr {file}")).assert().success().stderr(contains(why)).get_output().clone();
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1 + steps, "{file}");
        let output = folder.sched(&format!("lr {file} --steps 7")).assert().success().stderr("").get_output().clone();
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1 + 7, "{file}");
    }
}

#[test]
fn numbers_in_options_say_what_they_must_be() {
    let folder = Folder::with([("x.json", r#"{"constant": 1}"#)]);
    for (option, message) in [
        ("--steps 0", "'--steps <N>': must be 1 or more"),
        ("--steps -5", "invalid value '-5' for '--steps <N>': must be a whole number, such as 1000"),
        ("--steps 1e4", "must be written in digits, as 10000"),
        ("--steps 2.5", "must be a whole number, such as 1000"),
        ("--steps ten", "must be a whole number, such as 1000"),
        ("--steps 18446744073709551616", "must be less than 2^64"),
        ("--steps 0..5", "must be one number; `--at 0..5` chooses the steps to print"),
        ("--group -1", "'--group <N>': must be a whole number"),
        ("--devices 0", "'--devices <N>': must be 1 or more"),
    ] {
        let error = folder.refusal(&format!("lr x.json {option}"));
        assert!(error.contains(message), "{option}: {error}");
    }
}

#[test]
fn stdin_is_sniffed() {
    let folder = Folder::with([]);
    for text in ["  {\"constant\": 0.5}", "constant = 0.5", "schedule.constant = 0.5"] {
        folder.sched("lr - --at 7").write_stdin(text).assert().success().stdout("step,lr\n7,0.5\n");
    }
}

#[test]
fn groups_momentum_and_units_of_a_dialect() {
    let folder = Folder::with([("step.toml", STEP_LR)]);
    let table = json(&folder, "lr step.toml --steps-per-epoch 10 --group 1 --at 298..302 --momentum");
    assert_eq!(table, json!({"steps": [298, 299, 300, 301], "lr": [0.2, 0.2, 0.1, 0.1], "momentum": null}));
    let error = folder.refusal("lr step.toml --steps-per-epoch 10 --group 2");
    assert!(error.contains("step.toml: `--group` is 2, but must be less than the number of groups, 2"), "{error}");
}

#[test]
fn momentum_is_printed_if_the_schedule_controls_it() {
    let text = r#"{"schedule": {"constant": 0.5}, "momentum": {"ramp": {"from": 1, "to": 0, "steps": "50 %"}}}"#;
    let folder = Folder::with([("both.json", text)]);
    let csv = folder.stdout("lr both.json --total-steps 8 --at 0,2,4 --momentum");
    assert_eq!(csv, "step,lr,momentum\n0,0.5,1.0\n2,0.5,0.5\n4,0.5,0.0\n");
}

#[test]
fn options_take_precedence_over_a_plan_file_and_that_over_the_schedules_plan() {
    let text = r#"{"plan": {"steps_per_epoch": 10}, "ramp": {"from": 1, "to": 0, "steps": "1 epochs"}}"#;
    let folder = Folder::with([("line.json", text), ("plan.toml", "steps_per_epoch = 20\n")]);
    let end = |args: &str| json(&folder, &format!("lr line.json {args}"))["lr"].as_array().unwrap().len() - 1;
    assert_eq!(end(""), 10);
    assert_eq!(end("--plan plan.toml"), 20);
    assert_eq!(end("--plan plan.toml --steps-per-epoch 40"), 40);
    // The length of the run is one number: the options' holds.
    assert_eq!(folder.stdout("lr line.json --epochs 3").lines().count(), 1 + 30);
    assert_eq!(folder.stdout("lr line.json --steps 7").lines().count(), 1 + 7);
    let error = folder.refusal("lr line.json --steps 100 --epochs 3 --steps-per-epoch 10");
    assert!(error.contains("`--steps` is 100, but `--epochs` 3 x `--steps-per-epoch` 10 is 30; leave one"), "{error}");
    let error = folder.refusal("lr line.json --total-steps 100 --epochs 3");
    assert!(error.contains("`total_steps` is 100, but must be 3 `epochs` x 10"), "{error}");
}

#[test]
fn metrics_are_replayed() {
    let plateau = r#"{"schedule": {"constant": 0.5}, "feedback": {"plateau": {"rules": {
        "better": {"mode": "min", "threshold": 0.0, "threshold_mode": "absolute"},
        "factor": 0.5, "patience": 1, "cooldown": 0, "min_lr": 0, "eps": 0}}}}"#;
    let folder = Folder::with([("plateau.json", plateau), ("metrics.json", r#"[1, null, 2, "NaN", null]"#)]);
    let table = json(&folder, "lr plateau.json --metrics metrics.json");
    assert_eq!(table, json!({"steps": [0, 1, 2, 3, 4, 5], "lr": [0.5, 0.5, 0.5, 0.5, 0.25, 0.25]}));
    assert_eq!(json(&folder, "lr plateau.json --metrics metrics.json --at 100,3")["lr"], json!([0.25, 0.5]));
    assert_eq!(json(&folder, "lr plateau.json --at 5")["lr"], json!([0.5]));

    let folder =
        Folder::with([("constant.json", r#"{"constant": 1}"#), ("metrics.json", "[1]"), ("bad.json", "[1, {}]")]);
    let error = folder.refusal("lr constant.json --metrics metrics.json");
    assert!(error.contains("constant.json: `--metrics` needs a rule that follows a metric"), "{error}");
    let error = folder.refusal("lr constant.json --metrics bad.json");
    assert!(error.contains("bad.json: not a JSON array of metrics") && error.contains("[1]"), "{error}");
}

#[test]
fn bad_input_names_file_field_value_and_rule() {
    for (text, message) in [
        (r#"{"ramp": {"from": -1, "to": 0, "steps": 5}}"#, "x.json: `from` is -1, but must be 0 or more"),
        (
            r#"{"sequence": [{"start": 0, "schedule": {"ramp": {"form": 1}}}]}"#,
            "x.json: `sequence[0].schedule.ramp.form`: unknown field `form` (did you mean `from`?), expected one of `from`",
        ),
        (
            r#"{"schedule": {"delay": {"steps": -3, "of": {"constant": 1}}}}"#,
            "x.json: `schedule.delay.steps`: `steps` is -3, but must be a whole number",
        ),
        (r#"{"constant": 1"#, "x.json: invalid JSON: EOF while parsing"),
        ("[1]", "x.json: the file is [1], but must be a map"),
        (r#"{"groups": []}"#, "x.json: `groups` is empty"),
        (
            r#"{"plan": {"epoch": 3}, "constant": 1}"#,
            "x.json: `plan.epoch`: unknown field `epoch` (did you mean `epochs`?)",
        ),
        (r#"{"plan": {"batch": 0}, "constant": 1}"#, "x.json: the plan's `batch` is 0"),
        (
            r#"{"ramp": {"from": 1, "to": 0, "steps": "5 epochs"}}"#,
            "x.json: `ramp.steps`: `5 epochs` cannot be turned into steps: the plan does not say `steps_per_epoch`\n",
        ),
        (
            r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_siez": 3}}"#,
            "x.json: torch.StepLR has no parameter `step_siez` (did you mean `step_size`?); it has",
        ),
        (
            r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": "3 epochs"}}"#,
            "x.json: `params.step_size`: `3 epochs` cannot be turned into steps",
        ),
    ] {
        let error = Folder::with([("x.json", text)]).refusal("lr x.json");
        assert!(error.starts_with("sched: ") && error.contains(message), "{text}: {error}");
    }
    let folder = Folder::with([("x.json", r#"{"constant": 1}"#)]);
    assert!(folder.refusal("lr y.json").contains("y.json: cannot open `y.json`"));
    assert!(folder.refusal("lr x.json --at 0..1000000000000").contains("--at 0..N:STRIDE"));
    folder.sched("lr x.json --momentum").assert().success().stderr(contains("does not control the momentum"));
}

#[test]
fn the_rows_of_several_files_begin_with_their_names() {
    let folder = Folder::with([("a.json", r#"{"constant": 1}"#), ("b,c.json", r#"{"constant": 2}"#)]);
    assert_eq!(
        folder.stdout("lr a.json b,c.json --at 0,5"),
        "file,step,lr\na.json,0,1.0\na.json,5,1.0\n\"b,c.json\",0,2.0\n\"b,c.json\",5,2.0\n"
    );
    assert_eq!(
        folder.stdout("lr a.json b,c.json --at 3 --format json"),
        "[{\"file\":\"a.json\",\"steps\":[3],\"lr\":[1.0]},{\"file\":\"b,c.json\",\"steps\":[3],\"lr\":[2.0]}]\n"
    );
}
