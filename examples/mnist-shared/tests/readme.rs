//! The picture at the top of the README is that of the schedule below it. `UPDATE_DOCS=1` draws it again.

use std::path::Path;
use std::{env, fs};

use sched_burn::Schedule;
use sched_burn::sched_plot::SchedulePlot;

#[test]
fn the_picture_of_the_readme_is_up_to_date() {
    let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 9_500).unwrap().warmup(0.0, 500).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;\n"));
    assert!(readme.contains(&format!("println!(\"{{schedule}}\"); // {schedule}\n")));
    assert!(readme.contains("](docs/readme.svg)"));

    let picture = root.join("docs/readme.svg");
    let svg = SchedulePlot::new(10_001).line("warmup, then cosine", schedule).svg();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&picture, &svg).unwrap();
    }
    let drawn = fs::read_to_string(picture).unwrap_or_default();
    assert!(drawn == svg, "docs/readme.svg is stale; draw it with UPDATE_DOCS=1");
}
