//! Start and exit.

use std::process::ExitCode;

/// The system allocator loses about a third of the time to many small texts freed on two threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    canbao::cli::start()
}
