//! The request and the answer.

use sched_core::{Feedback, Plan, Schedule, Value};
use sched_dialects::{Found, Translation, parse, read_value, to_yaml};
use sched_plot::sample;
use sched_torch::{ResumedGroup, StateDict};
use serde::{Deserialize, Serialize};

use crate::findings::{Finding, findings};
use crate::rust::program;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// A schedule file.
    text: String,
    /// What the run knows.
    plan: Plan,
    /// In how many parts to sample each curve; [`sample`] says what of each.
    parts: u16,
    /// A step whose rates are asked for.
    step: u64,
    /// What to answer beside the curves; a slider that moves needs nothing else.
    #[serde(default)]
    also: Option<Also>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Also {
    Findings,
    Code,
}

#[derive(Serialize)]
struct Answer {
    kind: &'static str,
    notes: Vec<String>,
    /// How many steps the picture shows, and whether the run says so.
    steps: u64,
    told_by_run: bool,
    lines: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
}

/// The learning rate of a parameter group.
#[derive(Serialize)]
struct Line {
    words: String,
    points: Vec<(u64, f64)>,
    /// At the step that was asked for.
    rate: f64,
}

/// What can be copied.
#[derive(Serialize)]
struct Code {
    rust: String,
    json: String,
    yaml: String,
    torch: Result<String, String>,
}

/// A parameter group, as a file has it.
#[derive(Serialize)]
struct Group<'a> {
    schedule: &'a Schedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    momentum: Option<&'a Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_decay: Option<&'a Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<&'a Feedback>,
}

/// The shortest form that holds everything.
#[derive(Serialize)]
#[serde(untagged)]
enum File<'a> {
    Schedule(&'a Schedule),
    Group(Group<'a>),
    Groups { groups: Vec<Group<'a>> },
}

/// The answer to a request, as JSON: `{"error": ...}` if there is none.
pub(crate) fn to(request: &str) -> String {
    let answer = answer(request).and_then(|answer| serde_json::to_string(&answer).map_err(|error| error.to_string()));
    answer.unwrap_or_else(|error| serde_json::json!({ "error": error }).to_string())
}

fn answer(request: &str) -> Result<Answer, String> {
    let Request { text, plan: given, parts, step, also } =
        serde_json::from_str(request).map_err(|error| error.to_string())?;
    let file = parse(&text, None).map_err(|error| error.to_string())?;
    let Found { kind, groups, plan, notes, .. } = read_value(&file, &given).map_err(|error| error.to_string())?;
    let told = plan.run_steps().ok();
    let extent = groups.iter().map(|group| group.lr.extent()).max().unwrap_or(0);
    // A constant has no end; a picture has at least two steps.
    let steps = told.unwrap_or_else(|| if extent == 0 { 1_000 } else { extent.saturating_add(1) }).max(2);
    let line = |Translation { lr, .. }: &Translation| Line {
        words: lr.to_string(),
        points: sample(lr, steps, parts.into()),
        rate: lr.at(step),
    };
    Ok(Answer {
        kind,
        notes,
        steps,
        told_by_run: told.is_some(),
        lines: groups.iter().map(line).collect(),
        findings: (also == Some(Also::Findings)).then(|| findings(&file, &given)).transpose()?,
        code: (also == Some(Also::Code)).then(|| code(&groups)).transpose()?,
    })
}

fn code(groups: &[Translation]) -> Result<Code, String> {
    // Through a value, because a second writer of all that a file may hold makes the page longer to load.
    let text = serde_json::to_string(&file(groups)).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let json = serde_json::to_string_pretty(&value).map_err(|error| error.to_string())?;
    Ok(Code { rust: program(groups)?, yaml: to_yaml(&value), torch: torch(groups), json })
}

impl<'a> From<&'a Translation> for Group<'a> {
    fn from(of: &'a Translation) -> Self {
        Self {
            schedule: &of.lr,
            momentum: of.momentum.as_ref(),
            weight_decay: of.weight_decay.as_ref(),
            feedback: of.feedback.as_ref(),
        }
    }
}

fn file(groups: &[Translation]) -> File<'_> {
    match groups {
        [Translation { lr, momentum: None, weight_decay: None, feedback: None, .. }] => File::Schedule(lr),
        [one] => File::Group(one.into()),
        all => File::Groups { groups: all.iter().map(Group::from).collect() },
    }
}

