//! What the examples' `main` does.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use sched_burn::{CheckpointError, Checkpoints, RangeCurve, Scheduler};

use crate::args::Args;
use crate::error::Error;
use crate::job::Job;
use crate::plot;
use crate::samples::Data;
use crate::trial::{self, Trial};

/// What differs between the examples.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The name of the program.
    pub name: &'static str,
    /// How to start it.
    pub command: &'static str,
    /// The layers of the model, from the input on, which `--layer-decay` gives rates of their own; or why it cannot.
    pub layers: Result<&'static [&'static str], &'static str>,
    /// Gets the real images, or says why not.
    pub mnist: fn() -> Result<Data, String>,
    /// Finds the newest whole checkpoint in the folder of a run with such a scheduler.
    pub newest_checkpoint: fn(&Path, &Scheduler) -> Result<Checkpoints, CheckpointError>,
    /// Trains, or says what went wrong.
    pub train: fn(&Job) -> Result<Ending, String>,
    /// Runs the range test on a copy of the model and of the optimizer, or says what went wrong.
    pub find_lr: fn(&Trial) -> Result<RangeCurve, String>,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// After the last epoch.
    Done,
    /// Before it.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// What a shell expects of a program that Ctrl-C has stopped.
const STOPPED: u8 = 130;

impl Example {
    /// The whole program.
    pub fn run(&self) -> ExitCode {
        let matches = Args::command().name(self.name).get_matches();
        let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        match self.run_with(&args) {
            Ok(Ending::Done) => ExitCode::SUCCESS,
            Ok(Ending::Stopped { .. }) => ExitCode::from(STOPPED),
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn run_with(&self, args: &Args) -> Result<Ending, Error> {
        let directory = args.artifacts.clone().unwrap_or_else(|| Path::new("artifacts").join(self.name));
        if args.find_lr {
            let trial = Trial::prepare(self, args)?;
            let curve = (self.find_lr)(&trial).map_err(Error::Training)?;
            trial::show(&curve, &directory, self.command)?;
            return Ok(Ending::Done);
        }
        let job = Job::prepare(self, args, directory)?;
        let epochs = job.settings.epochs;
        if let Some(trained) = job.resume_from.filter(|&trained| trained >= epochs) {
            println!("nothing left to train: {trained} of {epochs} epochs are done; --epochs can ask for more");
            return Ok(Ending::Done);
        }
        let ending = (self.train)(&job);
        for warning in job.log.take_warnings() {
            eprintln!("warning: {warning}");
        }
        let ending = ending.map_err(Error::Training)?;
        if let Some(source) = job.log.take_failure() {
            return Err(Error::History { directory: job.directory, source });
        }
        let svg = job.directory.join("lr.svg");
        plot::draw(&svg, &job.rows(), job.layers, job.settings.plateau.is_some())
            .map_err(|reason| Error::Plot { path: svg, reason })?;
        match &ending {
            Ending::Done => println!(
                "done: accuracy {:.2} % after {epochs} epochs, learning rate {:.3e} at the end, artefacts in {}",
                job.log.accuracy_percent(),
                job.log.rate(),
                job.directory.display()
            ),
            Ending::Stopped { reason } => {
                println!("stopped: {reason}; to go on: {} --resume{}", self.command, artifacts_option(args));
            }
        }
        Ok(ending)
    }
}

fn artifacts_option(args: &Args) -> String {
    let option = |directory: &PathBuf| format!(" --artifacts {}", directory.display());
    args.artifacts.as_ref().map(option).unwrap_or_default()
}

/// Calls `stop` on Ctrl-C, and when the system asks the program to end. A second time ends it at once.
///
/// # Errors
///
/// The system does not allow it.
pub fn on_interrupt(stop: impl Fn() + Send + 'static) -> Result<(), String> {
    let mut asked = false;
    ctrlc::set_handler(move || {
        if asked {
            std::process::exit(STOPPED.into());
        }
        asked = true;
        eprintln!("stopping after this batch; once more to stop at once");
        stop();
    })
    .map_err(|error| format!("cannot handle Ctrl-C: {error}"))
}

/// Calls what may panic, and makes the panic's message an error.
///
/// # Errors
///
/// It panicked.
pub fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    result.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map_or("unknown reason".to_owned(), |message| message.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(catch(|| 1), Ok(1));
        assert_eq!(catch(|| panic!("no {}", "network")), Err::<(), _>("no network".to_owned()));
        assert_eq!(catch(|| panic!("no network")), Err::<(), _>("no network".to_owned()));
    }
}
