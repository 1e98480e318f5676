//! `docs/coming-from.md`: from the names of other libraries to ours, in Rust and as a file.
//!
//! Every row is run: its line of Rust and its file have the same rates. `UPDATE_DOCS=1` writes the page.

mod caffe;
mod composer;
mod darknet;
mod deepspeed;
mod detectron2;
mod fairseq;
mod fastai;
mod files;
mod fvcore;
mod icefall;
mod ignite;
mod keras;
mod lightning_bolts;
mod megatron;
mod mlx;
mod mmcv;
mod mmengine;
mod nemo;
mod optax;
mod paddle;
mod pytorch_optimizer;
mod recipes;
mod tf_object_detection;
mod timm;
mod torch;
mod torchtitan;
mod torchtune;
mod transformers;
mod ultralytics;

use std::fmt::Write;

use sched_core::{Schedule, ScheduleError, Scheduler};
use sched_dialects::{Dialect, LIBRARIES};
use sched_tests::golden;
use sched_tests::pages::assert_up_to_date;
use serde_json::{Map, Value, json};

/// A library's part of the page.
struct Section {
    /// Its name in a file.
    library: &'static str,
    title: &'static str,
    /// What goes wrong with all of its schedulers.
    notes: &'static str,
    rows: &'static [Row],
}

/// One of its kinds.
struct Row {
    kind: &'static str,
    params: &'static str,
    /// The source of `ours`.
    rust: &'static str,
    ours: Ours,
    trap: &'static str,
}

/// What a line of Rust makes.
enum Ours {
    Schedule(fn() -> Result<Schedule, ScheduleError>),
    /// A schedule, and a rule that follows a metric.
    Metric(fn() -> Result<Scheduler, ScheduleError>),
    /// A closure, which no file can hold.
    Code(fn() -> Scheduler),
}

/// A kind, its parameters in a file, the same in Rust (a schedule, `metric(..)` or `code(..)`), and its trap.
macro_rules! row {
    ($kind:literal, $params:literal, metric($rust:expr), $trap:literal) => {
        row!(@ $kind, $params, $rust, Metric(|| Ok($rust)), $trap)
    };
    ($kind:literal, $params:literal, code($rust:expr), $trap:literal) => {
        row!(@ $kind, $params, $rust, Code(|| $rust), $trap)
    };
    ($kind:literal, $params:literal, $rust:expr, $trap:literal) => {
        row!(@ $kind, $params, $rust, Schedule(|| $rust), $trap)
    };
    (@ $kind:literal, $params:literal, $rust:expr, $ours:ident($build:expr), $trap:literal) => {
        $crate::coming_from::Row {
            kind: $kind,
            params: $params,
            rust: stringify!($rust),
            ours: $crate::coming_from::Ours::$ours($build),
            trap: $trap,
        }
    };
}
use row;

const SECTIONS: &[Section] = &[
    torch::SECTION,
    optax::SECTION,
    timm::SECTION,
    transformers::SECTION,
    keras::SECTION,
    paddle::SECTION,
    fairseq::SECTION,
    mmengine::SECTION,
    ignite::SECTION,
    fastai::SECTION,
    pytorch_optimizer::SECTION,
    deepspeed::SECTION,
    composer::SECTION,
    nemo::SECTION,
    mlx::SECTION,
    torchtitan::SECTION,
    ultralytics::SECTION,
    mmcv::SECTION,
    megatron::SECTION,
    detectron2::SECTION,
    fvcore::SECTION,
    darknet::SECTION,
    caffe::SECTION,
    torchtune::SECTION,
    lightning_bolts::SECTION,
    tf_object_detection::SECTION,
    icefall::SECTION,
];

/// Long after every end, and where a restart or a milestone of an unbounded schedule may be.
const FAR: [u64; 4] = [1_000, 10_001, 123_457, 1_000_000];

#[test]
fn every_kind_has_one_row() {
    let names = |section: &Section| section.rows.iter().map(|row| row.kind).collect::<Vec<_>>();
    let rows: Vec<_> = SECTIONS.iter().map(|section| (section.library, names(section))).collect();
    let kinds = LIBRARIES.iter().map(|library| (library.name, library.kinds.iter().map(|kind| kind.name).collect()));
    assert_eq!(rows, kinds.collect::<Vec<_>>());
}

#[test]
fn rust_and_file_agree() {
    let mut failures = Vec::new();
    for section in SECTIONS {
        for row in section.rows {
            if let Err(error) = check(section.library, row) {
                failures.push(format!("{} {}: {error}", section.library, row.kind));
            }
        }
    }
    assert!(failures.is_empty(), "{} rows fail:\n{}", failures.len(), failures.join("\n"));
}

