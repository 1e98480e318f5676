//! The learning-rate finder.

use burn_0_21::data::dataloader::{DataLoader, Progress};
use burn_0_21::module::AutodiffModule;
use burn_0_21::optim::Optimizer;
use burn_0_21::tensor::backend::{AutodiffBackend, Backend};
use burn_0_21::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric, Metric, MetricMetadata, Numeric};
use burn_0_21::train::{TrainOutput, TrainStep};
use sched_core::{RangeCurve, RangePoint, RangeTest};

use crate::find_lr::{FindLrError, RangeBar, run};

/// Finds a learning rate: trains a copy of the model with a copy of the optimizer at the rates of a [`RangeTest`], and
/// records the losses. Shows a progress bar if stderr is a terminal.
///
/// Model and optimizer are unchanged, bit for bit, even the running statistics of batch norm, which a plain clone of a
/// model would share. They can be new or in the middle of a training. The batches come from the loader, starting over
/// when it ends, on the model's device as in a training. A loader that shuffles advances its random number generator,
/// and so does a backend that draws random numbers.
///
/// The loss is what burn's `LossMetric` shows for the output of a training step, such as `ClassificationOutput` or
/// `RegressionOutput`; for other outputs, see [`find_lr_with`]. Each loss is that before the update at the rate next to it.
///
/// ```
/// # use burn_0_21 as burn;
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
/// The test is invalid, or the loader is empty.
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

/// [`find_lr`] for any output: `loss` extracts the loss, and `on_step` is called after each step. There is no progress bar.
///
/// # Errors
///
/// The test is invalid, or the loader is empty.
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
    // A clone shares its running statistics with the original; this copies them, too.
    let mut model = M::from_inner(model.valid());
    let mut optimizer = optimizer.clone();
    let train = |batch, lr| {
        let TrainOutput { grads, item } = TrainStep::step(&model, batch);
        model = model.clone().optimize::<B, O>(&mut optimizer, lr, grads);
        Ok(loss(item))
    };
    run(test, || loader.iter().map(Ok), train, on_step)
}

/// The loss that burn's metric shows for an output.
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
