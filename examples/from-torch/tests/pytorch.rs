//! Every checkpoint of a PyTorch run goes on as PyTorch did, or is refused.

use std::fs;
use std::path::{Path, PathBuf};

use from_torch::{BURNS, Run, Trained};

/// The noise of float32. Losses relative to PyTorch's, parameters absolute; measured over all checkpoints:
///
/// - SGD: losses 1.9e-6, parameters 2.4e-7. PyTorch's own losses in float64 and float32 differ by 1.4e-6.
/// - Adam and AdamW: 3.7e-6 and 3.1e-6, because burn has the betas and the bias corrections in float32. PyTorch's formula
///   with those comes within 4e-7 of burn's losses.
const NOISE: f64 = 6e-6;

/// The checkpoints in a folder, by name.
fn checkpoints(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "pt"));
    paths.map(|path| (path.file_stem().unwrap().display().to_string(), path)).collect()
}

fn compare(what: &str, ours: &Trained, pytorch: &Trained) {
    let (loss, parameter) = (ours.loss_difference(pytorch), ours.parameter_difference(pytorch));
    println!("{what}: losses {loss:.1e}, parameters {parameter:.1e}");
    assert!(loss <= NOISE && parameter <= NOISE, "{what}: losses {loss:.1e}, parameters {parameter:.1e}");
    assert_eq!((ours.losses.len(), ours.parameters.len()), (pytorch.losses.len(), 4), "{what}");
    for (update, (ours, theirs)) in ours.rates.iter().zip(&pytorch.rates).enumerate() {
        assert_eq!(ours.len(), theirs.len(), "{what}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-12 * theirs, "{what}, update {update}: {ours} {theirs}");
        }
    }
}

#[test]
fn training_goes_on_as_in_pytorch() {
    let mut all = checkpoints("../../crates/sched-torch/tests/fixtures/resume");
    all.extend(checkpoints("tests/fixtures").into_iter().filter(|(name, _)| !name.starts_with("refused")));
    assert_eq!(all.len(), 13);
    for (name, path) in all {
        let run = Run::open(&path).unwrap();
        for (burn, train) in BURNS {
            compare(&format!("{name} on {burn}"), &train(&run).unwrap(), &run.pytorch());
        }
    }
}

#[test]
fn what_would_train_otherwise_is_refused() {
    for (name, message) in [
        ("refused-amsgrad", "the optimizer has `amsgrad`"),
        ("refused-nadam", "none of SGD, Adam and AdamW"),
        ("refused-order", "`0.bias` has the shape [16], but `exp_avg` of the optimizer's parameter 1 has [1, 16]"),
    ] {
        let run = Run::open(&Path::new("tests/fixtures").join(name).with_extension("pt")).unwrap();
        for (burn, train) in BURNS {
            let error = train(&run).unwrap_err().to_string();
            assert!(error.contains(message), "{name} on {burn}: {error}");
        }
    }
}
