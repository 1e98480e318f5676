//! Whole files, as `sched_dialects::read` takes them: one of each kind.

use std::fmt::Write;

use sched_core::*;
use sched_dialects::{KINDS, read};

use super::{FAR, line};

/// A file, shortened to what the rates depend on.
struct File {
    /// Its kind's name in [`KINDS`].
    kind: &'static str,
    title: &'static str,
    syntax: &'static str,
    text: &'static str,
    /// What the run knows beside it, as a file.
    plan: &'static str,
    /// The source of `ours`.
    rust: &'static str,
    ours: fn() -> Result<Schedule, ScheduleError>,
    trap: &'static str,
}

/// A kind, a title, a syntax and a text, the plan, the first parameter group in Rust, and the trap.
macro_rules! file {
    ($kind:literal, $title:literal, $syntax:literal: $text:literal, $plan:literal, $rust:expr, $trap:literal) => {
        File {
            kind: $kind,
            title: $title,
            syntax: $syntax,
            text: $text,
            plan: $plan,
            rust: stringify!($rust),
            ours: || $rust,
            trap: $trap,
        }
    };
}

const FILES: &[File] = &[
    file!(
        "scheduler of another library ({\"library\", \"kind\", \"params\"})",
        "A scheduler of one of these libraries",
        "json": r#"
{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": "30 epochs"}}
"#,
        r#"{"steps_per_epoch": 10}"#,
        Schedule::step(0.1, 300, 0.1),
        "sched's own form, as in the tables above. A length may have a unit, which the plan turns into updates; the plan may also be in \
         the file, as `plan`."
    ),
    file!(
        "file of sched with parameter groups",
        "Several parameter groups",
        "json": r#"
{"groups": [
  {"schedule": {"ramp": {"from": 0.1, "to": 0, "steps": 90, "shape": "cosine"}}},
  {"schedule": {"constant": 0.01}}
]}
"#,
        "{}",
        Schedule::cosine_annealing(0.1, 0.0, 90),
        "sched's own form. The groups are in the optimizer's order; this is the first."
    ),
    file!(
        "file of sched with a schedule and what goes with it",
        "A schedule with a momentum, a weight decay or a rule",
        "json": r#"
{"schedule": {"constant": 0.1},
 "momentum": {"ramp": {"from": 0.85, "to": 0.95, "steps": 300}},
 "feedback": {"plateau": {"factor": 0.5, "patience": 3}}}
"#,
        "{}",
        Schedule::constant(0.1),
        "sched's own form. The rule follows the metric, and multiplies whatever the schedule is."
    ),
    file!(
        "schedule of sched",
        "A schedule",
        "yaml": r#"
sequence:
- {start: 0, schedule: {ramp: {from: 0, to: 0.1, steps: 5 epochs}}}
- {start: 5 epochs, schedule: {ramp: {from: 0.1, to: 0, steps: 25 epochs, shape: cosine}}}
"#,
        r#"{"steps_per_epoch": 20}"#,
        Schedule::cosine_annealing(0.1, 0.0, 500)?.warmup(0.0, 100),
        "sched's own form: the nodes of a `Schedule`."
    ),
    file!(
        "configuration of DeepSpeed",
        "DeepSpeed: `ds_config.json`",
        "json": r#"
{
  "train_batch_size": 256,
  "zero_optimization": {"stage": 2},
  "optimizer": {"type": "AdamW", "params": {"lr": 3e-4}},
  "scheduler": {"type": "WarmupLR", "params": {"warmup_max_lr": 3e-4, "warmup_num_steps": 500}}
}
"#,
        "{}",
        Schedule::constant(0.0)?.then_at(1, Ramp::new(0.0, 3e-4, 499).shape(Shape::Logarithmic(500.0)).build()?),
        "The warmup is logarithmic unless `warmup_type` is `linear`. DeepSpeed steps after the update, so the first rate comes twice. \
         `auto` is filled in by transformers, so it is refused here, except for `total_num_steps`."
    ),
    file!(
        "configuration of mmengine (param_scheduler)",
        "mmengine: `param_scheduler`",
        "yaml": r#"
optim_wrapper: {optimizer: {type: SGD, lr: 0.02}}
train_cfg: {max_epochs: 12}
param_scheduler:
- {type: LinearLR, start_factor: 0.001, by_epoch: false, begin: 0, end: 500}
- {type: MultiStepLR, by_epoch: true, milestones: [8, 11], gamma: 0.1}
"#,
        r#"{"steps_per_epoch": 100}"#,
        Schedule::multi_step(0.02, &[800, 1100], 0.1)?.times(Schedule::linear(0.001, 1.0, 499)?),
        "`by_epoch` is true by default: the milestones are epochs, and this warmup is in updates. It is full at `end` - 1. An `end` that \
         is left out is the end of the run. A Python config is dumped with `Config.dump`."
    ),
    file!(
        "configuration of mmcv 1 (lr_config)",
        "mmcv 1.x: `lr_config`",
        "yaml": r#"
optimizer: {type: SGD, lr: 0.02}
lr_config: {policy: step, step: [8, 11], warmup: linear, warmup_iters: 500, warmup_ratio: 0.001}
runner: {type: EpochBasedRunner, max_epochs: 12}
"#,
        r#"{"steps_per_epoch": 100}"#,
        Schedule::multi_step(0.02, &[800, 1100], 0.1)?.times(Schedule::linear(0.001, 1.0, 500)?),
        "The same recipe in the old form: here the warmup is full at `warmup_iters` itself, one update later than mmengine's."
    ),
    file!(
        "configuration of detectron2",
        "detectron2: `SOLVER`",
        "yaml": r#"
SOLVER:
  BASE_LR: 0.02
  STEPS: (600, 800)
  MAX_ITER: 900
  WARMUP_ITERS: 100
"#,
        "{}",
        Schedule::linear(0.02 * 0.001, 0.02, 100)?.then_at(100, Schedule::multi_step(0.02, &[500, 700], 0.1)?),
        "`STEPS` may be Python's tuple, which YAML takes for a text. Without `WARMUP_ITERS` there is a warmup of 1000. What only the \
         `_BASE_` file says is not read; a note says so."
    ),
    file!(
        "arguments of Megatron-LM",
        "Megatron-LM: the arguments as JSON",
        "json": r#"
{
  "lr": 3e-4, "min_lr": 3e-5, "lr_decay_style": "cosine", "lr_warmup_iters": 100, "lr_decay_iters": 900,
  "train_iters": 1000, "global_batch_size": 256, "weight_decay": 0.1
}
"#,
        "{}",
        Schedule::cosine_annealing(3e-4, 3e-5, 800)?.warmup(0.0, 100),
        "A dump of `vars(args)`. `lr_decay_iters` includes the warmup, and is `train_iters` unless it is given. A run in samples, \
         `train_samples`, has a fraction of an update at its seams. The weight decay is read as well."
    ),
    file!(
        "job of torchtitan",
        "torchtitan: a job's TOML",
        "toml": r#"
[optimizer]
lr = 2.5e-4

[lr_scheduler]
warmup_steps = 90
decay_ratio = 0.5

[training]
steps = 900
"#,
        "{}",
        Schedule::linear(0.0, 2.5e-4, 90)?
            .advance(1.0)?
            .then_at(90, Schedule::constant(2.5e-4)?)?
            .then_at(451, Schedule::linear(2.5e-4, 0.0, 450)?.advance(1.0)?),
        "The first update has a 90th of the rate, and the last one is one short of the floor. Without a `decay_ratio` all that follows \
         the warmup decays. The share is rounded, halves to the even number."
    ),
    file!(
        "configuration of NeMo",
        "NeMo: `model.optim.sched`",
        "yaml": r#"
trainer: {max_steps: 1000}
model:
  optim:
    name: adamw
    lr: 1.2e-4
    sched: {name: CosineAnnealing, warmup_steps: 100, min_lr: 1e-5}
"#,
        "{}",
        Schedule::linear(0.0, 1.2e-4, 101)?
            .advance(1.0)?
            .then_at(101, Schedule::cosine_annealing(1.2e-4, 1e-5, 900)?.advance(1.0)?),
        "The warmup is `(t + 1) / (warmup_steps + 1)`. Without `max_steps` the plan must give `steps_per_epoch`, for `max_epochs`. A \
         `warmup_ratio` is rounded down, and `${..}` is followed."
    ),
    file!(
        "args.yaml of Ultralytics",
        "Ultralytics: `args.yaml`",
        "yaml": r#"
task: detect
epochs: 10
batch: 64
optimizer: SGD
lr0: 0.01
lrf: 0.01
warmup_epochs: 1
"#,
        r#"{"steps_per_epoch": 20}"#,
        {
            let epochs = Schedule::linear(0.01, 0.0001, 10)?;
            Schedule::linear(0.0, 0.01, 20)?
                .then_at(20, Schedule::linear(0.0, epochs.at(1), 20)?.advance(20.0)?)?
                .then_at(21, epochs.per_epoch(20)?.advance(21.0)?)
        },
        "Group 0 has the weights, 1 the norms and 2 the biases, whose warmup comes down from `warmup_bias_lr`. The plan counts updates: \
         with `batch: 16` and `nbs: 64` one update takes four batches. `optimizer: auto` ignores `lr0`."
    ),
    file!(
        "configuration of mlx-lm",
        "mlx-lm: `lr_schedule`",
        "yaml": r#"
iters: 1000
learning_rate: 1e-5
lr_schedule:
  name: cosine_decay
  warmup: 80
  arguments: [2e-5, 1000, 1e-6]
"#,
        "{}",
        Schedule::linear(0.0, 2e-5, 80)?.then_at(81, Schedule::cosine_annealing(2e-5, 1e-6, 1000)?),
        "The `arguments` are those of MLX's function, in order: the first rate, the steps, the last rate. They replace \
         `learning_rate`. The schedule begins one update after the warmup, so that two have the full rate."
    ),
    file!(
        "schedule or optimizer of Keras, serialised",
        "Keras: a serialised schedule or optimizer",
        "json": r#"
{
  "module": "keras.optimizers.schedules",
  "class_name": "CosineDecay",
  "config": {"initial_learning_rate": 0.0, "decay_steps": 900, "alpha": 0.01, "warmup_target": 1e-3, "warmup_steps": 100},
  "registered_name": null
}
"#,
        "{}",
        Schedule::cosine_annealing(1e-3, 1e-5, 900)?.warmup(0.0, 100),
        "What `keras.saving.serialize_keras_object` makes of a schedule, or of an optimizer that has one. `decay_steps` does not \
         include the warmup. With `gradient_accumulation_steps` Keras counts batches, not updates; a note says so."
    ),
    file!(
        "configuration of PaddleDetection",
        "PaddleDetection: `LearningRate`",
        "yaml": r#"
epoch: 12
LearningRate:
  base_lr: 0.01
  schedulers:
  - !PiecewiseDecay
    gamma: 0.1
    milestones: [8, 11]
  - !LinearWarmup
    start_factor: 0.1
    steps: 100
"#,
        r#"{"steps_per_epoch": 50}"#,
        Schedule::linear(0.001, 0.01, 100)?.then_at(100, Schedule::piecewise_constant(0.01, &[(300, 1e-3), (450, 1e-4)])?),
        "The milestones are epochs, the warmup is in updates. A single `gamma` is the first factor, of which each further milestone \
         takes a tenth: 0.2 makes 0.2 and 0.02, not 0.04."
    ),
    file!(
        "configuration of fairseq (hydra)",
        "fairseq: a hydra YAML",
        "yaml": r#"
criterion: {_name: label_smoothed_cross_entropy}
optimization: {lr: [7e-4], max_update: 40000, update_freq: [2]}
lr_scheduler: {_name: inverse_sqrt, warmup_updates: 100, warmup_init_lr: 1e-7}
"#,
        "{}",
        Schedule::inverse_sqrt(7e-4, 100.0)?.warmup(1e-7, 100),
        "An update takes `update_freq` batches. `max_update` ends the run; of the schedulers only `polynomial_decay` takes it for \
         its length, where it has no `total_num_update`."
    ),
    file!(
        "configuration of Axolotl",
        "Axolotl: a YAML",
        "yaml": r#"
base_model: base-7b
micro_batch_size: 2
num_epochs: 3
learning_rate: 2e-4
lr_scheduler: cosine
cosine_min_lr_ratio: 0.1
warmup_ratio: 0.05
"#,
        r#"{"steps_per_epoch": 130}"#,
        Ramp::new(2e-4, 2e-5, 371).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 19),
        "5 % of 390 updates are 19.5; Axolotl rounds down, transformers up. Without a warmup in the file it is 3 % of the run, 100 \
         updates at most."
    ),
    file!(
        "configuration of OLMo",
        "OLMo: a YAML",
        "yaml": r#"
optimizer: {name: adamw, learning_rate: 4e-4}
scheduler: {name: cosine_with_warmup, t_warmup: 500, alpha_f: 0.1}
max_duration: 20_000
"#,
        "{}",
        Schedule::linear(4e-5, 4e-4, 500)?
            .then_at(500, Schedule::cosine_annealing(4e-4, 4e-5, 19_500)?)?
            .advance(1.0),
        "OLMo counts an update before it makes it, so all is one update earlier than it looks. The warmup starts at a tenth of the rate \
         unless `warmup_min_lr` says otherwise. `max_duration` may also be `2ep` or tokens, `2e9T`."
    ),
    file!(
        "configuration of Composer or LLM Foundry",
        "Composer and LLM Foundry: a YAML",
        "yaml": r#"
optimizer: {name: decoupled_adamw, lr: 6e-4}
scheduler: {name: cosine_with_warmup, t_warmup: 0.05dur, alpha_f: 0.1}
max_duration: 3ep
"#,
        r#"{"steps_per_epoch": 130}"#,
        Schedule::cosine_annealing(6e-4, 6e-5, 371)?.warmup(0.0, 19)?.delay(1),
        "`0.05dur` is rounded down. Every rate comes one update late, so that the first one comes twice. Of several `schedulers` \
         Composer takes the last; they are refused."
    ),
    file!(
        "configuration of Lightning's command line",
        "Lightning: the YAML of its command line",
        "yaml": r#"
trainer: {max_epochs: 20}
optimizer: {class_path: torch.optim.AdamW, init_args: {lr: 0.001}}
lr_scheduler: {class_path: torch.optim.lr_scheduler.StepLR, init_args: {step_size: 8, gamma: 0.5}}
"#,
        r#"{"steps_per_epoch": 25}"#,
        Schedule::step(0.001, 8, 0.5)?.per_epoch(25),
        "The command line steps a scheduler once per epoch, so lengths are epochs. They are found among the model's `init_args`, too; \
         there it is the model's code that may step it per update."
    ),
    file!(
        "args.yaml of timm's training script",
        "timm: `args.yaml`",
        "yaml": r#"
opt: adamw
lr: 5e-4
sched: cosine
epochs: 30
warmup_epochs: 5
warmup_lr: 1e-6
min_lr: 1e-5
cooldown_epochs: 10
"#,
        r#"{"steps_per_epoch": 40}"#,
        Schedule::linear(1e-6, 5e-4, 5)?
            .then_at(5, Schedule::cosine_annealing(5e-4, 1e-5, 30)?.advance(5.0)?)?
            .per_epoch(40),
        "The script's names and defaults, not those of the classes. One rate per epoch, unless `sched_on_updates`. The rate jumps down \
         where the warmup ends, unless `warmup_prefix`. The cooldown comes on top of `epochs`."
    ),
    file!(
        "TrainingArguments of transformers, LLaMA-Factory or TRL",
        "transformers, LLaMA-Factory and TRL: `TrainingArguments`",
        "json": r#"
{
  "output_dir": "out",
  "learning_rate": 2e-5,
  "num_train_epochs": 2.0,
  "max_steps": -1,
  "lr_scheduler_type": "cosine",
  "warmup_ratio": 0.03,
  "gradient_accumulation_steps": 8
}
"#,
        r#"{"steps_per_epoch": 187}"#,
        Ramp::new(2e-5, 0.0, 362).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.warmup(0.0, 12),
        "3 % of 374 updates are 11.22, rounded up. The plan counts updates, each of `gradient_accumulation_steps` batches. `max_steps` \
         takes precedence over the epochs. Without a type it is `linear`, without epochs 3, without a rate 5e-5."
    ),
];

