//! Where the scheduler is found, and what is said where it is not.

use crate::common::{pickle, stream, unicode};
use sched_torch::{FindError, Limits, TorchFile};

/// Opcodes of a dict with string keys.
fn dict(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<u8> = entries.iter().flat_map(|(key, value)| [unicode(key), value.clone()].concat()).collect();
    [b"}(", &entries[..], b"u"].concat()
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [b"](", &items.concat()[..], b"e"].concat()
}

fn scheduler(epoch: u8) -> Vec<u8> {
    dict(&[("gamma", b"K\x01".to_vec()), ("last_epoch", vec![b'K', epoch])])
}

fn open(root: &[u8]) -> TorchFile {
    TorchFile::from_bytes(stream(&pickle(&[root]), &[]), Limits::default()).unwrap()
}

/// The path and the epoch of what is found.
fn found(root: &[u8]) -> (String, i64) {
    let file = open(root);
    let found = file.find_scheduler(None).unwrap();
    (found.path, found.value.get("last_epoch").unwrap().as_i64().unwrap())
}

#[test]
fn the_usual_places_are_known() {
    // accelerate's scheduler.bin and transformers' scheduler.pt are bare.
    assert_eq!(found(&scheduler(3)), (String::new(), 3));
    for key in ["scheduler_state_dict", "scheduler", "lr_scheduler", "my_sched"] {
        let root = dict(&[("model", dict(&[])), ("epoch", b"K\x09".to_vec()), (key, scheduler(4))]);
        assert_eq!(found(&root), (key.to_owned(), 4));
    }
    let lightning = dict(&[
        ("epoch", b"K\x02".to_vec()),
        ("optimizer_states", list(&[dict(&[("state", dict(&[])), ("param_groups", list(&[dict(&[])]))])])),
        ("lr_schedulers", list(&[scheduler(5)])),
    ]);
    assert_eq!(found(&lightning), ("lr_schedulers.0".to_owned(), 5));
    let by_name = dict(&[("schedulers", dict(&[("generator", scheduler(6))]))]);
    assert_eq!(found(&by_name), ("schedulers.generator".to_owned(), 6));

    // A chained scheduler has no epoch of its own; its members are not candidates beside it.
    let chained = dict(&[("_last_lr", list(&[])), ("_schedulers", list(&[scheduler(1), scheduler(1)]))]);
    assert_eq!(open(&chained).find_scheduler(None).unwrap().path, "");
    let within = open(&dict(&[("scheduler", chained)]));
    assert_eq!(within.find_scheduler(None).unwrap().path, "scheduler");

    // Under its usual name a dict is a candidate whatever its keys are; saying no is for whoever knows the classes.
    let other = open(&dict(&[("lr_scheduler", dict(&[("last_batch_iteration", b"K\x07".to_vec())]))]));
    assert_eq!(other.find_scheduler(None).unwrap().path, "lr_scheduler");
    let beside = dict(&[("scheduler", dict(&[("name", unicode("cosine"))])), ("sched", scheduler(8))]);
    assert_eq!(found(&beside), ("sched".to_owned(), 8));
}

#[test]
fn several_are_listed_and_a_path_chooses() {
    let root = dict(&[
        ("lr_schedulers", list(&[scheduler(1), scheduler(2)])),
        ("warmup", scheduler(3)),
        ("model", dict(&[("layer.0.weight", scheduler(4))])),
        ("by_number", b"}K\x07K\x08s".to_vec()),
    ]);
    let file = open(&root);
    let error = file.find_scheduler(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 schedulers: `lr_schedulers.0`, `lr_schedulers.1`, `warmup`; name one of these paths"
    );
    let epoch = |path| file.find_scheduler(Some(path)).unwrap().value.get("last_epoch").unwrap().as_i64();
    assert_eq!(epoch("lr_schedulers.1"), Some(2));
    assert_eq!(epoch("model.layer.0.weight"), Some(4));
    assert_eq!(file.at("lr_schedulers.0.last_epoch").unwrap().as_i64(), Some(1));
    assert_eq!(file.at("by_number.7").unwrap().as_i64(), Some(8));
    assert!(file.at("").unwrap().is_same_object(file.root()));

    let message = |path| file.find_scheduler(Some(path)).unwrap_err().to_string();
    assert_eq!(
        message("lr_schedulers.2"),
        "`lr_schedulers.2` is not in the file: `lr_schedulers` is [{'gamma': 1, 'last_epoch': 1}, {'gamma': 1, 'last_epoch': 2}]"
    );
    assert_eq!(message("model.x"), "`model.x` is not in the file: `model` is a dict with the keys 'layer.0.weight'");
    assert!(message("nothing").contains("the root is a dict with the keys 'lr_schedulers', 'warmup'"));
    assert_eq!(message("by_number.7"), "`by_number.7` is not a state dict but 8");
    assert!(file.at("warmup.").is_err() && file.at(".").is_err() && file.at("warmup..last_epoch").is_err());
}

#[test]
fn none_says_what_the_file_holds() {
    let message = |root: &[u8]| open(root).find_scheduler(None).unwrap_err().to_string();
    assert_eq!(
        message(&dict(&[("state_dict", dict(&[])), ("epoch", b"K\x01".to_vec())])),
        "no scheduler found in a dict with the keys 'state_dict', 'epoch'; name its place with a path such as \
         `trainer.scheduler`"
    );
    // A scheduler that was pickled whole.
    let whole = b"ctorch.optim.lr_scheduler\nStepLR\n)\x81}b";
    assert!(message(whole).contains("<torch.optim.lr_scheduler.StepLR() state {}>"));
    let held = open(&dict(&[("scheduler", whole.to_vec())]));
    assert!(matches!(held.find_scheduler(None), Err(FindError::NotFound { .. })));
    assert_eq!(held.unknown_globals(), ["torch.optim.lr_scheduler.StepLR"]);
}
