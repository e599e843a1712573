//! The binary of the command line; see the library beside it.

use std::process::ExitCode;

/// Bulk work in several threads is slow with musl's own (DESIGN.md, "Why musl?").
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    manifill_cli::run(std::env::args_os())
}
