//! Parameter groups follow a metric: each its own, or all the same.

use sched_burn::prelude::*;
use sched_burn::{Feed, Watch};

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::ParamGroup;
use super::burn::tensor::Device;
use super::burn::train::checkpoint::KeepLastNCheckpoints;
use super::common::torch_plateau::TorchPlateau;
use super::common::*;
use super::follow::*;
use super::learner::{Log, Logged, Mlp, taken};
use super::training::{Run, Scripted};

/// Two groups, each with its own schedule, plateau and metric.
fn groups(feed: &Feed) -> (ModuleLrScheduler, [Log; 2]) {
    let rest = feed.reduce_on_plateau(Watch::valid("Loss"), long_schedule(), plateau());
    let patient = Plateau::new().factor(0.1).patience(2).build().unwrap();
    let output = feed.reduce_on_plateau(Watch::valid("Scripted"), Schedule::constant(0.02).unwrap(), patient);
    let ((rest, rest_rates), (output, output_rates)) = (Logged::new(rest), Logged::new(output));
    let scheduler = ModuleLrScheduler::from(rest).with_group(ParamGroup::from_predicate("output"), output);
    (scheduler, [rest_rates, output_rates])
}

#[test]
fn each_follows_a_metric_of_its_own_saved_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let script = [5.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0];
    let train = |checkpoint: Option<usize>| {
        let feed = Feed::new(LONG).without_horizon_guard();
        let (scheduler, logs) = groups(&feed);
        let run = Run { feed: &feed, directory: directory.path(), checkpoint };
        let metric = Scripted::new(&script, checkpoint.unwrap_or(0));
        let training = run.training().metric_valid_numeric(metric).with_default_checkpointers();
        let training = training.with_checkpointing_strategy(KeepLastNCheckpoints::new(100));
        let result = run.launch_groups(training, scheduler);
        assert!(result.error.is_none(), "{:?}", result.error);
        let losses = feed.values(&Watch::valid("Loss"));
        (result.model.bits(), logs.map(|log| taken(&log)), losses)
    };
    let (bits, rates, losses) = train(None);
    let losses: Vec<f64> = losses.iter().map(|value| value.1.unwrap()).collect();
    assert_eq!(rates[0], expected(&torch().multipliers(&losses)));
    // With PyTorch's default threshold. Three bad metrics follow the second epoch, and the sixth.
    let multipliers = TorchPlateau::new(0.1, 2, 1e-4, 0).multipliers(&script);
    for (epoch, multiplier) in multipliers.iter().enumerate() {
        for rate in &rates[1][epoch * ITERATIONS..(epoch + 1) * ITERATIONS] {
            // PyTorch multiplies repeatedly, which may be off in the last bit.
            assert!((rate / (0.02 * multiplier) - 1.0).abs() < 1e-15, "epoch {epoch}: {rate}");
        }
    }
    assert!(rates[1].last() < Some(&1e-3), "two reductions");
    for stop in 1..LONG {
        let (resumed_bits, resumed, _) = train(Some(stop));
        assert_eq!(resumed, rates.clone().map(|rates| rates[stop * ITERATIONS..].to_vec()), "after epoch {stop}");
        assert_eq!(resumed_bits, bits, "after epoch {stop}");
    }
}

#[test]
fn every_layer_of_a_decay_follows_the_metric() {
    let directory = tempfile::tempdir().unwrap();
    let feed = Feed::new(5).without_horizon_guard();
    let plateau = Plateau::new().factor(0.5).patience(0).build().unwrap();
    let scheduler = feed.reduce_on_plateau(Watch::valid("Scripted"), Schedule::constant(0.02).unwrap(), plateau);
    let model = Mlp::new(&Device::flex());
    let layers = LayerDecay::new(0.5).layer(["hidden"]).scheduler(&scheduler, &model).unwrap();
    let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
    let training = run.training().metric_valid_numeric(Scripted::new(&[1.0, 2.0, 0.5, 0.6, 0.4], 0));
    let training = training.with_default_checkpointers();
    let result = run.launch_groups(training.with_checkpointing_strategy(KeepLastNCheckpoints::new(100)), layers);
    assert!(result.error.is_none(), "{:?}", result.error);
    for (epoch, multiplier) in [(1, 1.0), (2, 0.5), (3, 0.5), (4, 0.25), (5, 0.25)] {
        let groups = [0, 1].map(|group| Run::record(directory.path(), epoch, group));
        assert_eq!(groups.clone().map(|group| group.scalar("feedback.multiplier")), [Some(multiplier); 2]);
        let before = [1.0, 1.0, 0.5, 0.5, 0.25][epoch - 1];
        let mut rates = groups.map(|group| group.scalar::<f64>("last_lr").unwrap());
        rates.sort_by(f64::total_cmp);
        assert_eq!(rates, [0.01 * before, 0.02 * before], "epoch {epoch}");
    }
}
