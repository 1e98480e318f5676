//! The picture in the terminal.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};
use sched_plot::{Short, TERMINAL_COLOURS, TERMINAL_RESET, terminal_colours, terminal_size, write_cells};

use super::Picture;
use crate::sample::seams;

/// As many seams as a person reads.
const LISTED: usize = 12;

impl Picture {
    pub(super) fn print(&self) -> anyhow::Result<()> {
        let colours = terminal_colours();
        let (width, height) = terminal_size();
        let mut text = "learning rate by step\n".to_owned();
        write_cells(&self.chart(width, height, colours), &mut text);
        self.list(colours, &mut text)?;
        crate::print(&text)
    }

    fn chart(&self, width: u16, height: u16, colours: bool) -> Buffer {
        let points: Vec<_> = self.lines.iter().map(|line| self.points(line, u64::from(width) * 2)).collect();
        let (lowest, highest) = self.range(&points);
        let scale = |lr: f64| if self.log { lr.log10() } else { lr };
        let unscale = |y: f64| if self.log { 10_f64.powf(y) } else { y };
        let points: Vec<Vec<_>> =
            points.iter().map(|points| points.iter().map(|(step, lr)| (*step as f64, scale(*lr))).collect()).collect();
        let datasets = points.iter().enumerate().map(|(i, points)| {
            // Without colours, several lines of dots could not be told apart.
            let marker = if colours || self.lines.len() == 1 { Marker::Braille } else { Marker::Custom(mark(i)) };
            let style =
                if colours { Style::new().fg(TERMINAL_COLOURS[i % TERMINAL_COLOURS.len()].0) } else { Style::new() };
            Dataset::default().marker(marker).graph_type(GraphType::Line).style(style).data(points)
        });
        let last = (self.end - 1) as f64;
        let (bottom, top) = (scale(lowest), scale(highest));
        let y_labels = (0..=4).map(|i| Short(unscale(bottom + (top - bottom) * f64::from(i) / 4.0)).to_string());
        let x_labels = (0..=2).map(|i| Short((last * f64::from(i) / 2.0).round()).to_string());
        let chart = Chart::new(datasets.collect())
            .x_axis(Axis::default().bounds([0.0, last]).labels(x_labels))
            .y_axis(Axis::default().bounds([bottom, top]).labels(y_labels))
            .hidden_legend_constraints((Constraint::Length(0), Constraint::Length(0)));
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        chart.render(area, &mut buffer);
        buffer
    }

    /// The legend: each schedule in words, and its rates where one piece ends and the next begins.
    fn list(&self, colours: bool, text: &mut String) -> std::fmt::Result {
        let width = (self.end - 1).to_string().len().max("step".len());
        for (i, line) in self.lines.iter().enumerate() {
            let mark = if self.lines.len() == 1 { String::new() } else { format!("{} ", mark(i)) };
            let (on, off) =
                if colours { (TERMINAL_COLOURS[i % TERMINAL_COLOURS.len()].1, TERMINAL_RESET) } else { ("", "") };
            writeln!(text, "\n{on}{mark}{}{off}: {}", line.name, line.lr)?;
            writeln!(text, "  {:>width$}  lr", "step")?;
            let mut seams = seams(&line.lr, self.end);
            let mut steps = vec![0, self.end - 1];
            steps.extend(seams.by_ref().take(LISTED).flat_map(|seam| [seam - 1, seam]));
            steps.sort_unstable();
            steps.dedup();
            for step in steps {
                writeln!(text, "  {step:>width$}  {}", Short(line.lr.at(step)))?;
            }
            if let Some(seam) = seams.next() {
                writeln!(text, "  more seams follow at step {seam} and after")?;
            }
        }
        Ok(())
    }
}

/// What stands for a line where there are no colours.
fn mark(line: usize) -> char {
    char::from(b'a' + (line % 26) as u8)
}
