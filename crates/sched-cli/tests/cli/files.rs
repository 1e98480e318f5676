//! How the command reads and writes files: within limits, and never half.

use std::fs::{self, File};
use std::io::Write;

use crate::common::Folder;

const RAMP: &str = r#"{"ramp": {"from": 1.0, "to": 0.0, "steps": 10}}"#;

#[test]
fn a_file_over_the_limit_is_refused_unless_the_limit_is_raised() {
    let folder = Folder::with([]);
    let padded = format!("{RAMP}{}", " ".repeat(100));
    fs::write(folder.path("padded.json"), &padded).unwrap();
    let error = folder.refusal("lr padded.json --max-bytes 100");
    assert!(error.contains("more than the limit of 100 bytes"), "{error}");
    assert!(error.contains("raise the limit with `--max-bytes`"), "{error}");
    folder.stdout("lr padded.json --max-bytes 1000");

    // Sparse, so it takes no space; its size alone refuses it.
    File::create(folder.path("sparse.json")).unwrap().set_len(1 << 31).unwrap();
    for command in ["lr", "check", "plot", "inspect"] {
        let error = folder.refusal(&format!("{command} sparse.json"));
        assert!(error.contains("2147483648 bytes, more than the limit of 16 MiB"), "{command}: {error}");
    }
}

#[test]
fn what_is_unpacked_counts_too() {
    let folder = Folder::with([]);
    let file = File::create(folder.path("bomb.mpk.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
    for _ in 0..20 {
        packed.write_all(&vec![0; 1 << 20]).unwrap();
    }
    packed.finish().unwrap();
    let error = folder.refusal("inspect bomb.mpk.gz");
    assert!(error.contains("more bytes than the limit of 16 MiB"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let folder = Folder::with([]);
    let made = std::process::Command::new("mkfifo").arg(folder.path("pipe.json")).status().unwrap();
    assert!(made.success());
    for (file, what) in [("pipe.json", "a named pipe (FIFO)"), ("/dev/zero", "a device"), (".", "a folder")] {
        let error = folder.refusal(&format!("lr {file}"));
        assert!(error.contains(what), "{file}: {error}");
    }
}

#[test]
fn a_file_is_replaced_in_one_go() {
    let folder = Folder::with([]);
    fs::write(folder.path("s.json"), RAMP).unwrap();
    folder.stdout("convert s.json -o s.json --force");
    assert!(fs::read_to_string(folder.path("s.json")).unwrap().contains("\"ramp\""));
    for picture in ["s.svg", "s.png", "s.html"] {
        folder.stdout(&format!("plot s.json -o {picture}"));
        assert!(folder.path(picture).metadata().unwrap().len() > 1000, "{picture}");
        let error = folder.refusal(&format!("plot s.json -o missing/{picture}"));
        assert!(error.contains("the folder `missing` does not exist"), "{error}");
    }
    // What is no regular file stays what it is.
    fs::create_dir(folder.path("folder.svg")).unwrap();
    assert!(folder.refusal("plot s.json -o folder.svg").contains("folder.svg"));
    assert!(folder.path("folder.svg").is_dir());
    let left: Vec<_> = fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 5, "no temporary file is left: {left:?}");
}

#[test]
fn the_number_of_upcoming_rates_is_bounded() {
    let folder = Folder::with([]);
    fs::write(folder.path("state.mpk"), "").unwrap();
    for next in ["18446744073709551615", "1000001"] {
        let error = folder.refusal(&format!("inspect state.mpk --next {next}"));
        assert!(error.contains("must be at most 1000000"), "{error}");
    }
}

#[test]
fn an_error_in_a_file_has_its_place() {
    let step = "{\n  \"library\": \"torch\",\n  \"kind\": \"StepLR\",\n  \"params\": {\"optimizer_lr\": 0.1, \"step_size\": -5}\n}";
    let unknown = "library = \"torch\"\nkind = \"StepLR\"\n[params]\noptimizer_lr = 0.1\nstep_siez = 30\n";
    let own = "sequence:\n  - schedule:\n      ramp: {from: -1, to: 0, steps: 5}\n";
    let unclosed = "{\n  \"constant\": 1\n";
    let plan = "{\n  \"epoch\": 3\n}";
    let folder = Folder::with([
        ("step.json", step),
        ("unknown.toml", unknown),
        ("own.yaml", own),
        ("unclosed.json", unclosed),
        ("fine.json", RAMP),
        ("plan.json", plan),
    ]);
    for (args, message) in [
        ("step.json", "`step_size` is -5, but must"),
        ("step.json", "(line 4, column 35)\n"),
        ("unknown.toml", "(line 5, column 1)\n"),
        ("own.yaml", "(line 3, column 14)\n"),
        ("unclosed.json", "at line 3 column 0\n"),
        ("fine.json --plan plan.json", "(line 2, column 3)\n"),
    ] {
        let error = folder.refusal(&format!("lr {args}"));
        assert!(error.contains(message), "{args}: {error}");
    }
}
