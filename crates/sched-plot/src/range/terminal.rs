//! A range test in the terminal.

use std::fmt::Write as _;

use ratatui::symbols::Marker;
use ratatui::widgets::{Dataset, GraphType};

use super::plot::RangePlot;
use crate::number::{Short, three_digits};
use crate::terminal::{self, COLOURS, FAINT, Ink, axis};

impl RangePlot<'_> {
    /// The picture for stdout: [`text`](Self::text) as wide as the terminal, in colour if it has colours.
    #[must_use]
    pub fn terminal(&self) -> String {
        let (width, height) = terminal::size();
        self.text(width, height, terminal::use_colours())
    }

    /// The picture in `width` x `height` characters, with the suggestions in words below. In the picture, each suggestion is a
    /// column of its initial.
    #[must_use]
    pub fn text(&self, width: u16, height: u16, colours: bool) -> String {
        let mut text = "loss (dots) and smoothed loss (line) by learning rate\n".to_owned();
        text += &self.chart(width, height, colours);
        // Writing to a string cannot fail.
        let _ = self.list(colours, &mut text);
        text
    }

    fn chart(&self, width: u16, height: u16, colours: bool) -> String {
        let log = |points: Vec<(f64, f64)>| points.into_iter().map(|(lr, loss)| (lr.log10(), loss)).collect::<Vec<_>>();
        let (losses, smoothed) = (log(self.line(|point| point.loss)), log(self.line(|point| point.smoothed)));
        let (lowest, highest) = self.loss;
        let columns: Vec<_> =
            self.marks().map(|(name, lr, _)| (name, [(lr.log10(), lowest), (lr.log10(), highest)])).collect();

        let mut datasets = vec![Dataset::default().marker(Marker::Dot).style(FAINT.style(colours)).data(&losses)];
        let line =
            |marker, ink: Ink| Dataset::default().marker(marker).graph_type(GraphType::Line).style(ink.style(colours));
        datasets
            .extend(columns.iter().map(|(name, column)| line(Marker::Custom(initial(name)), ink(name)).data(column)));
        datasets.push(line(Marker::Braille, COLOURS[0]).data(&smoothed));

        let label = |x: f64| Short(three_digits(x)).to_string();
        let (first, last) = self.rates();
        let x = axis((first.log10(), last.log10()), 2, |log| label(10_f64.powf(log)));
        terminal::chart((width, height), x, axis(self.loss, 4, label), datasets)
    }

    /// How the test ended, then each suggestion with its reason.
    fn list(&self, colours: bool, text: &mut String) -> std::fmt::Result {
        let words = self.curve.to_string();
        writeln!(text, "\n{}", words.lines().next().unwrap_or_default())?;
        for (name, suggestion) in self.suggestions.named() {
            match suggestion {
                Ok(suggestion) => {
                    let name = ink(name).paint(&format!("{} {name}", initial(name)), colours);
                    writeln!(text, "{name}: {suggestion}")?;
                }
                Err(reason) => writeln!(text, "  {name}: none, because {reason}")?,
            }
        }
        Ok(())
    }
}

fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('|')
}

fn ink(name: &str) -> Ink {
    COLOURS[match name {
        "steepest" => 1,
        "valley" => 2,
        _ => 3,
    }]
}
