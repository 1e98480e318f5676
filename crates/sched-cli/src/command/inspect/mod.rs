//! `sched inspect`: the content of a scheduler state.

mod report;
mod understood;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use self::report::{Entry, Report};
use self::understood::Understood;
use crate::input::{PlanArgs, TorchArgs, few, metrics, open_torch, read_states};
use crate::output::print;

/// Show the content of a scheduler state.
///
/// Reads files of burn 0.21's recorders (MessagePack or JSON, compressed or not), of burn 0.22 (burnpack), of sched's own
/// `save`, and of PyTorch's `torch.save`: checkpoints and scheduler state dicts, which are shown as the states that go on from
/// there.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched inspect state.json\n  sched inspect scheduler.pt --next 10\n  sched inspect state.json --json"
)]
pub(crate) struct Args {
    /// States: .mpk, .bpk, .json, or one of these with .gz; .pt or any other name for a file of PyTorch's; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The number of upcoming rates to show, at most 1000000.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = few, allow_negative_numbers = true)]
    next: u64,
    /// Metrics to observe for a rule that follows one: the first after the next update, and so on. A list such as 0.5,0.4, or a
    /// file with a JSON array.
    #[arg(long, value_name = "METRICS", allow_hyphen_values = true)]
    metrics: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    torch: TorchArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let reports = args.files.iter().map(|file| report(args, file)).collect::<anyhow::Result<Vec<_>>>()?;
    match reports.as_slice() {
        [report] if args.json => print(&serde_json::to_string_pretty(report)?),
        reports if args.json => print(&serde_json::to_string_pretty(reports)?),
        reports => {
            let texts = reports.iter().map(Report::text).collect::<Result<Vec<_>, _>>()?;
            print(&texts.join("\n\n"))
        }
    }
}

fn report(args: &Args, path: &Path) -> anyhow::Result<Report> {
    let file = path.display().to_string();
    let metrics = args.metrics.as_deref().map(|text| metrics(text, args.plan.limit())).transpose()?;
    Ok(match open_torch(path, &args.plan).with_context(|| file.clone())? {
        Some(torch) => {
            let resumed = args.torch.resume(&torch, &args.plan).with_context(|| file.clone())?;
            let states = resumed.groups.iter().enumerate().map(|(i, group)| {
                let group_name = (resumed.groups.len() > 1).then(|| i.to_string());
                Entry::new(group_name, group.scheduler.state(), group.momentum.as_ref(), args.next, metrics.as_deref())
            });
            let states = states.collect::<Result<_, _>>().with_context(|| file.clone())?;
            let torch = Understood::new(&resumed, &torch);
            Report { file, format: "PyTorch, torch.save".to_owned(), torch: Some(torch), states }
        }
        None => {
            if args.torch.is_given() {
                bail!("{file}: `--key`, `--class` and `--schedule` are for files of torch.save, which this is not");
            }
            let (format, states) = read_states(path, args.plan.limit()).with_context(|| file.clone())?;
            let mut entries = Vec::new();
            for (group, state) in states {
                state.verify().with_context(|| file.clone())?;
                entries
                    .push(Entry::new(group, state, None, args.next, metrics.as_deref()).with_context(|| file.clone())?);
            }
            Report { file, format, torch: None, states: entries }
        }
    })
}
