//! Trains a small digit classifier on burn 0.22 under a sched schedule, and resumes it without a trace.
//!
//! `cargo run -p mnist-0_22 -- --help` lists the options.

// The name that a project with one burn has for it, which burn's derives expand to.
extern crate burn_0_22 as burn;

#[cfg(any(feature = "ndarray", feature = "wgpu"))]
mod example;

#[cfg(any(feature = "ndarray", feature = "wgpu"))]
fn main() -> std::process::ExitCode {
    example::EXAMPLE.run()
}

#[cfg(not(any(feature = "ndarray", feature = "wgpu")))]
fn main() -> std::process::ExitCode {
    eprintln!("error: this was built without a backend; build it with --features ndarray or --features wgpu");
    std::process::ExitCode::FAILURE
}
