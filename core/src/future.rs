//! The span of an `async` block.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use crate::around::Scope as _;
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::cell::InCharge;
use crate::outcome::{Outcome, Tell};
use crate::own::Own;
use crate::recorder::{Attached, Evaluate, Handle, Recorder};
use crate::span::Live;
use crate::value::Fields;

/// Runs an `async` block in a span, which begins with the first poll, and ends when the block does with the outcome that
/// is told of its output.
#[inline]
pub fn in_span<'e, T, F>(site: &'static CallSite, future: F, told: Tell<'e, T>) -> InSpan<F, Tell<'e, T>>
where
    F: Future<Output = T>,
{
    InSpan { future, told, span: Spanned { state: State::New(site), attached: NOTHING } }
}

/// The same where the future may have to live longer than is known of its output's type: a closure is not of that type, as
/// a function is that takes it.
#[inline]
pub fn in_span_told<T, F, O>(site: &'static CallSite, future: F, outcome: O) -> InSpan<F, Telling<O>>
where
    F: Future<Output = T>,
    O: for<'r> Fn(&'r T) -> Outcome<'r>,
{
    let span = Spanned { state: State::New(site), attached: NOTHING };
    InSpan { future, told: Telling(outcome), span }
}

/// The same where the block itself begins the span, by [`begin`] as the first that it does: so fields may be of what the
/// block holds. And where more is to be done with the output.
#[inline]
pub fn in_span_inside<T, F, O>(future: F, outcome: O) -> InSpan<F, Judging<O>>
where
    F: Future<Output = T>,
    O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
{
    InSpan {
        future,
        told: Judging(Some(outcome)),
        span: Spanned { state: State::NewInside, attached: NOTHING },
    }
}

/// Begins the span of the `async` block that this is in: see [`in_span_inside`].
///
/// `fields` is called once if the span records, else not at all.
#[inline]
pub fn begin(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Own {
    match InCharge::now() {
        None => Own::NOTHING,
        Some(_) => begun_inside(site, &mut fields),
    }
}

/// The same somewhere else: what is inside is there even if the span is not recorded. `place` is called only while somebody
/// records.
#[inline]
pub fn begin_there(
    place: impl FnOnce() -> Carry,
    site: &'static CallSite,
    mut fields: impl FnMut(&mut dyn Fields),
) -> Own {
    match InCharge::now() {
        None => Own::NOTHING,
        Some(_) => begun_by(|span| span.begin_there(place(), site, &mut fields)),
    }
}

/// An `async` block that runs in a span.
///
/// It is named in the type of each annotated function that awaits it, and the compiler counts how deep types nest: so
/// the block is in no `Option`, and is not dropped before this is. When it has ended there is nothing left in it.
#[must_use = "futures do nothing unless polled"]
pub struct InSpan<F, O> {
    // Dropped in this order: the span is current until the block is gone.
    future: F,
    span: Spanned,
    told: O,
}

impl<F: Future, O: Tells<F::Output>> Future for InSpan<F, O> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is never moved out of a pinned `InSpan`: it is polled here, and dropped with it; `InSpan` is
        // `Unpin` only if `F` is, since it has no `Unpin` of its own; its `Drop` does not touch `future`; it is not
        // `repr(packed)`.
        let (future, span, told) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), &mut this.span, &mut this.told)
        };
        let current = Current(span);
        // The last that is done with it before the poll: the block may begin it.
        if !current.0.is_over() {
            current.0.attach();
        }
        let polled = future.poll(cx);
        std::mem::forget(current);
        if !span.is_over() {
            span.detach();
            if let Poll::Ready(output) = &polled {
                told.ended(span, output);
            }
        }
        polled
    }
}

impl<F> InSpan<F, HandedOn> {
    /// The same where somebody else is to end the span.
    pub(crate) fn handed_on(future: F) -> Self {
        let span = Spanned { state: State::NewInside, attached: NOTHING };
        Self { future, told: HandedOn, span }
    }

