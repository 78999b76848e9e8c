//! The seam's recorder: spans of annotated functions.

use std::time::SystemTime;

use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, ContextGuard};
use traced_core::recorder::Evaluate;
use traced_core::{Attached, CallSite, Change, Handle, Kind, LinkTo, Outcome, Recorder, SpanIds};

use super::clock;
use super::frames::Place;
use super::guarded;
use super::live::State;
use super::local::{self, Local, NOTHING, Parts};
use super::pool::{self, Own, Slot, SlotRef};
use super::said::{Said, kind};
use super::start::{Asked, Found, Make, Start};
use super::tell::{change_own, record_outcome};
use crate::context::{link_to, without_span};
use crate::record::{self, OriginId};

/// The recorder of annotated functions. All that it knows is elsewhere: per process in `installed`, per thread in
/// `local`.
pub(crate) static RECORDER: Ours = Ours;

pub(crate) struct Ours;

/// What [`Recorder::carry`] returns.
#[derive(Clone)]
struct Carried {
    context: Context,
    place: Place,
}

impl Recorder for Ours {
    #[inline]
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Attached> {
        let frame = local::with(|local| look(local, |found| enter(local, found, site, fields)));
        let frame = frame.flatten().unwrap_or(NOTHING);
        (frame != NOTHING).then(|| Attached::new(frame))
    }

    #[inline]
    fn exit(&self, entered: Attached, outcome: Outcome<'_>) {
        match outcome {
            Outcome::Success => {
                local::with(|local| local.exit(entered.word(), None));
            }
            outcome => failed(entered.word(), &outcome),
        }
    }

    fn begin(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Handle> {
        begin_detached(site, fields, None)
    }

    fn begin_at(&self, site: &'static CallSite, fields: Evaluate<'_>, start: SystemTime) -> Option<Handle> {
        begin_detached(site, fields, Some(clock::unix_nanos(start)))
    }

    #[inline]
    fn attach(&self, span: &Handle) -> Attached {
        let attached = local::with(|local| {
            local.attach(|| {
                let span = slot_ref(span)?;
                span.with(|live| {
                    let place = Place { span: Some(span), span_id: live.header.span_id, offset: live.offset };
                    Some((live.context.clone()?, place))
                })?
            })
        });
        Attached::new(attached.unwrap_or(NOTHING))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        detach(&attached);
    }

    fn end(&self, span: Handle, outcome: Outcome<'_>) {
        let now = clock::now();
        if let Some(span) = outcome_told(&span, now, &outcome) {
            local::end(span, now);
        }
    }

    fn end_at(&self, span: Handle, outcome: Outcome<'_>, end: SystemTime) {
        if let Some(span) = outcome_told(&span, clock::now(), &outcome) {
            span.with(|live| live.finish(clock::unix_nanos(end), local::push));
        }
        self.end(span, Outcome::Success);
    }

    fn entered(&self, entered: &Attached) -> Option<Handle> {
        let span = local::with(|local| local.span_at(entered.word()))??;
        Some(handle(Some(span)))
    }

    fn is_recording(&self, span: &Handle) -> bool {
        slot_ref(span).and_then(|span| span.with(|live| live.is_recording())).unwrap_or(false)
    }

    fn change_span(&self, span: &Handle, change: Change<'_>) {
        if let Some(span) = slot_ref(span) {
            change_own(span, change);
        }
    }

    fn change(&self, change: Change<'_>) {
        let place = local::with(|local| local.place_of(current_id())).unwrap_or(Place::NOWHERE);
        match place.span {
            Some(span) => change_own(span, change),
            None => super::through::change_current(change),
        }
    }

    fn current(&self) -> Option<SpanIds> {
        super::through::current()
    }

    fn carry(&self) -> Option<Box<dyn traced_core::Carried>> {
        local::with(|local| {
            let context = Context::current();
            let place = local.place_of(id_of(&context));
            Box::new(Carried { context, place }) as Box<dyn traced_core::Carried>
        })
    }

    fn root(&self) -> Option<Box<dyn traced_core::Carried>> {
        local::with(|_| {
            let context = Context::map_current(without_span);
            Box::new(Carried { context, place: Place::NOWHERE }) as Box<dyn traced_core::Carried>
        })
    }
}

impl traced_core::Carried for Carried {
    fn again(&self) -> Box<dyn traced_core::Carried> {
        Box::new(self.clone())
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        link_to(self.context.span().span_context(), tell);
    }

