//! "Where I am", to be taken to another task or thread.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::around::{Around, Scope};
use crate::cell;
use crate::recorder::{Attached, Recorder};
use crate::value::LinkTo;

/// The current span and all that belongs to it, to be made current elsewhere.
///
/// ```
/// let here = traced_core::Carry::current();
/// std::thread::spawn(move || here.in_scope(|| { /* spans made here are children of `here` */ }));
/// ```
#[derive(Default)]
pub struct Carry {
    carried: Option<Box<dyn Carried>>,
}

/// What a [`Carry`] carries, as its recorder knows it.
pub trait Carried: Send + Sync {
    /// The same once more.
    fn again(&self) -> Box<dyn Carried>;

    /// Tells the span that is current there, to be linked to.
    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        let _ = tell;
    }

    /// Makes it current on this thread.
    fn attach(&self) -> Attached;

    /// Makes what was before it current again.
    fn detach(&self, attached: Attached);
}

impl Carry {
    /// Where this thread is now. Empty while nobody records.
    #[must_use]
    pub fn current() -> Self {
        Self { carried: cell::recorder().and_then(Recorder::carry) }
    }

    /// Here, but for the span: what begins there has no parent. Empty while nobody records.
    #[must_use]
    pub fn root() -> Self {
        Self { carried: cell::recorder().and_then(Recorder::root) }
    }

    /// Somewhere that a recorder, or somebody who knows where spans belong, describes.
    #[must_use]
    pub fn of(carried: Box<dyn Carried>) -> Self {
        Self { carried: Some(carried) }
    }

    /// Whether it carries nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.carried.is_none()
    }

    /// Tells the span that is current there, to be linked to.
    pub fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        if let Some(carried) = &self.carried {
            carried.link(tell);
        }
    }

    /// Runs `f` there.
    pub fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _there = Guard { carry: self, attached: Scope::attach(self) };
        f()
    }

    /// Runs a future there: current while it is polled and while it is dropped.
    pub fn in_future<F: Future>(self, future: F) -> InCarried<F> {
        Around::new(future, self)
    }
}

impl Clone for Carry {
    fn clone(&self) -> Self {
        Self { carried: self.carried.as_ref().map(|carried| carried.again()) }
    }
}

impl std::fmt::Debug for Carry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carry").field("is_empty", &self.is_empty()).finish()
    }
}

/// A future that runs where a [`Carry`] was taken.
pub type InCarried<F> = Around<F, Carry>;

impl Scope for Carry {
    #[inline]
    fn attach(&self) -> Option<Attached> {
        self.carried.as_ref().map(|carried| carried.attach())
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        if let Some(carried) = &self.carried {
            carried.detach(attached);
        }
    }

    fn abandoned(&mut self, _panicked: bool) {}
}

impl<F: Future> Future for InCarried<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.poll_future(cx).0
    }
}

/// Detaches also when what runs there panics.
struct Guard<'a> {
    carry: &'a Carry,
    attached: Option<Attached>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(attached) = self.attached.take() {
            Scope::detach(self.carry, attached);
        }
    }
}
