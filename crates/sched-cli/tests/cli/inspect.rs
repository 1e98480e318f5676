//! `sched inspect`.

use std::fs;
use std::io::Write;

use burn_pack::Writer;
use sched_core::{Plateau, Rule, Schedule, Scheduler, SchedulerState, Seen};
use serde::Serialize;

use crate::common::{COSINE, Folder};

/// The state after 120 steps of warmup and cosine, with a plateau that has reduced once.
fn state() -> SchedulerState {
    let schedule = Schedule::cosine_annealing(0.1, 1e-5, 900).unwrap().warmup(0.0, 100).unwrap();
    let plateau = Plateau::new().factor(0.5).patience(1).build().unwrap();
    let mut scheduler = Scheduler::new(schedule).with_plateau(plateau);
    for metric in [0.5, 0.6, 0.7, 0.8] {
        (0..30).for_each(|_| _ = scheduler.step());
        scheduler.observe(metric).unwrap();
    }
    scheduler.state()
}

/// What burn 0.21's recorders write, taken from a real file.
#[derive(Serialize)]
struct BurnRecord {
    metadata: BurnMetadata,
    item: SchedulerState,
    _b: (),
}

#[derive(Serialize)]
struct BurnMetadata {
    float: &'static str,
    int: &'static str,
    format: &'static str,
    version: &'static str,
    settings: &'static str,
}

fn burn_record(item: SchedulerState) -> BurnRecord {
    let metadata = BurnMetadata {
        float: "f32",
        int: "i32",
        format: "burn_core::record::file::NamedMpkFileRecorder<burn_core::record::settings::FullPrecisionSettings>",
        version: "0.21.0",
        settings: "FullPrecisionSettings",
    };
    BurnRecord { metadata, item, _b: () }
}

/// What sched-burn stores in burn 0.22's record: scalars, with a prefix per group.
fn burnpack(states: &[(&str, SchedulerState)]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for (prefix, state) in states {
        let bytes = rmp_serde::to_vec_named(state).unwrap();
        writer = writer
            .with_scalar(&format!("{prefix}position"), state.position.into())
            .with_scalar(&format!("{prefix}state.bytes"), (bytes.len() as u64).into());
        for (i, chunk) in bytes.chunks(8).enumerate() {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            writer = writer.with_scalar(&format!("{prefix}state.{i:04}"), u64::from_le_bytes(word).into());
        }
    }
    writer.into_bytes().unwrap().to_vec()
}

fn with(name: &str, bytes: &[u8]) -> Folder {
    let folder = Folder::with([]);
    fs::write(folder.path(name), bytes).unwrap();
    folder
}

#[test]
fn every_file_that_holds_a_state_is_read() {
    let mpk = rmp_serde::to_vec_named(&burn_record(state())).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&mpk).unwrap();
    let files = [
        ("a.mpk", rmp_serde::to_vec_named(&state()).unwrap(), "sched, MessagePack"),
        ("b.mpk", mpk, "burn 0.21.0, MessagePack"),
        ("c.mpk.gz", gz.finish().unwrap(), "burn 0.21.0, MessagePack"),
        ("d.json", serde_json::to_vec(&state()).unwrap(), "sched, JSON"),
        ("e.json", serde_json::to_vec_pretty(&burn_record(state())).unwrap(), "burn 0.21.0, JSON"),
        ("f.bpk", burnpack(&[("", state())]), "burn 0.22, burnpack"),
    ];
    for (name, bytes, format) in files {
        let folder = with(name, &bytes);
        let report: serde_json::Value =
            serde_json::from_str(&folder.stdout(&format!("inspect {name} --json --next 2"))).unwrap();
        assert_eq!(report["format"], format);
        assert_eq!(report["states"].as_array().unwrap().len(), 1);
        let entry = &report["states"][0];
        assert_eq!(entry["position"], 120);
        assert_eq!(entry["last_lr"].as_f64(), state().last_lr);
        assert_eq!(entry["multiplier"], 0.5);
        let scheduler = Scheduler::from_state(&state()).unwrap();
        assert_eq!(entry["next_lr"], serde_json::json!([scheduler.at(120), scheduler.at(121)]));
        assert_eq!(serde_json::from_value::<SchedulerState>(entry["state"].clone()).unwrap(), state());
    }
}

#[test]
fn text_reports_are_readable() {
    let groups = [("0.", Scheduler::new(|step: u64| step as f64).state()), ("1.", state())];
    let text = with("groups.bpk", &burnpack(&groups)).stdout("inspect groups.bpk");
    insta::assert_snapshot!(text);
}

