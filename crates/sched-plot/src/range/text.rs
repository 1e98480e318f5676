//! A range test in the terminal, with how it ended and its suggestions with their reasons below.

use std::fmt::{self, Write as _};

use super::plot::{RangePlot, hue};
use crate::terminal::{Screen, initial};

impl RangePlot<'_> {
    /// The picture for the terminal on stdout.
    #[must_use]
    pub fn terminal(&self) -> String {
        self.text(&Screen::detect())
    }

    /// The picture as text, with the suggestions in words below. Each suggestion is a column of its initial.
    #[must_use]
    pub fn text(&self, screen: &Screen) -> String {
        let mut figure = self.figure();
        figure.panels.iter_mut().for_each(|panel| panel.name = "loss (dots) and smoothed loss (line)".to_owned());
        let mut text = figure.text(screen);
        // Writing to a string cannot fail.
        let _ = write(self, screen, &mut text);
        text
    }
}

fn write(plot: &RangePlot, screen: &Screen, text: &mut String) -> fmt::Result {
    let words = plot.curve.to_string();
    writeln!(text, "\n{}", words.lines().next().unwrap_or_default())?;
    for (name, suggestion) in plot.suggestions.named() {
        match suggestion {
            Ok(suggestion) => {
                let name = screen.paint(&format!("{} {name}", initial(name)), hue(name));
                writeln!(text, "{name}: {suggestion}")?;
            }
            Err(reason) => writeln!(text, "  {name}: none, because {reason}")?,
        }
    }
    Ok(())
}