fn check(library: &str, row: &Row) -> Result<(), String> {
    let params: Map<String, Value> = serde_json::from_str(row.params).map_err(|error| error.to_string())?;
    let file = json!({"library": library, "kind": row.kind, "params": params});
    let dialect = serde_json::from_value::<Dialect>(file).map_err(|error| error.to_string());
    let ours = match row.ours {
        Ours::Schedule(build) => build().map(Scheduler::new),
        Ours::Metric(build) => build(),
        Ours::Code(build) => return check_code(library, row.kind, &params, &build(), dialect),
    };
    let (ours, dialect) = (ours.map_err(|error| error.to_string())?, dialect?);
    let [theirs] = dialect.groups() else { return Err("has several parameter groups".to_owned()) };
    if ours.feedback() != theirs.feedback.as_ref() {
        return Err(format!("follows a metric by {:?} in Rust, {:?} in the file", ours.feedback(), theirs.feedback));
    }
    // Where a scheduler drives a quantity of its own, that is what it is for.
    let curve = theirs.value.as_ref().unwrap_or(&theirs.lr);
    for step in (0..=300).chain(FAR) {
        let (rust, file) = (ours.at(step), curve.at(step));
        if (rust - file).abs() > 1e-12 * file.abs() {
            return Err(format!("at step {step} it is {rust:e} in Rust, {file:e} in the file"));
        }
    }
    Ok(())
}

/// The file is refused with a way out, and the closure has the rates that the library recorded for these parameters.
fn check_code(
    library: &str,
    kind: &str,
    params: &Map<String, Value>,
    ours: &Scheduler,
    dialect: Result<Dialect, String>,
) -> Result<(), String> {
    match dialect {
        Ok(_) => return Err("is code, but its file is read".to_owned()),
        Err(error) if !error.contains("Scheduler::new") => {
            return Err(format!("is refused without a way out: {error}"));
        }
        Err(_) => {}
    }
    let cases = golden::cases(library);
    let is_it = |case: &&golden::Case| {
        case.kind == kind && params.iter().all(|(name, value)| case.params.get(name) == Some(value))
    };
    let case = cases.iter().find(is_it).ok_or("has no recorded rates for these parameters")?;
    match case.steps.iter().zip(&case.lr).find(|&(&step, &lr)| !case.accepts(ours.at(step), lr)) {
        Some((step, lr)) => Err(format!("at step {step} it is {:e} in Rust, {lr:e} in the library", ours.at(*step))),
        None => Ok(()),
    }
}

#[test]
fn the_page_is_up_to_date() {
    assert_up_to_date("docs/coming-from.md", &page());
}

fn page() -> String {
    let mut page = INTRODUCTION.replace("FILE", &first_file());
    for section in SECTIONS {
        write!(page, "\n## {}\n\n`\"library\": \"{}\"`. {}\n\n", section.title, section.library, section.notes)
            .unwrap();
        writeln!(page, "| {} | Rust | `params` in a file | Watch |\n|---|---|---|---|", section.title).unwrap();
        for row in section.rows {
            let file = match row.ours {
                Ours::Code(_) => "code, which a file refuses".to_owned(),
                _ => cell(row.params),
            };
            writeln!(page, "| `{}` | {} | {file} | {} |", row.kind, cell(&line(row.rust)), row.trap).unwrap();
        }
    }
    page.push_str(&recipes::page());
    page.push_str(&files::page());
    page
}

/// The first row as a whole file.
fn first_file() -> String {
    let (section, row) = (&SECTIONS[0], &SECTIONS[0].rows[0]);
    format!("{{\"library\": \"{}\", \"kind\": \"{}\", \"params\": {}}}", section.library, row.kind, row.params)
}

/// Code in a table, where a bar would end the cell.
fn cell(code: &str) -> String {
    format!("`{}`", code.replace('|', "\\|"))
}

/// Source as it is written, without the line breaks of `stringify!`.
fn line(source: &str) -> String {
    let words: Vec<&str> = source.split_whitespace().collect();
    let joins = [("( ", "("), (" )", ")"), (",)", ")"), (" .", "."), (" ?", "?")];
    joins.iter().fold(words.join(" "), |line, (apart, joined)| line.replace(apart, joined))
}

const INTRODUCTION: &str = r#"# Coming from another library

The schedulers of other libraries, each as a line of Rust and by the library's own name and parameters in
a file. A test runs every row: the line and the file have the same rates at every step. It also writes this page:
`UPDATE_DOCS=1 cargo test -p sched-tests coming_from`.

The Rust is `use sched_core::*;` in a function that returns `Result<_, ScheduleError>`. A whole file is

```json
FILE
```

which the `sched` command takes as it is, and Rust as a `sched_dialects::Dialect`. A parameter
that is left out has the library's default. What a library reads from its optimizer is given as `optimizer_lr`. What it
asks the run, such as `steps_per_epoch`, is a parameter too, or comes from a plan. The names that people use elsewhere
work as well: `pytorch`, `torch==2.15.0`, `tf.keras`, `paddlepaddle`, a whole path such as
`torch.optim.lr_scheduler.StepLR` (then `library` may be left out), and transformers' `lr_scheduler_type`.

Four questions decide whether a port is right:

- **What is a step?** Here `at(t)` is the rate of optimizer update `t`, counted from 0. Where a scheduler is called once
  per epoch, its numbers are epochs: add `.per_epoch(steps_per_epoch)?`, or `"interval": "epoch"` beside `params`.
- **Which step has the end value?** Here a ramp over `n` steps has its first value at 0 and its last one at `n` itself,
  so a run of `n` updates ends one step before it.
- **What comes after the end?** Here the last value holds, unless `Beyond` says otherwise. A file does what the library
  does, except that a negative or runaway rate, or an exception, becomes the last good value.
- **Does the decay count the warmup?** Here `.warmup(start, w)?` comes before: the decay's own clock begins at `w`, and
  the whole is `w` steps longer.
"#;
