//! Records as the SDK's `SpanData`.
//!
//! What is in it is the exporter's, so that nothing can be used again: it is built in one go, each vector as large as
//! it has to be, and what spans have in common is `'static` rather than copied.

use std::borrow::Cow;
use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, Link, SpanContext, Status, TraceFlags, TraceState};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::known::{KEYS, NAMES};
use crate::record::wire::{self, Fields};
use crate::record::{Batch, Code, LinkView, SpanView, StatusView, ValueView, pair};

pub(super) fn spans(batch: &Batch) -> Vec<SpanData> {
    batch.spans().map(|span| span_data(&span)).collect()
}

#[inline]
fn span_data(span: &SpanView<'_>) -> SpanData {
    let own = Own::of(span);
    let instrumentation_scope = (*span.origin.scope).clone();
    let (start_time, end_time) = (time(span.header.start), time(span.header.end));
    SpanData {
        span_context: SpanContext::new(
            span.trace_id(),
            span.span_id(),
            span.trace_flags(),
            false,
            own.trace_state,
        ),
        parent_span_id: span.parent_id(),
        parent_span_is_remote: span.header.flags.parent_remote(),
        span_kind: span.kind(),
        name: own.name,
        start_time,
        end_time,
        attributes: own.attributes,
        dropped_attributes_count: own.dropped_attributes,
        events: own.events,
        links: own.links,
        status: own.status,
        instrumentation_scope,
    }
}

/// What spans of one origin need not have in common.
struct Own {
    name: Cow<'static, str>,
    trace_state: TraceState,
    attributes: Vec<KeyValue>,
    dropped_attributes: u32,
    events: SpanEvents,
    links: SpanLinks,
    status: Status,
}

impl Own {
    #[inline]
    fn of(span: &SpanView<'_>) -> Self {
        if !span.body.is_empty() {
            return Self::read(span);
        }
        let mut attributes = room_for(span, 0);
        if let Some(code) = span.origin.code {
            code.put(&mut attributes);
        }
        Self::new(span, attributes)
    }

    /// With what the body holds.
    #[inline(never)]
    fn read(span: &SpanView<'_>) -> Self {
        let count = Count::of(span.body);
        let mut own = Self::new(span, room_for(span, count.attributes));
        own.events.events = Vec::with_capacity(count.events);
        own.links.links = Vec::with_capacity(count.links);
        for field in Fields(span.body) {
            match field.number {
                wire::span::ATTRIBUTE => put_pair(&mut own.attributes, field.bytes()),
                wire::span::EVENT => own.events.events.push(event(field.bytes())),
                wire::span::LINK => own.links.links.push(link(LinkView::new(field.bytes()))),
                wire::span::STATUS => own.status = status(StatusView::read(field.bytes())),
                wire::span::NAME => own.name = NAMES.get(field.bytes()),
                wire::span::TRACE_STATE => own.trace_state = trace_state(field.str()),
                wire::span::DROPPED_ATTRIBUTES => own.dropped_attributes = field.count(),
                wire::span::DROPPED_EVENTS => own.events.dropped_count = field.count(),
                wire::span::DROPPED_LINKS => own.links.dropped_count = field.count(),
                _ => {}
            }
        }
        match span.origin.code {
            Some(code) if span.header.flags.own_code() => put_rest(&mut own.attributes, code),
            Some(code) => code.put(&mut own.attributes),
            None => {}
        }
        own
    }

    #[inline]
    fn new(span: &SpanView<'_>, attributes: Vec<KeyValue>) -> Self {
        Self {
            name: Cow::Borrowed(span.origin.name),
            trace_state: TraceState::NONE,
            attributes,
            dropped_attributes: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
        }
    }
}

/// For so many attributes of a span's own, and those of its origin.
#[inline]
fn room_for(span: &SpanView<'_>, own: usize) -> Vec<KeyValue> {
    Vec::with_capacity(own + if span.origin.code.is_some() { Code::ATTRIBUTES } else { 0 })
}

/// Adds where in the code the span is from, as far as it does not say so itself.
fn put_rest(attributes: &mut Vec<KeyValue>, code: Code) {
    let mut rest = Vec::new();
    code.put(&mut rest);
    rest.retain(|pair| !attributes.iter().any(|own| own.key == pair.key));
    attributes.append(&mut rest);
}

/// How many there are of what a body has several of.
#[derive(Default)]
struct Count {
    attributes: usize,
    events: usize,
    links: usize,
}

impl Count {
    fn of(body: &[u8]) -> Self {
        let mut count = Self::default();
        for field in Fields(body) {
            match field.number {
                wire::span::ATTRIBUTE => count.attributes += 1,
                wire::span::EVENT => count.events += 1,
                wire::span::LINK => count.links += 1,
                _ => {}
            }
        }
        count
    }
}

fn event(message: &[u8]) -> Event {
    let attributes = Fields(message).filter(|field| field.number == wire::event::ATTRIBUTE).count();
    let mut event = Event::new("", SystemTime::UNIX_EPOCH, Vec::with_capacity(attributes), 0);
    for field in Fields(message) {
        match field.number {
            wire::event::TIME => event.timestamp = time(field.number_value()),
            wire::event::NAME => event.name = NAMES.get(field.bytes()),
            wire::event::ATTRIBUTE => put_pair(&mut event.attributes, field.bytes()),
            wire::event::DROPPED_ATTRIBUTES => event.dropped_attributes_count = field.count(),
            _ => {}
        }
    }
    event
}

fn link(link: LinkView<'_>) -> Link {
    let [flags, ..] = link.flags().to_le_bytes();
    let remote = link.flags() & wire::IS_REMOTE != 0;
    let state = trace_state(link.trace_state());
    let context = SpanContext::new(link.trace_id(), link.span_id(), TraceFlags::new(flags), remote, state);
    let attributes = link.attributes().map(|(key, value)| key_value(key.as_bytes(), value)).collect();
    Link::new(context, attributes, link.dropped_attributes())
}

fn put_pair(out: &mut Vec<KeyValue>, message: &[u8]) {
    if let Some((key, value)) = pair(message) {
        out.push(key_value(key, value));
    }
}

fn key_value(key: &[u8], value: ValueView<'_>) -> KeyValue {
    let key = match KEYS.get(key) {
        Cow::Borrowed(known) => Key::from_static_str(known),
        Cow::Owned(own) => Key::from(own),
    };
    KeyValue::new(key, Value::from(value))
}

fn status(status: StatusView<'_>) -> Status {
    match status {
        StatusView::Unset => Status::Unset,
        StatusView::Ok => Status::Ok,
        StatusView::Error(description) => Status::error(description.to_owned()),
    }
}

fn trace_state(header: &str) -> TraceState {
    // It was one before it was recorded.
    TraceState::from_str(header).unwrap_or_default()
}

fn time(nanos: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
}
