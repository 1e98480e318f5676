//! On burn 0.21, whose learner has one rate, `GroupedOptimizer` gives parts of a model their own rates: for exactly the
//! parameters of a part and no others, on one device and on several, and with checkpoints that remain those of the inner
//! optimizer; layer-wise decay trains the same model as on burn 0.22.

mod common;

use std::path::Path;

use burn_0_21::backend::ndarray::NdArrayDevice;
use burn_0_21::module::ParamId;
use burn_0_21::optim::{AdamConfig, GradientsParams, MultiGradientsParams, Optimizer, SgdConfig};
use burn_0_21::tensor::backend::DeviceOps;
use burn_0_21::train::{ExecutionStrategy, MultiDeviceOptim};
use common::deep_0_21::Deep;
use common::learner_0_21::{Batch, Cpu, Job};
use common::*;
use sched_burn::prelude::*;

const DECAY: f64 = 0.75;

type Bits = Vec<Vec<u32>>;

fn deep() -> Deep<Cpu> {
    Deep::new(&Default::default())
}

fn adam() -> impl Optimizer<Deep<Cpu>, Cpu> {
    AdamConfig::new().init()
}

fn sgd() -> impl Optimizer<Deep<Cpu>, Cpu> {
    SgdConfig::new().init()
}

/// The embedding and every block.
fn layers() -> LayerDecay {
    LayerDecay::new(DECAY).layer(["embed"]).blocks("blocks", BLOCKS)
}

/// Some parts frozen, some slower, the head faster.
fn grouped<O>(optimizer: O) -> GroupedOptimizer<O> {
    let optimizer = GroupedOptimizer::new(optimizer).group("blocks", 0.5).unwrap().group("blocks.1", 0.0).unwrap();
    optimizer.group("blocks.10", 0.25).unwrap().group("head", 2.0).unwrap()
}

/// The factor of each part in [`grouped`].
fn factors() -> Vec<f64> {
    let factor = |part: String| match part.as_str() {
        "embed" => 1.0,
        "blocks.1" => 0.0,
        "blocks.10" => 0.25,
        "head" => 2.0,
        _ => 0.5,
    };
    parts().into_iter().map(factor).collect()
}

fn train(
    directory: &Path,
    job: Job<learner_0_21::Recorder>,
    optimizer: impl Optimizer<Deep<Cpu>, Cpu> + 'static,
) -> Bits {
    job.train_model(directory, ITERATIONS, None, deep(), optimizer, Scheduler::new(schedule())).0.bits()
}

/// Trains from beginning to end.
fn train_whole(optimizer: impl Optimizer<Deep<Cpu>, Cpu> + 'static) -> Bits {
    train(tempfile::tempdir().unwrap().path(), Job::default(), optimizer)
}

/// The parts after a single update at `rate`.
fn after_one_update(
    rate: f64,
    strategy: Option<ExecutionStrategy<Cpu>>,
    optimizer: impl Optimizer<Deep<Cpu>, Cpu> + 'static,
) -> Bits {
    let directory = tempfile::tempdir().unwrap();
    let job = Job { epochs: 1, ..Job::default() };
    job.train_model(directory.path(), 1, strategy, deep(), optimizer, Scheduler::new(Schedule::constant(rate).unwrap()))
        .0
        .bits()
}

/// Asserts that each part is where it would be if the whole model had its rate: the first gradients are the same at
/// every rate.
fn assert_reaches(parts: &Bits, factors: &[f64], uniform: impl Fn(f64) -> Bits) {
    assert_eq!(parts.len(), factors.len());
    for (depth, factor) in factors.iter().enumerate() {
        assert_eq!(parts[depth], uniform(*factor)[depth], "part {depth}");
    }
}

#[test]
fn factors_of_1_change_no_bit() {
    let plain = train_whole(adam());
    assert_eq!(train_whole(GroupedOptimizer::new(adam())), plain);
    let ones = GroupedOptimizer::new(adam()).group("blocks", 1.0).unwrap().group("head.weight", 1.0).unwrap();
    assert_eq!(train_whole(ones), plain);
}

#[test]
fn several_steps_of_the_optimizer_are_one() {
    // The next number after 1 rounds to 1 in a tensor, but gets its own step.
    let nearly = GroupedOptimizer::new(adam()).group("blocks", 1.0_f64.next_up()).unwrap();
    assert_eq!(train_whole(nearly), train_whole(adam()));
}