    #[inline]
    fn attach(&self) -> Attached {
        let attached = local::with(|local| local.attach(|| Some((self.context.clone(), self.place))));
        Attached::new(attached.unwrap_or(NOTHING))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        detach(&attached);
    }
}

/// Looks where a span would begin. None: nothing is recorded here, and what is current stays.
#[inline]
fn look<R>(local: &Local, then: impl FnOnce(&Found) -> R) -> Option<R> {
    let parent_based = local.looks()?;
    let mut found = None;
    Context::map_current(|context| Found::look(&mut found, context, parent_based));
    found.as_ref().map(then)
}

/// A span that begins.
struct Begins {
    start: Start,
    /// None: it is not recorded, or it was published.
    own: Option<Own>,
    has_fields: bool,
    guard: Option<ContextGuard>,
}

impl Begins {
    #[inline]
    fn new(found: &Found) -> Self {
        Self { start: Start::new(found), own: None, has_fields: false, guard: None }
    }

    /// Begins it, and does something with its place at once. None: nothing is to be recorded.
    #[expect(clippy::inline_always, reason = "a call, and what it hands over, would be a tenth of the whole")]
    #[inline(always)]
    fn begin<R>(
        &mut self,
        local: &Local,
        found: &Found,
        (site, fields, at): (&'static CallSite, Evaluate<'_>, Option<u64>),
        then: impl FnOnce(&mut Parts, Place) -> R,
    ) -> Option<R> {
        let start = &mut self.start;
        let mut parts = local.parts()?;
        if !start.is_plain(found, &parts.rule) {
            let rule = parts.rule;
            drop(parts);
            if !start.looks_closer(rule, |show| Context::map_current(show)) {
                return None;
            }
            parts = local.parts()?;
        }
        let make = Make { origin: OriginId::of_call_site(site), kind: kind_number(site.span_kind()), at };
        let place = match start.decide(&mut parts) {
            Some(true) => {
                let (own, place) = start.record(&mut parts, make, true);
                self.own = Some(own);
                place
            }
            Some(false) => start.leave_out(&mut parts),
            None => {
                drop(parts);
                let (own, place) = ask(local, start, make, site, fields)?;
                (self.own, self.has_fields) = (own, true);
                parts = local.parts()?;
                place
            }
        };
        Some(then(&mut parts, place))
    }

    /// Takes the fields, once.
    #[inline]
    fn evaluate(&mut self, fields: Evaluate<'_>) {
        if let Some(own) = &mut self.own
            && !self.has_fields
        {
            self.has_fields = true;
            fields(&mut own.get().body);
        }
    }

