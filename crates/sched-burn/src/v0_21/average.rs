//! Reads the averaged weights out of burn's optimizer.

use std::collections::HashMap;

use burn_0_21::module::{AutodiffModule, ModuleMapper, Param, ParamId};
use burn_0_21::optim::adaptor::OptimizerAdaptor;
use burn_0_21::optim::record::{AdaptorRecord, AdaptorRecordV1};
use burn_0_21::optim::{Optimizer, SimpleOptimizer};
use burn_0_21::tensor::Tensor;
use burn_0_21::tensor::backend::AutodiffBackend;

use crate::optimizer::{AverageError, ScheduledOptimizer, WeightAverage};

impl<M, B, O> WeightAverage<M> for OptimizerAdaptor<ScheduledOptimizer<O>, M, B>
where
    M: AutodiffModule<B>,
    B: AutodiffBackend,
    O: SimpleOptimizer<B::InnerBackend>,
{
    fn averaged(&self, model: M) -> Result<M, AverageError> {
        let states = self.to_record().into_iter();
        let averages: HashMap<_, _> = states.filter(|(_, state)| rank_of_average(state).is_some()).collect();
        let all = averages.len();
        if all == 0 {
            return Err(AverageError::Missing);
        }
        let mut replace = Replace { averages };
        let model = model.map(&mut replace);
        match replace.averages.len() {
            0 => Ok(model),
            left => Err(AverageError::OtherModel { averages: all, found: all - left }),
        }
    }
}

/// The rank of a parameter that has an average.
fn rank_of_average<B: AutodiffBackend, O: SimpleOptimizer<B::InnerBackend>>(
    state: &AdaptorRecord<ScheduledOptimizer<O>, B>,
) -> Option<usize> {
    let AdaptorRecord::V1(state) = state;
    let (rank, averages) = match state {
        AdaptorRecordV1::Rank0(state) => (0, state.average.is_some()),
        AdaptorRecordV1::Rank1(state) => (1, state.average.is_some()),
        AdaptorRecordV1::Rank2(state) => (2, state.average.is_some()),
        AdaptorRecordV1::Rank3(state) => (3, state.average.is_some()),
        AdaptorRecordV1::Rank4(state) => (4, state.average.is_some()),
        AdaptorRecordV1::Rank5(state) => (5, state.average.is_some()),
        AdaptorRecordV1::Rank6(state) => (6, state.average.is_some()),
        AdaptorRecordV1::Rank7(state) => (7, state.average.is_some()),
        AdaptorRecordV1::Rank8(state) => (8, state.average.is_some()),
    };
    averages.then_some(rank)
}

struct Replace<B: AutodiffBackend, O: SimpleOptimizer<B::InnerBackend>> {
    /// Those that have not found their parameter yet.
    averages: HashMap<ParamId, AdaptorRecord<ScheduledOptimizer<O>, B>>,
}

impl<B: AutodiffBackend, O: SimpleOptimizer<B::InnerBackend>> ModuleMapper<B> for Replace<B, O> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let Some(state) = self.averages.remove(&param.id) else { return param };
        // burn panics at another rank.
        let average = (rank_of_average(&state) == Some(D)).then(|| state.clone().into_state::<D>().average).flatten();
        match average {
            Some(average) if average.shape() == param.shape() => param.map(|weights| {
                let average = Tensor::from_inner(average.to_device(&weights.device()));
                average.set_require_grad(weights.is_require_grad())
            }),
            _ => {
                self.averages.insert(param.id, state);
                param
            }
        }
    }
}