#[test]
fn factors_reach_their_parameters_and_no_others() {
    let rate = 0.3;
    let parts = after_one_update(rate, None, grouped(sgd()));
    assert_reaches(&parts, &factors(), |factor| after_one_update(rate * factor, None, sgd()));
    assert_eq!(parts[2], deep().bits()[2], "blocks.1 is frozen");
}

#[test]
fn factors_reach_parameters_by_id() {
    let model = deep();
    let bias = |part: &burn_0_21::nn::Linear<Cpu>| part.bias.as_ref().unwrap().id;
    let ids: Vec<ParamId> = model.blocks.iter().map(bias).collect();
    let optimizer = GroupedOptimizer::new(sgd()).group("blocks.3", 0.5).unwrap().group_of_ids(ids, 0.0).unwrap();
    optimizer.check(&model).unwrap();
    let job = || Job { epochs: 1, ..Job::default() };
    let directory = tempfile::tempdir().unwrap();
    let (trained, _) = job().train_model(
        directory.path(),
        1,
        None,
        model,
        optimizer,
        Scheduler::new(Schedule::constant(0.3).unwrap()),
    );
    let (trained, untrained) = (trained.bits(), deep().bits());
    let (full, half) = (after_one_update(0.3, None, sgd()), after_one_update(0.15, None, sgd()));
    let weights = HIDDEN * HIDDEN;
    for (depth, part) in trained.iter().enumerate() {
        match depth {
            0 => assert_eq!(*part, full[depth]),
            depth if depth > BLOCKS => assert_eq!(*part, full[depth]),
            _ => {
                let expected = if depth == 4 { &half } else { &full };
                assert_eq!(part[..weights], expected[depth][..weights], "the weights of layer {depth}");
                assert_eq!(part[weights..], untrained[depth][weights..], "the biases of layer {depth}");
            }
        }
    }
}

#[test]
fn what_is_frozen_stays_through_a_whole_training() {
    let all = parts().iter().fold(GroupedOptimizer::new(adam()), |optimizer, part| optimizer.group(part, 0.0).unwrap());
    assert_eq!(train_whole(all), deep().bits());
    let trained = train_whole(grouped(adam()));
    for (depth, (part, before)) in trained.iter().zip(deep().bits()).enumerate() {
        assert_eq!(*part == before, depth == 2, "layer {depth}");
    }
}

#[test]
fn the_optimizer_does_not_see_what_is_frozen() {
    let model = deep();
    let loss = model.loss(Batch::new(&[0, 1, 2, 3], &Default::default())).loss;
    let gradients = GradientsParams::from_grads(loss.backward(), &model);
    let part = &model.blocks[1];
    let frozen = [part.weight.id, part.bias.as_ref().unwrap().id];
    let mut optimizer = grouped(AdamConfig::new().init::<Cpu, Deep<Cpu>>());
    optimizer.step(0.3, model, gradients);
    // Adam has moments for every parameter that it has seen: a weight and a bias in each part.
    let seen = optimizer.to_record();
    assert_eq!(seen.len(), 2 * (BLOCKS + 2) - frozen.len());
    assert!(frozen.iter().all(|id| !seen.contains_key(id)));
}

#[test]
fn several_devices_of_the_learner_share_the_factors() {
    for optim in [MultiDeviceOptim::OptimMainDevice, MultiDeviceOptim::OptimSharded] {
        let multi = || Some(ExecutionStrategy::multi(vec![NdArrayDevice::Cpu, NdArrayDevice::Cpu], optim));
        let parts = after_one_update(0.3, multi(), grouped(sgd()));
        assert_reaches(&parts, &factors(), |factor| after_one_update(0.3 * factor, multi(), sgd()));
    }
}

#[test]
fn gradients_of_several_devices_are_added_for_each_factor() {
    let device = NdArrayDevice::default();
    let model = deep();
    let gradients = |items: std::ops::Range<usize>| {
        let items: Vec<usize> = items.collect();
        GradientsParams::from_grads(model.loss(Batch::new(&items, &device)).loss.backward(), &model)
    };
    // The second device has no gradients, which must not shift the others: their order is the order of addition.
    let all = || MultiGradientsParams {
        grads: [gradients(0..4), GradientsParams::new(), gradients(4..8), gradients(8..12)]
            .map(|of| (of, device.id()))
            .into(),
    };
    let update = |mut optimizer: Box<dyn FnMut(MultiGradientsParams) -> Deep<Cpu>>| optimizer(all()).bits();
    let uniform = |factor: f64| {
        let (mut optimizer, model) = (sgd(), model.clone());
        update(Box::new(move |grads| optimizer.step_multi(0.3 * factor, model.clone(), grads)))
    };
    let parts = {
        let (mut optimizer, model) = (grouped(sgd()), model.clone());
        update(Box::new(move |grads| optimizer.step_multi(0.3, model.clone(), grads)))
    };
    assert_reaches(&parts, &factors(), uniform);
    assert_ne!(parts, grouped(sgd()).step(0.3, model.clone(), gradients(0..4)).bits());
}

