//! One span for a stream and for what makes it: a future, or a function that may fail.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{AroundStream, Streamed};
use crate::around::{Around, Scope as _, While};
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::future::{HandedOn, InSpan};
use crate::later::{Deferred, Later};
use crate::outcome::Outcome;
use crate::span::Live;

/// Runs an `async` block in a span that the block begins, as [`in_span_inside`](crate::future::in_span_inside) has it.
/// `hand_on` gets its output, and the span.
pub fn makes<F, O, R>(future: F, hand_on: O) -> Makes<InSpan<F, HandedOn>, O>
where
    F: Future,
    O: FnOnce(F::Output, Made) -> R,
{
    Makes { making: InSpan::handed_on(future), hand_on: Some(hand_on) }
}

/// A future that makes a stream, and hands its span on to that.
#[must_use = "futures do nothing unless polled"]
pub struct Makes<P, O> {
    making: P,
    hand_on: Option<O>,
}

/// A future in a span which does not end with it.
pub trait Making {
    /// What it makes.
    type Output;

    #[doc(hidden)]
    fn poll_made(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(Self::Output, Made)>;
}

impl<F: Future> Making for InSpan<F, HandedOn> {
    type Output = F::Output;

    fn poll_made(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(F::Output, Made)> {
        let made = ready!(self.as_mut().poll(cx));
        let (live, instead) = self.span();
        Poll::Ready((made, Made { live, instead, late: None }))
    }
}

impl<F: Future> Making for Around<F, Deferred<()>> {
    type Output = F::Output;

    fn poll_made(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(F::Output, Made)> {
        let (polled, span) = self.poll_future(cx);
        polled.map(|made| (made, Made::of(span)))
    }
}

impl<P: Making, O, R> Future for Makes<P, O>
where
    O: FnOnce(P::Output, Made) -> R,
{
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        // SAFETY: `making` is never moved out of a pinned `Makes`: it is polled here, and dropped with it; `Makes` is `Unpin`
        // only if `P` is, since it has no `Unpin` of its own; it has no `Drop`, and is not `repr(packed)`.
        let (making, hand_on) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.making), &mut this.hand_on)
        };
        let (made, span) = ready!(making.poll_made(cx));
        // Once: what is polled again has panicked by now.
        hand_on.take().map_or(Poll::Pending, |hand_on| Poll::Ready(hand_on(made, span)))
    }
}

impl<P, O> fmt::Debug for Makes<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Makes").field("is_over", &self.hand_on.is_none()).finish_non_exhaustive()
    }
}

impl Later {
    /// The same in this span.
    pub fn makes<F, O, R>(self, future: F, hand_on: O) -> Makes<Around<F, Deferred<()>>, O>
    where
        F: Future,
        O: FnOnce(F::Output, Made) -> R,
    {
        Makes { making: Around::new(future, self.deferred(())), hand_on: Some(hand_on) }
    }

    /// The same of a function.
    pub fn makes_now<T, R>(self, make: impl FnOnce() -> T, hand_on: impl FnOnce(T, Made) -> R) -> R {
        let mut span = self.deferred(());
        span.starts();
        let current = While::attached(&mut span);
        let stream = make();
        drop(current);
        hand_on(stream, Made::of(&mut span))
    }
}

/// The span of what has been made.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct Made {
    live: Option<Live>,
    /// Where it would be, if it is not recorded.
    instead: Carry,
    /// If something may be recorded in the span.
    late: Option<&'static CallSite>,
}

impl Made {
    fn of(span: &mut Deferred<()>) -> Self {
        Self { live: span.live.take(), instead: std::mem::take(&mut span.instead), late: span.late }
    }

    /// Puts the span around the stream. `outcome` tells that of an item.
    pub fn around<S, O>(mut self, stream: S, outcome: O) -> AroundStream<S, O> {
        let (live, instead) = (self.live.take(), std::mem::take(&mut self.instead));
        Around::new(stream, Streamed { live, instead, ..Streamed::new(None, self.late, outcome) })
    }

    /// Ends the span if there is an error, and no stream.
    pub fn is_of<T, E>(
        &mut self,
        made: &Result<T, E>,
        outcome: impl for<'r> FnOnce(&'r Result<T, E>) -> Outcome<'r>,
    ) {
        if made.is_err() && self.live.is_some() {
            let outcome = outcome(made);
            self.end(outcome);
        }
    }

    fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(Live { recorder, span }) = self.live.take() {
            recorder.end(span, outcome);
        }
    }
}

/// Nothing is left here but by a panic.
impl Drop for Made {
    fn drop(&mut self) {
        self.end(Outcome::Panic);
    }
}
