//! burn's `Optimizer`, which updates one tensor at a time.

use super::burn::optim::{Optimizer, RecordState, StateSink, StateSource};
use super::burn::tensor::{Device, Tensor};
use crate::optimizer::{ScheduledOptimizer, ScheduledState};

/// None of burn's own optimizers has a state with such a name.
const POSITION: &str = "schedule.position";
pub(super) const AVERAGE: &str = "schedule.average";

impl<S: RecordState, const D: usize> RecordState for ScheduledState<S, Tensor<D>> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        if let Some(optimizer) = &self.optimizer {
            optimizer.state_flatten(prefix, out);
        }
        if let Some(position) = self.position {
            out.push_scalar(prefix, POSITION, position.into());
        }
        if let Some(average) = &self.average {
            out.push_tensor(prefix, AVERAGE, average.to_data());
        }
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        let optimizer = S::state_unflatten(prefix, source, device);
        let position = source.take_scalar(prefix, POSITION).and_then(|position| u64::try_from(position).ok());
        let average = source.take_tensor(prefix, AVERAGE).map(|average| Box::new(Tensor::from_data(average, device)));
        (optimizer.is_some() || position.is_some()).then_some(Self { position, optimizer, average })
    }
}

impl<O: Optimizer> Optimizer for ScheduledOptimizer<O> {
    type State<const D: usize> = ScheduledState<O::State<D>, Tensor<D>>;

    /// # Panics
    ///
    /// The value of a hyper-parameter is refused, as [`HyperParameter::at`](crate::HyperParameter::at) says, or an optimizer
    /// with constant hyper-parameters saved the record and there is no [`from_step`](ScheduledOptimizer::from_step).
    fn step<const D: usize>(
        &self,
        lr: f64,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let update = |optimizer: O, tensor, state| optimizer.step(lr, tensor, gradient, state);
        let mix = |average: Tensor<D>, tensor, decay| average.clone() + (tensor - average) * (1.0 - decay);
        let (tensor, state) = self.update(tensor, state, update, mix);
        (tensor, Some(state))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        ScheduledState {
            position: state.position,
            optimizer: state.optimizer.map(|state| O::to_device(state, device)),
            average: state.average.map(|average| Box::new(average.to_device(device))),
        }
    }
}
