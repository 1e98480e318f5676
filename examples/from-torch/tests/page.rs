//! `docs/from-pytorch.md`: its Rust is here and runs, and its tables have all keys.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use sched_burn::Scheduler;
use sched_burn::sched_torch::StateDict;
use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/from-pytorch.md");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/sched-torch/tests/fixtures");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn first_rate() -> Result<f64> {
    use sched_burn::prelude::*;

    let mut scheduler = Scheduler::from_torch("checkpoint.pt")?;
    Ok(scheduler.step())
}

fn per_epoch() -> Result<(Scheduler, Scheduler)> {
    let steps_per_epoch = 4;
    let epochs = Scheduler::from_torch("checkpoint.pt")?;
    let schedule = epochs.schedule().ok_or("no schedule")?;
    let mut scheduler = Scheduler::new(schedule.per_epoch(steps_per_epoch)?);
    scheduler.seek(epochs.position() * steps_per_epoch);
    Ok((epochs, scheduler))
}

fn groups() -> Result<burn_0_22::lr_scheduler::module_lr_scheduler::ModuleLrScheduler> {
    use burn_0_22 as burn;

    use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
    use burn::module::ParamGroup;
    use sched_burn::sched_torch::ResumeOptions;

    let groups = Scheduler::from_torch_groups("checkpoint.pt", &ResumeOptions::new())?;
    let [backbone, head] = <[Scheduler; 2]>::try_from(groups).map_err(|_| "not two groups")?;
    let scheduler = ModuleLrScheduler::new(backbone).with_group(ParamGroup::from_predicate("head."), head);
    Ok(scheduler)
}

fn momentum() -> Result<Option<f64>> {
    use sched_burn::sched_torch::{ResumeOptions, TorchFile};

    let resumed = TorchFile::open("checkpoint.pt")?.resume(&ResumeOptions::new())?;
    let group = &resumed.groups[0];
    let momentum = group.momentum.as_ref().map(|momentum| momentum.at(group.scheduler.position()));
    Ok(momentum)
}

fn tensor() -> Result<(Vec<u64>, Vec<f64>)> {
    use sched_burn::sched_torch::TorchFile;

    let file = TorchFile::open("checkpoint.pt")?;
    let weight = file.at("model_state_dict.0.weight")?.as_tensor().ok_or("not a tensor")?;
    let (shape, elements) = (weight.shape(), weight.to_f64_vec()?);
    Ok((shape.to_vec(), elements))
}

fn back(scheduler: &Scheduler) -> Result<StateDict> {
    use sched_burn::sched_core;
    use sched_burn::sched_torch::{ResumedGroup, StateDict};

    let scheduler = sched_core::Scheduler::from_state(&scheduler.state())?;
    let state_dict = StateDict::recognised(&[ResumedGroup { scheduler, momentum: None }])?;
    println!("{:?}", state_dict.constructor()); // Some("MultiStepLR(optimizer, milestones=[5, 12, 12], gamma=0.3)")
    state_dict.save("scheduler.pt")?;
    Ok(state_dict)
}

/// Makes it the `checkpoint.pt` of the page. Returns what PyTorch did next.
fn checkpoint(name: &str) -> Value {
    let from = Path::new(FIXTURES).join("resume").join(name);
    fs::copy(from.with_extension("pt"), "checkpoint.pt").unwrap();
    serde_json::from_slice(&fs::read(from.with_extension("json")).unwrap()).unwrap()
}

#[test]
fn the_code_does_what_the_page_says() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&folder).unwrap();
    env::set_current_dir(folder).unwrap();

    let next = checkpoint("sgd-multistep-epochs");
    assert_eq!(first_rate().unwrap(), next["next_lrs"][0][0]);
    let (epochs, updates) = per_epoch().unwrap();
    assert_eq!((epochs.position(), updates.position()), (8, 32));
    for (i, rates) in next["next_lrs"].as_array().unwrap().iter().enumerate() {
        let (ours, theirs) = (updates.at(32 + i as u64), rates[0].as_f64().unwrap());
        assert!((ours - theirs).abs() <= 1e-12 * theirs, "{i}: {ours} {theirs}");
    }
    let state_dict = back(&epochs).unwrap();
    assert_eq!(state_dict.constructor(), Some("MultiStepLR(optimizer, milestones=[5, 12, 12], gamma=0.3)"));
    let refused = back(&updates).unwrap_err().to_string();
    assert!(refused.contains("stepped once an epoch"), "{refused}");
    let again = Scheduler::from_torch("scheduler.pt").unwrap();
    assert_eq!((again.position(), again.peek()), (8, epochs.peek()));

    let next = checkpoint("adamw-warmup-cosine-groups");
    let rates = groups().unwrap().step();
    for (group, path) in ["backbone.weight", "head.weight"].into_iter().enumerate() {
        let (ours, theirs) = (rates.lr_from_param(0.into(), Some(path)), next["next_lrs"][0][group].as_f64().unwrap());
        assert!((ours - theirs).abs() <= 1e-12 * theirs, "{path}: {ours} {theirs}");
    }
    let (shape, elements) = tensor().unwrap();
    assert_eq!(shape, [16, 4]);
    assert_eq!(serde_json::to_value(elements).unwrap(), next["parameters_at_k"][0]);

    let next = checkpoint("sgd-onecycle-momentum");
    let (ours, theirs) = (momentum().unwrap().unwrap(), next["next_momentum_or_beta1"][0][0].as_f64().unwrap());
    assert!((ours - theirs).abs() <= 1e-12 * theirs, "{ours} {theirs}");
}

#[test]
fn the_code_of_the_page_is_in_this_file() {
    let lines = |text: &'static str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let here = lines(include_str!("page.rs"));
    let blocks: Vec<_> = PAGE.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        let block = lines(block);
        assert!(here.windows(block.len()).any(|window| window == block), "{block:#?}");
    }
}

#[test]
fn every_key_of_a_state_dict_is_in_a_table() {
    let first_columns = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let cells = first_columns.flat_map(|column| column.split('`'));
    let explained: BTreeSet<_> = cells.filter_map(|cell| cell.rsplit('.').next()).map(str::to_owned).collect();

    let index: Value =
        serde_json::from_slice(&fs::read(Path::new(FIXTURES).join("state_dicts/index.json")).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for entry in index.as_array().unwrap() {
        of_scheduler(&entry["scheduler_state_dict"], &mut found);
        let optimizer = &entry["optimizer_state_dict"];
        let groups = optimizer["param_groups"].as_array().into_iter().flatten();
        let states = optimizer["state"]["__dict__"].as_array().into_iter().flatten().map(|entry| &entry[1]);
        for dict in groups.chain(states) {
            found.extend(dict.as_object().into_iter().flat_map(|dict| dict.keys().cloned()));
        }
    }
    assert!(found.contains("T_max") && found.contains("exp_avg_sq"));
    let missing: Vec<_> = found.difference(&explained).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn of_scheduler(dict: &Value, keys: &mut BTreeSet<String>) {
    keys.extend(dict.as_object().into_iter().flat_map(|dict| dict.keys().cloned()));
    for member in dict["_schedulers"].as_array().into_iter().flatten() {
        of_scheduler(member, keys);
    }
}
