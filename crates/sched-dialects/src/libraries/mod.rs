//! The libraries, one file or folder each.

mod caffe;
mod composer;
mod darknet;
mod deepspeed;
mod detectron2;
mod fairseq;
mod fastai;
mod fvcore;
mod icefall;
mod ignite;
mod keras;
mod lightning_bolts;
mod megatron;
mod mlx;
mod mmcv;
mod mmengine;
mod nemo;
mod optax;
mod paddle;
mod pytorch_optimizer;
mod tf_object_detection;
mod timm;
mod torch;
mod torchtitan;
mod torchtune;
pub(crate) mod transformers;
mod ultralytics;

use crate::declare::Library;
pub use torch::{TorchGroup, TorchProgress, resume_torch, run_torch};

/// All libraries, with their kinds and the parameters and defaults of each.
pub const LIBRARIES: &[Library] = &[
    torch::LIBRARY,
    optax::LIBRARY,
    timm::LIBRARY,
    transformers::LIBRARY,
    keras::LIBRARY,
    paddle::LIBRARY,
    fairseq::LIBRARY,
    mmengine::LIBRARY,
    ignite::LIBRARY,
    fastai::LIBRARY,
    pytorch_optimizer::LIBRARY,
    deepspeed::LIBRARY,
    composer::LIBRARY,
    nemo::LIBRARY,
    mlx::LIBRARY,
    torchtitan::LIBRARY,
    ultralytics::LIBRARY,
    mmcv::LIBRARY,
    megatron::LIBRARY,
    detectron2::LIBRARY,
    fvcore::LIBRARY,
    darknet::LIBRARY,
    caffe::LIBRARY,
    torchtune::LIBRARY,
    lightning_bolts::LIBRARY,
    tf_object_detection::LIBRARY,
    icefall::LIBRARY,
];
