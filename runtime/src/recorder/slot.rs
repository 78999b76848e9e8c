//! Where a live span lies: reached by the code that owns it and, through OpenTelemetry's `Context`, by anybody.
//!
//! A slot holds its span in an atomic cell. Whoever works on the span takes it out and puts it back, a few
//! nanoseconds later and without running anybody else's code meanwhile; who finds the cell empty waits for that.
//! Slots live as long as the process and are used again, told apart by a generation, so that a handle kept
//! beyond its span finds nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::SegQueue;
use crossbeam_utils::Backoff;
use crossbeam_utils::atomic::AtomicCell;

use super::live::Live;

/// Free slots that no thread keeps for itself.
static FREE: SegQueue<Free> = SegQueue::new();

/// Free slots that keep their span's memory while nobody uses them, at most.
const KEEP_SHARED: usize = 1024;

/// Free slots that a thread keeps for itself, at most.
const KEEP_LOCAL: usize = 32;

pub(crate) struct Slot {
    live: AtomicCell<Option<Box<Live>>>,
    generation: AtomicU64,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// A slot that holds no span, and the memory for the next one.
#[derive(Debug)]
pub(crate) struct Free {
    slot: &'static Slot,
    live: Option<Box<Live>>,
}

/// A slot that is being filled. Given back if it is never published.
#[derive(Debug)]
pub(crate) struct Taken {
    slot: &'static Slot,
    live: Option<Box<Live>>,
}

/// A span's place. Means nothing once the span is released.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotRef {
    pub(crate) slot: &'static Slot,
    pub(crate) generation: u64,
}

/// The free slots of one thread.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Free>);

impl Pool {
    /// A free slot, and a span to fill in.
    pub(crate) fn take(&mut self) -> Taken {
        let (slot, live) = match self.0.pop().or_else(|| FREE.pop()) {
            Some(Free { slot, live }) => (slot, live.unwrap_or_default()),
            None => (&*Box::leak(Box::default()), Box::default()),
        };
        Taken { slot, live: Some(live) }
    }

    /// Keeps a released slot for the next span.
    pub(crate) fn put(&mut self, free: Free) {
        if self.0.len() < KEEP_LOCAL { self.0.push(free) } else { share(free) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.drain(..).for_each(share);
    }
}

/// Hands a free slot to whatever thread needs one.
pub(crate) fn share(mut free: Free) {
    if FREE.len() >= KEEP_SHARED {
        free.live = None;
    }
    FREE.push(free);
}

impl Default for Slot {
    fn default() -> Self {
        Self { live: AtomicCell::new(None), generation: AtomicU64::new(0) }
    }
}

impl Slot {
    /// A place where no span is.
    pub(crate) fn nowhere() -> SlotRef {
        static NOWHERE: Slot = Slot { live: AtomicCell::new(None), generation: AtomicU64::new(0) };
        SlotRef { slot: &NOWHERE, generation: u64::MAX }
    }
}

impl SlotRef {
    /// Works on the span, if it has not been released. `work` must run nobody else's code: it could come back
    /// for the same span and wait for ever.
    #[inline]
    pub(crate) fn with<R>(self, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
        let live = self.hold()?;
        let mut back = PutBack { slot: self.slot, live: Some(live) };
        back.live.as_deref_mut().map(work)
    }

    /// Takes the span out for good. Of all who try, one succeeds.
    pub(crate) fn release(self) -> Option<(Box<Live>, Free)> {
        let live = self.hold()?;
        self.slot.generation.store(self.generation.wrapping_add(1), Ordering::Release);
        Some((live, Free { slot: self.slot, live: None }))
    }

    fn hold(self) -> Option<Box<Live>> {
        let backoff = Backoff::new();
        loop {
            if self.slot.generation.load(Ordering::Acquire) != self.generation {
                return None;
            }
            if let Some(live) = self.slot.live.take() {
                if self.slot.generation.load(Ordering::Acquire) == self.generation {
                    return Some(live);
                }
                // Released and used again between the two looks: this is somebody else's.
                self.slot.live.store(Some(live));
                return None;
            }
            backoff.snooze();
        }
    }
}

impl Taken {
    /// Works on the span, which nobody else sees yet.
    #[inline]
    pub(crate) fn with<R>(&mut self, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
        self.live.as_deref_mut().map(work)
    }

    /// Lets others see the span.
    #[inline]
    pub(crate) fn publish(mut self) -> SlotRef {
        let generation = self.slot.generation.load(Ordering::Relaxed);
        self.slot.live.store(self.live.take());
        SlotRef { slot: self.slot, generation }
    }
}

impl Drop for Taken {
    #[inline]
    fn drop(&mut self) {
        if let Some(mut live) = self.live.take() {
            live.clear();
            share(Free { slot: self.slot, live: Some(live) });
        }
    }
}

impl Free {
    /// Gives the memory of a released span to the next one.
    pub(crate) fn with_memory(mut self, live: Box<Live>) -> Self {
        self.live = Some(live);
        self
    }
}

/// Puts a span back also when the work on it panics.
struct PutBack {
    slot: &'static Slot,
    live: Option<Box<Live>>,
}

impl Drop for PutBack {
    fn drop(&mut self) {
        self.slot.live.store(self.live.take());
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
