//! What is said of a file that cannot be read: its own names, and no words of Rust.

use sched_core::{Beyond, Feedback, Node, Plan, PlateauBuilder, Ramp, Repeat, Schedule, Shape, Value};
use sched_dialects::{Dialect, Syntax, parse, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Words of Rust and of serde, which no message may have.
const WORDS_OF_RUST: &[&str] = &[
    "u64",
    "i64",
    "f64",
    "usize",
    "unit",
    "variant",
    "newtype",
    "struct",
    "tuple",
    "enum",
    "invalid type",
    "invalid value",
    "invalid length",
    "identifier",
    "sequence,",
    "Option",
];

#[track_caller]
fn assert_said(text: &str, error: &str, message: &str) {
    assert!(error.starts_with(message), "{text}:\n     {error}\nnot  {message}");
    let word = WORDS_OF_RUST.iter().find(|word| error.contains(**word));
    assert_eq!(word, None, "{text}: {error}");
}

/// A file of any kind, in the syntax that it looks like.
const FILES: &[(&str, &str)] = &[
    // Another library's scheduler.
    (
        r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": 3, "step_size": 4}}"#,
        "`step_size` is given twice; remove one of the two",
    ),
    (
        r#"{"library": "torch", "library": "optax", "kind": "StepLR"}"#,
        "`library` is given twice; remove one of the two",
    ),
    ("library: torch\nlibrary: torch", "invalid YAML: `library` is given twice; remove one of the two"),
    (
        r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": null}}"#,
        "torch.StepLR: `step_size` is null, but must be a number, 0 or more",
    ),
    (r#"{"library": null, "kind": "StepLR", "params": {}}"#, "`library` is null, but must be a name"),
    (r#"{"library": "torch", "kind": 5, "params": {}}"#, "`kind` is 5, but must be a name"),
    (
        r#"{"library": "torch", "kind": "StepLR", "params": null}"#,
        "torch.StepLR: `params` is null, but must be a map from names to values",
    ),
    (
        r#"{"library": "torch", "kind": "StepLR"}"#,
        "torch.StepLR needs `step_size`, which is not given; its parameters are `step_size`, `gamma`",
    ),
    (
        r#"{"kind": "StepLR", "params": {"step_size": 3}}"#,
        "`library` is not given; write which one it is, such as \"torch\"",
    ),
    (
        r#"{"library": "torch", "params": {"step_size": 3}}"#,
        "`kind` is not given; write which one it is, such as \"StepLR\"",
    ),
    (
        r#"{"library": "torch", "kind": "StepLR", "params": {}, "extra": 1}"#,
        "`extra`: unknown field `extra`, expected one of `library`, `kind`, `params`",
    ),
    (
        r#"{"librari": "torch", "kind": "StepLR", "params": {}}"#,
        "`librari`: unknown field `librari` (did you mean `library`?), expected one of `library`, `kind`, `params`",
    ),
    (
        "library = \"troch\"\nkind = \"StepLR\"",
        "there is no library `troch` here (did you mean `torch`?), only `torch`, `optax`",
    ),
    (
        r#"{"library": "torch", "kind": "CosineAnealingLR"}"#,
        "torch has no `CosineAnealingLR` here (did you mean `CosineAnnealingLR`?), only `StepLR`",
    ),
    (
        r#"{"library": "transformers", "kind": "cosine_with_restart"}"#,
        "transformers has no `cosine_with_restart` here (did you mean `cosine_with_restarts`?), only `get_constant_schedule`",
    ),
    (
        r#"{"library": "torch", "kind": "keras.callbacks.ReduceLROnPlateau"}"#,
        "torch has no `keras.callbacks.ReduceLROnPlateau` here",
    ),
    (
        "library: torch\nkind: StepLR\nparams: {step_siez: 3}",
        "torch.StepLR has no parameter `step_siez` (did you mean `step_size`?); it has `step_size`",
    ),
    (
        r#"{"library": "torch", "kind": "SWALR", "params": {"optimizer_lr": 0.1, "swa_lr": 0.1, "anneal_strategy": "coz"}}"#,
        "torch.SWALR: `anneal_strategy` is \"coz\", but must be \"cos\" or \"linear\"; did you mean \"cos\"?",
    ),
    // A schedule.
    (r#"{"ramp": {"from": 1, "to": 0, "steps": null}}"#, "`ramp.steps`: `steps` is null, but must be a finite number"),
    ("[ramp]\nfrom = 1\nto = \"a\"\nsteps = 3", "`ramp.to`: `to` is \"a\", but must be a finite number"),
    ("ramp:\n  from: 1\n  to:\n  steps: 3", "`ramp.to`: `to` is null, but must be a finite number"),
    (r#"{"ramp": {"from": 1, "from": 1, "to": 0, "steps": 3}}"#, "`from` is given twice; remove one of the two"),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3}, "extra": 1}"#,
        "`extra` cannot stand beside `ramp`: a schedule is one of its names, and perhaps a `plan`",
    ),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3}, "constant": 1}"#,
        "`constant` cannot stand beside `ramp`: a schedule is one of its names, and perhaps a `plan`",
    ),
    (
        r#"{"rampp": {"from": 1, "to": 0, "steps": 3}}"#,
        "the file is none that can be read here (it has `rampp`; did you mean `ramp`?); those are:",
    ),
    (r#"{"ramp": 3}"#, "`ramp`: found 3, expected a map"),
    (r#"{"ramp": [1]}"#, "`ramp`: found 1 element, expected 5 elements"),
    (r#"{"constant": null}"#, "`constant`: `constant` is null, but must be a finite number"),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3, "shape": {"tahn": 1}}}"#,
        "`ramp.shape`: unknown name `tahn` (did you mean `tanh`?), expected one of `linear`, `cosine`",
    ),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3, "shape": "polynomial"}}"#,
        "`ramp.shape.polynomial`: found a name alone, expected a name with a value",
    ),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3, "shape": {"linear": 2}}}"#,
        "`ramp.shape.linear`: found 2, expected a name alone",
    ),
    (
        r#"{"ramp": {"from": 1, "to": 0, "steps": 3, "beyond": 3}}"#,
        "`ramp.beyond`: found 3, expected a name, or a map from a name to what it holds",
    ),
    (r#"{"sequence": 3}"#, "`sequence`: found 3, expected a list"),
    (r#"{"sequence": [null]}"#, "`sequence[0]`: found null, expected a map"),
    (r#"{"every": {"n": 2.5, "of": {"constant": 1}}}"#, "`every.n`: `n` is 2.5, but must be a whole number, 0 or more"),
    (r#"{"schedule": null}"#, "`schedule`: found null, expected a name, or a map from a name to what it holds"),
    (
        r#"{"schedule": {"constant": 1, "ramp": {}}}"#,
        "`schedule`: found `constant`, `ramp` in one map, expected one name and what it holds",
    ),
    (
        r#"{"schedule": {"constant": 1}, "feedback": {"plateau": {"mode": "mni"}}}"#,
        "`feedback.plateau.mode`: unknown name `mni` (did you mean `min`?), expected `min` or `max`",
    ),
    (
        r#"{"schedule": {"constant": 1}, "feedback": {"plateau": {"blind_cooldown": 1}}}"#,
        "`feedback.plateau.blind_cooldown`: found 1, expected true or false",
    ),
    (r#"{"groups": null}"#, "`groups`: found null, expected a list"),
    (
        r#"{"groups": [{"schedul": {"constant": 1}}]}"#,
        "`groups[0].schedul`: unknown field `schedul` (did you mean `schedule`?), expected one of `schedule`, `momentum`",
    ),
    // The plan beside it.
    (r#"{"constant": 1, "plan": {"epochs": "3"}}"#, "`plan.epochs`: found \"3\", expected a whole number, 0 or more"),
    (r#"{"constant": 1, "plan": null}"#, "`plan`: found null, expected a map"),
    (
        r#"{"constant": 1, "plan": {"epoch": 1}}"#,
        "`plan.epoch`: unknown field `epoch` (did you mean `epochs`?), expected one of `steps_per_epoch`",
    ),
    // A trainer's configuration.
    (
        r#"{"learning_rate": 1e-3, "learning_rate": 1e-4, "lr_scheduler_type": "cosine", "max_steps": 9}"#,
        "`learning_rate` is given twice; remove one of the two",
    ),
    (
        r#"{"learning_rate": 1e-3, "lr_scheduler_type": "cosin", "max_steps": 9}"#,
        "`lr_scheduler_type` is \"cosin\", but must be one of `constant`, `constant_with_warmup`",
    ),
];

#[test]
fn of_a_file() {
    for (text, message) in FILES {
        let error = read(text, &Plan::new()).expect_err(text).to_string();
        assert_said(text, &error, message);
    }
}

/// The same type from the text, and from a value that was made of it first.
#[track_caller]
fn assert_refused<T: DeserializeOwned>(text: &str, messages: [&str; 2]) {
    let error = |result: Result<T, String>| result.err().unwrap_or_else(|| panic!("{text} is read"));
    let value = parse(text, Some(Syntax::Json)).unwrap();
    assert_said(text, &error(serde_json::from_str(text).map_err(|error| error.to_string())), messages[0]);
    assert_said(text, &error(T::deserialize(&value).map_err(|error| error.to_string())), messages[1]);
}

#[test]
fn of_a_part_alone() {
    let both = |message| [message, message];
    assert_refused::<Node>(r#""ramp""#, both("found a name alone, expected a name with a value"));
    assert_refused::<Node>(r#"{"rmap": {}}"#, both("unknown name `rmap` (did you mean `ramp`?), expected one of"));
    assert_refused::<Node>(r#"{"constant": null}"#, both("`constant` is null, but must be a finite number"));
    assert_refused::<Node>(r#"{"min": 5}"#, both("found 5, expected a list"));
    assert_refused::<Ramp>("5", both("found 5, expected a map"));
    assert_refused::<Ramp>(r#"{"form": 1}"#, both("unknown field `form` (did you mean `from`?), expected one of"));
    assert_refused::<Ramp>(r#"{"from": 1, "to": 0}"#, both("missing field `steps`"));
    assert_refused::<Repeat>(
        r#"{"of": {"constant": 1}, "period": -3}"#,
        both("`period` is -3, but must be a whole number, 0 or more"),
    );
    assert_refused::<Shape>(r#""cos""#, both("unknown name `cos` (did you mean `cosine`?), expected one of"));
    assert_refused::<Beyond>(r#"{"hold": 1}"#, ["found 1, expected a name alone"; 2]);
    assert_refused::<PlateauBuilder>(r#"{"patience": null}"#, both("`patience` is null, but must be a whole number"));
    assert_refused::<PlateauBuilder>(
        r#"{"patiense": 3}"#,
        both("unknown field `patiense` (did you mean `patience`?), expected one of"),
    );
    assert_refused::<Feedback>(r#"{"platau": {}}"#, both("unknown name `platau` (did you mean `plateau`?), expected"));
    assert_refused::<Plan>(r#"{"epochs": true}"#, both("found true, expected a whole number, 0 or more"));
    assert_refused::<Schedule>(r#"{"every": {"n": "2", "of": {}}}"#, both("`n` is \"2\", but must be a whole number"));
    assert_refused::<Dialect>(
        r#"{"library": "torch", "knid": 1}"#,
        both("unknown field `knid` (did you mean `kind`?)"),
    );
}

#[test]
fn twice_is_said_of_a_text_that_is_read_without_a_value_between() {
    let ramp = r#"{"from": 1, "from": 1, "to": 0, "steps": 3}"#;
    let error = serde_json::from_str::<Ramp>(ramp).unwrap_err().to_string();
    assert_said(ramp, &error, "`from` is given twice; remove one of the two at line 1");
    let map = |names: &[&str]| Value::Map(names.iter().map(|name| ((*name).to_owned(), Value::Int(1))).collect());
    let error = <Ramp as Deserialize>::deserialize(&map(&["from", "from"])).unwrap_err().to_string();
    assert_said("a value", &error, "`from` is given twice; remove one of the two");
    let dialect = Dialect::new("torch", "StepLR", map(&["gamma", "gamma"])).unwrap_err().to_string();
    assert_said("parameters", &dialect, "torch.StepLR: `gamma` is given twice; remove one of the two");
}

/// What another name of a library or a scheduler stands for.
#[test]
fn names_that_people_use() {
    for (library, kind, expected) in [
        ("pytorch", "StepLR", ("torch", "StepLR")),
        ("PyTorch", "lr_scheduler.StepLR", ("torch", "StepLR")),
        ("torch==2.15.0", "StepLR", ("torch", "StepLR")),
        ("torch>=2,<3", "torch.optim.lr_scheduler.StepLR", ("torch", "StepLR")),
        ("torch 2.15.0", "torch.optim.lr_scheduler.StepLR", ("torch", "StepLR")),
        ("torch.optim.lr_scheduler", "StepLR", ("torch", "StepLR")),
        ("paddlepaddle", "paddle.optimizer.lr.StepDecay", ("paddle", "StepDecay")),
        ("paddlepaddle-gpu==3.3.1", "StepDecay", ("paddle", "StepDecay")),
        ("tf.keras", "tf.keras.optimizers.schedules.ExponentialDecay", ("keras", "ExponentialDecay")),
        ("tensorflow", "keras.optimizers.schedules.ExponentialDecay", ("keras", "ExponentialDecay")),
        ("jax", "optax.exponential_decay", ("optax", "exponential_decay")),
        ("optax", "optax.contrib.reduce_on_plateau", ("optax", "reduce_on_plateau")),
        ("pytorch-image-models", "timm.scheduler.StepLRScheduler", ("timm", "StepLRScheduler")),
        ("mmengine", "mmengine.optim.scheduler.lr_scheduler.StepLR", ("mmengine", "StepLR")),
        (
            "transformers",
            "cosine_with_restarts",
            ("transformers", "get_cosine_with_hard_restarts_schedule_with_warmup"),
        ),
        ("transformers", "warmup_stable_decay", ("transformers", "get_wsd_schedule")),
        ("transformers", "constant_with_warmup", ("transformers", "get_constant_schedule_with_warmup")),
        ("transformers", "SchedulerType.COSINE", ("transformers", "get_cosine_schedule_with_warmup")),
        ("transformers", "SchedulerType.REDUCE_ON_PLATEAU", ("transformers", "get_reduce_on_plateau_schedule")),
        ("pytorch-ignite", "ignite.handlers.param_scheduler.PiecewiseLinear", ("ignite", "PiecewiseLinear")),
        (
            "lightning-bolts==0.7.0",
            "pl_bolts.optimizers.lr_scheduler.LinearWarmupCosineAnnealingLR",
            ("lightning_bolts", "LinearWarmupCosineAnnealingLR"),
        ),
        ("icefall", "icefall.Eden", ("icefall", "Eden")),
    ] {
        let file = serde_json::json!({"library": library, "kind": kind, "params": {}});
        // The parameters are missing, and of the scheduler that was found.
        let said = match serde_json::from_value::<Dialect>(file) {
            Ok(dialect) => format!("{}.{} ", dialect.library(), dialect.kind()),
            Err(error) => error.to_string(),
        };
        let expected = format!("{}.{}", expected.0, expected.1);
        assert!(
            said.starts_with(&format!("{expected} ")) || said.starts_with(&format!("{expected}:")),
            "{kind}: {said}"
        );
    }
    let written = r#"{"kind": "torch.optim.lr_scheduler.StepLR", "params": {"optimizer_lr": 1, "step_size": 3, "verbose": false}}"#;
    let dialect: Dialect = serde_json::from_str(written).unwrap();
    assert_eq!((dialect.library(), dialect.kind()), ("torch", "StepLR"));
    let type_of = |name| {
        let file = format!("learning_rate: 1.0\nlr_scheduler_type: {name}\nmax_steps: 10\nwarmup_steps: 2");
        read(&file, &Plan::new()).unwrap().groups
    };
    assert_eq!(type_of("SchedulerType.COSINE"), type_of("cosine"));
}

#[test]
fn a_misspelt_name_that_a_trainer_ignores_is_noted() {
    let file = "learning_rate: 1.0\nlr_scheduler_type: cosine\nmax_steps: 10\nwarmup_step: 2\nsave_steps: 5";
    let found = read(file, &Plan::new()).unwrap();
    assert_eq!(found.notes, ["`warmup_step` is not read; did you mean `warmup_steps`?"]);
}