    /// Takes the fields, and makes it current unless it is a leaf.
    #[inline]
    fn go_on(&mut self, site: &'static CallSite, fields: Evaluate<'_>) {
        self.evaluate(fields);
        let span = self.own.take().map(Own::publish);
        if !site.is_leaf() {
            self.guard = Some(self.start.context(span).attach());
        }
    }
}

/// Begins a span and makes it current. By itself, since a call that records nothing should not make room for all this.
#[inline(never)]
fn enter(local: &Local, found: &Found, site: &'static CallSite, fields: Evaluate<'_>) -> usize {
    let mut begins = Begins::new(found);
    let push = |parts: &mut Parts, place| parts.frames.push(place, true);
    let Some(frame) = begins.begin(local, found, (site, fields, None), push) else { return NOTHING };
    // Where its fields panic it goes on without.
    while guarded(|| begins.go_on(site, fields)).is_none() && begins.own.is_some() {}
    if let Some(guard) = begins.guard {
        local.keep(frame, guard);
    }
    frame
}

/// Begins a span that is current nowhere yet.
fn begin_detached(site: &'static CallSite, fields: Evaluate<'_>, at: Option<u64>) -> Option<Handle> {
    local::with(|local| {
        look(local, |found| {
            let mut begins = Begins::new(found);
            let place = begins.begin(local, found, (site, fields, at), |_, place| place)?;
            guarded(|| begins.evaluate(fields));
            let Begins { mut start, own, .. } = begins;
            if site.is_leaf() {
                return Some(handle(own.map(Own::publish)));
            }
            let context = start.context(own.as_ref().map(Own::place));
            let mut own = match own {
                Some(own) => own,
                // Not recorded, but to be current at each poll: it needs a place for its context.
                None => silent(local, place.span_id)?,
            };
            own.get().context = Some(context);
            Some(handle(Some(own.publish())))
        })
    })??
}

fn silent(local: &Local, span_id: u64) -> Option<Own> {
    let mut own = local.parts()?.pool.take();
    let live = own.get();
    live.state = State::Silent;
    live.header.span_id = span_id;
    live.offset = 0;
    Some(own)
}

/// Begins it as the application's sampler says, which is given the fields.
#[cold]
fn ask(
    local: &Local,
    start: &mut Start,
    make: Make,
    site: &'static CallSite,
    fields: Evaluate<'_>,
) -> Option<(Option<Own>, Place)> {
    let mut said = Said::default();
    guarded(|| fields(&mut said));
    let name = said.name.clone().unwrap_or_else(|| site.name());
    let kind = kind(site.span_kind());
    let asked = Asked { name: &name, kind: &kind, links: &said.links, attributes: said.attributes };
    let (mut own, place) = start.ask(local, make, asked)?;
    if let Some(own) = &mut own {
        let live = own.get();
        if let Some(name) = &said.name {
            live.body.rename(name);
        }
        said.links.iter().for_each(|link| live.link(&(&link.span_context).into(), &[]));
    }
    Some((own, place))
}

/// The number of a kind in OTLP.
#[inline]
fn kind_number(kind: Kind) -> u8 {
    match kind {
        Kind::Internal => 1,
        Kind::Server => 2,
        Kind::Client => 3,
        Kind::Producer => 4,
        Kind::Consumer => 5,
    }
}

#[inline]
fn detach(attached: &Attached) {
    if attached.word() != NOTHING {
        local::with(|local| local.detach(attached.word()));
    }
}

/// The place of a span that ends now, its outcome told.
#[inline]
fn outcome_told(span: &Handle, now: u64, outcome: &Outcome<'_>) -> Option<SlotRef> {
    let span = slot_ref(span)?;
    if !matches!(outcome, Outcome::Success) {
        record_outcome(span, now, outcome);
    }
    Some(span)
}

/// Ends the span of a frame with an outcome that is no success.
#[cold]
fn failed(frame: usize, outcome: &Outcome<'_>) {
    local::with(|local| {
        let now = local.span_at(frame).map(|span| {
            let now = clock::now();
            record_outcome(span, now, outcome);
            now
        });
        local.exit(frame, now);
    });
}

fn handle(span: Option<SlotRef>) -> Handle {
    let span = span.unwrap_or_else(pool::nowhere);
    Handle::new(span.slot, span.generation)
}

fn slot_ref(handle: &Handle) -> Option<SlotRef> {
    Some(SlotRef { slot: handle.object::<Slot>()?, generation: handle.word() })
}

fn current_id() -> u64 {
    Context::map_current(id_of)
}

fn id_of(context: &Context) -> u64 {
    u64::from_be_bytes(context.span().span_context().span_id().to_bytes())
}

/// The context of a span known by its ids only.
pub(crate) fn span_context(ids: &SpanIds) -> SpanContext {
    record::span_context(&LinkTo::new(*ids))
}
