//! How a file of PyTorch's was understood.

use std::fmt::Write as _;

use sched_torch::{Resumed, TorchFile};
use serde::Serialize;

/// How the file was understood.
#[derive(Serialize)]
pub(super) struct Understood {
    class: Option<&'static str>,
    class_is_inferred: bool,
    key: String,
    optimizer_key: Option<String>,
    unknown_keys: Vec<String>,
    missing_keys: Vec<String>,
    assumed: Vec<String>,
    unknown_globals: Vec<String>,
}

impl Understood {
    pub(super) fn new(resumed: &Resumed, file: &TorchFile) -> Self {
        Self {
            class: resumed.class,
            class_is_inferred: resumed.is_inferred,
            key: resumed.path.clone(),
            optimizer_key: resumed.optimizer_path.clone(),
            unknown_keys: resumed.unknown_keys.clone(),
            missing_keys: resumed.missing_keys.clone(),
            assumed: resumed.assumed.clone(),
            unknown_globals: file.unknown_globals(),
        }
    }

    pub(super) fn write(&self, text: &mut String) -> std::fmt::Result {
        let mut line = |name: &str, value: &str| writeln!(text, "{name:<10}{value}");
        let how = if self.class_is_inferred { " (inferred from its keys)" } else { "" };
        line("class", &format!("{}{how}", self.class.unwrap_or("unknown")))?;
        if !self.key.is_empty() {
            line("key", &self.key)?;
        }
        if let Some(key) = &self.optimizer_key {
            line("optimizer", key)?;
        }
        let lists = [
            ("unknown", "keys that PyTorch does not have", &self.unknown_keys),
            ("missing", "keys that PyTorch has today", &self.missing_keys),
            ("inert", "not read", &self.unknown_globals),
        ];
        for (name, what, list) in lists.into_iter().filter(|(_, _, list)| !list.is_empty()) {
            line(name, &format!("{} ({what})", list.join(", ")))?;
        }
        self.assumed.iter().try_for_each(|assumed| line("assumed", assumed))
    }
}