#[test]
fn a_custom_rule_is_described_without_its_code() {
    struct Half;
    impl Rule for Half {
        fn name(&self) -> &str {
            "half"
        }
        fn memory(&self) -> Vec<f64> {
            vec![0.0, -2.0]
        }
        fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
            memory[0] = seen.metric;
            0.5
        }
    }
    let mut scheduler = Scheduler::new(Schedule::constant(0.1).unwrap()).with_rule(Half).unwrap();
    scheduler.observe(1e-3).unwrap();
    let text = with("x.json", &serde_json::to_vec(&scheduler.state()).unwrap()).stdout("inspect x.json --next 2");
    let end = r#"
next      0.05, 0.05
rule      rule "half" that remembers 2 numbers
          observations 1, memory [1e-3, -2]
          multiplies the schedule's rate by 0.5
"#;
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn other_files_and_damaged_states_are_refused() {
    let whole = rmp_serde::to_vec_named(&burn_record(state())).unwrap();
    let mut flipped = whole.clone();
    let last = flipped.iter().rposition(|byte| *byte == 0xcf).unwrap() + 1; // in the checksum
    flipped[last] ^= 1;
    let mut changed = serde_json::to_value(state()).unwrap();
    changed["position"] = 121.into();
    let short = burnpack(&[("", state())]);
    let missing = Writer::new(Vec::new()).with_scalar("state.bytes", 16_u64.into()).into_bytes().unwrap();
    let foreign = Writer::new(Vec::new()).with_scalar("current_iter", 7_u64.into()).into_bytes().unwrap();
    for (bytes, message) in [
        (&whole[..200], "not a scheduler state in MessagePack"),
        (&flipped, "is damaged: its checksum is"),
        (changed.to_string().as_bytes(), "is damaged: its checksum is"),
        (&[whole.as_slice(), b"x"].concat(), "the scheduler state ends at byte"),
        (b"", "the file is empty"),
        (&[0x91; 10_000], "not a scheduler state in MessagePack"),
        (COSINE.as_bytes(), "this is a schedule and no state"),
        (&short[..40], "damaged burnpack"),
        (&missing, "the state has 16 bytes, but word 0 is missing"),
        (&foreign, "this record holds [current_iter], expected `state.bytes`"),
        (b"\x1f\x8bx", "damaged gzip"),
    ] {
        let error = with("x.mpk", bytes).refusal("inspect x.mpk");
        assert!(error.starts_with("sched: x.mpk: ") && error.contains(message), "{message}: {error}");
    }
}

#[test]
fn a_foreign_file_is_named() {
    let safetensors = [8_u64.to_le_bytes().as_slice(), b"{\"a\": 1}"].concat();
    let folder = Folder::with([]);
    for (name, bytes, said) in [
        ("model.safetensors", safetensors.as_slice(), "this is a safetensors file, which holds weights"),
        ("weights.h5", b"\x89HDF\r\n\x1a\n", "this is an HDF5 file"),
        ("model.gguf", b"GGUF\x03\0\0\0", "this is a GGUF file"),
        ("a.npz", b"PK\x03\x04......arr_0.npy", "this is an archive of NumPy's arrays"),
        ("events.out", b"\x18\0\0\0\0\0\0\0....\t\0\0brain.Event:2", "this is a log of TensorBoard"),
        ("notes.txt", b"Nothing here: [", "this is a text"),
        ("list.json", b"[1, 2]", "neither a state nor a schedule"),
        (
            "s.json",
            br#"{"constant": 1}"#,
            "this is a schedule and no state: a schedule of sched; show it with `sched FILE`",
        ),
        ("args.yaml", b"learning_rate: 1e-5\nlr_scheduler_type: cosine\n", "this is a schedule and no state; show it"),
    ] {
        fs::write(folder.path(name), bytes).unwrap();
        let error = folder.refusal(&format!("inspect {name}"));
        assert!(error.contains(said), "{name}: {error}");
    }
}

#[test]
fn several_files_are_shown_one_after_the_other() {
    let json = serde_json::to_string(&state()).unwrap();
    let folder = Folder::with([("a.json", json.as_str()), ("b.json", json.as_str())]);
    let text = folder.stdout("inspect a.json b.json");
    assert_eq!(text.matches("position  120").count(), 2, "{text}");
    let reports: serde_json::Value = serde_json::from_str(&folder.stdout("inspect a.json b.json --json")).unwrap();
    assert_eq!((&reports[0]["file"], &reports[1]["file"]), (&"a.json".into(), &"b.json".into()));
}
