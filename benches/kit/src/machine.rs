//! Clocks of CPU time, pinning to cores, memory.

use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

use crate::order::Core;

/// Nanoseconds of CPU that this thread has used.
#[must_use]
pub fn thread_cpu() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// Nanoseconds of CPU that this process has used.
pub(crate) fn process_cpu() -> u64 {
    nanoseconds(ClockId::ProcessCPUTime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Keeps this thread, and those that it will start, on one core.
pub(crate) fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).expect("two cores");
}

/// Runs the set-up, whose threads are to run on the caller's core or on the other, and pins the caller.
pub(crate) fn pinned<T>(core: Core, set_up: impl FnOnce() -> T) -> T {
    pin(usize::from(core == Core::Other));
    let guard = set_up();
    pin(0);
    guard
}

/// Resident memory at its highest since [`forget_peak`], in bytes.
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).map_or(0, |kib: u64| kib * 1024)
}

/// From now on the peak is a new one.
pub(crate) fn forget_peak() {
    // Where it is not allowed, the growth is underestimated by what the start needed.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

pub(crate) fn sleep(micros: u64) {
    std::thread::sleep(Duration::from_micros(micros));
}
