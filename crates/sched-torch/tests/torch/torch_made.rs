//! One set of values, written by real PyTorch in every protocol and container (`reference/make_files.py`).

use crate::common::{Json, fixture};
use sched_torch::TorchFile;
use std::fs;

#[test]
fn every_way_of_writing_gives_the_same_values() {
    let tensors: Json = serde_json::from_slice(&fs::read(fixture("torch/tensors.json")).unwrap()).unwrap();
    let Json::Dict(tensors) = tensors else { panic!("not a dict") };
    let mut files = 0;
    for entry in fs::read_dir(fixture("torch")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() != "pt" {
            continue;
        }
        files += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let file = TorchFile::open(&path).unwrap();
        assert_eq!(file.unknown_globals(), Vec::<String>::new(), "{name}");
        let mut read = 0;
        for (path, wanted) in &tensors {
            // The newer unsigned types cannot be written as a stream.
            let Ok(found) = file.at(path) else {
                assert!(name.contains("legacy") && wanted.get("dtype").unwrap().str().starts_with("uint"));
                continue;
            };
            read += 1;
            let found = found.as_tensor().unwrap();
            assert_eq!(found.dtype().name(), wanted.get("dtype").unwrap().str(), "{name}: {path}");
            let shape = found.shape().iter().map(|size| Json::Int(i64::try_from(*size).unwrap())).collect();
            assert_eq!(&Json::List(shape), wanted.get("shape").unwrap(), "{name}: {path}");
            let data: Vec<f64> = wanted.get("data").unwrap().list().iter().map(|x| x.f64().unwrap()).collect();
            assert_eq!(found.to_f64_vec().unwrap(), data, "{name}: {path}");
        }
        assert!(read >= tensors.len() - 3);

        let views = ["transposed", "every fifth", "expanded"].map(|key| file.at(key).unwrap().as_tensor().unwrap());
        assert!(views[0].shares_storage_with(views[1]) && views[1].shares_storage_with(views[2]), "{name}");
        assert!(file.at("shared.outer").unwrap().is_same_object(file.at("shared.inner.again").unwrap()), "{name}");

        let others = file.root().as_dict().unwrap().entries().skip(8);
        let others: Vec<String> = others.map(|(key, value)| format!("{key}: {value}")).collect();
        assert_eq!(
            others,
            [
                "'complex': tensor(complex64, [1])",
                "'shared': {'outer': [0.5], 'inner': {'again': [0.5]}}",
                "'itself': [1, ...]",
                "'ordered': OrderedDict({'b': 2, 'a': 1})",
                "'counter': Counter({12: 2, 3: 1})",
                "'default': defaultdict({1: [2]})",
                "'set': {1}",
                "'frozen': {2}",
                r"'bytes': b'a\xff'",
                "'bytearray': b'xy'",
                "'complex number': complex(0.0, 1.0)",
                "'big': <int of 9 bytes>",
                "'long': -9223372036854775808",
                "'size': (2, 3)",
                "'dtype': torch.float32",
                "'device': <torch.device('cpu',)>",
                "'floats': [0.1, 1e-05, 1e+16, inf, -0.0]",
                "7: None",
                "(1, 'two'): True",
            ],
            "{name}"
        );
    }
    assert_eq!(files, 9);
}
