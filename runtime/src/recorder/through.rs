//! The seam's recorder over a provider of somebody else's: slower, the same meaning.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::trace::{SpanBuilder, SpanRef, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use traced_core::recorder::Evaluate;
use traced_core::{Attached, CallSite, Change, Failure, Handle, LinkTo, Outcome, Recorder, SpanIds};

use super::clock;
use super::failure::{CANCELLED, Heard, Telling};
use super::frames::Place;
use super::installed::{self, InstallFailed, Installation};
use super::local;
use super::said::{ERROR_TYPE, Said, kind, otel_pair};
use super::seam::span_context;
use super::tell::MAX_AROUND;
use crate::context::{as_parent, link_to, without_span};
use crate::record::{Code, scope_of};

/// Starts a span in a context, with a tracer of this scope, and returns the context with the span.
pub(crate) type Start = Arc<dyn Fn(&Scoped<'_>, SpanBuilder, &Context) -> Context + Send + Sync>;

/// Where spans go.
#[derive(Clone)]
pub(crate) struct Target {
    start: Start,
    /// Whether they say where in the code they are from.
    code_attributes: bool,
}

/// The scope of a call site.
pub(crate) struct Scoped<'a> {
    site: u32,
    scope: &'a dyn Fn() -> InstrumentationScope,
}

/// Makes `#[traced]` record through this provider.
pub(crate) fn install_through<P>(provider: P, code_attributes: bool) -> Result<Installation, InstallFailed>
where
    P: TracerProvider + Send + Sync + 'static,
    P::Tracer: Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
{
    let tracers = Mutex::new(HashMap::<u32, Arc<P::Tracer>>::new());
    let start: Start = Arc::new(move |scoped, builder, context| {
        let known = lock(&tracers).get(&scoped.site).cloned();
        let tracer = known.unwrap_or_else(|| {
            // The provider's code runs without the lock: it may come back.
            let tracer = Arc::new(provider.tracer_with_scope((scoped.scope)()));
            lock(&tracers).entry(scoped.site).or_insert(tracer).clone()
        });
        context.with_span(tracer.build_with_context(builder, &as_parent(context)))
    });
    installed::install_through(Target { start, code_attributes })
}

/// Makes `#[traced]` record through OpenTelemetry's global provider, whichever it is at each call.
pub(crate) fn install_through_global(code_attributes: bool) -> Result<Installation, InstallFailed> {
    let start: Start = Arc::new(|scoped, builder, context| {
        let tracer = opentelemetry::global::tracer_with_scope((scoped.scope)());
        context.with_span(tracer.build_with_context(builder, &as_parent(context)))
    });
    installed::install_through(Target { start, code_attributes })
}

pub(crate) static THROUGH: Through = Through;

/// The recorder. A handle is a number under which the span's context is found.
pub(crate) struct Through;

static TARGET: Mutex<Option<Target>> = Mutex::new(None);
static SPANS: Mutex<Option<HashMap<u64, Entry>>> = Mutex::new(None);

struct Entry {
    context: Context,
    parent: u64,
    told_inside: Heard,
    /// By the clock.
    began: u64,
    cancel_is_error: bool,
    /// It has an `error.type` that somebody has set: that of an error does not come beside it.
    has_error_type: bool,
}

/// What [`Recorder::carry`] returns.
#[derive(Clone)]
struct Carried {
    context: Context,
    span: u64,
}

