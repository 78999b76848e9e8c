//! The time, by the processor's time-stamp counter where it is steady: half the price of asking the system.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often the counter is compared with the system's clock, so that a counter that runs a little fast or slow, or
/// a clock that was set, does not show for longer than this. In nanoseconds.
const COMPARE_EVERY: u64 = 1_000_000_000;

/// The bits of [`FACTOR`] behind the point.
const FRACTION: u32 = 56;

/// Nanoseconds of a count: whole numbers take half the instructions of what goes through a float.
static FACTOR: AtomicU64 = AtomicU64::new(0);
/// What the system's clock is ahead of the counter; in wrapping arithmetic, so it may be behind.
static AHEAD: AtomicU64 = AtomicU64::new(0);
static COMPARED: AtomicU64 = AtomicU64::new(0);

/// To be called before the first [`now`].
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        FACTOR.store(factor(), Ordering::Relaxed);
        compare(0, now());
    });
}

/// Nanoseconds by the counter alone, since no certain time. Never goes backwards on a thread.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "nanoseconds: 64 bits last for centuries")]
pub(crate) fn now() -> u64 {
    ((u128::from(count()) * u128::from(FACTOR.load(Ordering::Relaxed))) >> FRACTION) as u64
}

/// What to add to [`now`], wrapping, for nanoseconds since the Unix epoch by the system's clock; not zero. Spans of one
/// trace in one process share that of their local root where they can, so that a clock that is set meanwhile does not
/// turn a child and its parent around.
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
    time.duration_since(UNIX_EPOCH).map_or(0, whole_nanos)
}

fn whole_nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cold]
fn compare(seen: u64, now: u64) -> u64 {
    let ahead = unix_nanos(SystemTime::now()).wrapping_sub(self::now()).max(1);
    // Stored before the mark, so that nobody who sees the mark reads what was before it.
    AHEAD.store(ahead, Ordering::Relaxed);
    let _ = COMPARED.compare_exchange(seen, now, Ordering::Release, Ordering::Relaxed);
    ahead
}

/// The processor's count; nanoseconds, where there is none or it is not steady.
#[inline]
fn count() -> u64 {
    if fastant::is_tsc_available() { raw(fastant::Instant::now()) } else { nanos() }
}

fn nanos() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    whole_nanos(FIRST.elapsed())
}

/// What [`FACTOR`] is: `fastant` knows how fast the counter is, and tells by counting a duration.
#[expect(clippy::cast_possible_truncation, reason = "a count takes a nanosecond or less, or some of them")]
fn factor() -> u64 {
    const LONG: Duration = Duration::from_secs(1 << 20);
    let counts = fastant::Instant::ZERO.checked_add(LONG).map_or(0, raw);
    if !fastant::is_tsc_available() || counts == 0 {
        return 1 << FRACTION;
    }
    ((LONG.as_nanos() << FRACTION) / u128::from(counts)) as u64
}

/// The count in an instant of `fastant`'s, which has no other way to it: its hash is that of the count.
#[inline]
fn raw(instant: fastant::Instant) -> u64 {
    struct Raw(u64);
    impl Hasher for Raw {
        #[inline]
        fn write_u64(&mut self, count: u64) {
            self.0 = count;
        }
        fn write(&mut self, _: &[u8]) {}
        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut raw = Raw(0);
    instant.hash(&mut raw);
    raw.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_nanoseconds() {
        start();
        let (before, real) = (now(), Instant::now());
        std::thread::sleep(Duration::from_millis(50));
        let (after, real) = (now(), whole_nanos(real.elapsed()));
        // What runs beside the test may come between the two.
        assert!((after - before).abs_diff(real) < 20_000_000, "{} {real}", after - before);
        let unix = unix_nanos(SystemTime::now());
        assert!(after.wrapping_add(offset(after)).abs_diff(unix) < 100_000_000);
        let later = fastant::Instant::ZERO.checked_add(Duration::from_millis(7)).map(raw);
        let expected = Duration::from_millis(7).as_nanos() << FRACTION;
        let got = later.map(|count| u128::from(count) * u128::from(factor()));
        assert!(
            !fastant::is_tsc_available() || got.is_some_and(|got| got.abs_diff(expected) < 100 << FRACTION)
        );
    }

    #[test]
    fn time_does_not_go_backwards() {
        start();
        let mut last = now();
        for _ in 0..100_000 {
            let next = now();
            assert!(last <= next);
            last = next;
        }
    }
}
