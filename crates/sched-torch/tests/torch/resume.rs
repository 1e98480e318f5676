//! Schedulers that go on where PyTorch has stopped.

use crate::common::{Json, archive, fixture, index, pickle, unicode};
use sched_dialects::{Dialect, Translation, Value as Param};
use sched_torch::{FindError, Limits, Problem, ResumeError, ResumeOptions, Resumed, TorchFile};
use std::fs;

fn numbers(list: &Json) -> Vec<f64> {
    list.list().iter().map(|number| number.f64().unwrap()).collect()
}

/// The tolerance of the golden cases: a recursion, step by step, against a formula.
fn assert_close(found: f64, wanted: f64, scale: f64, place: &str) -> f64 {
    let error = (found - wanted).abs();
    assert!(error <= 1e-12 * wanted.abs() + 1e-15 * scale, "{place}: {found:?}, but PyTorch has {wanted:?}");
    if wanted == 0.0 { 0.0 } else { error / wanted.abs() }
}

/// The curve of a `LambdaLR`, which is code: here from its parameters in the index.
fn curve(entry: &Json) -> Option<Vec<Translation>> {
    let params = entry.get("params").unwrap();
    let lambda = params.get("lr_lambda")?.str();
    let lrs = match entry.get("optimizer_lr").unwrap() {
        Json::List(lrs) => lrs.iter().map(|lr| lr.f64().unwrap()).collect(),
        lr => vec![lr.f64().unwrap()],
    };
    let torch = |kind: &str, lr: f64, params: &[(&str, Param)]| {
        let lr = ("optimizer_lr".to_owned(), Param::Number(lr));
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).chain([lr]).collect();
        Dialect::new("torch", kind, Param::Map(params)).unwrap().groups()[0].clone()
    };
    let groups = lrs.iter().enumerate().map(|(group, lr)| match lambda {
        "0.95 ** epoch" | "0.95" => torch("ExponentialLR", *lr, &[("gamma", Param::Number(0.95))]),
        "DecayLambda" => {
            let args = &params.get("lambda_args").unwrap().list()[group].list().to_vec();
            let Json::Int(period) = args[1] else { panic!("{args:?}") };
            let (rate, period) = (Param::Number(args[0].f64().unwrap()), Param::Int(period.into()));
            torch("StepLR", *lr, &[("gamma", rate), ("step_size", period)])
        }
        other => panic!("{other}"),
    });
    Some(groups.collect())
}

/// Compares the next 51 rates of every group with PyTorch's; the number of them, and the largest relative error.
fn compare(entry: &Json, resumed: &Resumed, name: &str) -> (usize, f64) {
    let (mut count, mut worst) = (0, 0.0_f64);
    let metrics = entry.get("next_metrics").map(numbers);
    let momenta = entry.get("next_momentum").filter(|momenta| **momenta != Json::Null);
    let groups = entry.get("next_lrs").unwrap().list();
    assert_eq!(resumed.groups.len(), groups.len(), "{name}");
    for (g, lrs) in groups.iter().enumerate() {
        let lrs = numbers(lrs);
        assert_eq!(lrs.len(), 51);
        let group = &resumed.groups[g];
        let mut scheduler = group.scheduler.clone();
        let Json::Int(k) = *entry.get("k").unwrap() else { panic!() };
        assert_eq!(scheduler.position(), k as u64, "{name}");
        let scale = lrs.iter().copied().fold(0.0, f64::max);
        let momenta = momenta.map(|momenta| numbers(&momenta.list()[g]));
        for (j, lr) in lrs.iter().enumerate() {
            let place = format!("{name}, group {g}, step {j}");
            if let Some(momenta) = &momenta {
                let found =
                    group.momentum.as_ref().unwrap_or_else(|| panic!("{place}: no momentum")).at(scheduler.position());
                worst = worst.max(assert_close(found, momenta[j], 1.0, &place));
                count += 1;
            }
            worst = worst.max(assert_close(scheduler.step(), *lr, scale, &place));
            count += 1;
            if let Some(metric) = metrics.as_ref().and_then(|metrics| metrics.get(j)) {
                scheduler.observe(*metric).unwrap();
            }
        }
    }
    (count, worst)
}

