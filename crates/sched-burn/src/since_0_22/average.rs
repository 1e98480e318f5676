//! Reads the averaged weights out of burn's optimizer.

use std::collections::BTreeMap;

use super::burn::module::{Module, ModuleMapper, Param};
use super::burn::optim::ModuleOptimizer;
use super::burn::tensor::{Bytes, Tensor, TensorData};
use super::burn_pack::{self, Reader};
use super::scheduled_optimizer::AVERAGE;
use crate::optimizer::{AverageError, WeightAverage};

impl<M: Module> WeightAverage<M> for ModuleOptimizer {
    fn averaged(&self, model: M) -> Result<M, AverageError> {
        // burn gives out the state only as a file.
        let bytes = self.into_bytes().map_err(|error| AverageError::Record(error.to_string()))?;
        let averages = averages(bytes).map_err(|error| AverageError::Record(error.to_string()))?;
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

/// The averages by the ids of their parameters.
fn averages(bytes: Bytes) -> Result<BTreeMap<u64, TensorData>, burn_pack::Error> {
    let mut averages = BTreeMap::new();
    for tensor in Reader::from_bytes(bytes)?.into_tensors()? {
        let (name, dtype, shape, id, bytes) = tensor.into_parts()?;
        let Some(id) = id.filter(|id| name.strip_prefix(&format!("{id}.")) == Some(AVERAGE)) else { continue };
        averages.insert(id, TensorData::from_bytes(bytes, shape, dtype));
    }
    Ok(averages)
}

struct Replace {
    /// Those that have not found their parameter yet.
    averages: BTreeMap<u64, TensorData>,
}

impl ModuleMapper for Replace {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id.val();
        let shape = param.lazy_shape();
        if self.averages.get(&id).is_none_or(|average| *average.shape() != shape) {
            return param;
        }
        let Some(average) = self.averages.remove(&id) else { return param };
        param.map(|weights| {
            let average = Tensor::from_data(average, (&weights.device(), weights.dtype()));
            average.set_require_grad(weights.is_require_grad())
        })
    }
}
