//! Schedules in the terminal, with each in words below the picture, and its values on both sides of its seams.

use std::fmt::{self, Write as _};

use super::plot::SchedulePlot;
use super::sample::seams;
use crate::number::Short;
use crate::terminal::Screen;

/// Enough seams of a schedule to list.
const SEAMS_LISTED: usize = 6;

/// More are not counted.
const SEAMS_COUNTED: usize = 10_000;

impl SchedulePlot {
    /// The picture for the terminal on stdout.
    #[must_use]
    pub fn terminal(&self) -> String {
        self.text(&Screen::detect())
    }

    /// The picture as text. Below it, each schedule in words and its values on both sides of its seams.
    #[must_use]
    pub fn text(&self, screen: &Screen) -> String {
        let mut text = self.figure(u64::from(screen.width) * 2).text(screen);
        // Writing to a string cannot fail.
        let _ = write(self, screen, &mut text);
        for note in &self.notes {
            text += &format!("\n{note}\n");
        }
        text
    }
}

fn write(plot: &SchedulePlot, screen: &Screen, text: &mut String) -> fmt::Result {
    let width = (plot.end - 1).to_string().len().max("step".len());
    for line in &plot.lines {
        let name = screen.paint(&plot.label(line), plot.hue(line));
        writeln!(text, "\n{name}: {}", line.schedule)?;
        let header = if line.is_lr() { "lr" } else { "value" };
        writeln!(text, "  {:>width$}  {header}", "step")?;
        let mut seams = seams(&line.schedule, plot.end);
        let mut steps = vec![0, plot.end - 1];
        steps.extend(seams.by_ref().take(SEAMS_LISTED).flat_map(|seam| [seam - 1, seam]));
        steps.sort_unstable();
        steps.dedup();
        let more = seams.take(SEAMS_COUNTED).count();
        for (i, step) in steps.iter().enumerate() {
            if more > 0 && i + 1 == steps.len() {
                let (s, plus) = (if more == 1 { "" } else { "s" }, if more == SEAMS_COUNTED { "+" } else { "" });
                writeln!(text, "  {:>width$}  ({more}{plus} more seam{s})", "...")?;
            }
            writeln!(text, "  {step:>width$}  {}", Short(line.schedule.at(*step)))?;
        }
    }
    Ok(())
}
