//! The examples in the help of every subcommand.

use std::fs;

use sched_core::{Schedule, Scheduler};

use crate::common::{COSINE, Folder};

const CYCLE: &str = r#"{"library": "torch", "kind": "OneCycleLR", "params": {"max_lr": 0.1, "total_steps": 9000}}"#;

fn examples(help: &str) -> Vec<String> {
    let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("no examples: {help}"));
    examples.lines().map_while(|line| line.strip_prefix("  sched ")).map(str::to_owned).collect()
}

#[test]
fn every_help_has_examples_and_all_of_them_run() {
    let folder = Folder::with([
        ("cosine.json", COSINE),
        ("cosine.yaml", COSINE),
        ("cycle.json", CYCLE),
        ("log.jsonl", r#"{"step":0,"split":"train","wall_time":0.5,"lr/model":0.1,"Loss":2.5}"#),
        ("plan.json", r#"{"steps_per_epoch": 100, "epochs": 90}"#),
    ]);
    let state = Scheduler::new(Schedule::step(0.1, 30, 0.5).unwrap()).state();
    fs::write(folder.path("state.json"), serde_json::to_string(&state).unwrap()).unwrap();
    fs::create_dir(folder.path("run")).unwrap();
    fs::rename(folder.path("log.jsonl"), folder.path("run/log.jsonl")).unwrap();
    folder.stdout("convert state.json -o scheduler.pt");
    let help = folder.stdout("--help");
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let commands = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let commands: Vec<_> = commands.filter(|name| *name != "help").collect();
    assert!(commands.contains(&"check") && commands.contains(&"man"), "{commands:?}");
    let helps = commands.iter().map(|name| folder.stdout(&format!("{name} --help")));
    for help in helps.chain([help.clone()]) {
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{help}");
        for example in examples {
            let arguments = example.split(" > ").next().unwrap();
            let output = folder.sched(arguments).output().unwrap();
            // Both `check` and `diff` say with 1 that there is something to see.
            let finds = ["check", "diff"].iter().any(|name| arguments.starts_with(name));
            let is_fine = output.status.success() || (finds && output.status.code() == Some(1));
            assert!(is_fine, "{example}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
