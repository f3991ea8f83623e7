//! What the benchmarks share: a populated organisation, the memory of a process, and waits summed up.
//!
//! Each program in `bin/` measures one thing; `bench/run.sh` runs them all. What they found stands in `docs/performance.md`.

pub mod memory;
pub mod population;
pub mod waits;
