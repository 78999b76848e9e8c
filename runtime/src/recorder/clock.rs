//! The time, by the processor's time-stamp counter where it is steady: half the price of asking the system.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use fastant::Instant;

/// How often the offset to the system's clock is looked at again, so that a counter that runs a little fast or
/// slow, or a clock that was set, does not show for longer than this.
const ANCHOR_EVERY: u64 = 1_000_000_000;

static ZERO: LazyLock<Instant> = LazyLock::new(Instant::now);
static OFFSET: AtomicU64 = AtomicU64::new(0);
static ANCHORED: AtomicU64 = AtomicU64::new(0);

/// Nanoseconds since a moment in this process. Never goes backwards on a thread.
#[inline]
pub(crate) fn now() -> u64 {
    nanos(Instant::now().duration_since(*ZERO).as_nanos())
}

/// What to add to [`now`] for nanoseconds since the Unix epoch. Spans of one trace in one process share the
/// offset of their local root where they can, so that a clock that is set meanwhile does not turn a child and its
/// parent around.
#[inline]
pub(crate) fn offset(now: u64) -> u64 {
    let anchored = ANCHORED.load(Ordering::Acquire);
    if anchored == 0 || now.saturating_sub(anchored) > ANCHOR_EVERY {
        return anchor(anchored, now);
    }
    OFFSET.load(Ordering::Relaxed)
}

/// A moment of the system's clock in nanoseconds since the Unix epoch; the epoch, if it is before that.
pub(crate) fn unix_nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| nanos(since.as_nanos()))
}

#[cold]
fn anchor(seen: u64, now: u64) -> u64 {
    let offset = unix_nanos(SystemTime::now()).saturating_sub(self::now());
    // Published before the mark, so that nobody who sees the mark reads an offset that was never set.
    OFFSET.store(offset, Ordering::Relaxed);
    let _ = ANCHORED.compare_exchange(seen, now.max(1), Ordering::Release, Ordering::Relaxed);
    offset
}

/// Nanoseconds in 64 bits last until the year 2554.
fn nanos(nanos: u128) -> u64 {
    u64::try_from(nanos).unwrap_or(u64::MAX)
}
