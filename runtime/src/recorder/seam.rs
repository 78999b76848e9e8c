//! The seam's recorder: spans of annotated functions.

use std::time::SystemTime;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use traced_core::recorder::Evaluate;
use traced_core::{
    Attached, CallSite, Change, Failure, Fields, Handle, Kind, LinkTo, Outcome, Recorder, SpanIds, Status,
    Value,
};

use super::clock;
use super::failure::{CANCELLED, Telling};
use super::guarded;
use super::live::Live;
use super::live::State;
use super::local::{self, Local, NOTHING, Place};
use super::pool::{self, Slot, SlotRef, Taken};
use super::said::{Said, kind};
use super::sampling::Rule;
use super::start::{Asked, Make, Start};
use crate::context::{link_to, without_span};
use crate::record::{self, Limits, OriginId, encode_attribute, encode_event};

/// The recorder of annotated functions. All that it knows is elsewhere: per process in `installed`, per thread in
/// `local`.
pub(crate) static RECORDER: Own = Own;

pub(crate) struct Own;

/// What [`Recorder::carry`] returns.
#[derive(Clone)]
struct Carried {
    context: Context,
    place: Place,
}

impl Recorder for Own {
    #[inline]
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Attached> {
        local::with(|local| look(local, |rule, start| enter(local, rule, start, site, fields)))?
    }

    #[inline]
    fn exit(&self, entered: Attached, outcome: Outcome<'_>) {
        let now = clock::now();
        let frame = entered.word();
        local::with(|local| {
            let span = local.span_at(frame);
            if !matches!(outcome, Outcome::Success)
                && let Some(span) = span
            {
                record_outcome(span, now, &outcome);
            }
            end(local, span, now);
            // After the end: what a context holds may take its time to drop.
            local.detach(frame);
        });
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
            let span = slot_ref(span)?;
            let (context, span_id, offset) =
                span.with(|live| Some((live.context.clone()?, live.header.span_id, live.offset)))??;
            Some(local.attach(|| context, Place { span: Some(span), span_id, offset }))
        });
        Attached::new(attached.flatten().unwrap_or(NOTHING))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        detach(&attached);
    }

    fn end(&self, span: Handle, outcome: Outcome<'_>) {
        let now = clock::now();
        let span = outcome_told(&span, now, &outcome);
        if local::with(|local| end(local, span, now)).is_none() {
            end_late(span, now);
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
        let attached = local::with(|local| local.attach(|| self.context.clone(), self.place));
        Attached::new(attached.unwrap_or(NOTHING))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        detach(&attached);
    }
}

/// Looks where a span would begin. None: nothing is recorded here, and what is current stays.
#[inline]
fn look<R>(local: &Local, then: impl FnOnce(Rule, &mut Start) -> R) -> Option<R> {
    local.settle();
    let rule = local.rule()?;
    let mut start = None;
    Context::map_current(|context| Start::look(&mut start, context, rule));
    Some(then(rule, start.as_mut()?))
}

/// Begins a span that is current nowhere yet.
fn begin_detached(site: &'static CallSite, fields: Evaluate<'_>, at: Option<u64>) -> Option<Handle> {
    local::with(|local| {
        look(local, |rule, start| {
            start.begins_at(at);
            let taken = begin(local, rule, start, site, fields);
            if site.is_leaf() {
                return handle(taken.map(Taken::publish));
            }
            let context = start.context(taken.as_ref().map(Taken::place));
            let mut taken = taken.unwrap_or_else(|| {
                // Not recorded, but to be current at each poll: it needs a place for its context.
                let mut taken = local.take_slot();
                taken.with(|live| {
                    live.state = State::Silent;
                    live.header.span_id = start.place(None).span_id;
                    live.offset = 0;
                });
                taken
            });
            taken.with(|live| live.context = Some(context));
            handle(Some(taken.publish()))
        })
    })?
}

/// Begins a span. None: it is not recorded.
#[inline]
fn begin(
    local: &Local,
    rule: Rule,
    start: &mut Start,
    site: &'static CallSite,
    fields: Evaluate<'_>,
) -> Option<Taken> {
    let make = Make { origin: OriginId::of_call_site(site), kind: kind_number(site.span_kind()) };
    let Some(is_sampled) = start.decide(local, rule) else {
        return ask(local, start, make, site, fields);
    };
    let mut taken = start.begin(local, make, is_sampled)?;
    taken.with(|live| guarded(|| fields(&mut live.body)));
    Some(taken)
}

/// Begins a span and makes it current. By itself, since a call that records nothing should not make room for all this.
#[inline(never)]
fn enter(
    local: &Local,
    rule: Rule,
    start: &mut Start,
    site: &'static CallSite,
    fields: Evaluate<'_>,
) -> Attached {
    let span = begin(local, rule, start, site, fields).map(Taken::publish);
    let place = start.place(span);
    let context = (!site.is_leaf()).then_some(|| start.context(span));
    Attached::new(local.enter(context, place))
}

