//! burn 0.21's `SimpleOptimizer`, which updates one tensor at a time, and its record.

use burn_0_21::optim::SimpleOptimizer;
use burn_0_21::record::{PrecisionSettings, Record};
use burn_0_21::tensor::Tensor;
use burn_0_21::tensor::backend::Backend;
use serde::{Deserialize, Serialize};

use crate::optimizer::{ScheduledOptimizer, ScheduledState};

/// What burn 0.21's recorders write for a [`ScheduledState`]: the position, exact under every precision setting, the
/// optimizer's own state, and the average of the weights.
// Without names, so that no other state is taken for it: a named field that is missing reads as `None`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScheduledItem<I, T>(Option<u64>, Option<I>, Option<T>);

impl<B: Backend, S: Record<B>, T: Record<B>> Record<B> for ScheduledState<S, T> {
    type Item<P: PrecisionSettings> = ScheduledItem<S::Item<P>, T::Item<P>>;

    fn into_item<P: PrecisionSettings>(self) -> Self::Item<P> {
        ScheduledItem(self.position, self.optimizer.map(S::into_item), self.average.map(|average| average.into_item()))
    }

    fn from_item<P: PrecisionSettings>(item: Self::Item<P>, device: &B::Device) -> Self {
        let ScheduledItem(position, optimizer, average) = item;
        Self {
            position,
            optimizer: optimizer.map(|optimizer| S::from_item(optimizer, device)),
            average: average.map(|average| Box::new(T::from_item(average, device))),
        }
    }
}

impl<B: Backend, O: SimpleOptimizer<B>> SimpleOptimizer<B> for ScheduledOptimizer<O> {
    type State<const D: usize> = ScheduledState<O::State<D>, Tensor<B, D>>;

    /// # Panics
    ///
    /// The value of a hyper-parameter is refused, as [`HyperParameter::at`](crate::HyperParameter::at) says.
    fn step<const D: usize>(
        &self,
        lr: f64,
        tensor: Tensor<B, D>,
        gradient: Tensor<B, D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<B, D>, Option<Self::State<D>>) {
        let update = |optimizer: O, tensor, state| optimizer.step(lr, tensor, gradient, state);
        let mix = |average: Tensor<B, D>, tensor, decay| average.clone() + (tensor - average) * (1.0 - decay);
        let (tensor, state) = self.update(tensor, state, update, mix);
        (tensor, Some(state))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &B::Device) -> Self::State<D> {
        ScheduledState {
            position: state.position,
            optimizer: state.optimizer.map(|state| O::to_device(state, device)),
            average: state.average.map(|average| Box::new(average.to_device(device))),
        }
    }
}
