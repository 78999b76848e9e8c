//! The time, by the processor's counter where it is steady: half the price of asking the system.
//!
//! How fast the counter runs is not known at first, and nobody waits for it: until two readings of it are far enough apart,
//! the system is asked. What is made of the counter then goes on where the system's time left off, so that nobody notices:
//! a child begins no earlier than its parent, whoever of them began by which.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, Once};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::counter;
use super::rate::{self, Rate, Reading, Told};

/// How often the counter is compared with the system's clock, so that a counter that runs a little fast or slow, or
/// a clock that was set, does not show for longer than this. In nanoseconds.
const COMPARE_EVERY: u64 = 1_000_000_000;

/// The time between two readings that are to tell how fast the counter runs: enough for it to be right to one in a
/// million. In nanoseconds.
const WAIT: u64 = 100_000_000;

/// Of so many readings the best is taken: the first may find nothing in the caches, and any be interrupted.
const READINGS: u32 = 8;

static CLOCK: Clock = Clock::new();
/// What the system's clock is ahead of ours; in wrapping arithmetic, so it may be behind.
static AHEAD: AtomicU64 = AtomicU64::new(0);
static COMPARED: AtomicU64 = AtomicU64::new(0);

/// To be called before the first span.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        if counter::is_steady() {
            CLOCK.use_counter();
        }
        compare(0, now());
    });
}

/// Nanoseconds since no certain time. Never goes backwards on a thread.
#[inline]
pub(crate) fn now() -> u64 {
    CLOCK.now()
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

/// The system's time until the rate of the counter is known, and the counter's from then on.
struct Clock {
    /// Of the [`Rate`]. Zero: it is not known.
    factor: AtomicU64,
    /// Of the [`Rate`]. Does not change once that is known.
    base: AtomicU64,
    /// When to find the rate out, by the system's time.
    due: AtomicU64,
    first: Mutex<Option<Reading>>,
}

impl Clock {
    /// By the system's time only.
    const fn new() -> Self {
        Self {
            factor: AtomicU64::new(0),
            base: AtomicU64::new(0),
            due: AtomicU64::new(u64::MAX),
            first: Mutex::new(None),
        }
    }

    /// Begins to find out how fast the counter runs, which is steady.
    fn use_counter(&self) {
        if let Ok(mut first) = self.first.try_lock() {
            let reading = read();
            self.due.store(reading.nanos.saturating_add(WAIT), Ordering::Relaxed);
            *first = Some(reading);
        }
    }

    #[inline]
    fn now(&self) -> u64 {
        match self.factor.load(Ordering::Acquire) {
            0 => self.by_the_system(),
            factor => self.by_the_counter(factor),
        }
    }

    /// `factor`: loaded with `Acquire`.
    #[inline]
    fn by_the_counter(&self, factor: u64) -> u64 {
        Rate { factor, base: self.base.load(Ordering::Relaxed) }.at(counter::read())
    }

    #[inline(never)]
    fn by_the_system(&self) -> u64 {
        let now = nanos();
        if now >= self.due.load(Ordering::Relaxed) {
            self.find_out(now);
        }
        // Whoever was interrupted after the first look may have read the system's time long after the rate became known,
        // which others go by already.
        match self.factor.load(Ordering::Acquire) {
            0 => now,
            factor => self.by_the_counter(factor),
        }
    }

    /// Looks whether the rate can be told now. Takes less than a microsecond, and waits for nobody: the lock may be held by
    /// a thread that a fork has left behind.
    #[cold]
    fn find_out(&self, now: u64) {
        let Ok(mut first) = self.first.try_lock() else { return };
        if self.factor.load(Ordering::Relaxed) != 0 {
            return;
        }
        self.due.store(now.saturating_add(WAIT), Ordering::Relaxed);
        let last = read();
        match first.as_ref().map_or(Told::Disturbed, |first| rate::between(first, &last)) {
            Told::Rate(Rate { factor, base }) => {
                self.base.store(base, Ordering::Relaxed);
                // Last, so that whoever sees it sees the base, too.
                self.factor.store(factor, Ordering::Release);
            }
            Told::Early => {}
            Told::Disturbed => *first = Some(last),
        }
    }
}

/// The system's time, which nobody sets.
fn nanos() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    whole_nanos(FIRST.elapsed())
}

