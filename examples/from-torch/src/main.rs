//! Trains on in burn where a PyTorch checkpoint stopped, and prints each loss beside PyTorch's.
//!
//! `cargo run -p from-torch -- CHECKPOINT.pt`

use std::path::PathBuf;

use anyhow::Result;
use from_torch::{BURNS, Run};

const DEFAULT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../crates/sched-torch/tests/fixtures/resume/adamw-warmup-cosine-groups.pt"
);

fn main() -> Result<()> {
    let path = std::env::args_os().nth(1).map_or_else(|| DEFAULT.into(), PathBuf::from);
    let run = Run::open(&path)?;
    let pytorch = run.pytorch();
    for (burn, train) in BURNS {
        let trained = train(&run)?;
        println!("update  rate          PyTorch      {burn}    difference");
        for (update, (ours, theirs)) in trained.losses.iter().zip(&pytorch.losses).enumerate() {
            let difference = f64::from((ours - theirs).abs() / theirs.abs());
            println!(
                "{update:<6}  {:<12.6e}  {theirs:<11.8}  {ours:<11.8}  {difference:.1e}",
                trained.rates[update][0]
            );
        }
        println!(
            "{burn}: a loss differs from PyTorch's by at most {:.1e} of it, a parameter in the end by at most {:.1e}\n",
            trained.loss_difference(&pytorch),
            trained.parameter_difference(&pytorch)
        );
    }
    Ok(())
}
