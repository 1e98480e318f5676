//! What a training prints where there is no terminal.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use sched_burn::prelude::*;

/// Keeps what is written, for all clones.
#[derive(Clone, Default)]
pub(crate) struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asserts that a training of two epochs that prints there, with this scheduler, prints a line with the metrics for each pass, and
/// the factor if there is a rule.
pub(crate) fn assert_each_pass_is_a_line(train: impl Fn(&Feed, Scheduler, Printed)) {
    for followed in [false, true] {
        let (feed, printed) = (Feed::new(2).without_horizon_guard(), Printed::default());
        let constant = Schedule::constant(0.1).unwrap();
        let scheduler = match followed {
            true => feed.reduce_on_plateau(Watch::valid("Loss"), constant, Plateau::new().build().unwrap()),
            false => Scheduler::new(constant),
        };
        train(&feed, scheduler, printed.clone());
        let text = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let passes: Vec<_> = lines.iter().map(|line| line.split_once(" | ").unwrap().0).collect();
        assert_eq!(passes, ["epoch 1/2, train", "epoch 1/2, valid", "epoch 2/2, train", "epoch 2/2, valid"], "{text}");
        assert!(lines.iter().all(|line| line.contains(" | Loss: epoch ")), "{text}");
        assert!(lines.iter().all(|line| line.contains(" | LR Factor: epoch 1.00") == followed), "{text}");
    }
}
