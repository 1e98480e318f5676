//! From the command line to what burn needs to train.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use sched_burn::{Checkpoints, Factor, Feed, Schedule, Scheduler, Watch};

use crate::args::{Args, DataSet};
use crate::digits;
use crate::error::Error;
use crate::example::Example;
use crate::history::{History, Rows};
use crate::log::RunLog;
use crate::samples::{Data, Supply};
use crate::settings::{Reduction, Run, Settings, default_schedule, read_json};

/// Images in a validation batch, which has no gradients to hold.
const VALID_BATCH_SIZE: usize = 250;

/// All that burn needs to train.
pub struct Job {
    /// For checkpoints and everything else.
    pub directory: PathBuf,
    /// What the command line says.
    pub settings: Settings,
    /// The epoch whose checkpoint to load.
    pub resume_from: Option<usize>,
    /// At step 0; loading the checkpoint moves it.
    pub scheduler: Scheduler,
    /// What the scheduler follows, and what compares the schedule with the length of the run.
    pub feed: Feed,
    /// The layers that have rates of their own, from the input on; the last has that of the scheduler.
    pub layers: &'static [&'static str],
    /// Takes the metrics.
    pub log: RunLog,
    data: Data,
}

impl Job {
    /// What to learn from.
    pub fn train_supply(&self) -> Supply {
        let first_epoch = self.resume_from.unwrap_or(0) + 1;
        Supply::new(self.data.train.clone(), self.settings.batch_size).shuffled(self.settings.seed, first_epoch)
    }

    /// What to measure on.
    pub fn valid_supply(&self) -> Supply {
        Supply::new(self.data.valid.clone(), VALID_BATCH_SIZE)
    }

    /// What has been logged, over all the parts of the run.
    pub(crate) fn rows(&self) -> Rows {
        Rows::read(&self.directory)
    }

    pub(crate) fn prepare(example: &Example, args: &Args, directory: PathBuf) -> Result<Self, Error> {
        let saved = find_run(args, &directory)?;
        let settings = match &saved {
            Some(saved) => saved.settings.resumed(args)?,
            None => Settings::new(args),
        };
        let layers = layers(&settings, example)?;
        let data = load(&settings, example)?;
        let steps_per_epoch = data.train.len().div_ceil(settings.batch_size);
        let steps = |epochs: usize| (steps_per_epoch * epochs) as u64;
        let schedule = choose_schedule(args, saved.as_ref(), &settings, steps)?;

        let plateau = settings.plateau.map(Reduction::plateau).transpose()?;
        let on_schedule = |schedule: &Schedule| {
            let scheduler = Scheduler::new(schedule.clone()).on_mismatch(args.on_mismatch.into());
            plateau.iter().cloned().fold(scheduler, Scheduler::with_plateau)
        };
        let scheduler = on_schedule(&schedule);

        let checkpoints =
            if args.resume { (example.newest_checkpoint)(&directory, &scheduler)? } else { Checkpoints::default() };
        for skipped in &checkpoints.skipped {
            eprintln!("warning: skipping the checkpoint of {skipped}");
        }
        let resume_from = checkpoints.newest;
        let position = steps(resume_from.unwrap_or(0));
        let schedule = match (&saved, resume_from) {
            (Some(saved), Some(_)) => rehearse(&scheduler, on_schedule(&saved.schedule), position)?.unwrap_or(schedule),
            _ => schedule,
        };

        fs::create_dir_all(&directory).map_err(|source| Error::Io {
            action: "create",
            path: directory.clone(),
            source,
        })?;
        println!("schedule: {schedule}; {} steps in {} epochs", steps(settings.epochs), settings.epochs);
        if let Some(plateau) = &plateau {
            println!("plateau of the validation loss: {plateau}");
        }
        Run { settings: settings.clone(), schedule }.save(&directory.join("run.json"))?;
        match resume_from {
            Some(epoch) => println!("resuming after epoch {epoch}, {position} steps"),
            None if args.resume => println!("no checkpoint is whole: starting from the beginning"),
            None => {}
        }
        let others = &layers[..layers.len().saturating_sub(1)];
        let history = History::open(&directory, position, others)
            .map_err(|source| Error::History { directory: directory.clone(), source })?;
        // On a terminal, burn's full-screen display shows the metrics.
        let print = !io::stdout().is_terminal();
        let log = RunLog::new(history, resume_from.unwrap_or(0) + 1, settings.epochs, print, others);
        let warn = log.clone();
        let feed = Feed::new(settings.epochs).without_files().on_warning(move |warning| warn.warn(warning));
        let scheduler = if plateau.is_some() {
            scheduler.follow(&feed, Watch::valid("Loss"))?
        } else {
            feed.guard(&scheduler);
            scheduler
        };
        Ok(Self { directory, settings, resume_from, scheduler, feed, layers, log, data })
    }
}

