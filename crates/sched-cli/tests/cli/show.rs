//! `sched FILE`.

use predicates::str::contains;

use crate::common::{COSINE, Folder};

const DECAY: &str =
    r#"{"library": "torch", "kind": "CosineAnnealingLR", "params": {"optimizer_lr": 10, "T_max": 10000}}"#;

#[test]
fn a_file_alone_is_shown_in_words_as_a_picture_and_with_findings() {
    let folder = Folder::with([("cosine.json", COSINE), ("decay.json", DECAY)]);
    let text = folder.stdout("cosine.json");
    let (picture, rest) = text.split_once("\n\ncosine: ").unwrap();
    assert!(picture.contains("│") && picture.contains("8000"), "{text}");
    assert!(rest.starts_with("linear 0 -> 0.1 over 500, then cosine 0.1 -> 1e-5 over 8500\n"), "{text}");
    assert!(rest.ends_with("\ncosine.json: no problems found for a run of 9000 steps\n"), "{text}");

    // The schedule's own numbers tell how long it is; findings are no failure here.
    let shown = "decay.json: shows 10001 steps, enough to see a schedule that never ends";
    let output = folder.sched("decay.json").assert().success().stderr(contains(shown)).get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\ndecay.json: high peak at step 0: the highest rate is 10, above 1\n  fix: "), "{text}");
    assert!(!text.contains("rises again"), "{text}");
}

#[test]
fn several_files_share_a_picture_and_the_run() {
    let folder = Folder::with([("a.json", COSINE), ("b.json", r#"{"constant": 0.05}"#)]);
    let text = folder.stdout("a.json b.json --steps 9000");
    for part in ["a a: linear 0", "b b: 0.05", "\na.json: no problems", "\nb.json: no problems found for a run of 9000"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_mistyped_subcommand_is_no_file() {
    let error = Folder::with([]).refusal("plto x.json");
    assert!(
        error.contains(
            "there is no file and no subcommand `plto` (did you mean `plot`?); the subcommands are lr, plot, check"
        ),
        "{error}"
    );
    Folder::with([]).sched("").assert().code(2).stderr(contains("Usage: sched"));
}

#[test]
fn what_only_the_length_of_the_run_tells_is_not_reported_without_it() {
    let plateau = r#"{"library": "torch", "kind": "ReduceLROnPlateau", "params": {"optimizer_lr": 0.1}}"#;
    let folder = Folder::with([
        ("plateau.json", plateau),
        ("exp.json", r#"{"exponential": {"initial": 0.1, "gamma": 0, "decay_steps": 1}}"#),
    ]);
    for file in ["plateau.json", "exp.json"] {
        let text = folder.stdout(file);
        assert!(
            text.ends_with(&format!("\n{file}: no problems found; with `--steps`, its length is checked too\n")),
            "{text}"
        );
    }
    assert!(folder.stdout("plateau.json --steps 5").contains("patience too long"));
}