    /// The span, or where it would be, once the block has ended.
    pub(crate) fn span(self: Pin<&mut Self>) -> (Option<Live>, Carry) {
        // SAFETY: the block is not touched, and nothing else is pinned.
        let span = unsafe { &mut self.get_unchecked_mut().span };
        match std::mem::replace(&mut span.state, State::Over) {
            State::Live { recorder, span, .. } => (Some(Live { recorder, span }), Carry::default()),
            State::Elsewhere(there) => (None, there),
            State::New(_) | State::NewInside | State::Over => (None, Carry::default()),
        }
    }
}

impl<F, O> Drop for InSpan<F, O> {
    #[inline]
    fn drop(&mut self) {
        if !self.span.is_over() {
            self.span.outlives_future();
        }
    }
}

impl<F, O> fmt::Debug for InSpan<F, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InSpan").field("is_over", &self.span.is_over()).finish_non_exhaustive()
    }
}

/// What tells how an `async` block ended.
pub trait Tells<T> {
    /// Ends the span with what is told of the output.
    #[doc(hidden)]
    fn ended(&mut self, span: &mut Spanned, output: &T);
}

impl<T> Tells<T> for Tell<'_, T> {
    #[inline(never)]
    fn ended(&mut self, span: &mut Spanned, output: &T) {
        let span = Asked(span);
        let outcome = self(output, PhantomData);
        span.0.end(outcome);
    }
}

/// What tells it whatever the output's type.
#[derive(Debug)]
pub struct Telling<O>(O);

impl<T, O: for<'r> Fn(&'r T) -> Outcome<'r>> Tells<T> for Telling<O> {
    #[inline(never)]
    fn ended(&mut self, span: &mut Spanned, output: &T) {
        let span = Asked(span);
        let outcome = self.0(output);
        span.0.end(outcome);
    }
}

/// What tells it by more than the output's type.
#[derive(Debug)]
pub struct Judging<O>(Option<O>);

impl<T, O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>> Tells<T> for Judging<O> {
    fn ended(&mut self, span: &mut Spanned, output: &T) {
        let span = Asked(span);
        if let (Some(own), Some(outcome)) = (span.0.own(), self.0.take()) {
            let outcome = outcome(output, own);
            span.0.end(outcome);
        }
    }
}

/// Nothing is told: the span is for somebody else to end.
#[derive(Debug)]
pub struct HandedOn;

impl<T> Tells<T> for HandedOn {
    fn ended(&mut self, _: &mut Spanned, _: &T) {}
}

/// A span while it is asked how it ended: what the output says of itself may panic.
struct Asked<'a>(&'a mut Spanned);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.end(Outcome::Panic);
    }
}

/// The span of an [`InSpan`].
///
/// It is made current, and all but that is done, in functions that are there once.
#[doc(hidden)]
pub struct Spanned {
    state: State,
    /// The recorder's note while it is current.
    attached: usize,
}

/// A span begins where it stays, since to move what was just written makes a processor wait.
enum State {
    New(&'static CallSite),
    /// To be begun by the block.
    NewInside,
    Live {
        /// Before the future was dropped.
        was_panicking: bool,
        recorder: &'static dyn Recorder,
        span: Handle,
    },
    /// It is not recorded, but what is inside is where it would be.
    Elsewhere(Carry),
    /// It has ended, or there is none.
    Over,
}

const NOTHING: usize = usize::MAX;

thread_local! {
    /// The span that the block that is polled now may begin. Of what is being polled, and null otherwise.
    static BEGINS: Cell<*mut Spanned> = const { Cell::new(ptr::null_mut()) };
}

impl Spanned {
    #[inline]
    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    fn own(&self) -> Option<Own> {
        match self.state {
            State::Live { recorder, span, .. } => Some(Own::new(recorder, span)),
            _ => None,
        }
    }

    /// Before a poll.
    #[inline(never)]
    fn attach(&mut self) {
        match &self.state {
            State::Live { recorder, span, .. } => self.attached = recorder.attach(span).word(),
            State::New(site) => {
                let site = *site;
                self.begin(site, &mut |_| {});
            }
            _ => self.attach_other(),
        }
    }

    #[inline(never)]
    fn attach_other(&mut self) {
        match &self.state {
            State::NewInside => BEGINS.set(self),
            State::Elsewhere(there) => {
                self.attached = there.attach().map_or(NOTHING, |attached| attached.word());
            }
            State::New(_) | State::Live { .. } | State::Over => {}
        }
    }

