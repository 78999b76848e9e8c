//! Wakes the pipeline's thread, rarely.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// What the pipeline's main future sleeps on. It is the runtime's root future, whose waker takes no lock.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: AtomicBool,
    /// The pipeline sleeps for long: whoever brings much work may wake it.
    asleep: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Bell {
    /// Wakes the pipeline for certain. May wait for a lock, for the time of a few instructions.
    pub(super) fn ring(&self) {
        self.rung.store(true, Ordering::SeqCst);
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }

    /// Wakes the pipeline if it sleeps for long. Called where spans end: a wake costs some 30 µs, so only one
    /// caller per sleep pays it, and none waits.
    #[cold]
    pub(super) fn nudge(&self) {
        if !self.asleep.swap(false, Ordering::SeqCst) {
            return;
        }
        self.rung.store(true, Ordering::SeqCst);
        // If the lock is taken, the pipeline is about to look at `rung`, which the fences let it see.
        fence(Ordering::SeqCst);
        if let Ok(waker) = self.waker.try_lock()
            && let Some(waker) = &*waker
        {
            waker.wake_by_ref();
        }
    }

    #[inline]
    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.load(Ordering::Relaxed)
    }

    pub(super) fn set_asleep(&self, asleep: bool) {
        self.asleep.store(asleep, Ordering::SeqCst);
        // What has been drawn is looked at after this, and by producers the other way round.
        fence(Ordering::SeqCst);
    }

    /// Waits until it is rung.
    pub(super) async fn rung(&self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        {
            let mut waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
            if !waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                *waker = Some(cx.waker().clone());
            }
        }
        fence(Ordering::SeqCst);
        if self.rung.swap(false, Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    }
}
