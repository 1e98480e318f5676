//! An example, and what its `main` does.

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use sched_burn::RangeCurve;

use crate::args::Args;
use crate::command;
use crate::error::Error;
use crate::images::Data;
use crate::job::{Job, NewestCheckpoint};
use crate::process::INTERRUPTED;
use crate::record;
use crate::trial::{self, Trial};

/// What differs between the examples.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The name of the program.
    pub name: &'static str,
    /// The command that starts it.
    pub command: &'static str,
    /// The layers of the model for `--layer-decay`, from the input to the output; or why it is not supported.
    pub layers: Result<&'static [&'static str], &'static str>,
    /// Gets MNIST, or says why it cannot.
    pub mnist: fn() -> Result<Data, String>,
    /// Finds the newest whole checkpoint in the folder of a run with such a scheduler.
    pub newest_checkpoint: NewestCheckpoint,
    /// Trains, or says why training failed.
    pub train: fn(&Job) -> Result<Ending, String>,
    /// Runs a range test on a copy of the model and the optimizer, or says why it failed.
    pub find_lr: fn(&Trial) -> Result<RangeCurve, String>,
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// After the last epoch.
    Done,
    /// On request, before the end of the last epoch.
    Stopped,
}

impl Example {
    /// The whole program.
    pub fn run(&self) -> ExitCode {
        let matches = Args::command().name(self.name).get_matches();
        let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        match self.run_with(&args) {
            Ok(Ending::Done) => ExitCode::SUCCESS,
            Ok(Ending::Stopped) => ExitCode::from(INTERRUPTED),
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn run_with(&self, args: &Args) -> Result<Ending, Error> {
        let directory = args.artifacts.clone().unwrap_or_else(|| Path::new("artifacts").join(self.name));
        if args.find_lr {
            let trial = Trial::prepare(args, self.mnist)?;
            let curve = (self.find_lr)(&trial).map_err(Error::Training)?;
            trial::show(&curve, &directory, self.command)?;
            return Ok(Ending::Done);
        }
        let job = Job::prepare(args, directory, self.newest_checkpoint, self.layers, self.mnist)?;
        let epochs = job.settings.epochs;
        if let Some(trained) = job.resume_from.filter(|&trained| trained >= epochs) {
            println!("nothing left to train: {trained} of {epochs} epochs are done; ask for more with --epochs");
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
        record::draw(&svg, &job.rows(), job.layers, job.settings.plateau.is_some())?;
        match ending {
            Ending::Done => println!(
                "done: accuracy {:.2} % after {epochs} epochs, final learning rate {:.3e}, artefacts in {}",
                job.log.accuracy_percent(),
                job.log.rate(),
                job.directory.display()
            ),
            Ending::Stopped => println!(
                "stopped after {} of {epochs} epochs; to continue: {}",
                job.log.epochs_done(),
                command::with_own_options(self.command, &["--overwrite", "--resume"], &["--resume"])
            ),
        }
        Ok(ending)
    }
}