std::thread_local! {
    /// The numbers of the spans that are current on this thread, by the frames that made them so.
    static CURRENT: std::cell::RefCell<Vec<(usize, u64)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Returns what was set before: its provider is the user's, and not to be dropped under a lock.
#[must_use]
pub(crate) fn set(target: Option<Target>) -> Option<Target> {
    std::mem::replace(&mut *lock(&TARGET), target)
}

impl Recorder for Through {
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Attached> {
        let handle = self.begin(site, fields)?;
        Some(self.attach(&handle))
    }

    fn exit(&self, entered: Attached, outcome: Outcome<'_>) {
        end(number_at(entered.word()), &outcome, None);
        self.detach(entered);
    }

    fn begin(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Handle> {
        begin(site, fields, None)
    }

    fn begin_at(&self, site: &'static CallSite, fields: Evaluate<'_>, start: SystemTime) -> Option<Handle> {
        begin(site, fields, Some(start))
    }

    fn attach(&self, span: &Handle) -> Attached {
        let context = with_entry(span.word(), |entry| entry.context.clone());
        attach(context, span.word())
    }

    fn detach(&self, attached: Attached) {
        detach(&attached);
    }

    fn end(&self, span: Handle, outcome: Outcome<'_>) {
        end(span.word(), &outcome, None);
    }

    fn end_at(&self, span: Handle, outcome: Outcome<'_>, at: SystemTime) {
        end(span.word(), &outcome, Some(at));
    }

    fn entered(&self, entered: &Attached) -> Option<Handle> {
        let number = number_at(entered.word());
        (number != 0).then(|| Handle::new(&(), number))
    }

    fn is_recording(&self, span: &Handle) -> bool {
        context_of(span).is_some_and(|context| context.span().is_recording())
    }

    fn change_span(&self, span: &Handle, change: Change<'_>) {
        if let Some(context) = context_of(span) {
            change_in(&context, span.word(), change);
        }
    }

    fn change(&self, change: Change<'_>) {
        if let Some(context) = local::with(|_| Context::current()) {
            let number = number_of(&context);
            change_in(&context, number, change);
        }
    }

    fn current(&self) -> Option<SpanIds> {
        current()
    }

    fn carry(&self) -> Option<Box<dyn traced_core::Carried>> {
        let context = local::with(|_| Context::current())?;
        Some(Box::new(Carried { context, span: current_number() }))
    }

    fn root(&self) -> Option<Box<dyn traced_core::Carried>> {
        let context = local::with(|_| Context::map_current(without_span))?;
        Some(Box::new(Carried { context, span: 0 }))
    }
}

impl traced_core::Carried for Carried {
    fn again(&self) -> Box<dyn traced_core::Carried> {
        Box::new(self.clone())
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        link_to(self.context.span().span_context(), tell);
    }

    fn attach(&self) -> Attached {
        attach(Some(self.context.clone()), self.span)
    }

    fn detach(&self, attached: Attached) {
        detach(&attached);
    }
}

/// The identity of the current span, whoever records it.
pub(crate) fn current() -> Option<SpanIds> {
    let ids = |context: &Context| {
        let span = context.span();
        let ids = span.span_context();
        ids.is_valid().then(|| SpanIds {
            trace_id: traced_core::TraceId(ids.trace_id().to_bytes()),
            span_id: traced_core::SpanId(ids.span_id().to_bytes()),
            sampled: ids.is_sampled(),
            recording: span.is_recording(),
        })
    };
    local::with(|_| Context::map_current(ids))?
}

/// Changes the current span, whoever records it.
pub(crate) fn change_current(change: Change<'_>) {
    if let Some(context) = local::with(|_| Context::current()) {
        change_in(&context, 0, change);
    }
}

/// Changes a span, which has this number if it is one of ours, else zero.
fn change_in(context: &Context, number: u64, change: Change<'_>) {
    let span = context.span();
    if !span.is_recording() {
        return;
    }
    match change {
        Change::Attribute(key, value) => {
            span.set_attribute(otel_pair(key, value));
            with_entry(number, |entry| entry.has_error_type |= key == ERROR_TYPE);
        }
        Change::Event(name, fields) => {
            let mut said = Said::default();
            super::guarded(|| fields(&mut said));
            span.add_event(name.to_owned(), said.attributes);
        }
        Change::Error(failure) => {
            let telling = Telling::of_error(&failure, &Heard::default());
            let has_type = with_entry(number, |entry| std::mem::replace(&mut entry.has_error_type, true));
            let has_type = attributes_of(&span, &failure) || has_type.unwrap_or(false);
            tell_span(&span, &telling, false, has_type);
        }
        Change::Status(status) => span.set_status(match status {
            traced_core::Status::Ok => Status::Ok,
            traced_core::Status::Error(description) => Status::error(description.to_owned()),
            _ => Status::Unset,
        }),
        Change::Link(to) => span.add_link(span_context(&to), Vec::new()),
        Change::Rename(name) => span.update_name(name.to_owned()),
        _ => {}
    }
}

fn context_of(span: &Handle) -> Option<Context> {
    with_entry(span.word(), |entry| entry.context.clone())
}

fn begin(site: &'static CallSite, fields: Evaluate<'_>, at: Option<SystemTime>) -> Option<Handle> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let Target { start, code_attributes } = lock(&TARGET).clone()?;
    let parent = local::with(|local| (!local.is_asking()).then(Context::current))??;
    if parent.is_telemetry_suppressed() {
        return None;
    }
    let mut builder = SpanBuilder::from_name(site.name()).with_kind(kind(site.span_kind()));
    builder.start_time = at;
    let scope = || scope_of(site);
    let began = clock::now();
    let scoped = Scoped { site: site.id(), scope: &scope };
    let context = local::with(|local| local.asking(|| start(&scoped, builder, &parent)))??;
    let mut has_error_type = false;
    if context.span().is_recording() {
        // Asked for only now: nothing is evaluated that is not recorded.
        let mut said = Said::default();
        if code_attributes {
            Code::of(site).put(&mut said.attributes);
        }
        super::guarded(|| fields(&mut said));
        has_error_type = said.tell(&context.span());
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let cancel_is_error = site.fails_when_cancelled();
    let parent = number_of(&parent);
    let entry =
        Entry { context, parent, told_inside: Heard::default(), began, cancel_is_error, has_error_type };
    spans().get_or_insert_default().insert(number, entry);
    Some(Handle::new(&(), number))
}

fn end(number: u64, outcome: &Outcome<'_>, at: Option<SystemTime>) {
    let Some(entry) = spans().as_mut().and_then(|spans| spans.remove(&number)) else { return };
    let there = entry.context.span();
    match outcome {
        Outcome::Failure(failure) => {
            let has_error_type = attributes_of(&there, failure) || entry.has_error_type;
            tell(&entry, &Telling::of_error(failure, &entry.told_inside), has_error_type);
        }
        Outcome::Panic => tell(&entry, &Telling::of_panic(entry.began), entry.has_error_type),
        Outcome::Cancelled => {
            there.add_event(CANCELLED, Vec::new());
            if entry.cancel_is_error {
                if !entry.has_error_type {
                    there.set_attribute(KeyValue::new(ERROR_TYPE, CANCELLED));
                }
                there.set_status(Status::error(CANCELLED));
            }
        }
        _ => {}
    }
    match at {
        None => there.end(),
        Some(at) => there.end_with_timestamp(at),
    }
}

fn attach(context: Option<Context>, span: u64) -> Attached {
    let frame =
        context.and_then(|context| local::with(|local| local.attach(|| Some((context, Place::NOWHERE)))));
    let Some(frame) = frame else { return Attached::new(usize::MAX) };
    let _ = CURRENT.try_with(|current| current.borrow_mut().push((frame, span)));
    Attached::new(frame)
}

fn detach(attached: &Attached) {
    let frame = attached.word();
    let _ = CURRENT.try_with(|current| current.borrow_mut().retain(|(at, _)| *at != frame));
    local::with(|local| local.detach(frame));
}

/// The number of the span that a frame made current.
fn number_at(frame: usize) -> u64 {
    let find = |current: &std::cell::RefCell<Vec<(usize, u64)>>| {
        current.borrow().iter().rev().find(|(at, _)| *at == frame).map_or(0, |(_, span)| *span)
    };
    CURRENT.try_with(find).unwrap_or(0)
}

fn current_number() -> u64 {
    CURRENT.try_with(|current| current.borrow().last().map_or(0, |(_, span)| *span)).unwrap_or(0)
}

/// The number of the span that is current, if it is this context's: else that is from elsewhere.
fn number_of(context: &Context) -> u64 {
    let number = current_number();
    let is_it = |entry: &mut Entry| entry.context.span().span_context() == context.span().span_context();
    if with_entry(number, is_it).unwrap_or(false) { number } else { 0 }
}

fn tell(entry: &Entry, telling: &Telling, has_error_type: bool) {
    let told = telling.is_told(&entry.told_inside);
    tell_span(&entry.context.span(), telling, told, has_error_type);
    if let Some(told) = telling.told(&entry.told_inside) {
        let mut next = entry.parent;
        for _ in 0..MAX_AROUND {
            let above = with_entry(next, |around| {
                around.told_inside.hear(told);
                around.parent
            });
            let Some(above) = above else { break };
            next = above;
        }
    }
}

/// Records the attributes that an error gives to its span. Returns whether `error.type` is one.
fn attributes_of(span: &SpanRef<'_>, failure: &Failure<'_>) -> bool {
    let Some(give) = failure.attributes() else { return false };
    let mut said = Said::default();
    super::guarded(|| give(&mut said));
    said.tell(span)
}

fn tell_span(span: &SpanRef<'_>, telling: &Telling, told: bool, has_error_type: bool) {
    if !has_error_type {
        span.set_attribute(KeyValue::new(ERROR_TYPE, telling.error_type().to_owned()));
    }
    if telling.is_expected() {
        return;
    }
    if !told {
        let mut attributes = Vec::new();
        telling.attributes(|key, text| attributes.push(KeyValue::new(key, text.to_owned())));
        span.add_event("exception", attributes);
    }
    span.set_status(Status::error(telling.description().to_owned()));
}

fn with_entry<R>(number: u64, work: impl FnOnce(&mut Entry) -> R) -> Option<R> {
    spans().as_mut()?.get_mut(&number).map(work)
}

fn spans() -> MutexGuard<'static, Option<HashMap<u64, Entry>>> {
    lock(&SPANS)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