/// The best of some readings.
fn read() -> Reading {
    let once = || {
        let count = counter::read();
        let nanos = nanos();
        let width = counter::read().wrapping_sub(count);
        Reading { count, width, nanos, unix: unix_nanos(SystemTime::now()) }
    };
    (1..READINGS).map(|_| once()).fold(once(), |best, next| if next.width < best.width { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a clock may be wrong by in seconds, in nanoseconds, while the system's is made to run a little faster or slower.
    const SLACK: u64 = 5_000_000;

    /// Whether the rate becomes known, however often that takes to find out.
    fn becomes_known(clock: &Clock) -> bool {
        let began = Instant::now();
        while clock.factor.load(Ordering::Relaxed) == 0 && began.elapsed() < Duration::from_secs(20) {
            clock.due.fetch_min(0, Ordering::Relaxed);
            clock.now();
        }
        clock.factor.load(Ordering::Relaxed) != 0
    }

    /// For a while. What runs beside the test may come between any two.
    fn is_the_systems(clock: &Clock) {
        for _ in 0..5 {
            let (before, now, after) = (nanos(), clock.now(), nanos());
            assert!(before <= now + SLACK && now <= after + SLACK, "{before} {now} {after}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn nanoseconds_are_nanoseconds() {
        start();
        for _ in 0..5 {
            // Of both kinds: this takes longer than to know the rate.
            is_the_systems(&CLOCK);
            let (now, unix) = (now(), unix_nanos(SystemTime::now()));
            assert!(now.wrapping_add(offset(now)).abs_diff(unix) < 100_000_000);
        }
    }

    #[test]
    fn without_a_steady_counter_it_is_the_systems() {
        let clock = Clock::new();
        is_the_systems(&clock);
        let mut last = clock.now();
        for _ in 0..100_000 {
            let next = clock.now();
            assert!(last <= next && next <= nanos());
            last = next;
        }
        assert_eq!(clock.factor.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_rate_becomes_known_where_the_counter_is_steady() {
        if !counter::is_steady() {
            return;
        }
        let clock = Clock::new();
        clock.use_counter();
        assert_eq!(clock.factor.load(Ordering::Relaxed), 0, "nobody waits for it");
        assert!(becomes_known(&clock));
        let (before, now) = (nanos(), clock.now());
        assert!(before <= now, "{before} {now}: it goes on where the system's left off");
        is_the_systems(&clock);
    }

    #[test]
    fn what_is_left_locked_by_a_fork_keeps_nobody() {
        let clock = Clock::new();
        clock.use_counter();
        let held = clock.first.lock();
        clock.due.store(0, Ordering::Relaxed);
        assert!(clock.now() <= nanos());
        drop(held);
        assert_eq!(clock.factor.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn time_does_not_go_backwards() {
        start();
        let mut last = now();
        for _ in 0..1_000_000 {
            let next = now();
            assert!(last <= next);
            last = next;
        }
    }

    /// Threads that hand a time to each other, as a parent its child, while the counter takes over.
    #[test]
    fn time_does_not_go_backwards_between_threads() {
        let is_steady = counter::is_steady();
        for _ in 0..if is_steady { 20 } else { 1 } {
            let clock = Clock::new();
            if is_steady {
                clock.use_counter();
            }
            let latest = AtomicU64::new(clock.now());
            let is_over = AtomicU64::new(0);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        while is_over.load(Ordering::Relaxed) == 0 {
                            let parent = latest.load(Ordering::Acquire);
                            // As far from each other as in spans, at least: see `counter::read`.
                            let mut between = 0;
                            while std::hint::black_box(between) < 200 {
                                between += 1;
                            }
                            let child = clock.now();
                            assert!(parent <= child, "{parent} {child}");
                            latest.fetch_max(child, Ordering::AcqRel);
                        }
                    });
                }
                std::thread::sleep(Duration::from_millis(15));
                let took_over = !is_steady || becomes_known(&clock);
                std::thread::sleep(Duration::from_millis(5));
                is_over.store(1, Ordering::Relaxed);
                assert!(took_over);
            });
        }
    }
}
