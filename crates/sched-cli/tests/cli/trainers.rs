//! The configurations of trainers, as people have them.

use crate::common::Folder;

const ARGUMENTS: &str = "
# a comment
model_name_or_path: base
learning_rate: '2e-5'
num_train_epochs: 2
lr_scheduler_type: cosine
warmup_ratio: 0.1
";

#[test]
fn a_configuration_is_evaluated_with_what_the_run_knows() {
    let folder = Folder::with([("args.yaml", ARGUMENTS), ("plan.json", r#"{"steps_per_epoch": 50}"#)]);
    let output = folder.sched("lr args.yaml --plan plan.json --at 0,10,100 --format json").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"steps\":[0,10,100],\"lr\":[0.0,0.00002,0.0]}\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("args.yaml: read as a TrainingArguments of transformers"), "{said}");
    let error = folder.refusal("lr args.yaml --at 0");
    assert!(error.contains("how many updates in the run there are; give `total_steps`"), "{error}");
}

#[test]
fn what_could_change_a_rate_is_said() {
    let text = format!("{ARGUMENTS}deepspeed: ds_config.json\n");
    let folder = Folder::with([("args.yaml", text.as_str())]);
    let output = folder.sched("lr args.yaml --total-steps 10 --at 0").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("`deepspeed` is \"ds_config.json\""));
}

#[test]
fn an_unknown_file_gets_a_list_of_those_that_are_known() {
    let folder = Folder::with([("x.yaml", "learning_rate: 1\nscheduler: cosine\n")]);
    let error = folder.refusal("lr x.yaml");
    assert!(error.contains("nearest to a ") && error.contains("configuration of DeepSpeed"), "{error}");
    let folder = Folder::with([("x.yaml", "lr: 1\nlr: 2\n")]);
    assert!(folder.refusal("lr x.yaml").contains("`lr` is given twice"));
}
