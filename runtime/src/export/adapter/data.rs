//! Records as the SDK's `SpanData`.

use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, Link, SpanContext, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::record::{Batch, EventView, LinkView, Scope, SpanView, StatusView, ValueView, wire};

/// The scopes that have been met, as the SDK has them. As many as there are in the program.
#[derive(Debug, Default)]
pub(super) struct Scopes(HashMap<usize, (Arc<Scope>, InstrumentationScope)>);

impl Scopes {
    pub(super) fn spans(&mut self, batch: &Batch) -> Vec<SpanData> {
        batch.spans().map(|span| span_data(&span, self.get(&span.origin.scope))).collect()
    }

    fn get(&mut self, scope: &Arc<Scope>) -> InstrumentationScope {
        // The address belongs to this scope for as long as it is held here.
        let address = Arc::as_ptr(scope).addr();
        self.0.entry(address).or_insert_with(|| (scope.clone(), instrumentation_scope(scope))).1.clone()
    }
}

fn instrumentation_scope(scope: &Scope) -> InstrumentationScope {
    let mut builder = InstrumentationScope::builder(scope.name.clone());
    if let Some(version) = &scope.version {
        builder = builder.with_version(version.clone());
    }
    if let Some(schema_url) = &scope.schema_url {
        builder = builder.with_schema_url(schema_url.clone());
    }
    builder.with_attributes(scope.attributes.iter().cloned()).build()
}

fn span_data(span: &SpanView<'_>, instrumentation_scope: InstrumentationScope) -> SpanData {
    let mut events = SpanEvents::default();
    events.events = span.events().map(event).collect();
    events.dropped_count = span.dropped_events();
    let mut links = SpanLinks::default();
    links.links = span.links().map(link).collect();
    links.dropped_count = span.dropped_links();
    SpanData {
        span_context: SpanContext::new(
            span.trace_id(),
            span.span_id(),
            span.trace_flags(),
            false,
            trace_state(span.trace_state()),
        ),
        parent_span_id: span.parent_id(),
        parent_span_is_remote: span.header.flags.parent_remote(),
        span_kind: span.kind(),
        name: span.name().to_owned().into(),
        start_time: time(span.header.start),
        end_time: time(span.header.end),
        attributes: span.attributes().map(key_value).collect(),
        dropped_attributes_count: span.dropped_attributes(),
        events,
        links,
        status: match span.status() {
            StatusView::Unset => Status::Unset,
            StatusView::Ok => Status::Ok,
            StatusView::Error(description) => Status::error(description.to_owned()),
        },
        instrumentation_scope,
    }
}

fn event(event: EventView<'_>) -> Event {
    let attributes = event.attributes().map(key_value).collect();
    Event::new(event.name().to_owned(), time(event.time()), attributes, event.dropped_attributes())
}

fn link(link: LinkView<'_>) -> Link {
    let [flags, ..] = link.flags().to_le_bytes();
    let remote = link.flags() & wire::IS_REMOTE != 0;
    let state = trace_state(link.trace_state());
    let context = SpanContext::new(link.trace_id(), link.span_id(), TraceFlags::new(flags), remote, state);
    Link::new(context, link.attributes().map(key_value).collect(), link.dropped_attributes())
}

fn key_value((key, value): (&str, ValueView<'_>)) -> KeyValue {
    KeyValue::new(key.to_owned(), opentelemetry::Value::from(value))
}

fn trace_state(header: &str) -> TraceState {
    // It was one before it was recorded.
    TraceState::from_str(header).unwrap_or_default()
}

fn time(nanos: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
}