#[test]
fn every_kind_of_file_has_one_row() {
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(FILES.iter().map(|file| file.kind).collect::<Vec<_>>(), kinds);
}

#[test]
fn rust_and_whole_file_agree() {
    let failures: Vec<String> =
        FILES.iter().filter_map(|file| Some(format!("{}: {}", file.title, check(file).err()?))).collect();
    assert!(failures.is_empty(), "{} files fail:\n{}", failures.len(), failures.join("\n"));
}

fn check(file: &File) -> Result<(), String> {
    let plan: Plan = serde_json::from_str(file.plan).map_err(|error| error.to_string())?;
    let found = read(file.text, &plan).map_err(|error| error.to_string())?;
    if found.kind != file.kind {
        return Err(format!("is taken for a {}", found.kind));
    }
    if plan != Plan::new() && read(file.text, &Plan::new()).is_ok() {
        return Err("needs no plan".to_owned());
    }
    let (ours, theirs) = ((file.ours)().map_err(|error| error.to_string())?, &found.groups[0].lr);
    for step in (0..=2000).chain(FAR) {
        let (rust, file) = (ours.at(step), theirs.at(step));
        if (rust - file).abs() > 1e-12 * file {
            return Err(format!("at step {step} it is {rust:e} in Rust, {file:e} in the file"));
        }
    }
    Ok(())
}

/// This part of the page.
pub(super) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for File { title, syntax, text, plan, rust, trap, .. } in FILES {
        let with = if *plan == "{}" { "In Rust:".to_owned() } else { format!("With the plan `{plan}`, in Rust:") };
        let rust = line(rust);
        write!(
            page,
            "\n### {title}\n\n{trap}\n\n```{syntax}\n{}\n```\n\n{with}\n\n```rust\n{rust}\n```\n",
            text.trim()
        )
        .unwrap();
    }
    page
}

const INTRODUCTION: &str = r"
## Whole files

`sched plot FILE`, `sched lr FILE`, `sched check FILE` and, in Rust, `sched_dialects::read(text, &plan)` take these files as they are, in JSON,
TOML or YAML. Their contents tell what kind of file it is. What a file does not say and the run knows comes from the plan; `steps_per_epoch`
counts optimizer updates. One file of each kind, shortened to what the rates depend on; a test reads it and compares it with the line
of Rust. The tests also have whole files, with the rates of the programs themselves.
";
