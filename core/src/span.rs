//! The guard of synchronous code and the wrapper of a future: what the attribute's code calls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::callsite::CallSite;
use crate::cell;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::recorder::{Attached, Handle, Recorder};
use crate::value::Fields;

/// Runs `body` in a span of its own: [`enter`] and [`Entered::run`] in one call.
#[inline]
pub fn call<R>(
    site: &'static CallSite,
    mut fields: impl FnMut(&mut dyn Fields),
    body: impl FnOnce() -> R,
    outcome: impl for<'r> FnOnce(&'r R) -> Outcome<'r>,
) -> R {
    enter(site, &mut fields).run(body, outcome)
}

/// Begins a span and makes it current on this thread until the guard is dropped.
///
/// `fields` is called once if the span records, else not at all.
#[inline]
pub fn enter(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Entered {
    match cell::recorder() {
        None => Entered::NOTHING,
        Some(recorder) => entered(recorder, site, &mut fields),
    }
}

/// Begins a span that is current only while [`Begun::run`]'s future is polled.
///
/// `fields` is called once if the span records, else not at all.
#[inline]
pub fn begin(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Begun {
    match cell::recorder() {
        None => Begun { live: None },
        Some(recorder) => begun(recorder, site, &mut fields),
    }
}

/// A span that is current on this thread until this guard is dropped.
#[must_use = "the span ends when this is dropped"]
pub struct Entered {
    /// None: nothing is recorded, or it has ended.
    recorder: Option<&'static dyn Recorder>,
    /// As the recorder knows it.
    attached: Attached,
    was_panicking: bool,
}

impl Entered {
    const NOTHING: Self = Self { recorder: None, attached: Attached::NOTHING, was_panicking: false };

    /// The span, to be told more while it lives.
    #[inline]
    #[must_use]
    pub fn own(&self) -> Own {
        self.recorder.map_or(Own::NOTHING, |recorder| entered_own(recorder, &self.attached))
    }

    /// Runs `body` and ends the span with the outcome it tells.
    #[inline]
    pub fn run<R>(
        mut self,
        body: impl FnOnce() -> R,
        outcome: impl for<'r> FnOnce(&'r R) -> Outcome<'r>,
    ) -> R {
        let returned = body();
        if self.recorder.is_some() {
            // Asked while this guard still holds the span: what the returned value says of itself may panic.
            let outcome = outcome(&returned);
            self.exit(outcome);
        }
        returned
    }

    /// Ends the span, once. Nothing of it is moved: it was just written.
    #[inline]
    fn exit(&mut self, outcome: Outcome<'_>) {
        if let Some(recorder) = self.recorder.take() {
            recorder.exit(self.attached.take(), outcome);
        }
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        if self.recorder.is_some() {
            let panicked = !self.was_panicking && std::thread::panicking();
            self.exit(if panicked { Outcome::Panic } else { Outcome::Success });
        }
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").field("is_recorded", &self.recorder.is_some()).finish_non_exhaustive()
    }
}

#[inline(never)]
fn entered(
    recorder: &'static dyn Recorder,
    site: &'static CallSite,
    fields: &mut dyn FnMut(&mut dyn Fields),
) -> Entered {
    if !site.is_on() {
        return Entered::NOTHING;
    }
    match recorder.enter(site, fields) {
        None => Entered::NOTHING,
        Some(attached) => {
            Entered { recorder: Some(recorder), attached, was_panicking: std::thread::panicking() }
        }
    }
}

#[inline(never)]
fn entered_own(recorder: &'static dyn Recorder, attached: &Attached) -> Own {
    recorder.entered(attached).map_or(Own::NOTHING, |span| Own::new(recorder, span))
}

#[inline(never)]
fn begun(
    recorder: &'static dyn Recorder,
    site: &'static CallSite,
    fields: &mut dyn FnMut(&mut dyn Fields),
) -> Begun {
    if !site.is_on() {
        return Begun { live: None };
    }
    Begun { live: recorder.begin(site, fields).map(|span| Live { recorder, span }) }
}

/// What a return that is never taken returns: it tells the compiler the type of an `async` block.
#[doc(hidden)]
#[cold]
#[must_use]
pub fn never<T>() -> T {
    unreachable!("this return is never taken")
}

/// A span that has begun and is current nowhere yet.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct Begun {
    live: Option<Live>,
}

