//! Where something lies that its owner and others work on, one after the other: a live span.
//!
//! Whoever works on it holds the slot for the few nanoseconds that this takes, and runs nobody else's code meanwhile;
//! who finds it held waits. Slots live as long as the process and are used again, told apart by a generation, so that a
//! reference kept beyond its span finds nothing.
//!
//! This module is the recorder's only unsafe code but for [`fork`](super::fork). A span that begins and ends costs one
//! atomic exchange here. With a mutex it would be four; and two and several moves if it were taken out of an atomic cell
//! and put back, which needs nothing unsafe and takes 9 ns more. Every interleaving of three threads is run through by
//! `tests/tests/cost/loom.rs`, which takes this file as it is.

use super::sync::{AtomicU64, Backoff, Ordering, UnsafeCell};

/// Set in [`Slot::state`] while somebody holds the slot: who works in it, or who has it free.
const HELD: u64 = 1;

pub(crate) struct Slot<T> {
    /// The generation, and whether it is held.
    state: AtomicU64,
    /// Touched by the one who holds the slot.
    content: UnsafeCell<Option<Box<T>>>,
}

// SAFETY: `content` is touched by the one who holds the slot only. There is one at a time: `hold` and `release` get it by
// a compare-exchange that sets `HELD`; an `Own` has it from `release`, or from the making of the slot, which begins as
// held, to `publish`; and there is one `Own` of a slot at most, since none can be cloned. Each gives it on by a store
// with release, which the next one's acquire sees. What is in it goes from thread to thread, so it must be `Send`;
// nobody shares it, so it need not be `Sync`.
unsafe impl<T: Send> Sync for Slot<T> {}

/// A slot that only who has this sees: free for the next one, with the memory of the last; or being filled, to be
/// published; or taken out.
#[derive(Debug)]
pub(crate) struct Own<T: 'static> {
    slot: &'static Slot<T>,
}

/// Where something was published. Means nothing once it is released.
pub(crate) struct SlotRef<T: 'static> {
    pub(crate) slot: &'static Slot<T>,
    /// With [`HELD`] not set.
    pub(crate) generation: u64,
}

impl<T> Slot<T> {
    /// One that is held by whoever makes it. `state` is [`HELD`](Self::HELD).
    pub(crate) const fn of(state: AtomicU64, content: UnsafeCell<Option<Box<T>>>) -> Self {
        Self { state, content }
    }

    /// The state of a new slot.
    pub(crate) const HELD: u64 = HELD;

    /// A generation that no slot reaches.
    pub(crate) const NEVER: u64 = !HELD;

    /// A free one, which is never given back to the system.
    pub(crate) fn leak(self) -> Own<T> {
        Own { slot: Box::leak(Box::new(self)) }
    }
}

impl<T> SlotRef<T> {
    /// Works on what is there, if it has not been released. `work` must run nobody else's code: it could come back
    /// for the same slot and wait for ever.
    #[inline]
    pub(crate) fn with<R>(self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let held = self.hold()?;
        held.0.slot.content.with_mut(|content| {
            // SAFETY: it is held, here and nowhere else, until `held` is dropped, which is after `work`.
            unsafe { &mut *content }.as_deref_mut().map(work)
        })
    }

    /// Takes it out for good. Of all who try, one succeeds.
    #[inline]
    pub(crate) fn release(self) -> Option<Own<T>> {
        // Held on, by the `Own`, under the next generation.
        self.change(self.generation.wrapping_add(2) | HELD)?;
        Some(Own { slot: self.slot })
    }

    #[inline]
    fn hold(self) -> Option<Held<T>> {
        self.change(self.generation | HELD)?;
        Some(Held(self))
    }

    /// Changes the state of the slot, once nobody holds it. None: it was released.
    #[inline]
    fn change(self, to: u64) -> Option<()> {
        match self.slot.state.compare_exchange(self.generation, to, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Some(()),
            Err(found) => self.wait(found, to),
        }
    }

    #[cold]
    fn wait(self, mut found: u64, to: u64) -> Option<()> {
        let (free, held) = (self.generation, self.generation | HELD);
        let backoff = Backoff::new();
        while found | HELD == held {
            backoff.snooze();
            match self.slot.state.compare_exchange(free, to, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(()),
                Err(now) => found = now,
            }
        }
        None
    }
}

/// Somebody works there. Lets go of it also when the work panics.
struct Held<T: 'static>(SlotRef<T>);

impl<T> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        self.0.slot.state.store(self.0.generation, Ordering::Release);
    }
}

impl<T> Own<T> {
    /// What nobody else sees. The first time it is as it is by default; after that, as it was left.
    #[inline]
    pub(crate) fn get(&mut self) -> &mut T
    where
        T: Default,
    {
        let content = self.slot.content.with_mut(|content| content);
        // SAFETY: it is held by this, which is borrowed for as long, and by nobody else.
        match unsafe { &mut *content } {
            Some(content) => content,
            empty => Self::fill(empty),
        }
    }

    #[cold]
    fn fill(empty: &mut Option<Box<T>>) -> &mut T
    where
        T: Default,
    {
        empty.insert(Box::default())
    }

    /// Gives its memory back.
    pub(crate) fn empty(&mut self) {
        // SAFETY: it is held by this, and by nobody else.
        let content = self.slot.content.with_mut(|content| unsafe { &mut *content }.take());
        drop(content);
    }

    /// Where it will be once it is published.
    #[inline]
    pub(crate) fn place(&self) -> SlotRef<T> {
        // Nobody writes the state while it is held by this.
        SlotRef { slot: self.slot, generation: self.slot.state.load(Ordering::Relaxed) & !HELD }
    }

    /// Lets others see it.
    #[inline]
    pub(crate) fn publish(self) -> SlotRef<T> {
        let place = self.place();
        self.slot.state.store(place.generation, Ordering::Release);
        place
    }
}

impl<T> Clone for SlotRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SlotRef<T> {}

impl<T> std::fmt::Debug for SlotRef<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotRef").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl<T> std::fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("state", &self.state).finish_non_exhaustive()
    }
}
