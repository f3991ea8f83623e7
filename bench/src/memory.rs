//! How much memory a process has, as Linux tells it; 0 elsewhere.

/// The most this process has had, in MiB.
pub fn peak_mib() -> u64 {
    field("self", "VmHWM:") >> 10
}

/// What another process has now, in KiB.
pub fn resident_kib(process: u32) -> u64 {
    field(&process.to_string(), "VmRSS:")
}

/// The part of [`resident_kib`] that is no page of a file: what the process has asked for itself.
pub fn anonymous_kib(process: u32) -> u64 {
    field(&process.to_string(), "RssAnon:")
}

fn field(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
