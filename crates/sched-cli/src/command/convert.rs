//! `sched convert`: a schedule file in steps, in sched's own format, as JSON, TOML or YAML; or a state for PyTorch.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::show::nearest;
use sched_core::{Scheduler, Value};
use sched_torch::{ResumedGroup, StateDict};
use serde::Serialize;

use crate::input::{Group, PlanArgs, Source, Syntax, open_torch, read_states};
use crate::output::{may_replace, print, save};

/// Convert a schedule file to sched's own format.
///
/// Translates another library's scheduler and converts durations with units to steps, as a scheduler state holds them. With
/// --keep, only the syntax changes.
///
/// With an output named .pt, .pth, .bin or .ckpt, convert a scheduler state to a state dict for PyTorch: any file that `inspect`
/// reads. The scheduler of a file of PyTorch's is copied as it stands.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched convert cycle.json\n  sched convert cosine.json -o steps.yaml\n  sched convert cosine.json --keep --format toml\n  sched convert state.json -o state.pt"
)]
pub(crate) struct Args {
    /// Schedule files, or a state; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The file to write, as JSON, TOML or YAML by its extension, or for PyTorch; or a folder, for several files [default: stdout, as
    /// `-`].
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// The syntax to write, whatever the extension [default: by the extension, or else json].
    #[arg(long, value_enum)]
    format: Option<Syntax>,
    /// Replace a file that exists without asking.
    #[arg(long)]
    force: bool,
    /// Keep the library's names and the units, and change only the syntax.
    #[arg(long)]
    keep: bool,
    /// Where in a file of PyTorch's the scheduler is, such as trainer.schedulers.0, if it is not found by itself.
    #[arg(long, value_name = "A.B.0")]
    key: Option<String>,
    #[command(flatten)]
    plan: PlanArgs,
}

/// The shortest form that holds everything.
#[derive(Serialize)]
#[serde(untagged)]
enum File<'a> {
    Unchanged(&'a Value),
    Schedule(&'a sched_core::Schedule),
    Group(&'a Group),
    Groups { groups: &'a [Group] },
}

/// The extensions of files that PyTorch loads.
const TORCH: [&str; 4] = ["pt", "pth", "bin", "ckpt"];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let extension = args.output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if TORCH.contains(&extension.to_ascii_lowercase().as_str()) && !args.output.is_dir() {
        return match args.files.as_slice() {
            [file] => for_torch(args, file),
            _ => bail!("a state dict is made of one state; convert them one by one"),
        };
    }
    if args.output.is_dir() {
        return into_folder(args);
    }
    let [file] = args.files.as_slice() else {
        bail!("several files are written to a folder; give one that exists with `-o`");
    };
    let to_stdout = args.output == Path::new("-");
    let output = || args.output.display().to_string();
    let Some(syntax) = args.format.or_else(|| if to_stdout { Some(Syntax::Json) } else { Syntax::of(&args.output) })
    else {
        let known: Vec<&str> = Syntax::EXTENSIONS.iter().chain(&TORCH).copied().collect();
        let meant = nearest(extension, &known).map_or(String::new(), |near| format!("did you mean .{near}? "));
        bail!(
            "{}: the extension says no syntax; {meant}End the name in .{}, or .{} for PyTorch, or give `--format`",
            output(),
            Syntax::EXTENSIONS.join(", ."),
            TORCH.join(", .")
        );
    };
    let text = converted(&Source::read(file, &args.plan)?, syntax, args.keep)?;
    if to_stdout {
        print(&text)
    } else {
        may_replace(&args.output, args.force).and_then(|()| save(&args.output, text.as_bytes())).with_context(output)
    }
}

/// Writes each file under its own name, with another extension.
fn into_folder(args: &Args) -> anyhow::Result<()> {
    let syntax = args.format.unwrap_or(Syntax::Json);
    let mut written: Vec<PathBuf> = Vec::new();
    for file in &args.files {
        let name = file.file_stem().with_context(|| format!("`{}` names no file", file.display()))?;
        let path = args.output.join(name).with_extension(syntax.extension());
        if written.contains(&path) {
            bail!("{}: two of the files would be written here; convert them one by one", path.display());
        }
        let text = converted(&Source::read(file, &args.plan)?, syntax, args.keep)?;
        let save = || may_replace(&path, args.force).and_then(|()| save(&path, text.as_bytes()));
        save().with_context(|| path.display().to_string())?;
        written.push(path);
    }
    Ok(())
}

/// The text of the file in sched's own form, or as it stands.
fn converted(source: &Source, syntax: Syntax, keep: bool) -> anyhow::Result<String> {
    let file = match source.groups.as_slice() {
        _ if keep => File::Unchanged(&source.value),
        [Group { lr, momentum: None, weight_decay: None, feedback: None }] => File::Schedule(lr),
        [group] => File::Group(group),
        groups => File::Groups { groups },
    };
    let json = serde_json::to_string_pretty(&file)?;
    let value: Value = serde_json::from_str(&json)?;
    let (text, again) = match syntax {
        Syntax::Json => (json + "\n", value),
        Syntax::Toml => {
            // From the value rather than the schedule, whose tables would all be inline.
            let text = toml::to_string(&value).context("TOML cannot represent this file; write JSON")?;
            let again = toml::from_str(&text)?;
            (text, again)
        }
        Syntax::Yaml => {
            let text = sched_dialects::to_yaml(&value);
            let again = sched_dialects::parse(&text, Some(sched_dialects::Syntax::Yaml))?;
            (text, again)
        }
    };
    // TOML has no null: a parameter set to null would come back as its default.
    let again = source.with(again)?;
    if again.groups != source.groups {
        bail!("{}: {syntax:?} cannot represent this file; write JSON, or leave out `--keep`", source.name);
    }
    Ok(text)
}

/// Writes a state dict, and says how to construct the scheduler that loads it.
fn for_torch(args: &Args, file: &Path) -> anyhow::Result<()> {
    let name = || file.display().to_string();
    if args.keep || args.format.is_some() {
        bail!("`--keep` and `--format` are for schedule files, not for a state dict of PyTorch's; leave them out");
    }
    let state_dict = match open_torch(file, &args.plan).with_context(name)? {
        Some(torch) => {
            let found = torch.find_scheduler(args.key.as_deref()).with_context(name)?;
            StateDict::copied(found.value).with_context(name)?
        }
        None => {
            let (_, states) = read_states(file, args.plan.limit()).with_context(name)?;
            let group = |(_, state)| Ok(ResumedGroup { scheduler: Scheduler::from_state(&state)?, momentum: None });
            let groups = states.into_iter().map(group).collect::<anyhow::Result<Vec<_>>>().with_context(name)?;
            StateDict::recognised(&groups).with_context(name)?
        }
    };
    let output = args.output.display().to_string();
    let bytes = state_dict.to_bytes()?;
    may_replace(&args.output, args.force).and_then(|()| save(&args.output, &bytes)).with_context(|| output.clone())?;
    if let Some(constructor) = state_dict.constructor() {
        eprintln!("sched: {output}: construct `{constructor}`, then load this file with `load_state_dict`");
    }
    Ok(())
}
