//! Runs the command in a temporary folder.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;

/// Warmup and cosine in epochs, with a plan.
pub(crate) const COSINE: &str = r#"{
  "plan": {"steps_per_epoch": 100, "epochs": 90},
  "sequence": [
    {"for": "5 epochs", "schedule": {"ramp": {"from": 0, "to": 0.1, "steps": "5 epochs"}}},
    {"schedule": {"ramp": {"from": 0.1, "to": 1e-5, "steps": "85 epochs", "shape": "cosine"}}}
  ]
}"#;

/// Another library's scheduler with two parameter groups.
pub(crate) const STEP_LR: &str = r#"
library = "torch"
kind = "StepLR"

[params]
optimizer_lr = [0.1, 0.2]
step_size = "30 epochs"
gamma = 0.5
"#;

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files.
    pub(crate) fn with<const N: usize>(files: [(&str, &str); N]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(folder.path(name), text).unwrap();
        }
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command with these arguments, separated by spaces.
    pub(crate) fn sched(&self, args: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sched"));
        command.current_dir(self.0.path()).args(args.split_whitespace()).env_remove("COLUMNS").env_remove("NO_COLOR");
        command
    }

    /// What it prints on success.
    pub(crate) fn stdout(&self, args: &str) -> String {
        String::from_utf8(self.sched(args).assert().success().get_output().stdout.clone()).unwrap()
    }

    /// Its message for bad usage or input, when it prints nothing.
    pub(crate) fn refusal(&self, args: &str) -> String {
        let output = self.sched(args).assert().code(2).stdout("").get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    }
}
