//! A span that begins later than its fields are evaluated: when the future or the stream that it is put around is polled
//! first; or when a `span!` is told what it is around, which may take what the fields are made of.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::around::{Around, Scope};
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::cell;
use crate::kept::Kept;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::place::{EnteredThere, enter_with};
use crate::polled::{self, Making};
use crate::recorder::{Attached, Evaluate};
use crate::span::{Begun, Live, begin_with};
use crate::untold::{OfOutput, Untold};
use crate::value::Fields;

/// A span that has not begun, with its fields.
///
/// `fields` is called now, since what it borrows may be gone later; not at all while nobody records, or if the filter
/// leaves the span out.
#[inline]
pub fn later(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Later {
    let kept = match cell::recorder() {
        None => None,
        Some(_) => kept(site, &mut fields),
    };
    Later { site, kept }
}

/// The same without fields.
#[inline]
pub fn later_bare(site: &'static CallSite) -> Later {
    Later { site, kept: None }
}

#[inline(never)]
fn kept(site: &'static CallSite, fields: Evaluate<'_>) -> Option<Box<Kept>> {
    if site.is_on() { Kept::of(fields) } else { None }
}

/// A span that has not begun.
#[derive(Debug)]
#[must_use = "nothing is recorded until it is put around something"]
pub struct Later {
    site: &'static CallSite,
    kept: Option<Box<Kept>>,
}

impl Later {
    /// Has the span begin somewhere else. `place` is called now, and not at all while nobody records.
    pub fn there(mut self, place: impl FnOnce() -> Carry) -> Self {
        if cell::recorder().is_some() {
            let place = place();
            if !place.is_empty() {
                self.kept.get_or_insert_default().there = place;
            }
        }
        self
    }

    /// To be held while the function itself runs, which may record something.
    #[inline]
    pub fn making(&mut self) -> Making<'_> {
        Making::starts(self.site, &mut self.kept)
    }

    /// Runs the function itself.
    #[inline]
    pub fn made<R>(&mut self, make: impl FnOnce() -> R) -> R {
        let _making = self.making();
        make()
    }

    /// The call site, if something may be recorded in the span.
    pub(crate) fn late(&self) -> Option<&'static CallSite> {
        self.site.has_late().then_some(self.site)
    }

    /// Puts the span around the future that `make` returns, which is to be a future of `T`.
    ///
    /// That it is one is asked where it is polled: so a mistake is reported at the function's return type, once.
    #[inline]
    pub fn run<T, F, O>(mut self, make: impl FnOnce() -> F, outcome: O) -> LaterInSpan<F, O>
    where
        O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
    {
        let future = self.made(make);
        self.around_future(future, outcome)
    }

    /// Puts the span around a future of which nothing is told but that it ended.
    #[inline]
    pub fn untold<F>(self, future: F) -> LaterInSpan<F, Untold> {
        self.around_future(future, Untold)
    }

    #[inline]
    fn around_future<F, O>(self, future: F, outcome: O) -> LaterInSpan<F, O> {
        Around::new(future, self.deferred(outcome))
    }

    pub(crate) fn deferred<O>(self, outcome: O) -> Deferred<O> {
        let late = self.late();
        Deferred { later: Some(self), outcome: Some(outcome), live: None, instead: Carry::default(), late }
    }

    /// The same where the type is not written down.
    #[inline]
    pub fn infer<F, O>(self, make: impl FnOnce() -> F, outcome: O) -> LaterInSpan<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output, Own) -> Outcome<'r>,
    {
        self.run(make, outcome)
    }

    /// All of it that can be taken.
    pub(crate) fn take(&mut self) -> Self {
        Self { site: self.site, kept: self.kept.take() }
    }

    /// Begins the span.
    pub fn begin(self) -> Begun {
        self.begin_by(|site, fields| begin_with(site, fields))
    }

    /// The same, around what is polled: where no span is recorded, what is inside is where it would be.
    pub(crate) fn start(mut self) -> (Option<Live>, Carry) {
        let there = self.kept.as_mut().map(|kept| std::mem::take(&mut kept.there)).unwrap_or_default();
        let live = there.in_scope(|| self.begin().into_live());
        let instead = if live.is_none() { there } else { Carry::default() };
        (live, instead)
    }

    /// The same in another way: `begin` gets what it is to begin, and runs where.
    pub fn begin_by<R>(self, begin: impl FnOnce(&'static CallSite, Evaluate<'_>) -> R) -> R {
        match self.kept {
            None => begin(self.site, &mut |_| {}),
            Some(kept) => {
                let done = kept.there.in_scope(|| begin(self.site, &mut |fields| kept.show(fields)));
                kept.is_done();
                done
            }
        }
    }

    /// Begins the span and makes it current on this thread until the guard is dropped.
    #[inline]
    pub fn enter(self) -> EnteredThere {
        match self.kept {
            None => enter_with(Carry::default, self.site, |_| {}),
            Some(kept) => entered(self.site, kept),
        }
    }

    /// The call site.
    #[must_use]
    pub fn site(&self) -> &'static CallSite {
        self.site
    }
}

