//! A line for each pass over a split, where there is no terminal to draw on.

use std::io::{self, IsTerminal, Write};

/// Writes the latest values of the metrics at the end of each pass.
pub(crate) struct Lines {
    to: Box<dyn Write + Send + Sync>,
    values: Vec<(String, String)>,
}

impl Lines {
    pub(crate) fn new(to: impl Write + Send + Sync + 'static) -> Self {
        Self { to: Box::new(to), values: vec![] }
    }

    /// The latest value of a metric, as burn writes it; one that is empty is not shown.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        if value.is_empty() {
            return;
        }
        match self.values.iter_mut().find(|(of, _)| of == name) {
            Some((_, latest)) => *latest = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// A pass over a split has ended.
    pub(crate) fn end(&mut self, split: &str, epoch: usize, epochs: usize) {
        let values: Vec<String> = self.values.drain(..).map(|(name, value)| format!("{name}: {value}")).collect();
        // A training goes on, even if nobody reads what it prints.
        let _ = writeln!(self.to, "epoch {epoch}/{epochs}, {split} | {}", values.join(" | "));
        let _ = self.to.flush();
    }
}

/// Whether burn's display cannot draw, so that it would print a line for each batch.
pub(crate) fn is_off_a_terminal() -> bool {
    !io::stdout().is_terminal()
}
