//! The guard of synchronous code, and a span that has begun: what the attribute's code calls.
//!
//! What is generic here is compiled once for each annotated function, and what is inlined is there once for each: so
//! that is the question whether there is a span, and all else is in functions of its own.

use std::marker::PhantomData;

use crate::callsite::CallSite;
use crate::cell::InCharge;
use crate::outcome::{Outcome, Tell};
use crate::own::Own;
use crate::recorder::{Attached, Evaluate, Handle, Recorder};
use crate::value::Fields;

/// Begins a span and makes it current on this thread until the guard is dropped.
#[inline]
pub fn enter(site: &'static CallSite) -> Entered {
    match InCharge::now() {
        None => Entered::NOTHING,
        Some(who) => entered_bare(who, site),
    }
}

/// The same with fields: `fields` is called once if the span records, else not at all.
#[inline]
pub fn enter_with(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Entered {
    match InCharge::now() {
        None => Entered::NOTHING,
        Some(who) => entered_with(who, site, &mut fields),
    }
}

/// Begins a span that is current nowhere yet.
///
/// `fields` is called once if the span records, else not at all.
#[inline]
pub fn begin_with(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Begun {
    match InCharge::now() {
        None => Begun { live: None },
        Some(who) => Begun { live: begun(who, site, &mut fields) },
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

    /// Runs `body` and ends the span with the outcome that is told of what it returns.
    #[inline]
    pub fn run<R>(mut self, body: impl FnOnce() -> R, told: Tell<'_, R>) -> R {
        let returned = body();
        if self.recorder.is_some() {
            self.end(&returned, told);
        }
        // It has ended: so that this is not asked again.
        std::mem::forget(self);
        returned
    }

    /// The same where more is to be done with what is returned.
    #[inline]
    pub fn run_judged<R>(
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

    #[inline(never)]
    fn end<R>(&mut self, returned: &R, told: Tell<'_, R>) {
        // As above.
        let outcome = told(returned, PhantomData);
        self.exit(outcome);
    }

    /// Ends the span, once. Nothing of it is moved: it was just written.
    fn exit(&mut self, outcome: Outcome<'_>) {
        if let Some(recorder) = self.recorder.take() {
            recorder.exit(self.attached.take(), outcome);
        }
    }

    #[inline(never)]
    fn exit_dropped(&mut self) {
        let panicked = !self.was_panicking && std::thread::panicking();
        self.exit(if panicked { Outcome::Panic } else { Outcome::Success });
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        if self.recorder.is_some() {
            self.exit_dropped();
        }
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").field("is_recorded", &self.recorder.is_some()).finish_non_exhaustive()
    }
}

#[inline(never)]
fn entered_bare(who: InCharge, site: &'static CallSite) -> Entered {
    entered(who, site, &mut |_| {})
}

#[inline(never)]
fn entered_with(who: InCharge, site: &'static CallSite, fields: Evaluate<'_>) -> Entered {
    entered(who, site, fields)
}

#[inline]
fn entered(who: InCharge, site: &'static CallSite, fields: Evaluate<'_>) -> Entered {
    let Some(recorder) = who.recorder().filter(|_| site.is_on()) else { return Entered::NOTHING };
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
fn begun(who: InCharge, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Live> {
    let recorder = who.recorder().filter(|_| site.is_on())?;
    Some(Live { recorder, span: recorder.begin(site, fields)? })
}

/// What a return that is never taken returns: it tells the compiler the type of an `async` block.
#[doc(hidden)]
#[cold]
#[must_use]
pub fn never<T>() -> T {
    unreachable!("this return is never taken")
}

/// What no function that is `const` calls: for tools that read a program and run nothing of it.
#[doc(hidden)]
#[inline]
pub fn read() {}

/// How what is returned would be judged: for tools that read a program and run nothing of it.
#[doc(hidden)]
#[inline]
pub fn asked<R>(_: impl for<'r> FnOnce(&'r R) -> Outcome<'r>) {}

/// A span that has begun and is current nowhere yet.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct Begun {
    live: Option<Live>,
}

/// A span that has begun, and who records it.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    pub(crate) recorder: &'static dyn Recorder,
    pub(crate) span: Handle,
}

impl Live {
    pub(crate) fn own(&self) -> Own {
        Own::new(self.recorder, self.span)
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.span.fmt(f)
    }
}

impl Begun {
    /// The span, to be told more while it lives.
    #[must_use]
    pub fn own(&self) -> Own {
        self.live.as_ref().map_or(Own::NOTHING, Live::own)
    }

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
