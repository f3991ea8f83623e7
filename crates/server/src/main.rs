//! The program; everything is in the library beside it.

/// Deliveries and reading take and give back many buffers of some KiB, which glibc spends a fifth of their time on and does not return to the system.
/// SQLite and zstd use it as well.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    server::main()
}
