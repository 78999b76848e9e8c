//! Spans that do not begin where the call is made: `root`, `parent`.

use crate::around::Scope as _;
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::cell;
use crate::outcome::{Outcome, Tell};
use crate::own::Own;
use crate::recorder::Attached;
use crate::span::{self, Entered};
use crate::value::Fields;

/// Begins a span somewhere else and makes it current on this thread until the guard is dropped: see [`span::enter_with`].
///
/// `place` is called only while somebody records. If the span is not recorded, that place is current all the same: what
/// begins inside is where the span would have been.
#[inline]
pub fn enter_with(
    place: impl FnOnce() -> Carry,
    site: &'static CallSite,
    fields: impl FnMut(&mut dyn Fields),
) -> EnteredThere {
    let there = There::go(carry(place));
    EnteredThere { entered: span::enter_with(site, fields), _there: there }
}

/// A span that is current on this thread, somewhere else, until this guard is dropped.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct EnteredThere {
    entered: Entered,
    // Dropped last.
    _there: There,
}

impl EnteredThere {
    /// The span, to be told more while it lives.
    #[inline]
    #[must_use]
    pub fn own(&self) -> Own {
        self.entered.own()
    }

    /// Runs `body` and ends the span with the outcome it tells.
    #[inline]
    pub fn run<R>(self, body: impl FnOnce() -> R, told: Tell<'_, R>) -> R {
        self.entered.run(body, told)
    }

    /// The same where more is to be done with what is returned.
    #[inline]
    pub fn run_judged<R>(
        self,
        body: impl FnOnce() -> R,
        outcome: impl for<'r> FnOnce(&'r R) -> Outcome<'r>,
    ) -> R {
        self.entered.run_judged(body, outcome)
    }
}

#[inline]
fn carry(place: impl FnOnce() -> Carry) -> Carry {
    if cell::recorder().is_none() { Carry::default() } else { place() }
}

/// Somewhere else, current on this thread until this is dropped.
#[derive(Debug)]
struct There {
    carry: Carry,
    attached: Option<Attached>,
}

impl There {
    fn go(carry: Carry) -> Self {
        let attached = carry.attach();
        Self { carry, attached }
    }
}

impl Drop for There {
    #[inline]
    fn drop(&mut self) {
        if let Some(attached) = self.attached.take() {
            self.carry.detach(attached);
        }
    }
}
