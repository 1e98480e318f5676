//! What `inspect` says about a file, as text or JSON.

use std::fmt::Write as _;

use sched_core::{Feedback, Scheduler, SchedulerState};
use sched_plot::Short;
use serde::Serialize;

/// The content of a file.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    /// Which program wrote it, in which encoding.
    pub(super) format: String,
    pub(super) states: Vec<Entry>,
}

/// A state in the file.
#[derive(Serialize)]
pub(super) struct Entry {
    /// The parameter group, such as `0`, if the record holds several.
    group: Option<String>,
    position: u64,
    last_lr: Option<f64>,
    next_lr: Option<Vec<f64>>,
    in_words: Option<String>,
    feedback_in_words: Option<String>,
    multiplier: Option<f64>,
    state: SchedulerState,
}

impl Entry {
    pub(super) fn new(group: Option<String>, state: SchedulerState, next: u64) -> Self {
        // The state of a closure holds no schedule to evaluate.
        let scheduler = Scheduler::from_state(&state).ok();
        let next = |scheduler: &Scheduler| (0..next).map(|i| scheduler.at(state.position.saturating_add(i))).collect();
        Self {
            group,
            position: state.position,
            last_lr: state.last_lr,
            next_lr: scheduler.as_ref().map(next),
            in_words: state.schedule.as_ref().map(ToString::to_string),
            feedback_in_words: state.feedback.as_ref().map(ToString::to_string),
            multiplier: state.feedback.as_ref().map(Feedback::multiplier),
            state,
        }
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let line = |text: &mut String, name: &str, value: &str| writeln!(text, "{name:<10}{value}");
        if let Some(group) = &self.group {
            line(text, "group", group)?;
        }
        line(text, "schedule", self.in_words.as_deref().unwrap_or("a closure, which is not saved"))?;
        line(text, "position", &format!("{} (the next update, counted from 0)", self.position))?;
        let last = self.last_lr.map_or("none yet".to_owned(), |lr| Short(lr).to_string());
        line(text, "last rate", &last)?;
        if let Some(next) = &self.next_lr {
            let next: Vec<_> = next.iter().map(|lr| Short(*lr).to_string()).collect();
            line(text, "next", &next.join(", "))?;
        }
        let Some(feedback) = &self.state.feedback else { return Ok(()) };
        let name = match feedback {
            Feedback::Plateau(_) => "plateau",
            Feedback::Greedy(_) => "greedy",
            _ => "rule",
        };
        line(text, name, self.feedback_in_words.as_deref().unwrap_or_default())?;
        let best =
            |best: Option<f64>| best.map_or("nothing observed yet".to_owned(), |best| format!("best {}", Short(best)));
        let counters = match feedback {
            Feedback::Plateau(plateau) => format!(
                "{}; bad observations {}, cooldown left {}, reductions {}",
                best(plateau.best()),
                plateau.bad_observations(),
                plateau.cooldown_left(),
                plateau.reductions()
            ),
            Feedback::Greedy(greedy) => best(greedy.best()),
            Feedback::Custom(custom) => {
                let memory: Vec<_> = custom.memory().iter().map(|x| Short(*x).to_string()).collect();
                format!("observations {}, memory [{}]", custom.observations(), memory.join(", "))
            }
            _ => String::new(),
        };
        line(text, "", &counters)?;
        line(text, "", &format!("multiplies the schedule's rate by {}", Short(feedback.multiplier())))
    }
}

impl Report {
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(text, "{:<10}{}", "file", self.file)?;
        writeln!(text, "{:<10}{}", "format", self.format)?;
        for entry in &self.states {
            text.push('\n');
            entry.write(&mut text)?;
        }
        text.truncate(text.trim_end().len());
        Ok(text)
    }
}
