//! A training run, prepared from the command line.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use sched_burn::{CheckpointError, Checkpoints, Factor, Feed, Schedule, Scheduler, Watch};

use crate::args::Args;
use crate::error::Error;
use crate::images::{Data, Download, Supply, load};
use crate::record::{History, Rows, RunLog};
use crate::schedule;
use crate::settings::{Reduction, Run, Settings, read_json};

/// Images per validation batch, which needs no memory for gradients.
const VALID_BATCH_SIZE: usize = 250;

/// What burn needs to train.
pub struct Job {
    /// The folder for checkpoints and all other files.
    pub directory: PathBuf,
    /// The settings of the run.
    pub settings: Settings,
    /// The epoch whose checkpoint to load, if any.
    pub resume_from: Option<usize>,
    /// The scheduler at step 0; burn loads its position from the checkpoint.
    pub scheduler: Scheduler,
    /// Feeds the scheduler the validation loss, and warns if the schedule does not fit the run.
    pub feed: Feed,
    /// The layers with rates of their own, from the input to the output; the last has the scheduler's rate.
    pub layers: &'static [&'static str],
    /// Records the metrics.
    pub log: RunLog,
    data: Data,
}

impl Job {
    /// The training images.
    pub fn train_supply(&self) -> Supply {
        let first_epoch = self.resume_from.unwrap_or(0) + 1;
        Supply::new(self.data.train.clone(), self.settings.batch_size).shuffled(self.settings.seed, first_epoch)
    }

    /// The validation images.
    pub fn valid_supply(&self) -> Supply {
        Supply::new(self.data.valid.clone(), VALID_BATCH_SIZE)
    }

    /// What has been recorded since the run was started, before and after resuming.
    pub(crate) fn rows(&self) -> Rows {
        Rows::read(&self.directory)
    }

    /// Checks everything before anything is written.
    pub(crate) fn prepare(
        args: &Args,
        directory: PathBuf,
        newest_checkpoint: NewestCheckpoint,
        layers: Layers,
        mnist: Download,
    ) -> Result<Self, Error> {
        let saved = find_run(args, &directory)?;
        let settings = match &saved {
            Some(saved) => saved.settings.resumed(args)?,
            None => Settings::new(args),
        };
        let layers = layers_with_rates(&settings, layers)?;
        let data = load(&settings, mnist)?;
        let steps_per_epoch = data.train.len().div_ceil(settings.batch_size);
        let steps = |epochs: usize| (steps_per_epoch * epochs) as u64;
        let schedule = schedule::choose(args, saved.as_ref(), &settings, steps)?;

        let plateau = settings.plateau.map(Reduction::plateau).transpose()?;
        let on_schedule = |schedule: &Schedule| {
            let scheduler = Scheduler::new(schedule.clone()).on_mismatch(args.on_mismatch.into());
            plateau.iter().cloned().fold(scheduler, Scheduler::with_plateau)
        };
        let scheduler = on_schedule(&schedule);

        let checkpoints = if args.resume { newest_checkpoint(&directory, &scheduler)? } else { Checkpoints::default() };
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
            None if args.resume => println!("no whole checkpoint yet: starting from the beginning"),
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
        let scheduler =
            if plateau.is_some() { scheduler.follow(&feed, Watch::valid("Loss"))? } else { feed.guard(scheduler) };
        Ok(Self { directory, settings, resume_from, scheduler, feed, layers, log, data })
    }
}

/// Finds the newest whole checkpoint in the folder of a run with such a scheduler.
pub type NewestCheckpoint = fn(&Path, &Scheduler) -> Result<Checkpoints, CheckpointError>;

/// The layers of the model, or why `--layer-decay` is not supported.
type Layers = Result<&'static [&'static str], &'static str>;

/// The layers with rates of their own: all of them with `--layer-decay`, otherwise none.
fn layers_with_rates(settings: &Settings, layers: Layers) -> Result<&'static [&'static str], Error> {
    let Some(decay) = settings.layer_decay else { return Ok(&[]) };
    let layers = layers.map_err(Error::LayerDecay)?;
    // Refuses a decay out of range.
    Factor::layer_decay(decay, layers.len(), 0.0, 0.0)?;
    Ok(layers)
}

/// The run to resume; `None` if a new one may start.
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

/// Removes the files of a run, and nothing else.
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

/// Loads a state like the checkpoint's, because a refusal inside burn panics; returns the schedule that training will follow.
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

    fn prepare_with(layers: Layers, directory: &Path, line: &str) -> Result<Job, Error> {
        let line = format!("mnist --train-items 10 --valid-items 5 --batch-size 4 {line}");
        let args = Args::try_parse_from(line.split_whitespace()).unwrap();
        let newest = |directory: &Path, _: &Scheduler| {
            let whole = directory.join("checkpoint").exists();
            Ok(Checkpoints { newest: whole.then_some(1), skipped: Vec::new() })
        };
        Job::prepare(&args, directory.to_owned(), newest, layers, || Err("no network".to_owned()))
    }

    fn prepare(directory: &Path, line: &str) -> Result<Job, Error> {
        prepare_with(Err("one rate for all"), directory, line)
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
        assert_eq!(before, schedule::default(&job.settings, 6).unwrap(), "10 images are 3 batches of 4");
        // Without a checkpoint there is nothing to contradict.
        prepare(path, "--resume --epochs 3").unwrap();
        prepare(path, "--resume --epochs 2").unwrap();
        checkpoint(path, 1);
        let error = prepare(path, "--resume --epochs 4").map(drop).unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{error}");
        let job = prepare(path, "--resume --epochs 4 --on-mismatch take-saved").unwrap();
        assert_eq!(job.settings.epochs, 4);
        let run: Run = read_json(&path.join("run.json"), "a run").unwrap();
        assert_eq!(run.schedule, before);
        // No longer the default for the number of epochs, so it stays.
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
    fn an_option_out_of_range_starts_nothing() {
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
        let prepare = |line: &str| prepare_with(Ok(&["conv", "linear"]), &path, line);
        let error = prepare("--layer-decay 1.5").map(drop).unwrap_err().to_string();
        assert!(error.contains("`decay`"), "{error}");
        assert!(!path.exists());
        assert_eq!(prepare("--layer-decay 0.5").unwrap().layers, ["conv", "linear"]);
    }

    #[test]
    fn a_failed_download_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new");
        assert_eq!(prepare(&path, "--data mnist").map(drop).unwrap_err().to_string(), "no network");
        assert!(!path.exists(), "nothing was started");
    }
}
