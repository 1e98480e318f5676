//! Text files of scalars, for people and for programs.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::Value;

use super::scalars::{ScalarWriter, Scalars};

/// Writes one line of JSON for each call, as in
///
/// ```json
/// {"step":17,"split":"train","wall_time":1764295200.5,"Loss":0.25,"lr/model":0.001}
/// ```
///
/// Values have all digits; NaN and infinities are `null`, since JSON has none. Read it with
/// `pandas.read_json(path, lines=True)`.
#[derive(Debug)]
pub struct JsonLines {
    file: File,
}

impl JsonLines {
    /// Creates a file, or appends to it: after a resume, steps that were written before may be there twice, and the later line
    /// counts.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { file: append_to(path.as_ref())?.0 })
    }
}

impl ScalarWriter for JsonLines {
    fn write(&mut self, scalars: &Scalars<'_>) -> io::Result<()> {
        let Scalars { split, step, wall_time, values } = *scalars;
        let split = Value::from(split);
        let mut line = format!("{{\"step\":{step},\"split\":{split},\"wall_time\":{}", Value::from(wall_time));
        for &(name, value) in values {
            line += &format!(",{}:{}", Value::from(name), Value::from(value));
        }
        line += "}\n";
        self.file.write_all(line.as_bytes())
    }
}

/// Writes a row for each value, under the header `step,split,name,value,wall_time`.
///
/// Values have all digits. Read it with `pandas.read_csv(path)`; `.pivot_table(index="step", columns="name", values="value")`
/// makes a column of each name.
#[derive(Debug)]
pub struct Csv {
    file: File,
}

impl Csv {
    /// Creates a file, or appends to it: after a resume, steps that were written before may be there twice, and the later row
    /// counts.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let (mut file, is_new) = append_to(path.as_ref())?;
        if is_new {
            file.write_all(b"step,split,name,value,wall_time\n")?;
        }
        Ok(Self { file })
    }
}

impl ScalarWriter for Csv {
    fn write(&mut self, scalars: &Scalars<'_>) -> io::Result<()> {
        let Scalars { split, step, wall_time, values } = scalars;
        let mut rows = csv::Writer::from_writer(Vec::new());
        for (name, value) in *values {
            rows.write_record([&step.to_string(), *split, *name, &value.to_string(), &wall_time.to_string()])?;
        }
        let rows = rows.into_inner().map_err(csv::IntoInnerError::into_error)?;
        self.file.write_all(&rows)
    }
}

/// Opens a file of lines for appending; says whether it is empty. Ends a line that was cut, so that only that one is lost.
fn append_to(path: &Path) -> io::Result<(File, bool)> {
    let mut file = File::options().read(true).append(true).create(true).open(path)?;
    let is_new = file.metadata()?.len() == 0;
    if !is_new {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok((file, is_new))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Scalars<'_> = Scalars { split: "train", step: 17, wall_time: 0.5, values: &[] };

    /// Opens, writes and closes twice.
    fn written<W: ScalarWriter>(open: impl Fn(&Path) -> io::Result<W>, between: &[u8]) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        open(&path).unwrap().write(&Scalars { values: &[("a \"b\", c", 0.1), ("nan", f64::NAN)], ..AT }).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(between).unwrap();
        open(&path).unwrap().write(&Scalars { step: 18, values: &[("lr/model", 1e-300)], ..AT }).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_line_of_json_for_each_call() {
        let first = r#"{"step":17,"split":"train","wall_time":0.5,"a \"b\", c":0.1,"nan":null}"#;
        let second = r#"{"step":18,"split":"train","wall_time":0.5,"lr/model":1e-300}"#;
        assert_eq!(written(|path| JsonLines::open(path), b""), format!("{first}\n{second}\n"));
        assert_eq!(written(|path| JsonLines::open(path), b"{\"st"), format!("{first}\n{{\"st\n{second}\n"));
    }

    #[test]
    fn a_row_for_each_value() {
        let header = "step,split,name,value,wall_time";
        let first = "17,train,\"a \"\"b\"\", c\",0.1,0.5\n17,train,nan,NaN,0.5";
        let tiny = format!("0.{}1", "0".repeat(299));
        let second = format!("18,train,lr/model,{tiny},0.5");
        assert_eq!(written(|path| Csv::open(path), b""), format!("{header}\n{first}\n{second}\n"));
    }
}
