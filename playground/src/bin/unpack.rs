//! Unpacks the core in the page: raw LZMA2 on stdin, the core on stdout. A program of its own, run by the page as it runs the core.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use lzma_rust2::{Lzma2Reader, Read as _};

// Smaller than the one in WASI's C library.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// How far back the packed core refers at most; `playground/build` packs with the same.
const DICTIONARY: u32 = 2 << 20;

// The code that shows an error would be longer than the rest.
fn main() -> ExitCode {
    if unpack().is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn unpack() -> Option<()> {
    let mut packed = Vec::new();
    io::stdin().read_to_end(&mut packed).ok()?;
    let mut reader = Lzma2Reader::new(&*packed, DICTIONARY, None);
    let mut piece = vec![0; 1 << 16];
    loop {
        match reader.read(&mut piece).ok()? {
            0 => return Some(()),
            length => io::stdout().write_all(&piece[..length]).ok()?,
        }
    }
}
