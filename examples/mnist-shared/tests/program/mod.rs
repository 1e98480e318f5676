//! Tests of an example as a program, which both examples run.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

#[cfg(unix)]
pub(crate) mod terminal;

/// An example with a temporary artefact folder.
pub(crate) struct Program {
    path: &'static str,
    /// The options for a short run.
    size: &'static str,
    pub(crate) directory: TempDir,
}

impl Program {
    pub(crate) fn new(path: &'static str) -> Self {
        let size = "--train-items 60 --valid-items 20 --batch-size 16";
        Self { path, size, directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn artefact(&self, name: &str) -> PathBuf {
        self.directory.path().join("artefacts").join(name)
    }

    /// The options of a short run, and `options`.
    fn options(&self, options: &str) -> Vec<OsString> {
        let short = format!("{} --artifacts", self.size);
        let short = short.split_whitespace();
        let artefacts = [self.artefact("").into()];
        short.map(OsString::from).chain(artefacts).chain(options.split_whitespace().map(OsString::from)).collect()
    }

    fn start(&self, options: &str) -> Child {
        let mut command = Command::new(self.path);
        command.args(self.options(options));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn run(&self, options: &str) -> Output {
        self.start(options).wait_with_output().unwrap()
    }

    /// Runs it to the end and returns the last line.
    pub(crate) fn finish(&self, options: &str) -> String {
        let output = self.run(options);
        assert!(output.status.success(), "{}", text(&output));
        text(&output).lines().rfind(|line| line.starts_with("done: ")).expect("the last line").to_owned()
    }

    pub(crate) fn history(&self) -> String {
        self.text("history.csv")
    }

    pub(crate) fn text(&self, artefact: &str) -> String {
        fs::read_to_string(self.artefact(artefact)).unwrap()
    }
}

impl Program {
    /// All artefacts, by name.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.artefact("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.artefact("")).unwrap().display().to_string();
                    found.push((name, fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

pub(crate) fn rates(history: &str) -> Vec<&str> {
    column(history, 1)
}

pub(crate) fn column(history: &str, index: usize) -> Vec<&str> {
    history.lines().skip(1).map(|line| line.split(',').nth(index).unwrap()).collect()
}

pub(crate) fn numbers(column: Vec<&str>) -> Vec<f64> {
    column.into_iter().map(|number| number.parse().unwrap()).collect()
}

/// The line without the folder of the artefacts.
fn result(last_line: &str) -> &str {
    last_line.split(", artefacts in ").next().unwrap()
}

/// The option for a schedule of 10 steps, whatever the number of epochs.
pub(crate) fn schedule_file(directory: &Path) -> String {
    let path = directory.join("schedule.json");
    let schedule = sched_burn::Schedule::cosine_annealing(3e-3, 1e-5, 7).unwrap().warmup(1e-4, 3).unwrap();
    fs::write(&path, serde_json::to_string(&schedule).unwrap()).unwrap();
    format!("--schedule {}", path.display())
}

pub(crate) fn a_resumed_run_is_the_same_as_a_whole_one(path: &'static str) {
    let (whole, parts) = (Program::new(path), Program::new(path));
    let schedule = schedule_file(whole.directory.path());
    let whole_line = whole.finish(&format!("--epochs 3 {schedule}"));
    parts.finish(&format!("--epochs 1 {schedule}"));
    assert_eq!(rates(&parts.history()).len(), 4);
    let parts_line = parts.finish("--resume --epochs 3");

    let (whole_history, parts_history) = (whole.history(), parts.history());
    assert_eq!(rates(&whole_history).len(), 12);
    assert_eq!(rates(&whole_history), rates(&parts_history), "the rates, to the last digit");
    assert_eq!(whole_history, parts_history, "the losses too, from the same weights and images");
    assert_eq!(result(&whole_line), result(&parts_line));
    assert!(fs::read_to_string(parts.artefact("lr.svg")).unwrap().contains("</svg>"));
    assert!(text(&parts.run("--resume")).contains("nothing left to train"));
}

/// At so low a rate, the loss falls by far less than 1 % per epoch. The first epoch stays the best, and with a patience of 0
/// every later one reduces the rate.
pub(crate) fn the_rate_follows_the_validation_loss(path: &'static str) {
    let (whole, parts) = (Program::new(path), Program::new(path));
    let schedule = whole.directory.path().join("constant.json");
    fs::write(&schedule, serde_json::to_string(&sched_burn::Schedule::constant(1e-5).unwrap()).unwrap()).unwrap();
    let options = format!("--schedule {} --plateau --patience 0 --factor 0.25", schedule.display());
    let output = whole.run(&format!("--epochs 4 {options}"));
    assert!(output.status.success(), "{}", text(&output));
    let expected: Vec<f64> = [1e-5, 1e-5, 1e-5 * 0.25, 1e-5 * 0.0625].iter().flat_map(|&rate| [rate; 4]).collect();
    assert_eq!(numbers(rates(&whole.history())), expected);
    assert_eq!(numbers(column(&whole.text("epochs.csv"), 2)), [1.0, 1.0, 0.25, 0.0625]);
    assert_eq!(text(&output).matches("the validation loss is on a plateau").count(), 2, "{}", text(&output));
    assert_eq!(whole.text("lr.svg").matches(">x 0.25 at ").count(), 2);

    for epochs in 1..4 {
        let resume = if epochs == 1 { options.as_str() } else { "--resume" };
        parts.finish(&format!("--epochs {epochs} {resume}"));
    }
    let refused = text(&parts.run("--resume --plateau --patience 3"));
    assert!(refused.contains("--patience is 3, but the run was started with 0"), "{refused}");
    parts.finish("--resume --epochs 4");
    assert_eq!(parts.history(), whole.history());
    assert_eq!(parts.text("epochs.csv"), whole.text("epochs.csv"));
}

pub(crate) fn a_schedule_that_does_not_fit_the_run_is_named(path: &'static str) {
    let program = Program::new(path);
    let schedule = schedule_file(program.directory.path());
    let fitting = text(&program.run("--epochs 6"));
    assert!(!fitting.contains("warning"), "{fitting}");
    let output = program.run(&format!("--overwrite --epochs 6 {schedule}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", text(&output));
    assert!(stderr.contains("warning: the schedule"), "{stderr}");
    assert!(stderr.contains("The run has 6 epochs of 4 steps."), "{stderr}");
}

pub(crate) fn a_rate_is_found_beside_a_run(path: &'static str) {
    let program = Program::new(path);
    program.finish("--epochs 1");
    let before = program.files();
    let output = program.run("--find-lr --epochs 1");
    assert!(output.status.success(), "{}", text(&output));
    let after: Vec<_> = program.files().into_iter().filter(|file| !file.0.starts_with("find-lr.")).collect();
    assert!(before == after, "the run is untouched");

    let points = numbers(column(&program.text("find-lr.csv"), 1));
    assert_eq!(points[0], 1e-6);
    assert!(points.len() > 50, "{points:?}");
    assert!(program.text("find-lr.svg").contains("valley"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    for name in ["steepest: ", "valley: ", "minimum: "] {
        assert!(stdout.contains(name), "{stdout}");
    }
    let peak = stdout.lines().last().unwrap().split(" --epochs 1 --peak-lr ").nth(1).expect("the command to train");
    program.finish(&format!("--overwrite --epochs 1 --peak-lr {peak}"));
    assert_eq!(numbers(rates(&program.history()))[0], peak.parse::<f64>().unwrap());
}

/// Under the default schedule, which spans the whole run.
pub(crate) fn an_interrupted_run_goes_on_where_it_was(path: &'static str) {
    let (whole, stopped) = (Program::new(path), Program::new(path));
    let epochs = "--epochs 8";
    whole.finish(epochs);

    let child = stopped.start(epochs);
    stopped.wait_for_rows(6);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(text(&output).contains("to continue: cargo run"), "{}", text(&output));
    assert!(rates(&stopped.history()).len() < 32);

    stopped.finish("--resume");
    assert_eq!(whole.history(), stopped.history());
}

impl Program {
    fn wait_for_rows(&self, rows: usize) {
        let has_rows =
            || fs::read_to_string(self.artefact("history.csv")).is_ok_and(|text| text.lines().count() > rows);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !has_rows() {
            assert!(Instant::now() < deadline, "no {rows} steps");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Large batches, because backends take other ways for them.
pub(crate) fn the_same_seed_trains_the_same(path: &'static str) {
    let history = || {
        let size = "--train-items 384 --valid-items 20 --batch-size 64";
        let program = Program { size, ..Program::new(path) };
        program.finish("--epochs 1");
        program.history()
    };
    let first = history();
    for _ in 0..3 {
        assert_eq!(history(), first);
    }
}

pub(crate) fn a_damaged_checkpoint_is_skipped(path: &'static str, extension: &str) {
    let program = Program::new(path);
    program.finish("--epochs 3");
    let history = program.history();
    for part in ["model", "optim", "scheduler"] {
        let name = format!("{part}-3.{extension}");
        let file = program.artefact(&format!("checkpoint/{name}"));
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        let output = program.run("--resume");
        let (stderr, text) = (String::from_utf8_lossy(&output.stderr), text(&output));
        assert!(
            stderr.contains(&format!("warning: skipping the checkpoint of epoch 3: {name} cannot be read: ")),
            "{text}"
        );
        assert!(text.contains("resuming after epoch 2, 8 steps"), "{text}");
        assert!(output.status.success(), "{text}");
        assert_eq!(program.history(), history, "{name}");
    }
}

pub(crate) fn nothing_is_lost_by_accident(path: &'static str) {
    let program = Program::new(path);
    let refused = |options: &str, reason: &str| {
        let output = program.run(options);
        assert_eq!(output.status.code(), Some(1), "{options}");
        assert!(text(&output).contains(reason), "{options}: {}", text(&output));
    };
    refused("--resume", "holds no run to resume");
    program.finish("--epochs 1");
    let history = program.history();
    refused("--epochs 1", "continue it with --resume");
    refused("--resume --seed 1", "--seed is 1, but the run was started with 42");
    refused("--resume --epochs 2", "--on-mismatch");
    assert_eq!(program.history(), history);
    program.finish("--resume --epochs 2 --on-mismatch take-saved");
    assert!(program.history().starts_with(&history));
    program.finish("--overwrite --epochs 1");
    assert_eq!(program.history(), history);
}

pub(crate) fn help_explains_every_option(path: &'static str) {
    let output = Command::new(path).arg("--help").output().unwrap();
    for option in ["resume", "overwrite", "epochs", "batch-size", "schedule", "artifacts", "seed", "data"] {
        assert!(text(&output).contains(&format!("--{option}")), "{option}");
    }
    for option in ["peak-lr", "plateau", "patience", "factor", "layer-decay", "find-lr"] {
        assert!(text(&output).contains(&format!("--{option}")), "{option}");
    }
}

/// Without the feature, the error names it.
#[cfg(not(feature = "mnist-data"))]
pub(crate) fn real_images_need_a_feature(path: &'static str) {
    let output = Program::new(path).run("--data mnist");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("--features mnist-data"), "{}", text(&output));
}
