//! Streams in a span.

use std::pin::Pin;
use std::task::{Context, Poll};

pub use futures_core::Stream;
use traced_core::around::{Around, Scope};
use traced_core::later::Deferred;
use traced_core::polled::Making;
use traced_core::stream::Streamed;
use traced_core::stream::making::{Made, Makes};
use traced_core::untold::{OfItem, Untold};
use traced_core::{CallSite, Carry, Fields, Outcome};

/// A stream with something current around each poll, and around its drop.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct AroundEachPoll<S, C: Scope>(Around<S, C>);

/// A stream that is recorded as a span: from the first poll until it is exhausted or dropped.
pub type SpannedStream<S, O> = AroundEachPoll<S, Streamed<O>>;

/// A stream that is recorded as a span: see [`NewSpan::in_stream`](crate::NewSpan::in_stream).
pub type StreamSpan<S> = SpannedStream<S, Untold>;

/// A stream that runs in a span of somebody else's: see [`StreamExt`](crate::StreamExt).
pub type InSpanStream<S> = AroundEachPoll<S, Carry>;

impl<S: Stream, C: Scope> AroundEachPoll<S, C> {
    fn poll_inside(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Option<(Poll<Option<S::Item>>, &mut C)> {
        // SAFETY: the field is pinned whenever `Self` is: it is the only one, and it is reached in no other way;
        // there is no `Drop` and no `Unpin` of its own, and it is not `repr(packed)`.
        let around = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        around.poll_inside(|stream| stream.poll_next(cx), |polled| matches!(polled, Poll::Ready(None)))
    }

    fn left(&self) -> (usize, Option<usize>) {
        self.0.inside().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S: Stream, O: OfItem<S::Item>> Stream for SpannedStream<S, O> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let Some((polled, span)) = self.poll_inside(cx) else { return Poll::Ready(None) };
        match &polled {
            Poll::Ready(Some(item)) => span.item(item),
            Poll::Ready(None) => span.exhausted(),
            Poll::Pending => {}
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left()
    }
}

impl<S: Stream> Stream for InSpanStream<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.poll_inside(cx).map_or(Poll::Ready(None), |(polled, _)| polled)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left()
    }
}

/// Puts a stream into what was carried.
pub(crate) fn carried<S: Stream>(carry: Carry, stream: S) -> InSpanStream<S> {
    AroundEachPoll(Around::new(stream, carry))
}

/// A span that has not begun, for a stream.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "nothing is recorded until it is put around a stream"]
pub struct Later(traced_core::later::Later);

/// What generated code calls.
#[doc(hidden)]
pub fn later(site: &'static CallSite, fields: impl FnMut(&mut dyn Fields)) -> Later {
    Later(traced_core::later::later(site, fields))
}

impl From<traced_core::later::Later> for Later {
    fn from(later: traced_core::later::Later) -> Self {
        Self(later)
    }
}

impl Later {
    /// Has the span begin somewhere else.
    pub fn there(self, place: impl FnOnce() -> Carry) -> Self {
        Self(self.0.there(place))
    }

    /// To be held while the function itself runs, which may record something.
    pub fn making(&mut self) -> Making<'_> {
        self.0.making()
    }

    /// Puts the span around a future that makes a stream, in its output: `hand_on` gets that, and the span.
    pub fn makes<F, O, R>(self, future: F, hand_on: O) -> Makes<Around<F, Deferred<()>>, O>
    where
        F: Future,
        O: FnOnce(F::Output, Made) -> R,
    {
        self.0.makes(future, hand_on)
    }

    /// The same around a function.
    pub fn makes_now<T, R>(self, make: impl FnOnce() -> T, hand_on: impl FnOnce(T, Made) -> R) -> R {
        self.0.makes_now(make, hand_on)
    }

    /// Puts the span around a stream of which nothing is told but that it ended.
    pub fn untold<S>(self, stream: S) -> StreamSpan<S> {
        AroundEachPoll(self.0.around(stream, Untold))
    }

    /// Puts the span around the stream that `make` returns, which is to be a stream of `T`.
    ///
    /// That it is one is asked where it is polled: so a mistake is reported at the function's return type, once.
    pub fn run<T, S, O>(mut self, make: impl FnOnce() -> S, outcome: O) -> SpannedStream<S, O>
    where
        O: for<'r> Fn(&'r T) -> Outcome<'r>,
    {
        let stream = self.0.made(make);
        AroundEachPoll(self.0.around(stream, outcome))
    }

    /// The same where the type is not written down.
    pub fn infer<S, O>(self, make: impl FnOnce() -> S, outcome: O) -> SpannedStream<S, O>
    where
        S: Stream,
        O: for<'r> Fn(&'r S::Item) -> Outcome<'r>,
    {
        self.run(make, outcome)
    }
}

/// Puts the span of what has been made around the stream of `T` that was made.
#[doc(hidden)]
pub fn made<T, S, O>(span: Made, stream: S, outcome: O) -> SpannedStream<S, O>
where
    O: for<'r> Fn(&'r T) -> Outcome<'r>,
{
    AroundEachPoll(span.around(stream, outcome))
}

/// The same where the type is not written down.
#[doc(hidden)]
pub fn made_inferred<S, O>(span: Made, stream: S, outcome: O) -> SpannedStream<S, O>
where
    S: Stream,
    O: for<'r> Fn(&'r S::Item) -> Outcome<'r>,
{
    made(span, stream, outcome)
}