/// The constructor of PyTorch's scheduler with the same rates, if it has one.
fn torch(groups: &[Translation]) -> Result<String, String> {
    let group = |group: &Translation| ResumedGroup { scheduler: group.scheduler(), momentum: group.momentum.clone() };
    let groups: Vec<_> = groups.iter().map(group).collect();
    let state_dict = StateDict::recognised(&groups).map_err(|error| error.to_string())?;
    Ok(state_dict.constructor().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::to;

    fn ask(text: &str, plan: &Value) -> Value {
        ask_also(text, plan, "code")
    }

    fn ask_also(text: &str, plan: &Value, also: &str) -> Value {
        let request = json!({"text": text, "plan": plan, "parts": 5, "step": 30, "also": also});
        serde_json::from_str(&to(&request.to_string())).unwrap()
    }

    #[test]
    fn a_file_is_drawn_said_and_written_as_code() {
        let text =
            r#"{"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": 30, "gamma": 0.5}}"#;
        let answer = ask(text, &json!({"total_steps": 40}));
        assert_eq!(answer["told_by_run"], true);
        let line = &answer["lines"][0];
        assert_eq!(line["words"], "steps 0.1 x 0.5 every 30");
        assert_eq!(line["rate"], 0.05);
        let points = json!([
            [0, 0.1],
            [7, 0.1],
            [8, 0.1],
            [15, 0.1],
            [16, 0.1],
            [23, 0.1],
            [24, 0.1],
            [29, 0.1],
            [30, 0.05],
            [32, 0.05],
            [39, 0.05]
        ]);
        assert_eq!(line["points"], points);
        assert_eq!(answer["code"]["torch"]["Ok"], "StepLR(optimizer, step_size=30, gamma=0.5)");
    }

    #[test]
    fn a_group_keeps_its_momentum_and_its_rule() {
        let code = |text| ask(text, &json!({}))["code"].clone();
        let cycle =
            code(r#"{"library": "torch", "kind": "OneCycleLR", "params": {"max_lr": 0.1, "total_steps": 100}}"#);
        assert!(cycle["yaml"].as_str().unwrap().contains("\nmomentum:\n"), "{cycle}");
        assert!(cycle["rust"].as_str().unwrap().contains("\nlet momentum = Schedule::"), "{cycle}");
        let plateau = code(r#"{"library": "torch", "kind": "ReduceLROnPlateau", "params": {"optimizer_lr": 0.1}}"#);
        assert!(
            plateau["rust"].as_str().unwrap().contains("let feedback: Feedback = serde_json::from_str("),
            "{plateau}"
        );
        assert_eq!(plateau["json"].as_str().unwrap().matches("plateau").count(), 1, "{plateau}");
    }

    #[test]
    fn what_looks_wrong_is_found_with_a_fix() {
        let cosine = r#"{"ramp": {"from": 0.1, "to": 0, "steps": 90, "shape": "cosine"}}"#;
        let findings = |plan| ask_also(cosine, &plan, "findings")["findings"].clone();
        assert_eq!(findings(json!({})), json!([]));
        let found = findings(json!({"epochs": 90, "steps_per_epoch": 100}));
        let said = "schedule too short at step 90: the schedule ends here, but the run has 9000 steps; the rate stays at 0; its \
                    lengths look like epochs taken for steps (100 per epoch)";
        let fix = "set `ramp.steps` to \"90 epochs\" (now 90)";
        assert_eq!(found, json!([{"is_note": false, "step": 90, "words": said, "fix": fix}]));
        let found = findings(json!({"total_steps": 50}));
        assert_eq!(found[0]["fix"], "set `ramp.steps` to 50 (now 90); or set “Steps” to 90");
    }

    #[test]
    fn mistakes_are_named() {
        let answer = ask(r#"{"constant": -1}"#, &json!({}));
        assert_eq!(answer, json!({"error": "`constant` is -1, but must be 0 or more"}));
    }

    /// Each entry of the menu can be read, and written as Rust.
    #[test]
    fn the_menu_is_whole() {
        let menu: Vec<Value> = serde_json::from_str(include_str!("../menu.json")).unwrap();
        assert!(menu.len() > 10);
        for entry in menu {
            let answer = ask(&entry["file"].to_string(), &json!({}));
            assert!(answer["code"]["rust"].is_string(), "{}: {answer}", entry["name"]);
        }
    }
}
