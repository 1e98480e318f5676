//! Below a range test in the terminal: how it ended, and its suggestions with their reasons.

use std::fmt::{self, Write as _};

use super::plot::{RangePlot, hue};
use crate::terminal::{Screen, initial};

pub(super) fn write(plot: &RangePlot, screen: &Screen, text: &mut String) -> fmt::Result {
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
