//! How long a load took, and what the machine did meanwhile.

use std::time::{Duration, Instant};

/// Since when a load runs: on the wall, on the processors, and of these in this client.
pub struct Stopwatch {
    began: Instant,
    machine: f64,
    client: f64,
}

/// A load that was carried.
pub struct Measured {
    messages: usize,
    pub took: Duration,
    server_cpu_secs: f64,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { began: Instant::now(), machine: machine_cpu_secs(), client: client_cpu_secs() }
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub fn stop(&self, messages: usize) -> Measured {
        let took = self.began.elapsed();
        let spent = (machine_cpu_secs() - self.machine) - (client_cpu_secs() - self.client);
        Measured { messages, took, server_cpu_secs: spent.max(0.0) }
    }
}

impl Measured {
    pub fn print(&self) {
        let secs = self.took.as_secs_f64();
        println!("result {} {secs:.3} {:.3} {:.3}", self.messages, self.messages as f64 / secs, self.server_cpu_secs);
    }
}

fn client_cpu_secs() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// What all processors did since the machine started, but for waiting.
fn machine_cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let numbers: Vec<u64> = fields.filter_map(|number| number.parse().ok()).collect();
    // user nice system idle iowait irq softirq, in hundredths of a second.
    [0, 1, 2, 5, 6].iter().filter_map(|place| numbers.get(*place)).sum::<u64>() as f64 / 100.0
}