    /// Another state, where there is none to be dropped.
    fn becomes(&mut self, state: State) {
        std::mem::forget(std::mem::replace(&mut self.state, state));
    }

    fn begin(&mut self, site: &'static CallSite, fields: Evaluate<'_>) {
        self.becomes(State::Over);
        let recorder = InCharge::now().and_then(InCharge::recorder).filter(|_| site.is_on());
        let Some(recorder) = recorder else { return };
        let begun = recorder.begin(site, fields);
        if let Some(span) = &begun {
            // First, so that what was just written is not copied at once.
            self.attached = recorder.attach(span).word();
            self.becomes(State::Live { was_panicking: false, recorder, span: *span });
        }
    }

    fn begin_there(&mut self, there: Carry, site: &'static CallSite, fields: Evaluate<'_>) {
        self.state = State::Over;
        let recorder = InCharge::now().and_then(InCharge::recorder).filter(|_| site.is_on());
        let begun = recorder.and_then(|recorder| {
            let span = there.in_scope(|| recorder.begin(site, fields))?;
            Some(State::Live { was_panicking: false, recorder, span })
        });
        self.state = begun.unwrap_or(State::Elsewhere(there));
        self.attach();
    }

    /// After a poll.
    #[inline(never)]
    fn detach(&mut self) {
        if let State::Live { recorder, .. } = &self.state {
            if self.attached != NOTHING {
                recorder.detach(Attached::new(std::mem::replace(&mut self.attached, NOTHING)));
            }
        } else {
            self.detach_other();
        }
    }

    #[inline(never)]
    fn detach_other(&mut self) {
        match &self.state {
            // Nobody recorded when the block asked.
            State::NewInside => {
                BEGINS.set(ptr::null_mut());
                self.becomes(State::Over);
            }
            State::Elsewhere(there) => {
                if self.attached != NOTHING {
                    there.detach(Attached::new(std::mem::replace(&mut self.attached, NOTHING)));
                }
            }
            State::New(_) | State::Live { .. } | State::Over => {}
        }
    }

    #[cold]
    fn unwound(&mut self) {
        self.detach();
        self.end(Outcome::Panic);
    }

    fn end(&mut self, outcome: Outcome<'_>) {
        if let State::Live { recorder, span, .. } = self.state {
            self.becomes(State::Over);
            recorder.end(span, outcome);
        } else {
            self.end_other();
        }
    }

    #[cold]
    fn end_other(&mut self) {
        self.state = State::Over;
    }

    /// The future is being dropped before its end.
    #[inline(never)]
    fn outlives_future(&mut self) {
        match &mut self.state {
            State::Live { was_panicking, .. } => {
                *was_panicking = std::thread::panicking();
                self.attach();
            }
            State::Elsewhere(_) => self.attach(),
            // It was never polled.
            _ => self.state = State::Over,
        }
    }

    /// It has been dropped.
    #[inline(never)]
    fn dropped(&mut self) {
        self.detach();
        if let State::Live { was_panicking, .. } = self.state {
            let panicked = !was_panicking && std::thread::panicking();
            self.end(if panicked { Outcome::Panic } else { Outcome::Cancelled });
        }
    }
}

impl Drop for Spanned {
    #[inline]
    fn drop(&mut self) {
        if !self.is_over() {
            self.dropped();
        }
    }
}

#[inline(never)]
fn begun_inside(site: &'static CallSite, fields: Evaluate<'_>) -> Own {
    begun_by(|span| span.begin(site, fields))
}

fn begun_by(begin: impl FnOnce(&mut Spanned)) -> Own {
    let span = BEGINS.replace(ptr::null_mut());
    // SAFETY: it is null, or of the `InSpan` that is being polled on this thread: it is set before the poll, and whoever
    // sets it makes it null after the poll, also by a panic, unless it is taken here. That `InSpan` is pinned, and while
    // its block is polled it touches its span in no other way.
    let Some(span) = (unsafe { span.as_mut() }) else { return Own::NOTHING };
    begin(span);
    span.own().unwrap_or(Own::NOTHING)
}

/// A span that is current during a poll. Dropped by a panic, which is told at once, since the future may be dropped by
/// somebody who has caught it.
struct Current<'a>(&'a mut Spanned);

impl Drop for Current<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.unwound();
    }
}
