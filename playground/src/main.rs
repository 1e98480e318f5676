//! What the playground's page asks: a schedule file in, its points, its sentence, its findings and its code out.
//!
//! An ordinary program, with a request on stdin and the answer on stdout, as JSON. The page runs it as WebAssembly of WASI: a new
//! instance for each request, so no answer depends on an earlier one. That needs no `unsafe` of ours, which the exports and imports of
//! another interface do (`no_mangle`, raw memory), no wasm-bindgen with a tool of the same version, and it runs natively, too.

mod answer;
mod findings;
mod rust;

use std::io::{self, Write};

// Smaller than the one in WASI's C library.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() -> io::Result<()> {
    let request = io::read_to_string(io::stdin())?;
    io::stdout().write_all(answer::to(&request).as_bytes())
}
