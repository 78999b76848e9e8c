//! Wakes the pipeline's thread, rarely.

use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use super::sync::{AtomicBool, OnceLock, fence};

/// What the pipeline's main future sleeps on. It is the runtime's root future: its waker stays the same and takes no
/// lock.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: AtomicBool,
    /// The pipeline sleeps: whoever brings much work may wake it.
    asleep: AtomicBool,
    /// It waits for an exporter.
    awaits: AtomicBool,
    waker: OnceLock<Waker>,
}

impl Bell {
    /// Wakes the pipeline.
    pub(super) fn ring(&self) {
        self.rung.store(true, Ordering::SeqCst);
        // If the waker is not there yet, the pipeline is about to look at `rung`, which the fences let it see.
        fence(Ordering::SeqCst);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Wakes the pipeline if it sleeps. Called where spans end: a wake costs some 30 µs, so only one caller per
    /// sleep pays it.
    #[cold]
    pub(super) fn nudge(&self) {
        if self.asleep.swap(false, Ordering::SeqCst) {
            self.ring();
        }
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.load(Ordering::Relaxed)
    }

    pub(super) fn set_asleep(&self, asleep: bool) {
        self.asleep.store(asleep, Ordering::SeqCst);
        // What has been drawn is looked at after this, and by producers the other way round.
        fence(Ordering::SeqCst);
    }

    /// Wakes the pipeline if it waits for an exporter. For exporters' tasks, which are on its thread.
    pub(super) fn answer(&self) {
        if self.awaits.swap(false, Ordering::Relaxed) {
            self.ring();
        }
    }

    /// Says whether an exporter is waited for.
    pub(super) fn set_awaits(&self, awaits: bool) {
        self.awaits.store(awaits, Ordering::Relaxed);
    }

    /// Waits until it is rung.
    pub(super) async fn rung(&self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.waker.get_or_init(|| cx.waker().clone());
        fence(Ordering::SeqCst);
        if !self.rung.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        // Who rings until here has brought what is looked at from here on.
        self.rung.store(false, Ordering::SeqCst);
        Poll::Ready(())
    }
}