#[test]
fn layer_decay_reaches_each_layer() {
    let parts = after_one_update(0.3, None, layers().optimizer(sgd(), &deep()).unwrap());
    let factors: Vec<f64> = (0..BLOCKS + 2).map(|depth| DECAY.powi((BLOCKS + 1 - depth) as i32)).collect();
    assert_reaches(&parts, &factors, |factor| after_one_update(0.3 * factor, None, sgd()));
}

#[test]
fn layer_decay_trains_the_same_model_as_on_0_22() {
    let old = train_whole(layers().optimizer(adam(), &deep()).unwrap());

    #[expect(deprecated, reason = "the backend that both burns have")]
    let device = burn_0_22::tensor::Device::ndarray();
    let model = v0_22::deep::Deep::new(&device.clone().autodiff());
    let scheduler = layers().scheduler(&Scheduler::new(schedule()), &model).unwrap();
    let learner = burn_0_22::train::Learner::new(model, burn_0_22::optim::AdamConfig::new().init(), scheduler);
    let job = v0_22::learner::Job { device, ..v0_22::learner::Job::default() };
    let directory = tempfile::tempdir().unwrap();
    let (new, _) = job.train_model(directory.path(), ITERATIONS, learner);
    assert_eq!(old, new.bits());
    assert_ne!(old, train_whole(adam()));
}

#[test]
fn it_resumes_after_every_epoch() {
    let directory = tempfile::tempdir().unwrap();
    let whole = train(directory.path(), Job::default(), grouped(adam()));
    for stop in 1..EPOCHS {
        let job = Job { checkpoint: Some(stop), ..Job::default() };
        assert_eq!(train(directory.path(), job, grouped(adam())), whole, "stopped after epoch {stop}");
    }
}

#[test]
fn checkpoints_are_those_of_the_optimizer() {
    let until_stop = || Job { epochs: STOP, ..Job::default() };
    let from_stop = || Job { checkpoint: Some(STOP), ..Job::default() };
    // Written with groups and read without, and vice versa, with factors that change nothing.
    let ones = || GroupedOptimizer::new(adam()).group("blocks", 1.0_f64.next_up()).unwrap();
    let plain = train_whole(adam());
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), until_stop(), ones());
    assert_eq!(train(directory.path(), from_stop(), adam()), plain);
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), until_stop(), adam());
    assert_eq!(train(directory.path(), from_stop(), ones()), plain);

    // So resuming with other factors unfreezes a part.
    let directory = tempfile::tempdir().unwrap();
    let frozen = train(directory.path(), until_stop(), grouped(adam()));
    let unfrozen = train(directory.path(), from_stop(), adam());
    assert_eq!(frozen[2], deep().bits()[2]);
    assert_ne!(unfrozen[2], frozen[2]);
}

#[test]
fn groups_that_make_no_sense_are_refused() {
    let optimizer = || GroupedOptimizer::new(());
    for factor in [-0.1, f64::NAN, f64::INFINITY] {
        assert_says(&optimizer().group("head", factor).unwrap_err().to_string(), &["`factor`"]);
        assert_says(&optimizer().group_of_ids([], factor).unwrap_err().to_string(), &["`factor`"]);
    }
    let error = optimizer().group("blocks.", 0.1).unwrap_err();
    assert_eq!(error, GroupError::NotAPath { path: "blocks.".to_owned() });

    let id = ParamId::new();
    let unmatched =
        optimizer().group("block", 0.1).unwrap().group("blocks.1", 0.1).unwrap().group("blocks", 0.2).unwrap();
    let error = unmatched.group_of_ids([id], 0.0).unwrap().check(&deep()).unwrap_err();
    let parameters: Vec<String> =
        parts().iter().flat_map(|part| ["weight", "bias"].map(|leaf| format!("{part}.{leaf}"))).collect();
    let groups = vec!["block".to_owned(), "blocks.1".to_owned(), id.to_string()];
    assert_eq!(error, GroupError::Unmatched { groups, parameters });

    let error = LayerDecay::new(0.5).layers(["embedding"]).optimizer((), &deep()).unwrap_err();
    assert!(matches!(error, GroupError::Unmatched { groups, .. } if groups == ["embedding"]));
}