/// Begins it as the application's sampler says, which is given the fields.
#[cold]
fn ask(
    local: &Local,
    start: &mut Start,
    make: Make,
    site: &'static CallSite,
    fields: Evaluate<'_>,
) -> Option<Taken> {
    let mut said = Said::default();
    guarded(|| fields(&mut said));
    let name = said.name.clone().unwrap_or_else(|| site.name());
    let kind = kind(site.span_kind());
    let asked = Asked { name: &name, kind: &kind, links: &said.links, attributes: said.attributes };
    let mut taken = start.ask(local, make, asked)?;
    taken.with(|live| {
        if let Some(name) = &said.name {
            live.body.rename(name);
        }
        said.links.iter().for_each(|link| live.link(&(&link.span_context).into(), &[]));
    });
    Some(taken)
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

/// Ends a span, and lets go of its slot.
#[inline]
fn end(local: &Local, span: Option<SlotRef>, now: u64) {
    let Some((mut live, free)) = span.and_then(SlotRef::release) else { return };
    live.finish(now.wrapping_add(live.offset), |header, body| local.push(header, body));
    let context = live.clear();
    local.keep(free, live);
    // Last: it may hold anything, and what it holds may come back to us when it is dropped.
    drop(context);
}

/// The same on a thread that is being torn down.
#[cold]
pub(super) fn end_late(span: Option<SlotRef>, now: u64) {
    let Some((mut live, free)) = span.and_then(SlotRef::release) else { return };
    live.finish(now.wrapping_add(live.offset), local::push_late);
    drop(live.clear());
    local::keep(free, live);
}

#[cold]
fn record_outcome(span: SlotRef, now: u64, outcome: &Outcome<'_>) {
    match outcome {
        Outcome::Failure(failure) => {
            if let Some(before) = recording(span, |live| live.told_by_child) {
                attributes_of(span, failure);
                tell(span, &Telling::of_error(failure, before), now);
            }
        }
        Outcome::Panic => {
            if let Some(began) = recording(span, |live| live.header.start.wrapping_sub(live.offset)) {
                tell(span, &Telling::of_panic(began), now);
            }
        }
        Outcome::Cancelled => {
            recording(span, |live| {
                live.body.event("cancelled", now.wrapping_add(live.offset), |_| {});
                if live.header.origin.call_site().is_some_and(CallSite::fails_when_cancelled) {
                    live.body.status(&Status::Error(CANCELLED));
                    if !live.body.has_attribute("error.type") {
                        live.body.attribute("error.type", Value::Str(CANCELLED));
                    }
                }
            });
        }
        // The seam may learn of more outcomes than this version knows.
        _ => {}
    }
}

/// Records an error or a panic, and lets the parent know, which may be about to end with the same one.
fn tell(span: SlotRef, telling: &Telling, now: u64) {
    let parent = recording(span, |live| {
        telling.record(live, now.wrapping_add(live.offset));
        Some((live.parent?, telling.told(live.told_by_child)?))
    });
    if let Some((parent, told)) = parent.flatten() {
        parent.with(|live| live.told_by_child = Some(told));
    }
}

/// Records the attributes that an error gives to its span. They print before the span is held.
#[inline]
fn attributes_of(span: SlotRef, failure: &Failure<'_>) {
    struct Encoded(Limits, Vec<(String, Vec<u8>)>);
    impl Fields for Encoded {
        fn field(&mut self, key: &str, value: Value<'_>) {
            self.1.push((key.to_owned(), encode_attribute(key, value, &self.0)));
        }
    }
    let Some(give) = failure.attributes() else { return };
    let Some(limits) = recording(span, |live| live.body.limits()) else { return };
    let mut encoded = Encoded(limits, Vec::new());
    guarded(|| give(&mut encoded));
    recording(span, |live| {
        for (key, encoded) in &encoded.1 {
            live.body.encoded_attribute(key, encoded);
        }
    });
}

/// Changes a span of ours. Values print before the span is held: they may run the user's code.
fn change_own(span: SlotRef, change: Change<'_>) {
    match change {
        Change::Attribute(
            key,
            value @ (Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_)),
        ) => {
            recording(span, |live| live.body.attribute(key, value));
        }
        Change::Attribute(key, value) => {
            let Some(limits) = recording(span, |live| live.body.limits()) else { return };
            let Some(encoded) = guarded(|| encode_attribute(key, value, &limits)) else { return };
            recording(span, |live| live.body.encoded_attribute(key, &encoded));
        }
        Change::Event(name, fields) => {
            let Some((time, limits)) = recording(span, |live| (live.now(), live.body.limits())) else {
                return;
            };
            let Some(encoded) = guarded(|| encode_event(name, time, &limits, fields)) else { return };
            recording(span, |live| live.body.encoded_event(&encoded));
        }
        Change::Error(failure) => {
            if recording(span, |_| ()).is_none() {
                return;
            }
            let telling = Telling::of_error(&failure, None);
            recording(span, |live| {
                telling.record(live, live.now());
                live.told_by_child = telling.told(live.told_by_child);
            });
        }
        Change::Status(status) => {
            recording(span, |live| live.body.status(&status));
        }
        Change::Link(to) => {
            let to = record::LinkTo {
                trace_id: u128::from_be_bytes(to.trace_id.0),
                span_id: u64::from_be_bytes(to.span_id.0),
                trace_flags: u8::from(to.sampled),
                remote: false,
                trace_state: None,
            };
            recording(span, |live| live.link(&to, &[]));
        }
        Change::Rename(name) => {
            recording(span, |live| live.body.rename(name));
        }
        _ => {}
    }
}

/// Works on a span that takes what it is told.
#[inline]
fn recording<R>(span: SlotRef, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
    span.with(|live| live.is_recording().then(|| work(live)))?
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
