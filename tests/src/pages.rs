//! Pages that tests hold up to date.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails if a page, named by its path from the root, differs from `text`; with `UPDATE_DOCS=1`, writes it first.
pub fn assert_up_to_date(page: impl AsRef<Path>, text: &str) {
    let path = root().join(page);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let stale = text.lines().zip(written.lines()).find(|(new, old)| new != old);
    let path = path.display();
    assert!(written.lines().eq(text.lines()), "{path} is stale; write it with UPDATE_DOCS=1: {stale:#?}");
}