#[inline(never)]
fn entered(site: &'static CallSite, mut kept: Box<Kept>) -> EnteredThere {
    let there = std::mem::take(&mut kept.there);
    let entered = enter_with(|| there, site, |fields| kept.show(fields));
    kept.is_done();
    entered
}

/// A future that runs in a span which begins with the first poll.
///
/// Its output's type is in no part of it: it would have to live as long as the future, which may be `'static` where its
/// output is of a type that nobody says that of.
pub type LaterInSpan<F, O> = Around<F, Deferred<O>>;

impl<F: Future, O: OfOutput<F::Output>> Future for LaterInSpan<F, O> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (polled, span) = self.poll_future(cx);
        if let Poll::Ready(output) = &polled {
            span.ended(output);
        }
        polled
    }
}

/// The span of a [`LaterInSpan`], which may not have begun.
#[derive(Debug)]
pub struct Deferred<O> {
    later: Option<Later>,
    outcome: Option<O>,
    pub(crate) live: Option<Live>,
    /// Where it would be, if it is not recorded.
    pub(crate) instead: Carry,
    /// If something may be recorded in the span.
    pub(crate) late: Option<&'static CallSite>,
}

impl<O> Deferred<O> {
    #[inline]
    fn ended<T>(&mut self, output: &T)
    where
        O: OfOutput<T>,
    {
        if let Some(own) = self.live.as_ref().map(Live::own)
            && let Some(outcome) = self.outcome.take()
        {
            // Asked while the span is still held here: what the output says of itself may panic.
            let outcome = outcome.outcome(output, own);
            self.end(outcome);
        }
    }

    fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(live) = self.live.take() {
            live.recorder.end(live.span, outcome);
        }
    }
}

/// Nothing is left here but by a panic of the outcome.
impl<O> Drop for Deferred<O> {
    #[inline]
    fn drop(&mut self) {
        self.end(Outcome::Panic);
    }
}

impl<O> Scope for Deferred<O> {
    fn starts(&mut self) {
        if let Some(later) = self.later.take() {
            (self.live, self.instead) = later.start();
        }
    }

    #[inline]
    fn attach(&self) -> Option<Attached> {
        match &self.live {
            Some(live) => Some(live.recorder.attach(&live.span)),
            None => self.instead.attach(),
        }
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        match &self.live {
            Some(live) => live.recorder.detach(attached),
            None => self.instead.detach(attached),
        }
    }

    #[inline]
    fn enters(&self) {
        if let Some(site) = self.late {
            polled::poll_starts(site, self.live.as_ref().map(Live::own));
        }
    }

    #[inline]
    fn leaves(&self) {
        if let Some(site) = self.late {
            polled::poll_ends(site);
        }
    }

    fn abandoned(&mut self, panicked: bool) {
        self.end(if panicked { Outcome::Panic } else { Outcome::Cancelled });
    }
}
