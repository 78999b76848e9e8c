//! The slots that live spans lie in, and those that are free for the next ones.

use crossbeam_queue::SegQueue;

use super::live::Live;
use super::slot;
use super::sync::{AtomicU64, UnsafeCell};

pub(crate) type Slot = slot::Slot<Live>;
pub(crate) type SlotRef = slot::SlotRef<Live>;
pub(crate) type Own = slot::Own<Live>;

/// Free slots that no thread keeps for itself.
static FREE: SegQueue<Own> = SegQueue::new();

/// Free slots that keep their span's memory while nobody uses them, at most.
const KEEP_SHARED: usize = 1024;

/// Free slots that a thread keeps for itself, at most.
const KEEP_LOCAL: usize = 32;

/// The free slots of one thread.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Own>);

impl Pool {
    /// A free slot, with what its last span left.
    #[inline]
    pub(crate) fn take(&mut self) -> Own {
        self.0.pop().unwrap_or_else(another)
    }

    /// Keeps a released slot for the next span.
    #[inline]
    pub(crate) fn put(&mut self, free: Own) {
        if self.0.len() < KEEP_LOCAL { self.0.push(free) } else { share(free) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.drain(..).for_each(share);
    }
}

/// Hands a released slot to whatever thread needs one.
#[cold]
pub(crate) fn share(mut free: Own) {
    if FREE.len() >= KEEP_SHARED {
        free.empty();
    }
    FREE.push(free);
}

/// A place where no span is.
pub(crate) fn nowhere() -> SlotRef {
    static NOWHERE: Slot = new();
    SlotRef { slot: &NOWHERE, generation: Slot::NEVER }
}

#[cold]
fn another() -> Own {
    FREE.pop().unwrap_or_else(|| new().leak())
}

const fn new() -> Slot {
    Slot::of(AtomicU64::new(Slot::HELD), UnsafeCell::new(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(pool: &mut Pool) -> SlotRef {
        let mut span = pool.take();
        *span.get() = Live::default();
        span.publish()
    }

    #[test]
    fn a_reference_outlives_its_span_harmlessly() {
        let mut pool = Pool::default();
        let old = published(&mut pool);
        assert!(old.with(|_| ()).is_some());
        let free = old.release().unwrap();
        assert!(old.with(|_| ()).is_none());
        assert!(old.release().is_none());
        pool.put(free);
        let new = published(&mut pool);
        assert!(std::ptr::eq(new.slot, old.slot));
        assert!(old.with(|_| ()).is_none());
        assert!(new.release().is_some());
    }

    #[test]
    fn many_threads_work_on_one_span_one_after_the_other() {
        let span = published(&mut Pool::default());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        span.with(|live| live.header.end += 1);
                    }
                });
            }
        });
        assert_eq!(span.with(|live| live.header.end), Some(40_000));
        std::thread::scope(|scope| {
            let releases: Vec<_> = (0..4).map(|_| scope.spawn(|| span.release().is_some())).collect();
            assert_eq!(releases.into_iter().map(|r| u8::from(r.join().unwrap())).sum::<u8>(), 1);
        });
    }
}
