//! The gallery, on the front page of `sched-core` and in the book: every constructor and combination, drawn by the code that it shows.
//!
//! `UPDATE_DOCS=1` writes both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use sched_core::{
    Anneal, Beyond, Cyclic, CyclicMode, OneCycle, Phase, Ramp, Repeat, Schedule, ScheduleError, Shape, Wsd,
};
use sched_tests::pages::{assert_up_to_date, root};

/// What a picture shows.
const STEPS: u64 = 100;
/// The box of a picture in its own units: wide enough for the steps, with ten units for each.
const WIDTH: u64 = 10 * STEPS;
const HEIGHT: u64 = 300;

struct Row {
    /// What the row is about, as rustdoc links it.
    item: &'static str,
    rust: &'static str,
    build: fn() -> Result<Schedule, ScheduleError>,
}

macro_rules! rows {
    ($($item:literal $rust:expr;)*) => {
        &[$(Row { item: $item, rust: stringify!($rust), build: || $rust }),*]
    };
}

const CURVES: &[Row] = rows! {
    "Schedule::constant" Schedule::constant(0.1);
    "Schedule::linear" Schedule::linear(0.1, 0.0, 80);
    "Schedule::polynomial" Schedule::polynomial(0.1, 0.0, 80, 2.0);
    "Schedule::cosine_annealing" Schedule::cosine_annealing(0.1, 0.0, 80);
    "Schedule::cosine_warm_restarts" Schedule::cosine_warm_restarts(0.1, 0.0, 14, 2.0);
    "Schedule::exponential" Schedule::exponential(0.1, 0.97);
    "Schedule::exponential_over" Schedule::exponential_over(0.1, 0.5, 20.0);
    "Schedule::step" Schedule::step(0.1, 25, 0.5);
    "Schedule::multi_step" Schedule::multi_step(0.1, &[20, 50, 75], 0.4);
    "Schedule::piecewise_constant" Schedule::piecewise_constant(0.1, &[(15, 0.02), (35, 0.08), (70, 0.04)]);
    "Schedule::piecewise" Schedule::piecewise(&[(0, 0.0), (20, 0.1), (60, 0.04), (90, 0.0)], Shape::Linear);
    "Schedule::rex" Schedule::rex(0.1, 0.0, 80);
    "Schedule::tanh" Schedule::tanh(0.1, 0.0, 80, -6.0, 3.0);
    "Schedule::inverse_sqrt" Schedule::inverse_sqrt(0.1, 5.0);
    "Schedule::inverse_time" Schedule::inverse_time(0.1, 1.0, 10.0);
    "Schedule::eden" Schedule::eden(0.1, 20.0, 0.5);
    "Schedule::noam" Schedule::noam(1.0, 512, 20);
    "Schedule::tri_stage" Schedule::tri_stage(0.1, 10, 40, 50, 0.01, 0.01);
};

const BUILDERS: &[Row] = rows! {
    "OneCycle" OneCycle::new(0.1, 100).pct_start(0.3).lr();
    "OneCycle" OneCycle::new(0.1, 100).anneal(Anneal::Linear).three_phase(true).lr();
    "Cyclic" Cyclic::new(0.01, 0.1, 15).lr();
    "Cyclic" Cyclic::new(0.01, 0.1, 15).mode(CyclicMode::Triangular2).lr();
    "Cyclic" Cyclic::new(0.01, 0.1, 15).mode(CyclicMode::ExpRange { gamma: 0.98 }).lr();
    "Wsd" Wsd::new(0.1, 60, 25).warmup(0.0, 15).build();
    "Wsd" Wsd::new(0.1, 60, 25).warmup(0.0, 15).decay_shape(Shape::Cosine).eta_min(0.01).build();
    "Ramp" Ramp::new(0.1, 0.0, 40).shape(Shape::Cosine).beyond(Beyond::Mirror).build();
    "Repeat" Repeat::new(Schedule::cosine_annealing(0.1, 0.0, 20)?, 20).cycle_scale(0.6).build();
};

