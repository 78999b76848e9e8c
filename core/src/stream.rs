//! The span of a stream. That it is polled is the runtime's: streams have no trait in the standard library.

mod failed;
pub mod making;

use self::failed::Failed;
use crate::around::{Around, Scope};
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::later::Later;
use crate::outcome::Outcome;
use crate::polled;
use crate::recorder::{Attached, Change};
use crate::span::Live;
use crate::untold::OfItem;
use crate::value::Value;

/// The attribute that says how many items a stream has yielded. OpenTelemetry's conventions know none.
const ITEMS: &str = "stream.items";

/// A stream that runs in a span, but for being polled.
pub type AroundStream<S, O> = Around<S, Streamed<O>>;

impl Later {
    /// Puts the span around a stream. `outcome` tells that of an item.
    pub fn around<S, O>(self, stream: S, outcome: O) -> AroundStream<S, O> {
        let late = self.late();
        Around::new(stream, Streamed::new(Some(self), late, outcome))
    }
}

/// The span of a stream: from the first poll until it is exhausted or dropped. It fails if the last item is an
/// `Err`: who gets one mostly asks for no more.
#[derive(Debug)]
pub struct Streamed<O> {
    later: Option<Later>,
    live: Option<Live>,
    /// Where it would be, if it is not recorded.
    instead: Carry,
    /// If something may be recorded in the span.
    late: Option<&'static CallSite>,
    outcome: O,
    items: u64,
    failed: Option<Box<Failed>>,
}

impl<O> Streamed<O> {
    fn new(later: Option<Later>, late: Option<&'static CallSite>, outcome: O) -> Self {
        Self { later, live: None, instead: Carry::default(), late, outcome, items: 0, failed: None }
    }

    /// Takes note of an item.
    pub fn item<T>(&mut self, item: &T)
    where
        O: OfItem<T>,
    {
        if self.live.is_none() {
            return;
        }
        self.items += 1;
        self.failed = match self.outcome.outcome(item) {
            Outcome::Failure(failure) => Some(Box::new(Failed::of(&failure))),
            _ => None,
        };
    }

    /// There are no more items.
    pub fn exhausted(&mut self) {
        self.end(Outcome::Success);
    }

    fn end(&mut self, otherwise: Outcome<'_>) {
        let Some(Live { recorder, span }) = self.live.take() else { return };
        recorder.change_span(&span, Change::Attribute(ITEMS, Value::Int(self.items.into())));
        match self.failed.take() {
            Some(failed) => failed.tell(|failure| recorder.end(span, Outcome::Failure(failure))),
            None => recorder.end(span, otherwise),
        }
    }
}

impl<O> Scope for Streamed<O> {
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
        if panicked {
            self.failed = None;
        }
        self.end(if panicked { Outcome::Panic } else { Outcome::Cancelled });
    }
}
