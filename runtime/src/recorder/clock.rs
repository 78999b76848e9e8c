//! The time, by the processor's time-stamp counter where it is steady: half the price of asking the system.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use fastant::{Anchor, Instant};

/// How often the counter is compared with the system's clock, so that a counter that runs a little fast or slow, or
/// a clock that was set, does not show for longer than this. In nanoseconds.
const COMPARE_EVERY: u64 = 1_000_000_000;

/// Where the counter and the system's clock were compared first: what makes counts times.
static FIRST: LazyLock<Anchor> = LazyLock::new(Anchor::new);
/// What the system's clock is ahead of the counter since then; in wrapping arithmetic, so it may be behind.
static AHEAD: AtomicU64 = AtomicU64::new(0);
static COMPARED: AtomicU64 = AtomicU64::new(0);

/// Nanoseconds since the Unix epoch by the counter alone. Never goes backwards on a thread.
#[inline]
pub(crate) fn now() -> u64 {
    Instant::now().as_unix_nanos(&FIRST)
}

/// What to add to [`now`], wrapping, to agree with the system's clock. Spans of one trace in one process share that of
/// their local root where they can, so that a clock that is set meanwhile does not turn a child and its parent around.
#[inline]
pub(crate) fn offset(now: u64) -> u64 {
    let compared = COMPARED.load(Ordering::Acquire);
    if now.wrapping_sub(compared) > COMPARE_EVERY {
        return compare(compared, now);
    }
    AHEAD.load(Ordering::Relaxed)
}

/// A moment of the system's clock in nanoseconds since the Unix epoch; the epoch, if it is before that. 64 bits last
/// until the year 2554.
pub(crate) fn unix_nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

#[cold]
fn compare(seen: u64, now: u64) -> u64 {
    let ahead = unix_nanos(SystemTime::now()).wrapping_sub(self::now());
    // Stored before the mark, so that nobody who sees the mark reads what was before it.
    AHEAD.store(ahead, Ordering::Relaxed);
    let _ = COMPARED.compare_exchange(seen, now, Ordering::Release, Ordering::Relaxed);
    ahead
}
