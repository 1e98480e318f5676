//! Any bytes as a file of torch.save: no panic, and bounded time and memory. What is read can be printed, searched and
//! resumed, its tensors read, and what is resumed can be written again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sched_torch::{Limits, ResumeOptions, StateDict, TorchFile, Value};

fuzz_target!(|data: &[u8]| {
    let mut limits = Limits::default();
    limits.values = 1 << 16;
    limits.expanded_elements = 1 << 16;
    limits.unpacked_bytes = 1 << 20;
    limits.pickle_bytes = 1 << 20;
    match TorchFile::from_bytes(data, limits) {
        Ok(file) => {
            let _ = file.root().to_string();
            let _ = file.unknown_globals();
            if let Err(error) = file.find_scheduler(None) {
                let _ = error.to_string();
            }
            let _ = file.at("a.0.1");
            match file.resume(&ResumeOptions::new()) {
                Ok(resumed) => {
                    for group in &resumed.groups {
                        let position = group.scheduler.position();
                        for step in [position, position.saturating_add(1), u64::MAX] {
                            assert!(group.scheduler.try_at(step).is_ok_and(f64::is_finite));
                        }
                    }
                    match StateDict::recognised(&resumed.groups).and_then(|state_dict| state_dict.to_bytes()) {
                        Ok(bytes) => assert!(TorchFile::from_bytes(bytes, limits).is_ok()),
                        Err(error) => _ = error.to_string(),
                    }
                }
                Err(error) => _ = error.to_string(),
            }
            let mut left = 1000;
            walk(file.root(), 8, &mut left);
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
});

fn walk(value: Value<'_>, depth: u32, left: &mut u32) {
    if depth == 0 || *left == 0 {
        return;
    }
    *left -= 1;
    if let Some(tensor) = value.as_tensor() {
        let _ = tensor.to_f64_vec();
    }
    for item in value.as_items().into_iter().flatten() {
        walk(item, depth - 1, left);
    }
    for (key, value) in value.as_dict().into_iter().flat_map(|dict| dict.entries()) {
        walk(key, depth - 1, left);
        walk(value, depth - 1, left);
    }
}
