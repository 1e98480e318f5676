//! The learning-rate finder.

use super::burn::data::dataloader::{DataLoader, Progress};
use super::burn::module::Module;
use super::burn::optim::ModuleOptimizer;
use super::burn::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric, Metric, MetricMetadata, Numeric};
use super::burn::train::{TrainOutput, TrainStep};
use sched_core::{RangeCurve, RangePoint, RangeTest};

use crate::find_lr::{BoxError, FindLrError, RangeBar, run};

/// Finds a learning rate: trains a copy of the model with a copy of the optimizer at the rates of a [`RangeTest`], and
/// records the losses. Shows a progress bar if stderr is a terminal.
///
/// Model and optimizer are unchanged, bit for bit, even the running statistics of batch norm, which a plain clone of a
/// model would share. They can be new or in the middle of a training. The batches come from the loader, starting over
/// when it ends, on the model's device as in a training. A loader that shuffles advances its random number generator,
/// and so does a device that draws random numbers. All parameter groups get the same rate, and the copy does not use
/// gradient checkpointing.
///
/// The loss is what burn's `LossMetric` shows for the output of a training step, such as `ClassificationOutput` or
/// `RegressionOutput`; for other outputs, see [`find_lr_with`]. Each loss is that before the update at the rate next to it.
///
/// ```
#[doc = concat!("# use burn_", version!(), " as burn;")]
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
/// The test is invalid, the loader is empty, or a batch or a loss cannot be read.
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

/// [`find_lr`] for any output: `loss` extracts the loss, and `on_step` is called after each step. There is no progress bar.
///
/// # Errors
///
/// The test is invalid, the loader is empty, or a batch cannot be read.
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
    // A clone shares its running statistics with the original; this copies them, too.
    let mut model = model.valid().train();
    let mut optimizer = optimizer.clone();
    let train = |batch, lr: f64| {
        let TrainOutput { grads, item } = TrainStep::step(&model, batch);
        model = model.clone().optimize(&mut optimizer, lr.into(), grads);
        loss(item)
    };
    run(test, || loader.iter().map(|batch| batch.map_err(BoxError::from)), train, on_step)
}

/// The loss that burn's metric shows for an output.
fn shown_loss<T: ItemLazy + Adaptor<LossInput>>(output: T) -> Result<f64, BoxError> {
    let mut metric = LossMetric::new();
    let metadata = MetricMetadata { progress: Progress::new(0, 1, None), iteration: None, lr: None };
    metric.update(&output.sync()?.adapt(), &metadata)?;
    // After an update, there always is a value.
    Ok(metric.value().map_or(f64::NAN, |entry| entry.current()))
}
