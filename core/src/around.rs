//! A future, or whatever else is polled, with something current around each poll.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::recorder::Attached;

/// What is current while a future is polled, and while it is dropped.
#[doc(hidden)]
pub trait Scope {
    /// It is about to be polled.
    #[inline]
    fn starts(&mut self) {}

    fn attach(&self) -> Option<Attached>;

    /// It is polled, or dropped, until it [leaves](Self::leaves).
    #[inline]
    fn enters(&self) {}

    #[inline]
    fn leaves(&self) {}

    fn detach(&self, attached: Attached);

    /// The future was dropped before its end, or panicked.
    fn abandoned(&mut self, panicked: bool);
}

/// A future with something current around each poll, and around its drop.
///
/// # Panics
///
/// Polling it again after it has ended panics, as with any `async` block.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Around<F, S: Scope> {
    scope: S,
    future: Option<F>,
}

impl<F, S: Scope> Around<F, S> {
    /// Puts something around a future, or around whatever else is polled.
    pub fn new(future: F, scope: S) -> Self {
        Self { scope, future: Some(future) }
    }

    /// Polls what is inside with the scope current, and once it is over drops it there. None: it was over before.
    #[inline]
    pub fn poll_inside<R>(
        self: Pin<&mut Self>,
        poll: impl FnOnce(Pin<&mut F>) -> R,
        is_over: impl FnOnce(&R) -> bool,
    ) -> Option<(R, &mut S)> {
        let (mut inside, scope) = self.project();
        scope.starts();
        let current = While::attached(scope);
        let polled = inside.as_mut().as_pin_mut().map(poll)?;
        if is_over(&polled) {
            // What it still holds is dropped inside the span, as it would be by a plain call.
            inside.set(None);
        }
        drop(current);
        Some((polled, scope))
    }

    /// What is inside, until it is over.
    #[inline]
    pub fn inside(&self) -> Option<&F> {
        self.future.as_ref()
    }

    /// The future in its place. It is pinned with its wrapper; the scope is not.
    fn project(self: Pin<&mut Self>) -> (Pin<&mut Option<F>>, &mut S) {
        // SAFETY: `future` is never moved out of a pinned `Around`: it is only polled, or dropped in place by
        // `Pin::set`; `Around` is `Unpin` only if `Option<F>` is, since it has that as a field and no `Unpin`
        // of its own; its `Drop` does not move it; it is not `repr(packed)`.
        unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), &mut this.scope)
        }
    }
}

impl<F: Future, S: Scope> Around<F, S> {
    /// Polls the future with the scope current.
    #[inline]
    pub(crate) fn poll_future(self: Pin<&mut Self>, cx: &mut Context<'_>) -> (Poll<F::Output>, &mut S) {
        let polled = self.poll_inside(|future| future.poll(cx), Poll::is_ready);
        polled.expect("a future that has ended was polled again")
    }
}

impl<F, S: Scope> Drop for Around<F, S> {
    fn drop(&mut self) {
        if self.future.is_none() {
            return;
        }
        // SAFETY: whoever drops a pinned `Around` leaves it where it is until its memory is given up.
        let (mut future, scope) = unsafe { Pin::new_unchecked(self) }.project();
        let was_panicking = std::thread::panicking();
        let current = While::attached(scope);
        future.set(None);
        drop(current);
        scope.abandoned(!was_panicking && std::thread::panicking());
    }
}

/// Something current for a while. A panic meanwhile is told to the scope at once, since the future may be
/// dropped by somebody who has caught it.
pub(crate) struct While<'a, S: Scope> {
    scope: &'a mut S,
    attached: Option<Attached>,
    was_panicking: bool,
}

impl<'a, S: Scope> While<'a, S> {
    #[inline]
    pub(crate) fn attached(scope: &'a mut S) -> Self {
        let attached = scope.attach();
        scope.enters();
        let was_panicking = attached.is_some() && std::thread::panicking();
        Self { scope, attached, was_panicking }
    }
}

impl<S: Scope> Drop for While<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.scope.leaves();
        if let Some(attached) = self.attached.take() {
            self.scope.detach(attached);
            if !self.was_panicking && std::thread::panicking() {
                self.scope.abandoned(true);
            }
        }
    }
}
