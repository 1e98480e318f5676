//! The learning-rate finder.

use super::burn::data::dataloader::{DataLoader, Progress};
use super::burn::module::Module;
use super::burn::optim::ModuleOptimizer;
use super::burn::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric, Metric, MetricMetadata, Numeric};
use super::burn::train::{TrainOutput, TrainStep};
use sched_core::{RangeCurve, RangePoint, RangeTest};

use crate::find_lr::{BoxError, FindLrError, RangeBar, run};

/// Finds a learning rate: trains a copy of the model with a copy of the optimizer at the rates of a [`RangeTest`], and records
/// the losses. Shows a bar if stderr is a terminal.
///
/// Model and optimizer stay as they are, to the bit, also where a plain clone of a model would share its running statistics
/// (batch norm). Model and optimizer may be new or in the middle of a training. The batches are the loader's, from its start
/// again when it ends, on the model's device, as in a training; a loader that shuffles moves on in its own random numbers, and
/// so does a device that draws some. All parameter groups get the same rate, and the copy does not use gradient checkpointing.
///
/// The loss is what burn's own `LossMetric` shows for the training's output, as for `ClassificationOutput` and
/// `RegressionOutput`; for other outputs see [`find_lr_with`]. It is the loss before the update with the rate beside it.
///
/// ```
#[doc = concat!("use burn_", version!(), " as burn;")]
/// # use burn::data::dataloader::DataLoader;
/// # use burn::module::Module;
/// # use burn::optim::ModuleOptimizer;
/// # use burn::train::{RegressionOutput, TrainStep};
/// use sched_burn::RangeTest;
#[doc = concat!("use sched_burn::train_", version!(), "::find_lr;")]
///
/// # fn example<M>(model: M, optimizer: ModuleOptimizer, train_loader: std::sync::Arc<dyn DataLoader<M::Input>>)
/// # -> Result<(), Box<dyn std::error::Error>>
/// # where
/// #     M: Module + TrainStep<Output = RegressionOutput>,
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
/// The test is not valid, the loader is empty, or a batch or a loss cannot be read.
pub fn find_lr<M>(
    model: &M,
    optimizer: &ModuleOptimizer,
    loader: &dyn DataLoader<M::Input>,
    test: &RangeTest,
) -> Result<RangeCurve, FindLrError>
where
    M: TrainStep + Module,
    M::Output: Adaptor<LossInput>,
{
    let bar = RangeBar::new(test);
    find_lr_by(model, optimizer, loader, test, shown_loss, |point| bar.show(point))
}

/// [`find_lr`] for any output: `loss` reads the loss off it, and `on_step` is called after each step, without a bar.
///
/// # Errors
///
/// The test is not valid, the loader is empty, or a batch cannot be read.
pub fn find_lr_with<M: TrainStep + Module>(
    model: &M,
    optimizer: &ModuleOptimizer,
    loader: &dyn DataLoader<M::Input>,
    test: &RangeTest,
    mut loss: impl FnMut(M::Output) -> f64,
    on_step: impl FnMut(&RangePoint),
) -> Result<RangeCurve, FindLrError> {
    find_lr_by(model, optimizer, loader, test, |output| Ok(loss(output)), on_step)
}

fn find_lr_by<M: TrainStep + Module>(
    model: &M,
    optimizer: &ModuleOptimizer,
    loader: &dyn DataLoader<M::Input>,
    test: &RangeTest,
    mut loss: impl FnMut(M::Output) -> Result<f64, BoxError>,
    on_step: impl FnMut(&RangePoint),
) -> Result<RangeCurve, FindLrError> {
    let moved = model.devices().into_iter().next().map(|device| loader.to_device(&device.autodiff()));
    let loader = moved.as_deref().unwrap_or(loader);
    // A clone shares its running statistics with the original; this is a copy of them, too.
    let mut model = model.valid().train();
    let mut optimizer = optimizer.clone();
    let train = |batch, lr: f64| {
        let TrainOutput { grads, item } = TrainStep::step(&model, batch);
        model = model.clone().optimize(&mut optimizer, lr.into(), grads);
        loss(item)
    };
    run(test, || loader.iter().map(|batch| batch.map_err(BoxError::from)), train, on_step)
}

/// What the metric of the loss shows for an output.
fn shown_loss<T: ItemLazy + Adaptor<LossInput>>(output: T) -> Result<f64, BoxError> {
    let mut metric = LossMetric::new();
    let metadata = MetricMetadata { progress: Progress::new(0, 1, None), iteration: None, lr: None };
    metric.update(&output.sync()?.adapt(), &metadata)?;
    // It always has a value after an update.
    Ok(metric.value().map_or(f64::NAN, |entry| entry.current()))
}
