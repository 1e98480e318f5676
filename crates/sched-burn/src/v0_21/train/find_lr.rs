//! The learning-rate finder on burn 0.21.

use burn_0_21::data::dataloader::{DataLoader, Progress};
use burn_0_21::module::AutodiffModule;
use burn_0_21::optim::Optimizer;
use burn_0_21::tensor::backend::{AutodiffBackend, Backend};
use burn_0_21::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric, Metric, MetricMetadata, Numeric};
use burn_0_21::train::{TrainOutput, TrainStep};
use sched_core::{RangeCurve, RangePoint, RangeTest};

use crate::find_lr::{FindLrError, RangeBar, run};

/// Finds a learning rate: trains a copy of the model with a copy of the optimizer at the rates of a [`RangeTest`], and records
/// the losses. Shows a bar if stderr is a terminal.
///
/// Model and optimizer stay as they are, to the bit, also where a plain clone of a model would share its running statistics
/// (batch norm). Model and optimizer may be new or in the middle of a training. The batches are the loader's, from its start
/// again when it ends, on the model's device, as in a training; a loader that shuffles moves on in its own random numbers, and
/// so does a backend that draws some.
///
/// The loss is what burn's own `LossMetric` shows for the training's output, as for `ClassificationOutput` and
/// `RegressionOutput`; for other outputs see [`find_lr_with`]. It is the loss before the update with the rate beside it.
///
/// ```
/// use burn_0_21 as burn;
/// # use burn::data::dataloader::DataLoader;
/// # use burn::module::AutodiffModule;
/// # use burn::optim::Optimizer;
/// # use burn::tensor::backend::AutodiffBackend;
/// # use burn::train::{RegressionOutput, TrainStep};
/// use sched_burn::RangeTest;
/// use sched_burn::train_0_21::find_lr;
///
/// # fn example<B, M, O>(model: M, optimizer: O, train_loader: std::sync::Arc<dyn DataLoader<B, M::Input>>)
/// # -> Result<(), Box<dyn std::error::Error>>
/// # where
/// #     B: AutodiffBackend,
/// #     M: AutodiffModule<B> + TrainStep<Output = RegressionOutput<B>>,
/// #     O: Optimizer<M, B>,
/// # {
/// let curve = find_lr(&model, &optimizer, &*train_loader, &RangeTest::new(1e-6, 1.0, 100))?;
/// println!("{curve}");
/// let lr = curve.suggest_valley()?.lr;
/// # let _ = lr;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The test is not valid, or the loader is empty.
pub fn find_lr<B, M, O, L>(
    model: &M,
    optimizer: &O,
    loader: &dyn DataLoader<B, M::Input>,
    test: &RangeTest,
) -> Result<RangeCurve, FindLrError>
where
    B: AutodiffBackend,
    M: TrainStep + AutodiffModule<B>,
    O: Optimizer<M, B>,
    L: Backend,
    <M::Output as ItemLazy>::ItemSync: Adaptor<LossInput<L>>,
{
    let bar = RangeBar::new(test);
    find_lr_with(model, optimizer, loader, test, shown_loss, |point| bar.show(point))
}

/// [`find_lr`] for any output: `loss` reads the loss off it, and `on_step` is called after each step, without a bar.
///
/// # Errors
///
/// The test is not valid, or the loader is empty.
pub fn find_lr_with<B, M, O>(
    model: &M,
    optimizer: &O,
    loader: &dyn DataLoader<B, M::Input>,
    test: &RangeTest,
    mut loss: impl FnMut(M::Output) -> f64,
    on_step: impl FnMut(&RangePoint),
) -> Result<RangeCurve, FindLrError>
where
    B: AutodiffBackend,
    M: TrainStep + AutodiffModule<B>,
    O: Optimizer<M, B>,
{
    let moved = model.devices().first().map(|device| loader.to_device(device));
    let loader = moved.as_deref().unwrap_or(loader);
    // A clone shares its running statistics with the original; this is a copy of them, too.
    let mut model = M::from_inner(model.valid());
    let mut optimizer = optimizer.clone();
    let train = |batch, lr| {
        let TrainOutput { grads, item } = TrainStep::step(&model, batch);
        model = model.clone().optimize::<B, O>(&mut optimizer, lr, grads);
        Ok(loss(item))
    };
    run(test, || loader.iter().map(Ok), train, on_step)
}

/// What the metric of the loss shows for an output.
fn shown_loss<T, L>(output: T) -> f64
where
    T: ItemLazy,
    T::ItemSync: Adaptor<LossInput<L>>,
    L: Backend,
{
    let mut metric = LossMetric::<L>::new();
    let progress = || Progress::new(0, 1);
    let metadata = MetricMetadata { progress: progress(), global_progress: progress(), iteration: None, lr: None };
    metric.update(&output.sync().adapt(), &metadata);
    metric.value().current()
}
