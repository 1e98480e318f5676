//! `sched schema`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::common::{COSINE, Folder, STEP_LR};

fn schema() -> Value {
    serde_json::from_str(&Folder::with([]).stdout("schema")).unwrap()
}

/// Whether a value is valid, for the words of JSON Schema that the schema has; others are refused.
fn is_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    let Value::Object(words) = schema else { panic!("{schema}") };
    let all = |list: &Value, holds: &dyn Fn(&Value) -> bool| list.as_array().unwrap().iter().all(holds);
    words.iter().all(|(word, rule)| match word.as_str() {
        "$schema" | "title" | "description" | "default" | "definitions" | "then" | "pattern" => true,
        "$ref" => is_valid(value, root.pointer(&rule.as_str().unwrap()[1..]).unwrap(), root),
        "anyOf" => rule.as_array().unwrap().iter().any(|schema| is_valid(value, schema, root)),
        "allOf" => all(rule, &|schema| is_valid(value, schema, root)),
        "if" => !is_valid(value, rule, root) || is_valid(value, &schema["then"], root),
        "enum" => rule.as_array().unwrap().contains(value),
        "const" => rule == value,
        "type" => {
            let is = |name: &Value| match name.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                "number" => value.is_number(),
                "integer" => value.is_u64() || value.is_i64(),
                other => panic!("{other}"),
            };
            if rule.is_array() { rule.as_array().unwrap().iter().any(is) } else { is(rule) }
        }
        "minimum" => value.as_f64().is_none_or(|value| value >= rule.as_f64().unwrap()),
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap()),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|value| is_valid(value, rule, root))),
        "minProperties" => value.as_object().is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap()),
        "maxProperties" => value.as_object().is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap()),
        "required" => value.as_object().is_none_or(|map| all(rule, &|name| map.contains_key(name.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|map| {
            map.iter().all(|(name, value)| rule.get(name).is_none_or(|schema| is_valid(value, schema, root)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            assert_eq!(rule, false);
            map.keys().all(|name| schema["properties"].get(name).is_some())
        }),
        other => panic!("{other}"),
    })
}

#[test]
fn files_that_are_read_are_valid_and_typos_are_not() {
    let schema = schema();
    let is_valid = |file: &Value| is_valid(file, &schema, &schema);
    let cases: Vec<Value> = serde_json::from_str(include_str!("mistakes.json")).unwrap();
    let (trainers, files): (Vec<_>, Vec<_>) = cases.into_iter().map(|case| case["file"].clone()).partition(|file| {
        ["optim_wrapper", "learning_rate", "sched", "train_batch_size"].iter().any(|name| file.get(name).is_some())
    });
    assert!(files.len() > 70 && trainers.len() > 5);
    for file in &files {
        assert!(is_valid(file), "{file}");
    }
    let folder = Folder::with([("cosine.json", COSINE), ("step.toml", STEP_LR)]);
    let cosine: Value = serde_json::from_str(COSINE).unwrap();
    assert!(is_valid(&cosine));
    for convert in ["cosine.json", "step.toml --keep --steps-per-epoch 3", "step.toml --steps-per-epoch 3"] {
        let converted: Value = serde_json::from_str(&folder.stdout(&format!("convert {convert}"))).unwrap();
        assert!(is_valid(&converted), "{converted}");
    }
    for wrong in [
        json!({}),
        json!({"constnat": 1}),
        json!({"constant": -1}),
        json!({"constant": 1, "ramp": {}, "x": 1}),
        json!({"ramp": {"from": 1, "to": 0}}),
        json!({"ramp": {"from": 1, "to": 0, "steps": 5, "shape": "cosin"}}),
        json!({"sequence": [{"schedule": {"constant": "0.1"}}]}),
        json!({"schedule": {"constant": 1}, "feedback": {"plateau": {"patiense": 3}}}),
        json!({"constant": 1, "plan": {"epoch": 3}}),
        json!({"library": "torch", "kind": "StepLr", "params": {}}),
        json!({"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1}}),
        json!({"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_siez": 3}}),
    ] {
        assert!(!is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn a_file_may_name_its_schema() {
    let files = [r#"{"$schema": "x.json", "constant": 1}"#, r#"{"$schema": "x.json", "schedule": {"constant": 1}}"#];
    let schema = schema();
    for file in files {
        let folder = Folder::with([("x.json", file)]);
        assert_eq!(folder.stdout("lr x.json --at 5"), "step,lr\n5,1.0\n");
        assert!(is_valid(&serde_json::from_str(file).unwrap(), &schema, &schema));
    }
}

/// The names that the reader lists when it finds another one at a `?`.
fn names(folder: &Folder, file: &Value) -> BTreeSet<String> {
    fs::write(folder.path("x.json"), file.to_string()).unwrap();
    let error = folder.refusal("lr x.json");
    let (_, list) = error.split_once("expected ").unwrap_or_else(|| panic!("{file}: {error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_schema_has_the_names_that_the_reader_has() {
    let (schema, folder) = (schema(), Folder::with([]));
    let definitions = &schema["definitions"];
    let keys =
        |schema: &Value| -> BTreeSet<String> { schema["properties"].as_object().unwrap().keys().cloned().collect() };
    let nodes = &definitions["node"]["properties"];
    assert_eq!(names(&folder, &json!({"schedule": {"?": 1}})), keys(&definitions["node"]));
    for (node, schema) in nodes.as_object().unwrap() {
        if schema["type"] == "object" {
            let mut expected = keys(schema);
            let said = names(&folder, &json!({"schedule": {node: {"?": 1}}}));
            assert_eq!(said, std::mem::take(&mut expected), "{node}");
        }
    }
    let steps = json!({"steps": {"initial": 1, "milestones": [{"?": 1}]}});
    assert_eq!(names(&folder, &steps), keys(&definitions["milestone"]));
    assert_eq!(names(&folder, &json!({"constant": 1, "plan": {"?": 1}})), keys(&definitions["plan"]));
    for rule in ["plateau", "greedy"] {
        let file = json!({"schedule": {"constant": 1}, "feedback": {rule: {"?": 1}}});
        assert_eq!(names(&folder, &file), keys(&definitions[rule]), "{rule}");
        for word in ["mode", "threshold_mode", "non_finite"] {
            let Some(schema) = definitions[rule]["properties"].get(word) else { continue };
            let file = json!({"schedule": {"constant": 1}, "feedback": {rule: {word: "?"}}});
            let words: BTreeSet<String> = serde_json::from_value(schema["enum"].clone()).unwrap();
            assert_eq!(names(&folder, &file), words, "{rule}.{word}");
        }
    }
    let file = json!({"schedule": {"constant": 1}, "feedback": {"?": 1}});
    assert_eq!(names(&folder, &file), keys(&definitions["feedback"]));
    let ramp = |field: &str| json!({"ramp": {"from": 1, "to": 0, "steps": 1, field: "?"}});
    let [plain, with_numbers] = definitions["shape"]["anyOf"].as_array().unwrap().as_slice() else { panic!() };
    let mut shapes: BTreeSet<String> = serde_json::from_value(plain["enum"].clone()).unwrap();
    shapes.extend(keys(with_numbers));
    assert_eq!(names(&folder, &ramp("shape")), shapes);
    let beyond: BTreeSet<String> =
        serde_json::from_value(nodes["ramp"]["properties"]["beyond"]["enum"].clone()).unwrap();
    assert_eq!(names(&folder, &ramp("beyond")), beyond);
    assert_eq!(names(&folder, &json!({"schedule": {"constant": 1}, "?": 1})), keys(&definitions["group"]));
}
