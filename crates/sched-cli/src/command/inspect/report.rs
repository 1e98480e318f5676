//! What `inspect` says about a file, as text or JSON.

use std::fmt::Write as _;

use anyhow::{Context, bail};
use sched_core::{Feedback, Schedule, Scheduler, SchedulerState};
use sched_plot::Short;
use serde::Serialize;

use super::understood::Understood;

/// The content of a file.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    /// Which program wrote it, in which encoding.
    pub(super) format: String,
    /// How a file of PyTorch's was understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) torch: Option<Understood>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    next_momentum: Option<Vec<f64>>,
    in_words: Option<String>,
    feedback_in_words: Option<String>,
    multiplier: Option<f64>,
    state: SchedulerState,
}

impl Entry {
    pub(super) fn new(
        group: Option<String>,
        state: SchedulerState,
        momentum: Option<&Schedule>,
        next: u64,
        metrics: Option<&[Option<f64>]>,
    ) -> anyhow::Result<Self> {
        // The state of a closure holds no schedule to evaluate.
        let scheduler = Scheduler::from_state(&state).ok();
        if metrics.is_some() && state.feedback.is_none() {
            bail!("`--metrics` needs a rule that follows a metric, but this state has none; leave it out");
        }
        let next_lr = scheduler.map(|scheduler| upcoming(scheduler, next, metrics.unwrap_or_default())).transpose()?;
        let steps = (0..next).map(|i| state.position.saturating_add(i));
        let next_momentum = momentum.map(|momentum| steps.map(|step| momentum.at(step)).collect());
        Ok(Self {
            group,
            position: state.position,
            last_lr: state.last_lr,
            next_lr,
            next_momentum,
            in_words: state.schedule.as_ref().map(ToString::to_string),
            feedback_in_words: state.feedback.as_ref().map(ToString::to_string),
            multiplier: state.feedback.as_ref().map(Feedback::multiplier),
            state,
        })
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
        if let Some(next) = &self.next_momentum {
            let next: Vec<_> = next.iter().map(|momentum| Short(*momentum).to_string()).collect();
            line(text, "momentum", &next.join(", "))?;
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

/// The rates of the next updates, each of which a metric may follow.
fn upcoming(mut scheduler: Scheduler, next: u64, metrics: &[Option<f64>]) -> anyhow::Result<Vec<f64>> {
    let mut metrics = metrics.iter().enumerate();
    let rates = (0..next).map(|_| {
        let rate = scheduler.step();
        if let Some((i, Some(metric))) = metrics.next() {
            scheduler.observe(*metric).with_context(|| format!("metric {i}"))?;
        }
        Ok(rate)
    });
    rates.collect()
}

impl Report {
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(text, "{:<10}{}", "file", self.file)?;
        writeln!(text, "{:<10}{}", "format", self.format)?;
        if let Some(torch) = &self.torch {
            torch.write(&mut text)?;
        }
        for entry in &self.states {
            text.push('\n');
            entry.write(&mut text)?;
        }
        text.truncate(text.trim_end().len());
        Ok(text)
    }
}
