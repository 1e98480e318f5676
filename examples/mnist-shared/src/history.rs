//! `history.csv`: the rate and the loss of every step, over all the parts of a run.

use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One optimizer update.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Counted from 0 over the whole run.
    pub(crate) step: u64,
    /// The rate of the update.
    pub(crate) lr: f64,
    /// The training loss before the update.
    pub(crate) loss: f64,
}

/// The file, open at its end.
pub struct History {
    writer: csv::Writer<File>,
    next_step: u64,
}

impl History {
    /// Opens the file so that the next row is that of step `position`: rows from there on, which a stopped run wrote
    /// after its last checkpoint, are cut, and so is a last line that a crash left unfinished.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn open(path: &Path, position: u64) -> Result<Self, csv::Error> {
        let kept: Vec<Row> = read(path).into_iter().filter(|row| row.step < position).collect();
        let folder = path.parent().unwrap_or(Path::new("."));
        let (file, temporary) = tempfile::NamedTempFile::new_in(folder)?.into_parts();
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(file);
        writer.write_record(["step", "lr", "loss"])?;
        for row in kept {
            writer.serialize(row)?;
        }
        writer.flush()?;
        temporary.persist(path).map_err(|error| error.error)?;
        Ok(Self { writer, next_step: position })
    }

    /// Adds the next step. The line is with the system at once, so only a crash of the machine can lose it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn push(&mut self, lr: f64, loss: f64) -> Result<(), csv::Error> {
        self.writer.serialize(Row { step: self.next_step, lr, loss })?;
        self.writer.flush()?;
        self.next_step += 1;
        Ok(())
    }
}

/// The rows up to the first that is not whole; none if there is no file.
pub(crate) fn read(path: &Path) -> Vec<Row> {
    let Ok(reader) = csv::Reader::from_path(path) else { return Vec::new() };
    reader.into_deserialize().map_while(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn rows_after_the_checkpoint_are_cut() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.csv");
        let mut history = History::open(&path, 0).unwrap();
        for step in 0..5 {
            history.push(0.1 * f64::from(step), 1.0).unwrap();
        }
        drop(history);
        let mut history = History::open(&path, 3).unwrap();
        history.push(0.7, 0.5).unwrap();
        drop(history);
        let rows = [(0, 0.0, 1.0), (1, 0.1, 1.0), (2, 0.2, 1.0), (3, 0.7, 0.5)];
        assert_eq!(read(&path), rows.map(|(step, lr, loss)| Row { step, lr, loss }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "step,lr,loss\n0,0.0,1.0\n1,0.1,1.0\n2,0.2,1.0\n3,0.7,0.5\n");
    }

    #[test]
    fn a_torn_line_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.csv");
        fs::write(&path, "step,lr,loss\n0,0.5,2.0\n1,0.2").unwrap();
        assert_eq!(read(&path).len(), 1);
        drop(History::open(&path, 1).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "step,lr,loss\n0,0.5,2.0\n");
    }

    #[test]
    fn rates_keep_every_bit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history.csv");
        let rates = [1e-300, 0.1 + 0.2, f64::MIN_POSITIVE, 1.0 / 3.0];
        let mut history = History::open(&path, 0).unwrap();
        for rate in rates {
            history.push(rate, 0.0).unwrap();
        }
        assert!(read(&path).iter().map(|row| row.lr.to_bits()).eq(rates.map(f64::to_bits)));
    }
}