const COMBINED: &[Row] = rows! {
    "Schedule::warmup" Schedule::cosine_annealing(0.1, 0.0, 80)?.warmup(0.0, 20);
    "Schedule::warmup_with" Schedule::constant(0.1)?.warmup_with(0.0, 40, Shape::Cosine);
    "Schedule::then" Schedule::linear(0.0, 0.1, 20)?.then(Schedule::exponential(0.1, 0.95)?);
    "Schedule::then_at" Schedule::cosine_annealing(0.1, 0.0, 80)?.then_at(50, Schedule::constant(0.02)?);
    "Schedule::sequence" Schedule::sequence(vec![Phase { start: 0, schedule: Schedule::rex(0.1, 0.0, 80)? }]);
    "Schedule::times" Schedule::cosine_annealing(0.1, 0.0, 100)?.times(Schedule::step(1.0, 20, 0.7)?);
    "Schedule::plus" Schedule::linear(0.08, 0.0, 100)?.plus(Cyclic::new(0.0, 0.02, 5).lr()?);
    "Schedule::min" Schedule::linear(0.0, 0.2, 100)?.min(Schedule::linear(0.15, 0.0, 100)?);
    "Schedule::max" Schedule::exponential(0.1, 0.95)?.max(Schedule::linear(0.0, 0.04, 100)?);
    "Schedule::clamp" Schedule::exponential(0.1, 0.95)?.clamp(0.01, 0.08);
    "Schedule::repeat" Schedule::linear(0.1, 0.02, 25)?.repeat(25);
    "Schedule::every" Schedule::cosine_annealing(0.1, 0.0, 10)?.every(10);
    "Schedule::per_epoch" Schedule::exponential(0.1, 0.7)?.per_epoch(20);
    "Schedule::stretch" Schedule::cosine_annealing(0.1, 0.0, 40)?.stretch(2.5);
    "Schedule::warp" Schedule::cosine_annealing(0.1, 0.0, 100)?.warp(100.0, 3.0);
    "Schedule::delay" Schedule::linear(0.1, 0.0, 60)?.delay(30);
    "Schedule::frozen_until" Schedule::linear(0.1, 0.0, 90)?.frozen_until(30);
    "Schedule::advance" Schedule::cosine_annealing(0.1, 0.0, 100)?.advance(30.0);
};

const PARTS: [(&str, &[Row]); 3] =
    [("Curves", CURVES), ("Curves with options", BUILDERS), ("Curves combined and bent", COMBINED)];

/// A rate holds for a whole step, so every change is vertical.
fn picture(schedule: &Schedule) -> String {
    let rates: Vec<f64> = (0..STEPS).map(|step| schedule.at(step)).collect();
    let top = rates.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let height = |rate: f64| HEIGHT - (rate / top * HEIGHT as f64).round() as u64;
    let mut path = format!("M0 {}", height(rates[0]));
    for (step, pair) in rates.windows(2).enumerate() {
        let [before, after] = [height(pair[0]), height(pair[1])];
        if before != after {
            write!(path, "H{}V{after}", 10 * (step + 1)).unwrap();
        }
    }
    write!(path, "H{WIDTH}").unwrap();
    format!(
        "<svg viewBox=\"-10 -10 {} {}\" width=\"160\" height=\"50\" role=\"img\" aria-label=\"{schedule}\"><path d=\"{path}\" \
         fill=\"none\" stroke=\"currentColor\" stroke-width=\"10\"></path></svg>",
        WIDTH + 20,
        HEIGHT + 20
    )
}

impl Row {
    fn schedule(&self) -> Schedule {
        (self.build)().unwrap_or_else(|error| panic!("{}: {error}", self.rust))
    }

    fn name(&self) -> &str {
        self.item.trim_start_matches("Schedule::")
    }

