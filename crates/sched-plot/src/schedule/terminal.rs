//! Schedules in the terminal.

use std::fmt::Write as _;

use ratatui::symbols::Marker;
use ratatui::widgets::{Dataset, GraphType};

use super::plot::SchedulePlot;
use super::sample::seams;
use crate::number::Short;
use crate::terminal::{self, COLOURS, Ink, axis};

/// Enough seams of a schedule to list.
const SEAMS_LISTED: usize = 12;

impl SchedulePlot {
    /// The picture for stdout: [`text`](Self::text) as wide as the terminal, in colour if it has colours.
    #[must_use]
    pub fn terminal(&self) -> String {
        let (width, height) = terminal::size();
        self.text(width, height, terminal::use_colours())
    }

    /// The picture in `width` x `height` characters. Below it, each schedule in words and its rates on both sides of its
    /// seams.
    #[must_use]
    pub fn text(&self, width: u16, height: u16, colours: bool) -> String {
        let mut text = "learning rate by step\n".to_owned();
        text += &self.chart(width, height, colours);
        // Writing to a string cannot fail.
        let _ = self.list(colours, &mut text);
        text
    }

    fn chart(&self, width: u16, height: u16, colours: bool) -> String {
        let points = self.points(u64::from(width) * 2);
        let (lowest, highest) = self.range(&points);
        let scale = |lr: f64| if self.log { lr.log10() } else { lr };
        let unscale = |y: f64| if self.log { 10_f64.powf(y) } else { y };
        let points: Vec<Vec<_>> =
            points.iter().map(|points| points.iter().map(|(step, lr)| (*step as f64, scale(*lr))).collect()).collect();
        let datasets = points.iter().enumerate().map(|(i, points)| {
            // Without colours, several lines of dots would look the same.
            let marker = if colours || self.lines.len() == 1 { Marker::Braille } else { Marker::Custom(letter(i)) };
            Dataset::default().marker(marker).graph_type(GraphType::Line).style(ink(i).style(colours)).data(points)
        });
        let x = axis((0.0, (self.end - 1) as f64), 2, |step| Short(step.round()).to_string());
        let y = axis((scale(lowest), scale(highest)), 4, |y| Short(unscale(y)).to_string());
        terminal::chart((width, height), x, y, datasets.collect())
    }

    fn list(&self, colours: bool, text: &mut String) -> std::fmt::Result {
        let width = (self.end - 1).to_string().len().max("step".len());
        for (i, line) in self.lines.iter().enumerate() {
            let name = if self.lines.len() == 1 { line.name.clone() } else { format!("{} {}", letter(i), line.name) };
            writeln!(text, "\n{}: {}", ink(i).paint(&name, colours), line.lr)?;
            writeln!(text, "  {:>width$}  lr", "step")?;
            let mut seams = seams(&line.lr, self.end);
            let mut steps = vec![0, self.end - 1];
            steps.extend(seams.by_ref().take(SEAMS_LISTED).flat_map(|seam| [seam - 1, seam]));
            steps.sort_unstable();
            steps.dedup();
            for step in steps {
                writeln!(text, "  {step:>width$}  {}", Short(line.lr.at(step)))?;
            }
            if let Some(seam) = seams.next() {
                writeln!(text, "  more seams follow from step {seam} on")?;
            }
        }
        Ok(())
    }
}

/// Names a line, and draws it where there are no colours.
fn letter(line: usize) -> char {
    char::from(b'a' + (line % 26) as u8)
}

fn ink(line: usize) -> Ink {
    COLOURS[line % COLOURS.len()]
}