#[test]
fn every_state_dict_goes_on_as_pytorch_does() {
    let (mut files, mut rates, mut worst) = (0, 0, 0.0_f64);
    for entry in index() {
        let class = entry.get("class").unwrap().str();
        for kind in ["checkpoint", "scheduler"] {
            let name = entry.get("files").unwrap().get(kind).unwrap().str();
            let file = TorchFile::open(fixture(&format!("state_dicts/{name}"))).unwrap();
            let mut options = ResumeOptions::new();
            if let Some(curve) = curve(&entry) {
                let error = file.resume(&options).unwrap_err();
                assert!(matches!(&error, ResumeError::Code { .. }), "{name}: {error}");
                options = options.schedule(curve);
            }
            let resumed = file.resume(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(resumed.class.unwrap().contains(class), "{name}: {:?}", resumed.class);
            assert_eq!(resumed.optimizer_path.is_some(), kind == "checkpoint", "{name}");
            assert!(resumed.unknown_keys.is_empty() && resumed.missing_keys.is_empty(), "{name}: {resumed:?}");
            let (count, error) = compare(&entry, &resumed, name);
            (files, rates, worst) = (files + 1, rates + count, worst.max(error));
        }
    }
    println!("{files} files, {rates} rates and momenta, largest relative error {worst:.1e}");
    assert_eq!((files, rates), (76, 6426));
}

fn open(name: &str) -> TorchFile {
    TorchFile::open(fixture(name)).unwrap()
}

/// `reference/make_resumes.py` wrote these.
#[test]
fn unusual_checkpoints_go_on_as_pytorch_does() {
    let next: Json = serde_json::from_slice(&fs::read(fixture("drift/next.json")).unwrap()).unwrap();
    let Json::Dict(entries) = next else { panic!() };
    for (name, rates) in &entries {
        let file = open(&format!("drift/{name}.pt"));
        let mut options = ResumeOptions::new();
        if name == "lightning" {
            let error = file.resume(&options).unwrap_err();
            assert!(matches!(error, ResumeError::Find(FindError::Several { .. })), "{error}");
            options = options.key("lr_schedulers.1");
        }
        let resumed = file.resume(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
        let place = if name == "lightning" { "optimizer_states.1" } else { "optimizer" };
        assert_eq!(resumed.optimizer_path.as_deref(), Some(place), "{name}");
        let [missing, unknown] = [resumed.missing_keys.join(", "), resumed.unknown_keys.join(", ")];
        assert_eq!(missing, if name == "1.3-StepLR" { "scheduler._last_lr" } else { "" }, "{name}");
        assert_eq!(unknown, if name == "unknown-key" { "scheduler.my_note" } else { "" }, "{name}");
        let mut scheduler = resumed.groups[0].scheduler.clone();
        // NumPy's float32 stays one in PyTorch.
        let rounding = if name == "numpy-gamma" { 1e-7 } else { 0.0 };
        for (step, lr) in numbers(rates).into_iter().enumerate() {
            let found = scheduler.step();
            if (found - lr).abs() > rounding * lr {
                assert_close(found, lr, 1.0, &format!("{name}, step {step}"));
            }
        }
    }
    assert_eq!(entries.len(), 14);
}

/// The state dict of a file, as the index has it, with one key changed, in the notation of a pickle.
fn refused(changes: &[(&str, Option<&[u8]>)], options: &ResumeOptions) -> ResumeError {
    let base: [(&str, &[u8]); 6] = [
        ("step_size", b"K\x05"),
        ("gamma", b"G\x3f\xe0\0\0\0\0\0\0"),
        ("base_lrs", b"]G\x3f\xe0\0\0\0\0\0\0a"),
        ("last_epoch", b"K\x07"),
        ("_step_count", b"K\x08"),
        ("_last_lr", b"]G\x3f\xd0\0\0\0\0\0\0a"),
    ];
    let mut bytes = b"}(".to_vec();
    let changed = |key: &str| changes.iter().find(|(changed, _)| *changed == key);
    let kept = base.iter().filter(|(key, _)| changed(key).is_none()).map(|(key, value)| (*key, *value));
    let new = changes.iter().filter_map(|(key, value)| Some((*key, (*value)?)));
    for (key, value) in kept.chain(new) {
        bytes.extend(unicode(key));
        bytes.extend(value);
    }
    bytes.push(b'u');
    let file = TorchFile::from_bytes(archive(&pickle(&[&bytes]), &[]), Limits::default()).unwrap();
    file.resume(options).unwrap_err()
}

#[test]
fn what_is_wrong_is_named() {
    let none = ResumeOptions::new();
    let class = |name: &str| ResumeOptions::new().class(name);
    let list = [b"]".as_slice(), b"K\x03a"].concat();
    for (error, message) in [
        (refused(&[("gamma", None)], &none), "StepLR comes closest, but also has `gamma`"),
        (refused(&[("gamma", None)], &class("StepLR")), "StepLR needs `gamma`"),
        (refused(&[("base_lrs", None)], &none), "StepLR needs `base_lrs`"),
        (refused(&[], &class("CosineLR")), "no scheduler `CosineLR`"),
        (refused(&[], &class("StpLR")), "no scheduler `StpLR` that is known here (did you mean `StepLR`?)"),
        (refused(&[("step_size", Some(b"X\x01\0\0\0a"))], &none), "`step_size` is \"a\", but must be"),
        (refused(&[("base_lrs", Some(b"]G\xbf\xe0\0\0\0\0\0\0a"))], &none), "`base_lrs` is [-0.5], but must be"),
        (refused(&[("milestones", Some(&list))], &none), "fit StepLR and MultiStepLR; choose one"),
        // A custom class that has all keys of one of PyTorch's and does something else.
        (refused(&[("hold", Some(b"K\x02")), ("_last_lr", Some(b"]K\x01a"))], &none), "and also `hold`"),
        (
            refused(&[("lr_lambdas", Some(b"]Na")), ("gamma", None), ("step_size", None)], &none),
            "position: 7, with base rates [0.5]",
        ),
        (
            refused(&[("gamma", None), ("_schedulers", Some(b"]q\0h\0a"))], &none),
            "`_schedulers` is [...], but must be a list of state dicts",
        ),
        // A count that overflows where 1 is subtracted.
        (
            refused(
                &[
                    ("gamma", None),
                    ("step_size", None),
                    ("anneal_epochs", Some(b"K\x05")),
                    ("_anneal_strategy", Some(b"X\x03\0\0\0cos")),
                    ("_step_count", Some(b"\x8a\x08\0\0\0\0\0\0\0\x80")),
                ],
                &none,
            ),
            "SWALR keeps `swa_lr` in the optimizer's `param_groups`",
        ),
        // `_schedulers` that hold themselves.
        (
            refused(&[("gamma", None), ("_schedulers", Some(b"]q\0}q\x01(X\x0b\0\0\0_schedulersh\0ua"))], &none),
            "nested too deeply",
        ),
    ] {
        assert!(error.to_string().contains(message), "{message}: {error}");
    }
}

#[test]
fn one_schedule_serves_all_groups_and_a_difference_is_told() {
    let file = open("state_dicts/LambdaLR-function-g2-k5.scheduler.pt");
    let params = [("optimizer_lr", 0.1), ("gamma", 0.95)].map(|(name, value)| (name.to_owned(), Param::Number(value)));
    let exponential = Dialect::new("torch", "ExponentialLR", Param::Map(params.to_vec())).unwrap();
    let resumed = file.resume(&ResumeOptions::new().schedule(exponential.groups())).unwrap();
    assert_eq!(resumed.assumed, Vec::<String>::new());
    let rates: Vec<f64> = resumed.groups.iter().map(|group| group.scheduler.peek()).collect();
    assert_close(rates[0], 0.07737809374999999, 1.0, "group 0");
    assert_close(rates[1], 0.007737809374999998, 1.0, "group 1");

    let constant = Translation::from(sched_core::Schedule::constant(0.5).unwrap());
    let resumed = file.resume(&ResumeOptions::new().schedule([constant.clone(), constant.clone()])).unwrap();
    assert!(resumed.assumed[1].contains("0.5 at position 5 of group 1, where PyTorch had 0.007737"), "{resumed:?}");
    let error = file.resume(&ResumeOptions::new().schedule(vec![constant; 3])).unwrap_err();
    assert_eq!(error, ResumeError::Groups { given: 3, found: 2 });
}

/// Without the optimizer, `OneCycleLR` is only right with PyTorch's defaults, and its rate shows whether it has them.
#[test]
fn a_peak_that_the_file_does_not_have_is_asked_for() {
    let file = open("state_dicts/OneCycleLR-g1-k15.checkpoint.pt");
    assert!(file.resume(&ResumeOptions::new()).unwrap().assumed.is_empty());
    let file = open("state_dicts/OneCycleLR-g1-k15.scheduler.pt");
    assert_eq!(file.resume(&ResumeOptions::new()).unwrap().assumed.len(), 2);
    let error = open("drift/OneCycleLR-without-optimizer.pt").resume(&ResumeOptions::new()).unwrap_err();
    let needs = matches!(&error, ResumeError::State { problem: Problem::NeedsOptimizer { .. }, .. });
    assert!(needs && error.to_string().contains("`max_lr`, `min_lr`"), "{error}");
}