    fn line(&self) -> String {
        self.rust.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn rustdoc_page() -> String {
    let mut page = String::from("# Every schedule\n\nThe pictures show the first 100 steps of the Rust beside them.\n");
    for (title, rows) in PARTS {
        write!(page, "\n## {title}\n\n| | Rust | in words |\n|---|---|---|\n").unwrap();
        for row in rows {
            let schedule = row.schedule();
            let picture = picture(&schedule);
            writeln!(page, "| {picture}<br>[`{}`]({}) | `{}` | {schedule} |", row.name(), row.item, row.line())
                .unwrap();
        }
    }
    page
}

fn book_page() -> String {
    let (described, peers) = (described(), peers());
    let mut page = String::from(INTRODUCTION);
    for (title, rows) in PARTS {
        write!(page, "\n## {title}\n").unwrap();
        let mut above = "";
        for row in rows {
            let schedule = row.schedule();
            if row.item != above {
                write!(page, "\n### `{}`\n\n{}\n", row.name(), described[row.item]).unwrap();
                if let Some(names) = peers.get(row.item) {
                    write!(page, "\nElsewhere: {}.\n", names.join(", ")).unwrap();
                }
                above = row.item;
            }
            write!(page, "\n{}\n\n{schedule}\n\n", picture(&schedule)).unwrap();
            let file = serde_json::to_string(&schedule).unwrap();
            writeln!(page, "- Rust: `{}`\n- File: `{file}`", row.line()).unwrap();
        }
    }
    page
}

const INTRODUCTION: &str = "\
# Gallery

Every constructor: its formula, a picture of its first 100 steps, what the schedule prints, and the same schedule as a file that
`sched` reads. In the formulas, `t` is the step, counted from 0, and `self(t)` the rate of the schedule that a combination is called
on. The Rust is `use sched_core::*;` in a function that returns `Result<_, ScheduleError>`. \"Elsewhere\" lists schedulers that are
this constructor alone; [Coming from another library](coming-from.md) has all of them, with their parameters.
";

/// What the documentation of each constructor says before its example, its formula among it; links become their text.
fn described() -> BTreeMap<String, String> {
    let core = root().join("crates/sched-core/src");
    let build = fs::read_dir(core.join("build")).unwrap().map(|file| file.unwrap().path());
    let mut described = BTreeMap::new();
    for file in build.chain([core.join("schedule/node.rs")]) {
        let (mut owner, mut documentation) = (String::new(), String::new());
        for line in fs::read_to_string(file).unwrap().lines() {
            let code = line.trim_start();
            if let Some(text) = code.strip_prefix("///") {
                documentation = documentation + text.trim_start() + "\n";
            } else if !code.starts_with("#[") {
                let name = |prefix| Some(code.strip_prefix(prefix)?.split(['(', ' ']).next()?.to_owned());
                owner = name("impl ").unwrap_or(owner);
                let function = name("pub fn ").map(|function| format!("{owner}::{function}"));
                if let Some(item) = function.or_else(|| name("pub struct ")) {
                    described.insert(item, without_links(documentation.split("```").next().unwrap().trim()));
                }
                documentation.clear();
            }
        }
    }
    described
}

fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let (label, after) = link.split_once(']').unwrap();
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        plain = plain + before + label;
        rest = target.map_or(after, |(_, after)| after);
    }
    plain + rest
}

/// What a constructor is called by other libraries: from their page, the rows whose Rust is just its call.
fn peers() -> BTreeMap<String, Vec<String>> {
    let page = fs::read_to_string(root().join("docs/coming-from.md")).unwrap();
    let libraries = page.split("\n## ").filter(|section| section.contains("`\"library\": "));
    let mut peers = BTreeMap::<String, Vec<String>>::new();
    for section in libraries {
        let (title, _) = section.split_once('\n').unwrap();
        let mut names = BTreeMap::<String, Vec<&str>>::new();
        for row in section.lines().filter_map(|line| line.strip_prefix("| `")) {
            let (kind, rest) = row.split_once("` | `").unwrap();
            let (rust, _) = rest.split_once('`').unwrap();
            let call = rust.split('(').next().unwrap();
            let item = call.strip_suffix("::new").unwrap_or(call);
            if !rust.contains(")?") {
                names.entry(item.to_owned()).or_default().push(kind);
            }
        }
        for (item, kinds) in names {
            peers.entry(item).or_default().push(format!("{title} `{}`", kinds.join("`, `")));
        }
    }
    assert!(peers.len() > 10, "{peers:?}");
    peers
}

#[test]
fn the_gallery_is_up_to_date() {
    assert_up_to_date("crates/sched-core/src/gallery.md", &rustdoc_page());
}

#[test]
fn the_gallery_of_the_book_is_up_to_date() {
    assert_up_to_date("docs/gallery.md", &book_page());
}

/// The file that the gallery shows is read as the same schedule.
#[test]
fn files_are_read_back() {
    for row in PARTS.iter().flat_map(|(_, rows)| rows.iter()) {
        let schedule = row.schedule();
        let file = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&file).unwrap(), schedule, "{file}");
    }
}

/// Whatever makes a schedule is shown.
#[test]
fn no_constructor_is_left_out() {
    let shown: BTreeSet<&str> = PARTS.iter().flat_map(|(_, rows)| rows.iter()).map(|row| row.item).collect();
    let mut items = BTreeSet::new();
    for file in fs::read_dir(root().join("crates/sched-core/src/build")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut owner = "";
        for line in text.lines() {
            if let Some(of) = line.strip_prefix("impl ").and_then(|rest| rest.strip_suffix(" {")) {
                owner = of;
            }
            let Some(name) = line.strip_prefix("    pub fn ").and_then(|rest| rest.split('(').next()) else { continue };
            match (owner, name) {
                ("Schedule", name) => drop(items.insert(format!("Schedule::{name}"))),
                (builder, "build" | "lr") => drop(items.insert(builder.to_owned())),
                _ => {}
            }
        }
    }
    assert!(items.len() > 35, "{items:?}");
    let left_out: Vec<_> = items.iter().filter(|item| !shown.contains(item.as_str())).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