/// The layers that are to have rates of their own; none without `--layer-decay`.
fn layers(settings: &Settings, example: &Example) -> Result<&'static [&'static str], Error> {
    let Some(decay) = settings.layer_decay else { return Ok(&[]) };
    let layers = example.layers.map_err(Error::LayerDecay)?;
    // Only to see whether the number is in its range, before anything is written.
    Factor::layer_decay(decay, layers.len(), 0.0, 0.0)?;
    Ok(layers)
}

/// The run to resume, or `None` and room for a new one.
fn find_run(args: &Args, directory: &Path) -> Result<Option<Run>, Error> {
    let path = directory.join("run.json");
    if args.resume {
        if !path.exists() {
            return Err(Error::NoRun { directory: directory.to_owned() });
        }
        return read_json(&path, "the settings of a run").map(Some);
    }
    if args.overwrite {
        remove_run(directory)?;
    } else if path.exists() || directory.join("checkpoint").exists() {
        return Err(Error::RunThere { directory: directory.to_owned() });
    }
    Ok(None)
}

/// Removes what a run leaves behind, and nothing else.
fn remove_run(directory: &Path) -> Result<(), Error> {
    for name in ["run.json", "history.csv", "epochs.csv", "lr.svg", "experiment.log", "checkpoint"] {
        let path = directory.join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Io { action: "remove", path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn load(settings: &Settings, example: &Example) -> Result<Data, Error> {
    let Settings { data, seed, train_items, valid_items, .. } = *settings;
    match data {
        DataSet::Digits => Ok(digits::draw(seed, train_items.unwrap_or_default(), valid_items.unwrap_or_default())),
        DataSet::Mnist => {
            let Data { train, valid } = (example.mnist)().map_err(Error::Data)?;
            Ok(Data { train: train.first(train_items).into(), valid: valid.first(valid_items).into() })
        }
    }
}

/// The file's; else, if no peak is given, the run's, unless that was the default for another number of epochs; else the
/// default.
fn choose_schedule(
    args: &Args,
    saved: Option<&Run>,
    settings: &Settings,
    steps: impl Fn(usize) -> u64,
) -> Result<Schedule, Error> {
    if let Some(path) = &args.schedule {
        return read_json(path, "a schedule");
    }
    if let Some(Run { settings: before, schedule }) = saved.filter(|_| args.peak_lr.is_none())
        && (before.epochs == settings.epochs || *schedule != default_schedule(before, steps(before.epochs))?)
    {
        return Ok(schedule.clone());
    }
    Ok(default_schedule(settings, steps(settings.epochs))?)
}

/// Loads what the checkpoint holds, because a refusal inside burn is a panic; gives the schedule that comes out.
fn rehearse(scheduler: &Scheduler, mut saved: Scheduler, position: u64) -> Result<Option<Schedule>, Error> {
    saved.seek(position);
    let mut after = scheduler.clone();
    after.load_state(&saved.state()).map_err(Error::Mismatch)?;
    Ok(after.schedule())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::example::Ending;

    const EXAMPLE: Example = Example {
        name: "test",
        command: "test",
        layers: Err("one rate for all"),
        mnist: || Err("no network".to_owned()),
        newest_checkpoint: |directory, _| {
            let whole = directory.join("checkpoint").exists();
            Ok(Checkpoints { newest: whole.then_some(1), skipped: Vec::new() })
        },
        train: |_| Ok(Ending::Done),
        find_lr: |_| Err("nothing to train".to_owned()),
    };

    fn prepare(directory: &Path, line: &str) -> Result<Job, Error> {
        let line = format!("mnist --train-items 10 --valid-items 5 --batch-size 4 {line}");
        Job::prepare(&EXAMPLE, &Args::try_parse_from(line.split_whitespace()).unwrap(), directory.to_owned())
    }

    fn checkpoint(directory: &Path, epoch: usize) {
        fs::create_dir_all(directory.join("checkpoint")).unwrap();
        for part in ["model", "optim", "scheduler"] {
            fs::write(directory.join(format!("checkpoint/{part}-{epoch}.mpk")), "x").unwrap();
        }
    }

    #[test]
    fn a_run_is_not_overwritten_by_accident() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        assert!(matches!(prepare(path, "--resume"), Err(Error::NoRun { .. })));
        prepare(path, "--epochs 2").unwrap();
        checkpoint(path, 1);
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert!(matches!(prepare(path, "--epochs 2"), Err(Error::RunThere { .. })));
        assert!(path.join("checkpoint/model-1.mpk").exists());
        assert_eq!(prepare(path, "--resume").unwrap().resume_from, Some(1));
        assert_eq!(prepare(path, "--overwrite").unwrap().resume_from, None);
        assert!(!path.join("checkpoint").exists());
        assert!(path.join("notes.txt").exists());
    }

    #[test]
    fn another_schedule_needs_a_decision() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let job = prepare(path, "--epochs 2").unwrap();
        let before = job.scheduler.schedule().unwrap();
        assert_eq!(before, default_schedule(&job.settings, 6).unwrap(), "10 images are 3 batches of 4");
        // Nothing trained yet, so nothing to contradict.
        prepare(path, "--resume --epochs 3").unwrap();
        prepare(path, "--resume --epochs 2").unwrap();
        checkpoint(path, 1);
        let error = prepare(path, "--resume --epochs 4").map(drop).unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{error}");
        let job = prepare(path, "--resume --epochs 4 --on-mismatch take-saved").unwrap();
        assert_eq!(job.settings.epochs, 4);
        let run: Run = read_json(&path.join("run.json"), "a run").unwrap();
        assert_eq!(run.schedule, before);
        // It is no longer the default for the number of epochs, so it stays.
        prepare(path, "--resume --epochs 5").unwrap();
        assert_eq!(read_json::<Run>(&path.join("run.json"), "a run").unwrap().schedule, before);
        let _ = prepare(path, "--resume --epochs 4 --on-mismatch keep-configured").unwrap();
    }

    #[test]
    fn another_peak_is_another_schedule() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let schedule = prepare(path, "--epochs 2 --peak-lr 0.1").unwrap().scheduler.schedule().unwrap();
        assert_eq!(schedule.at(0), 0.1, "after a warmup of one step");
        checkpoint(path, 1);
        assert_eq!(prepare(path, "--resume").unwrap().scheduler.schedule().unwrap(), schedule);
        prepare(path, "--resume --peak-lr 0.1").unwrap();
        let error = prepare(path, "--resume --peak-lr 0.2").map(drop).unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{error}");
    }

    #[test]
    fn a_number_out_of_its_range_starts_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new");
        for (line, reason) in [
            ("--plateau --factor 1", "`factor`"),
            ("--peak-lr=-1", "must be 0 or more"),
            ("--layer-decay 0.5", "one rate for all"),
        ] {
            let error = prepare(&path, line).map(drop).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(!path.exists(), "{line}");
        }
        let layers = Example { layers: Ok(&["conv", "linear"]), ..EXAMPLE };
        let prepare = |line: &str| Job::prepare(&layers, &Args::parse_from(line.split_whitespace()), path.clone());
        let error = prepare("mnist --layer-decay 1.5").map(drop).unwrap_err().to_string();
        assert!(error.contains("`decay`"), "{error}");
        assert!(!path.exists());
        assert_eq!(
            prepare("mnist --train-items 9 --valid-items 3 --layer-decay 0.5").unwrap().layers,
            ["conv", "linear"]
        );
    }

    #[test]
    fn a_failed_download_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new");
        assert_eq!(prepare(&path, "--data mnist").map(drop).unwrap_err().to_string(), "no network");
        assert!(!path.exists(), "nothing has been started");
    }
}
