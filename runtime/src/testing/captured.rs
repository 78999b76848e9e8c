//! A captured span, in a form for tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry::{KeyValue, Value};

use crate::record::{Batch, Items, SpanView, StatusView};

/// A span that has ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// The trace it is in.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// Its parent's id; [`SpanId::INVALID`] if it has none.
    pub parent_id: SpanId,
    /// Whether the parent is in another process.
    pub parent_is_remote: bool,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// Its attributes, code location included.
    pub attributes: Vec<KeyValue>,
    /// Its events.
    pub events: Vec<Event>,
    /// Its links.
    pub links: Vec<Link>,
    /// Its status.
    pub status: SpanStatus,
    /// The name of its instrumentation scope: for annotated functions the package they are in.
    pub scope: String,
    /// Attributes that the limits left out.
    pub dropped_attributes: u32,
    /// Events that the limits left out.
    pub dropped_events: u32,
    /// Links that the limits left out.
    pub dropped_links: u32,
    /// The W3C `tracestate` it is in; empty if there is none.
    pub trace_state: String,
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Its name.
    pub name: String,
    /// When it happened.
    pub time: SystemTime,
    /// Its attributes.
    pub attributes: Vec<KeyValue>,
}

/// A link of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The trace of the linked span.
    pub trace_id: TraceId,
    /// The linked span.
    pub span_id: SpanId,
    /// The link's attributes.
    pub attributes: Vec<KeyValue>,
}

/// The status of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SpanStatus {
    /// Nothing was said.
    #[default]
    Unset,
    /// The application says that it went well.
    Ok,
    /// It failed, with this description.
    Error(String),
}

impl Span {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<Value> {
        value_of(&self.attributes, key)
    }

    /// The first event with this name.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }
}

impl Event {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<Value> {
        value_of(&self.attributes, key)
    }
}

pub(super) fn spans(batch: &Batch) -> Vec<Span> {
    batch.spans().map(|view| span(&view)).collect()
}

fn span(view: &SpanView<'_>) -> Span {
    Span {
        name: view.name().to_owned(),
        kind: view.kind(),
        trace_id: view.trace_id(),
        span_id: view.span_id(),
        parent_id: view.parent_id(),
        parent_is_remote: view.header.flags.parent_remote(),
        start: time(view.header.start),
        end: time(view.header.end),
        attributes: view.attributes().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect(),
        events: view
            .events()
            .map(|event| Event {
                name: event.name().to_owned(),
                time: time(event.time()),
                attributes: pairs(event.attributes()),
            })
            .collect(),
        links: view
            .links()
            .map(|link| Link {
                trace_id: link.trace_id(),
                span_id: link.span_id(),
                attributes: pairs(link.attributes()),
            })
            .collect(),
        status: match view.status() {
            StatusView::Unset => SpanStatus::Unset,
            StatusView::Ok => SpanStatus::Ok,
            StatusView::Error(description) => SpanStatus::Error(description.to_owned()),
        },
        scope: view.origin.scope.name().to_owned(),
        dropped_attributes: view.dropped_attributes(),
        dropped_events: view.dropped_events(),
        dropped_links: view.dropped_links(),
        trace_state: view.trace_state().to_owned(),
    }
}

fn pairs(items: Items<'_>) -> Vec<KeyValue> {
    items.map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect()
}

fn value_of(attributes: &[KeyValue], key: &str) -> Option<Value> {
    attributes.iter().find(|pair| pair.key.as_str() == key).map(|pair| pair.value.clone())
}

fn time(unix_nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(unix_nanos)
}
