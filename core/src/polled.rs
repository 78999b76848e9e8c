//! The span of a future or a stream that a function returns, for `record!` in the function: it begins when that is polled,
//! so it is looked for where that happens. What is recorded before is kept until then.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::callsite::CallSite;
use crate::cell;
use crate::kept::Kept;
use crate::own::Own;
use crate::value::{AttributeValue, Fields};

/// What runs on this thread of such functions, the innermost last.
struct Running {
    site: &'static CallSite,
    span: Span,
}

enum Span {
    /// The function itself. None: what it has kept is being changed.
    Made(Option<Box<Kept>>),
    /// What it returned. None: it is not recorded.
    Polled(Option<Own>),
}

thread_local! {
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

/// None on a thread that is being torn down. Nothing of the user's runs in `work`.
fn with<R>(work: impl FnOnce(&mut Vec<Running>) -> R) -> Option<R> {
    RUNNING.try_with(|running| running.try_borrow_mut().ok().map(|mut running| work(&mut running))).ok()?
}

fn innermost<'a>(running: &'a mut [Running], site: &'static CallSite) -> Option<&'a mut Span> {
    let mut running = running.iter_mut().rev();
    running.find(|running| std::ptr::eq(running.site, site)).map(|running| &mut running.span)
}

fn starts(site: &'static CallSite, span: Span) {
    with(|running| running.push(Running { site, span }));
}

fn ends(site: &'static CallSite) -> Option<Span> {
    with(|running| {
        let at = running.iter().rposition(|running| std::ptr::eq(running.site, site))?;
        Some(running.remove(at).span)
    })?
}

/// A poll of what a function returned begins.
#[cold]
pub(crate) fn poll_starts(site: &'static CallSite, own: Option<Own>) {
    starts(site, Span::Polled(own));
}

/// It has ended.
#[cold]
pub(crate) fn poll_ends(site: &'static CallSite) {
    ends(site);
}

/// While the function itself runs: what it records is kept for the span.
#[derive(Debug)]
pub struct Making<'a>(Option<(&'static CallSite, &'a mut Option<Box<Kept>>)>);

impl<'a> Making<'a> {
    /// Of a function that records something, if the span is to be recorded.
    pub(crate) fn starts(site: &'static CallSite, kept: &'a mut Option<Box<Kept>>) -> Self {
        if !site.has_late() || cell::recorder().is_none() || !site.is_on() {
            return Self(None);
        }
        starts(site, Span::Made(Some(kept.take().unwrap_or_default())));
        Self(Some((site, kept)))
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if let Some((site, place)) = self.0.take()
            && let Some(Span::Made(kept)) = ends(site)
        {
            *place = kept;
        }
    }
}

/// The span of a function that returns a future or a stream, wherever that is polled.
#[derive(Clone, Copy, Debug)]
pub struct Polled(pub &'static CallSite);

/// The same, where it takes what it is told.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    site: &'static CallSite,
    own: Option<Own>,
}

impl Polled {
    /// The span, if it takes what it is told.
    #[must_use]
    pub fn recording(self) -> Option<Recording> {
        let own = with(|running| match innermost(running, self.0)? {
            Span::Made(_) => Some(None),
            Span::Polled(own) => own.map(Some),
        })??;
        let own = match own {
            None => None,
            Some(own) => Some(own.recording()?),
        };
        Some(Recording { site: self.0, own })
    }
}

impl Recording {
    /// Tells it a late field.
    pub fn set(&self, key: &str, value: &(impl AttributeValue + ?Sized)) {
        if let Some(own) = &self.own {
            own.set(key, value);
            return;
        }
        let take = |running: &mut Vec<Running>| match innermost(running, self.site)? {
            Span::Made(kept) => kept.take(),
            Span::Polled(_) => None,
        };
        let Some(mut kept) = with(take).flatten() else { return };
        // What the value says of itself may panic.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let kept: &mut dyn Fields = &mut *kept;
            kept.set(key, value);
        }));
        with(|running| {
            if let Some(Span::Made(place)) = innermost(running, self.site) {
                *place = Some(kept);
            }
        });
    }
}
