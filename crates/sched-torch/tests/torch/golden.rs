//! Files that PyTorch wrote are read to exactly what they hold.

use crate::common::{Json, assert_is, fixture, index};
use sched_torch::{DictKind, TorchFile};
use std::fs;

#[test]
fn every_state_dict_is_what_the_index_says() {
    let mut files = 0;
    for entry in index() {
        let name = |kind| entry.get("files").unwrap().get(kind).unwrap().str();
        let open = |name| TorchFile::open(fixture(&format!("state_dicts/{name}"))).unwrap();

        let scheduler = open(name("scheduler"));
        let wanted = entry.get("scheduler_state_dict").unwrap();
        assert_is(scheduler.root(), wanted, name("scheduler"));
        assert_eq!(scheduler.find_scheduler(None).unwrap().path, "");

        let checkpoint = open(name("checkpoint"));
        assert_eq!(checkpoint.root().as_dict().unwrap().len(), 3);
        for key in ["scheduler_state_dict", "optimizer_state_dict", "model_state_dict"] {
            let value = checkpoint.root().get(key).unwrap();
            assert_is(value, entry.get(key).unwrap(), &format!("{}: {key}", name("checkpoint")));
        }
        let found = checkpoint.find_scheduler(None).unwrap();
        assert_eq!(found.path, "scheduler_state_dict");
        assert_is(found.value, wanted, name("checkpoint"));

        for file in [scheduler, checkpoint] {
            assert_eq!(file.unknown_globals(), Vec::<String>::new());
            files += 1;
        }
    }
    assert_eq!(files, 76);
    let in_folder = fs::read_dir(fixture("state_dicts")).unwrap();
    assert_eq!(in_folder.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "pt").count(), files);
}

#[test]
fn sequential_shares_one_list_with_its_active_member() {
    let file = TorchFile::open(fixture("state_dicts/SequentialLR-g1-k6.scheduler.pt")).unwrap();
    let outer = file.at("_last_lr").unwrap();
    assert_eq!(outer.as_f64_vec(), Some(vec![0.06400000000000002]));
    assert!(file.at("_schedulers.0._last_lr").unwrap().is_same_object(outer));
    assert!(!file.at("_schedulers.1._last_lr").unwrap().is_same_object(outer));
}

fn numbers(lists: &Json) -> Vec<Vec<f64>> {
    lists.list().iter().map(|list| list.list().iter().map(|number| number.f64().unwrap()).collect()).collect()
}

#[test]
fn whole_checkpoints_hold_the_parameters_that_training_goes_on_from() {
    let mut files = 0;
    for entry in fs::read_dir(fixture("resume")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() != "pt" {
            continue;
        }
        files += 1;
        let next: Json = serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let file = TorchFile::open(&path).unwrap();
        let model = file.root().get("model_state_dict").unwrap().as_dict().unwrap();
        assert_eq!(model.kind(), DictKind::OrderedDict);
        assert!(model.attributes().get("_metadata").is_some());

        let names: Vec<Json> = model.keys().map(|name| Json::Str(name.as_str().unwrap().to_owned())).collect();
        assert_eq!(next.get("parameter_names"), Some(&Json::List(names)));
        let parameters: Vec<Vec<f64>> =
            model.entries().map(|(_, value)| value.as_tensor().unwrap().to_f64_vec().unwrap()).collect();
        assert_eq!(parameters, numbers(next.get("parameters_at_k").unwrap()), "{}", path.display());

        let lrs = numbers(next.get("next_lrs").unwrap()).swap_remove(0);
        let groups = file.at("optimizer_state_dict.param_groups").unwrap();
        let group_lrs: Option<Vec<f64>> = groups.as_list().unwrap().map(|group| group.get("lr")?.as_f64()).collect();
        assert_eq!(group_lrs, Some(lrs.clone()), "{}", path.display());
        assert_eq!(file.find_scheduler(None).unwrap().value.get("_last_lr").unwrap().as_f64_vec(), Some(lrs));
        assert_eq!(file.unknown_globals(), Vec::<String>::new());
    }
    assert_eq!(files, 7);
}
