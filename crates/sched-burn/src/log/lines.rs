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
        let mut line = format!("epoch {epoch}/{epochs}, {split}");
        for (name, value) in self.values.drain(..) {
            line = format!("{line} | {name}: {value}");
        }
        // A training goes on, even if nobody reads what it prints.
        let _ = writeln!(self.to, "{line}");
        let _ = self.to.flush();
    }
}

/// Whether burn's display cannot draw, so that it would print a line for each batch.
pub(crate) fn is_off_a_terminal() -> bool {
    !io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_has_the_latest_values_and_without_any_no_place_for_them() {
        let printed = Shared::default();
        let mut lines = Lines::new(printed.clone());
        lines.set("Loss", "1.0".to_owned());
        lines.set("Accuracy", String::new());
        lines.set("Loss", "0.5".to_owned());
        lines.set("Rate", "0.1".to_owned());
        lines.end("Train", 1, 2);
        lines.end("Valid", 1, 2);
        let printed = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
        assert_eq!(printed, "epoch 1/2, Train | Loss: 0.5 | Rate: 0.1\nepoch 1/2, Valid\n");
    }
}
