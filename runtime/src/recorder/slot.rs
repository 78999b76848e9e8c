//! Where a live span lies: reached by the code that owns it and, through OpenTelemetry's `Context`, by anybody.
//!
//! Whoever works on the span holds its slot for the few nanoseconds that this takes, and runs nobody else's code
//! meanwhile; who finds it held waits. Slots live as long as the process and are used again, told apart by a
//! generation, so that a handle kept beyond its span finds nothing.
//!
//! This module is the recorder's only unsafe code but for [`fork`](super::fork). A span that begins and ends costs one
//! atomic exchange here; with a lock of the standard library's it would be four, and moving the span out of an
//! atomic cell and back, which needs nothing unsafe, two and the moves: 9 ns of a span's 100.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::SegQueue;
use crossbeam_utils::Backoff;

use super::live::Live;

/// Free slots that no thread keeps for itself.
static FREE: SegQueue<Free> = SegQueue::new();

/// Free slots that keep their span's memory while nobody uses them, at most.
const KEEP_SHARED: usize = 1024;

/// Free slots that a thread keeps for itself, at most.
const KEEP_LOCAL: usize = 32;

/// Set in [`Slot::state`] while somebody holds the slot: who works on the span, or who has the slot free.
const HELD: u64 = 1;

pub(crate) struct Slot {
    /// The generation, and whether it is held.
    state: AtomicU64,
    /// Touched by the one who holds the slot.
    live: UnsafeCell<Option<Box<Live>>>,
}

// SAFETY: `live` is touched by the one who holds the slot only. There is one at a time: `hold` gets it by a
// compare-exchange that sets `HELD`, a `Free` and the `Taken` made of it have it from `release` (or from the making of
// the slot, which begins as held) to `publish`, and there is one `Free` of a slot at most, since none can be cloned.
// Each gives it on by a store with release, which the next one's acquire sees. The span itself is `Send`.
unsafe impl Sync for Slot {}

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Live>();
};

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("state", &self.state).finish_non_exhaustive()
    }
}

/// A slot that holds no span, and the memory for the next one.
#[derive(Debug)]
pub(crate) struct Free {
    slot: &'static Slot,
    live: Option<Box<Live>>,
}

/// A slot that is being filled, to be published.
#[derive(Debug)]
pub(crate) struct Taken {
    slot: &'static Slot,
    live: Box<Live>,
}

/// A span's place. Means nothing once the span is released.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotRef {
    pub(crate) slot: &'static Slot,
    /// With [`HELD`] not set.
    pub(crate) generation: u64,
}

/// The free slots of one thread.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Free>);

impl Pool {
    /// A free slot, and a span to fill in.
    #[inline]
    pub(crate) fn take(&mut self) -> Taken {
        let Free { slot, live } = match self.0.pop() {
            Some(free) => free,
            None => another(),
        };
        Taken { slot, live: live.unwrap_or_default() }
    }

    /// Keeps a released slot for the next span.
    #[inline]
    pub(crate) fn put(&mut self, free: Free) {
        if self.0.len() < KEEP_LOCAL { self.0.push(free) } else { share(free) }
    }
}

#[cold]
fn another() -> Free {
    FREE.pop().unwrap_or_else(|| Free { slot: Box::leak(Box::new(Slot::held())), live: None })
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.drain(..).for_each(share);
    }
}

/// Hands a free slot to whatever thread needs one.
#[cold]
pub(crate) fn share(mut free: Free) {
    if FREE.len() >= KEEP_SHARED {
        free.live = None;
    }
    FREE.push(free);
}

impl Slot {
    const fn held() -> Self {
        Self { state: AtomicU64::new(HELD), live: UnsafeCell::new(None) }
    }

    /// A place where no span is.
    pub(crate) fn nowhere() -> SlotRef {
        static NOWHERE: Slot = Slot::held();
        // That generation is never reached.
        SlotRef { slot: &NOWHERE, generation: !HELD }
    }
}

impl SlotRef {
    /// Works on the span, if it has not been released. `work` must run nobody else's code: it could come back
    /// for the same span and wait for ever.
    #[inline]
    pub(crate) fn with<R>(self, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
        let held = self.hold()?;
        // SAFETY: it is held, here and nowhere else, until `held` is dropped, which is after `work`.
        let live = unsafe { &mut *held.0.slot.live.get() };
        live.as_deref_mut().map(work)
    }

    /// Takes the span out for good. Of all who try, one succeeds.
    #[inline]
    pub(crate) fn release(self) -> Option<(Box<Live>, Free)> {
        let held = self.hold()?;
        // SAFETY: it is held, here and nowhere else.
        let live = unsafe { &mut *held.0.slot.live.get() }.take();
        // Held on, by the `Free`, under the next generation.
        std::mem::forget(held);
        self.slot.state.store(self.generation.wrapping_add(2) | HELD, Ordering::Release);
        Some((live?, Free { slot: self.slot, live: None }))
    }

    #[inline]
    fn hold(self) -> Option<Held> {
        let (free, held) = (self.generation, self.generation | HELD);
        match self.slot.state.compare_exchange(free, held, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Some(Held(self)),
            Err(found) => self.wait(found),
        }
    }

    #[cold]
    fn wait(self, mut found: u64) -> Option<Held> {
        let (free, held) = (self.generation, self.generation | HELD);
        let backoff = Backoff::new();
        while found | HELD == held {
            backoff.snooze();
            match self.slot.state.compare_exchange_weak(free, held, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Held(self)),
                Err(now) => found = now,
            }
        }
        None
    }
}

/// Somebody works on the span. Lets go of it also when the work panics.
struct Held(SlotRef);

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        self.0.slot.state.store(self.0.generation, Ordering::Release);
    }
}

impl Taken {
    /// Works on the span, which nobody else sees yet.
    #[inline]
    pub(crate) fn with<R>(&mut self, work: impl FnOnce(&mut Live) -> R) -> R {
        work(&mut self.live)
    }

    /// Where the span will be once it is published.
    #[inline]
    pub(crate) fn place(&self) -> SlotRef {
        // Nobody writes it while it is held by this.
        SlotRef { slot: self.slot, generation: self.slot.state.load(Ordering::Relaxed) & !HELD }
    }

    /// Lets others see the span.
    #[inline]
    pub(crate) fn publish(self) -> SlotRef {
        let place = self.place();
        // SAFETY: it is held by this `Taken`, and by nobody else, until the store below.
        unsafe { *self.slot.live.get() = Some(self.live) };
        self.slot.state.store(place.generation, Ordering::Release);
        place
    }
}

impl Free {
    /// Gives the memory of a released span to the next one.
    #[inline]
    pub(crate) fn with_memory(mut self, live: Box<Live>) -> Self {
        self.live = Some(live);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_outlives_its_span_harmlessly() {
        let mut pool = Pool::default();
        let old = pool.take().publish();
        assert!(old.with(|_| ()).is_some());
        let (live, free) = old.release().unwrap();
        assert!(old.with(|_| ()).is_none());
        assert!(old.release().is_none());
        pool.put(free.with_memory(live));
        let new = pool.take().publish();
        assert!(std::ptr::eq(new.slot, old.slot));
        assert!(old.with(|_| ()).is_none());
        assert!(new.release().is_some());
    }

    #[test]
    fn many_threads_work_on_one_span_one_after_the_other() {
        let span = Pool::default().take().publish();
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
