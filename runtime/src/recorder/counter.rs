//! The processor's time-stamp counter, where the system itself keeps its time by it.

/// Whether the counter runs at one rate, and alike on all processors: the system measures that for as long as it runs, and
/// keeps its own time by the counter only then. Reads a file of a few bytes.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) fn is_steady() -> bool {
    const CLOCK: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    is_invariant() && std::fs::read_to_string(CLOCK).is_ok_and(|clock| clock.trim_ascii() == "tsc")
}

/// What the counter says. A processor may look some instructions ahead of the others: less than there are from when a span
/// is told of its parent to its own beginning. To make it wait for them costs half as much again, and what it would have
/// done meanwhile.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[inline]
pub(super) fn read() -> u64 {
    // SAFETY: every processor of this architecture has the instruction, which takes nothing, touches no memory and changes
    // nothing but the registers that it is declared to change. A process can have it forbidden to itself, which ends it
    // at the instruction as it does at the system's own reading of the clock, without which nothing here is called.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Whether the processor says that the rate does not depend on how fast it runs, or whether it sleeps. An old system may
/// not have noticed.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn is_invariant() -> bool {
    const MAX: u32 = 0x8000_0000;
    const POWER: u32 = 0x8000_0007;
    #[allow(unused_unsafe, reason = "it is safe in later versions of Rust")]
    let ask = |leaf| {
        // SAFETY: every processor of this architecture has the instruction, which changes nothing but the registers that
        // it answers in.
        unsafe { std::arch::x86_64::__cpuid(leaf) }
    };
    ask(MAX).eax >= POWER && ask(POWER).edx & (1 << 8) != 0
}

/// There is none that is known to be steady.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub(super) fn is_steady() -> bool {
    false
}

/// Nothing, since it is not steady.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[inline]
pub(super) fn read() -> u64 {
    0
}
