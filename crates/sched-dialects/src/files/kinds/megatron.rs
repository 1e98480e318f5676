//! Megatron-LM's arguments, as a dump in JSON.

use sched_core::Value;

use super::{FileKind, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "arguments of Megatron-LM",
    is_own: false,
    names: &["lr_decay_style", "lr_warmup_iters", "lr_decay_iters", "train_iters", "global_batch_size", "min_lr", "lr"],
    run: [&["train_iters"], &[]],
    is_it: |file| file.has("lr_decay_style") || (file.has("train_iters") && file.has("lr_warmup_iters")),
    read: |file, found| {
        const OWN: &[&str] = &[
            "end_weight_decay",
            "global_batch_size",
            "lr",
            "lr_decay_iters",
            "lr_decay_samples",
            "lr_decay_style",
            "lr_warmup_fraction",
            "lr_warmup_init",
            "lr_warmup_iters",
            "lr_warmup_samples",
            "lr_wsd_decay_iters",
            "lr_wsd_decay_samples",
            "lr_wsd_decay_style",
            "min_lr",
            "rampup_batch_size",
            "start_weight_decay",
            "train_iters",
            "train_samples",
            "weight_decay",
            "weight_decay_incr_style",
        ];
        if let Some(value) = file.get("decoupled_lr") {
            let why = "the embeddings have a rate of their own, which is not read here";
            found.notes.push(format!("`decoupled_lr` is {value}: {why}"));
        }
        let mut params = Params::new();
        for name in OWN {
            params = params.with(name, file.has(name).then(|| file.get(name).cloned().unwrap_or(Value::Null)));
        }
        found.groups = params.of("megatron", "arguments")?;
        Ok(())
    },
};