/// A span that has begun, and who records it.
pub(crate) struct Live {
    pub(crate) recorder: &'static dyn Recorder,
    pub(crate) span: Handle,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.span.fmt(f)
    }
}

impl Begun {
    /// The span, to be told more while it lives.
    #[inline]
    #[must_use]
    pub fn own(&self) -> Own {
        self.live.as_ref().map_or(Own::NOTHING, |live| Own::new(live.recorder, live.span))
    }

    /// Runs a future in the span, which ends when the future does, with the outcome that is told.
    #[inline]
    pub fn run<F, O>(mut self, future: F, outcome: O) -> InSpan<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
    {
        Around { scope: Spanned { live: self.live.take(), outcome: Some(outcome) }, future: Some(future) }
    }
}

impl Begun {
    pub(crate) fn into_live(mut self) -> Option<Live> {
        self.live.take()
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            live.recorder.end(live.span, Outcome::Success);
        }
    }
}

/// A future that runs in a span.
pub type InSpan<F, O> = Around<F, Spanned<O>>;

/// The span of an [`InSpan`].
#[derive(Debug)]
pub struct Spanned<O> {
    live: Option<Live>,
    outcome: Option<O>,
}

impl Spanned<()> {
    pub(crate) fn not_yet() -> Self {
        Self { live: None, outcome: None }
    }

    pub(crate) fn own(&self) -> Option<Own> {
        self.live.as_ref().map(|live| Own::new(live.recorder, live.span))
    }

    pub(crate) fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(live) = self.live.take() {
            live.recorder.end(live.span, outcome);
        }
    }

    pub(crate) fn starts_as(&mut self, begun: Begun) {
        self.live = begun.into_live();
    }
}

impl<O> Drop for Spanned<O> {
    #[inline]
    fn drop(&mut self) {
        // Nothing is left here but by a panic of the outcome.
        if self.live.is_some() {
            self.abandoned(true);
        }
    }
}

impl<O> Scope for Spanned<O> {
    #[inline]
    fn attach(&self) -> Option<Attached> {
        self.live.as_ref().map(|live| live.recorder.attach(&live.span))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        if let Some(live) = &self.live {
            live.recorder.detach(attached);
        }
    }

    fn abandoned(&mut self, panicked: bool) {
        if let Some(live) = self.live.take() {
            live.recorder.end(live.span, if panicked { Outcome::Panic } else { Outcome::Cancelled });
        }
    }
}

impl<T, O: for<'r> FnOnce(&'r T) -> Outcome<'r>> Ends<T> for Spanned<O> {
    #[inline]
    fn ended(&mut self, output: &T) {
        if self.live.is_some()
            && let Some(outcome) = self.outcome.take()
        {
            // Asked while the span is still held here: what the output says of itself may panic.
            let outcome = outcome(output);
            if let Some(live) = self.live.take() {
                live.recorder.end(live.span, outcome);
            }
        }
    }
}

/// What is current while a future is polled, and while it is dropped.
#[doc(hidden)]
pub trait Scope {
    /// It is about to be polled.
    #[inline]
    fn starts(&mut self) {}

    fn attach(&self) -> Option<Attached>;

    fn detach(&self, attached: Attached);

    /// The future was dropped before its end, or panicked.
    fn abandoned(&mut self, panicked: bool);
}

/// What is to be done at the end of a future.
#[doc(hidden)]
pub trait Ends<T>: Scope {
    fn ended(&mut self, output: &T);
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

impl<F: Future, S: Ends<F::Output>> Future for Around<F, S> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = self.poll_inside(|future| future.poll(cx), Poll::is_ready);
        let Some((polled, scope)) = polled else { panic!("a future that has ended was polled again") };
        if let Poll::Ready(output) = &polled {
            scope.ended(output);
        }
        polled
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
struct While<'a, S: Scope> {
    scope: &'a mut S,
    attached: Option<Attached>,
    was_panicking: bool,
}

impl<'a, S: Scope> While<'a, S> {
    #[inline]
    fn attached(scope: &'a mut S) -> Self {
        let attached = scope.attach();
        let was_panicking = attached.is_some() && std::thread::panicking();
        Self { scope, attached, was_panicking }
    }
}

impl<S: Scope> Drop for While<'_, S> {
    #[inline]
    fn drop(&mut self) {
        if let Some(attached) = self.attached.take() {
            self.scope.detach(attached);
            if !self.was_panicking && std::thread::panicking() {
                self.scope.abandoned(true);
            }
        }
    }
}
