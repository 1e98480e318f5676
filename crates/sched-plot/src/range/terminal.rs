//! The picture of a range test in the terminal.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use super::RangePlot;
use crate::number::{Short, three_digits};
use crate::terminal::{FAINT, TERMINAL_COLOURS, TERMINAL_RESET, terminal_colours, terminal_size, write_cells};

impl RangePlot<'_> {
    /// For the terminal that stdout is: [`text`](Self::text) in its size, with colours if it has them.
    pub fn terminal(&self) -> String {
        let (width, height) = terminal_size();
        self.text(width, height, terminal_colours())
    }

    /// In so many cells, with the suggestions in words below. Each stands in the picture as a column of its first letter.
    pub fn text(&self, width: u16, height: u16, colours: bool) -> String {
        let mut text = "loss (dots) and smoothed loss (line) by learning rate\n".to_owned();
        write_cells(&self.chart(width, height, colours), &mut text);
        // Writing to a string does not fail.
        let _ = self.list(colours, &mut text);
        text
    }

    fn chart(&self, width: u16, height: u16, colours: bool) -> Buffer {
        let log = |points: Vec<(f64, f64)>| points.into_iter().map(|(lr, loss)| (lr.log10(), loss)).collect::<Vec<_>>();
        let style = |colour: Color| if colours { Style::new().fg(colour) } else { Style::new() };
        let (losses, smoothed) = (log(self.line(|point| point.loss)), log(self.line(|point| point.smoothed)));
        let (least, most) = self.loss;
        let columns: Vec<_> = self
            .marks()
            .map(|(name, lr, _)| (mark(name), colour(name).0, [(lr.log10(), least), (lr.log10(), most)]))
            .collect();
        let mut datasets = vec![Dataset::default().marker(Marker::Dot).style(style(FAINT.0)).data(&losses)];
        datasets.extend(columns.iter().map(|(mark, colour, column)| {
            let line = Dataset::default().marker(Marker::Custom(*mark)).graph_type(GraphType::Line);
            line.style(style(*colour)).data(column)
        }));
        let line = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line);
        datasets.push(line.style(style(TERMINAL_COLOURS[0].0)).data(&smoothed));

        let (first, last) = (self.rates().0.log10(), self.rates().1.log10());
        let between = |from: f64, to: f64, part: f64| from + (to - from) * part;
        let y_labels = (0..=4).map(|i| Short(three_digits(between(least, most, f64::from(i) / 4.0))).to_string());
        let x_labels =
            (0..=2).map(|i| Short(three_digits(10_f64.powf(between(first, last, f64::from(i) / 2.0)))).to_string());
        let chart = Chart::new(datasets)
            .x_axis(Axis::default().bounds([first, last]).labels(x_labels))
            .y_axis(Axis::default().bounds([least, most]).labels(y_labels));
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        chart.render(area, &mut buffer);
        buffer
    }

    /// How the test ended, and what is suggested and why.
    fn list(&self, colours: bool, text: &mut String) -> std::fmt::Result {
        let words = self.curve.to_string();
        writeln!(text, "\n{}", words.lines().next().unwrap_or_default())?;
        for (name, suggestion) in self.suggestions.named() {
            let (on, off) = if colours { (colour(name).1, TERMINAL_RESET) } else { ("", "") };
            match suggestion {
                Ok(suggestion) => writeln!(text, "{on}{} {name}{off}: {suggestion}", mark(name))?,
                Err(none) => writeln!(text, "  {name}: none, because {none}")?,
            }
        }
        Ok(())
    }
}

/// The first letter of a suggestion's name.
fn mark(name: &str) -> char {
    name.chars().next().unwrap_or('|')
}

fn colour(name: &str) -> (Color, &'static str) {
    TERMINAL_COLOURS[match name {
        "steepest" => 1,
        "valley" => 2,
        _ => 3,
    }]
}
