//! `sched convert`.

use std::fs;

use crate::common::{COSINE, Folder, STEP_LR};

#[test]
fn units_and_dialects_are_resolved() {
    let folder = Folder::with([("cosine.json", COSINE), ("step.toml", STEP_LR)]);
    let text = folder.stdout("convert cosine.json -o - --format toml")
        + "\n---\n"
        + &folder.stdout("convert step.toml -o - --steps-per-epoch 10");
    insta::assert_snapshot!(text);
}

#[test]
fn every_form_gives_the_same_rates() {
    let momentum = r#"{"schedule": {"ramp": {"from": 1, "to": 0.3, "steps": 7, "shape": {"tanh": {"lb": -6, "ub": 4}}}},
        "momentum": {"constant": 0.9}, "feedback": {"plateau": {"rules": {
        "better": {"mode": "min", "threshold": 1e-4, "threshold_mode": "relative"},
        "factor": 0.1, "patience": 10, "cooldown": 0, "min_lr": 0, "eps": 1e-8}}}}"#;
    let folder = Folder::with([("cosine.json", COSINE), ("step.toml", STEP_LR), ("both.json", momentum)]);
    for (file, plan) in [("cosine.json", ""), ("step.toml", " --steps-per-epoch 3"), ("both.json", "")] {
        let rates = |file: &str, plan: &str| folder.stdout(&format!("lr {file} --at 0..9000:7 --momentum{plan}"));
        let expected = rates(file, plan);
        for out in ["out.json", "out.toml", "out.yaml"] {
            assert_eq!(folder.stdout(&format!("convert {file} -o {out} --force{plan}")), "");
            assert_eq!(rates(out, ""), expected, "{file} -> {out}");
            // And on to the other syntax.
            folder.stdout(&format!("convert {out} -o again.json --force"));
            assert_eq!(rates("again.json", ""), expected);
            let kept = format!("convert {file} -o {out} --force --keep{plan}");
            assert_eq!(folder.stdout(&kept), "");
            assert_eq!(rates(out, plan), expected, "{kept}");
        }
    }
}

#[test]
fn keep_preserves_names_and_units() {
    let folder = Folder::with([("step.toml", STEP_LR)]);
    folder.stdout("convert step.toml -o step.json --keep --steps-per-epoch 3");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.path("step.json")).unwrap()).unwrap();
    assert_eq!(json["kind"], "StepLR");
    assert_eq!(json["params"]["step_size"], "30 epochs");
}

#[test]
fn toml_drops_nulls_and_bad_files_write_nothing() {
    // TOML has no null, which is this parameter's default anyway.
    let text =
        r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 1, "step_size": 2, "optimizer": null}}"#;
    let folder = Folder::with([("x.json", text), ("bad.json", "{}")]);
    folder.stdout("convert x.json -o x.toml --keep");
    assert!(!fs::read_to_string(folder.path("x.toml")).unwrap().contains("optimizer ="));
    assert!(folder.refusal("convert bad.json -o bad.toml").contains("bad.json: "));
    assert!(!folder.path("bad.toml").exists());
    assert!(folder.refusal("convert x.json -o no/such/folder.toml").contains("no/such/folder.toml"));
}

#[test]
fn whole_numbers_above_2_63_stay_what_they_are() {
    let milestones = r#"{"steps": {"initial": 0.1, "milestones": [
        {"step": 9223372036854775809, "value": 0.01}, {"step": 18446744073709551615, "value": 0.001}]}}"#;
    let folder = Folder::with([("s.json", milestones)]);
    let expected = "step,lr\n9223372036854775808,0.1\n9223372036854775809,0.01\n18446744073709551615,0.001\n";
    let at = "--at 9223372036854775808,9223372036854775809,18446744073709551615";
    assert_eq!(folder.stdout(&format!("lr s.json {at} --format csv")), expected);
    for file in ["copy.json", "copy.toml"] {
        folder.stdout(&format!("convert s.json -o {file}"));
        assert_eq!(folder.stdout(&format!("lr {file} {at} --format csv")), expected, "{file}");
    }
}

#[test]
fn stdout_is_the_default_and_extensions_must_be_known() {
    let folder = Folder::with([("step.toml", STEP_LR)]);
    let json = folder.stdout("convert step.toml --steps-per-epoch 10");
    assert_eq!(folder.stdout("convert step.toml --steps-per-epoch 10 -o -"), json);
    assert!(json.starts_with("{\n  \"groups\""), "{json}");
    let yaml = folder.stdout("convert step.toml --steps-per-epoch 10 --format yaml");
    assert!(yaml.starts_with("groups:\n  - schedule:\n"), "{yaml}");
    let error = folder.refusal("convert step.toml -o out.yam --steps-per-epoch 10");
    assert!(
        error.contains(
            "out.yam: the extension says no syntax; did you mean .yaml? End the name in .json, .toml, .yaml, .yml"
        ),
        "{error}"
    );
    assert!(folder.refusal("convert step.toml -o out --steps-per-epoch 10").contains("give `--format`"));
    folder.stdout("convert step.toml -o out --format json --steps-per-epoch 10");
}

#[test]
fn a_file_is_replaced_only_on_demand() {
    let folder = Folder::with([("a.json", "{\"constant\": 1}"), ("b.yml", "kept")]);
    let error = folder.refusal("convert a.json -o b.yml");
    assert!(error.contains("b.yml: the file exists; pass `--force` to replace it"), "{error}");
    assert_eq!(fs::read_to_string(folder.path("b.yml")).unwrap(), "kept");
    folder.stdout("convert a.json -o b.yml --force");
    assert_eq!(fs::read_to_string(folder.path("b.yml")).unwrap(), "constant: 1.0\n");
}

#[test]
fn several_files_go_to_a_folder() {
    let folder =
        Folder::with([("a.json", "{\"constant\": 1}"), ("b.toml", "constant = 2.0"), ("a.yaml", "constant: 3")]);
    assert!(folder.refusal("convert a.json b.toml").contains("several files are written to a folder"));
    fs::create_dir(folder.path("out")).unwrap();
    folder.stdout("convert a.json b.toml -o out --format yaml");
    for (name, text) in [("a", "constant: 1.0\n"), ("b", "constant: 2.0\n")] {
        assert_eq!(fs::read_to_string(folder.path(&format!("out/{name}.yaml"))).unwrap(), text);
    }
    assert!(folder.refusal("convert a.json a.yaml -o out").contains("two of the files would be written here"));
    assert!(folder.refusal("convert b.toml -o out --format yaml").contains("b.yaml: the file exists"));
}
