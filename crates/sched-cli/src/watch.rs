//! `--watch`: the same again whenever a file changes.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::bail;

use crate::input::PlanArgs;
use crate::output::{is_broken_pipe, message};

#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct WatchArgs {
    /// Do it again whenever a file changes, until interrupted.
    #[arg(long)]
    watch: bool,
}

/// How often files are looked at.
const EVERY: Duration = Duration::from_millis(200);

impl WatchArgs {
    /// Does it once, or again and again; then errors are shown and do not end it.
    pub(crate) fn run<T>(
        self,
        files: &[PathBuf],
        plan: &PlanArgs,
        act: impl Fn() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        if !self.watch {
            return act();
        }
        if files.iter().any(|file| file == Path::new("-")) {
            bail!("`--watch` needs files, because stdin does not change");
        }
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).chain(plan.file()).collect();
        loop {
            let seen = stamps(&files);
            if io::stdout().is_terminal() {
                // Clears the screen.
                print!("\x1b[2J\x1b[H");
            }
            match act() {
                Err(error) if is_broken_pipe(&error) => return Err(error),
                Err(error) => eprintln!("sched: {}", message(&error)),
                Ok(_) => {}
            }
            io::stdout().flush()?;
            wait(&files, &seen);
        }
    }
}

/// What tells that a file was saved; `None` while it does not exist.
type Stamp = Option<(SystemTime, u64)>;

fn stamps(files: &[&Path]) -> Vec<Stamp> {
    let stamp = |file: &&Path| {
        let metadata = file.metadata().ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(stamp).collect()
}

/// Returns once a file differs from what was seen and is there, whole: an editor may write it in several steps.
fn wait(files: &[&Path], seen: &[Stamp]) {
    let mut last = stamps(files);
    loop {
        sleep(EVERY);
        let now = stamps(files);
        if now != seen && now == last && now.iter().all(Option::is_some) {
            return;
        }
        last = now;
    }
}
