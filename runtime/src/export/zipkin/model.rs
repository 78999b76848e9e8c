//! A span as Zipkin has it. Everything borrows from the record.
//!
//! Links and the trace state have no place in Zipkin, and the specification gives them none.

use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::remote::{self, Endpoint};
use crate::record::{EventView, SpanView, StatusView, ValueView};

/// What all spans of a process have in common.
#[derive(Debug)]
pub(super) struct Process {
    service: String,
    /// The resource's attributes but the service's name.
    tags: Vec<(String, String)>,
}

impl Process {
    pub(super) fn new(resource: &Resource) -> Self {
        let name = Key::from_static_str("service.name");
        let service = resource.get(&name).map_or_else(|| "unknown_service".into(), |name| name.to_string());
        let others = resource.iter().filter(|(key, _)| **key != name);
        Self { service, tags: others.map(|(key, value)| (key.to_string(), value.to_string())).collect() }
    }

    /// Appends the span as JSON.
    pub(super) fn encode(&self, span: &SpanView<'_>, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(out, &self.span(span))
    }

    fn span<'a>(&'a self, span: &SpanView<'a>) -> Span<'a> {
        Span {
            trace_id: span.trace_id(),
            parent_id: Some(span.parent_id()).filter(|id| *id != SpanId::INVALID),
            id: span.span_id(),
            kind: match span.kind() {
                SpanKind::Server => Some("SERVER"),
                SpanKind::Client => Some("CLIENT"),
                SpanKind::Producer => Some("PRODUCER"),
                SpanKind::Consumer => Some("CONSUMER"),
                SpanKind::Internal => None,
            },
            name: span.name(),
            // Always rounded down, so that no child seems to start before its parent.
            timestamp: span.header.start / 1000,
            // Zipkin takes zero for "unknown".
            duration: (span.duration() / 1000).max(1),
            local_endpoint: Endpoint { service_name: self.service.as_str().into(), ..Endpoint::default() },
            remote_endpoint: remote::endpoint(span),
            annotations: Annotations(*span),
            tags: Tags { span: *span, process: self },
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    #[serde(serialize_with = "as_text")]
    trace_id: TraceId,
    #[serde(serialize_with = "as_text_if_any", skip_serializing_if = "Option::is_none")]
    parent_id: Option<SpanId>,
    #[serde(serialize_with = "as_text")]
    id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    /// Microseconds since the Unix epoch.
    timestamp: u64,
    /// Microseconds.
    duration: u64,
    local_endpoint: Endpoint<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_endpoint: Option<Endpoint<'a>>,
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: Annotations<'a>,
    tags: Tags<'a>,
}

fn as_text<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn as_text_if_any<S: Serializer>(
    value: &Option<impl std::fmt::Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// The keys that are written from other things than attributes: an attribute of that name would be there twice.
/// `error` most of all, since Zipkin takes a span that has it for failed, whatever its value.
const OURS: [&str; 9] = [
    "error",
    "otel.status_code",
    "otel.scope.name",
    "otel.scope.version",
    "otel.library.name",
    "otel.library.version",
    DROPPED_ATTRIBUTES,
    "otel.dropped_events_count",
    "otel.dropped_links_count",
];
const DROPPED_ATTRIBUTES: &str = "otel.dropped_attributes_count";

struct Tags<'a> {
    span: SpanView<'a>,
    process: &'a Process,
}

impl Serialize for Tags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = &self.span;
        let scope = &span.origin.scope;
        let own = |key: &str| span.attributes().any(|(own, _)| own == key);
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in span.attributes().filter(|(key, _)| !OURS.contains(key)) {
            map.serialize_entry(key, &TagValue(value))?;
        }
        let of_scope = |key: &str| scope.attributes().any(|pair| pair.key.as_str() == key);
        for KeyValue { key, value, .. } in scope.attributes() {
            if !OURS.contains(&key.as_str()) && !own(key.as_str()) {
                map.serialize_entry(key.as_str(), &value.as_str())?;
            }
        }
        for (key, value) in &self.process.tags {
            if !OURS.contains(&key.as_str()) && !own(key) && !of_scope(key) {
                map.serialize_entry(key, value)?;
            }
        }
        match span.status() {
            StatusView::Unset => {}
            StatusView::Ok => map.serialize_entry("otel.status_code", "OK")?,
            StatusView::Error(description) => {
                map.serialize_entry("otel.status_code", "ERROR")?;
                map.serialize_entry("error", description)?;
            }
        }
        // The older names are still asked for:
        // <https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/#instrumentationscope>
        for key in ["otel.scope.name", "otel.library.name"] {
            map.serialize_entry(key, scope.name())?;
        }
        if let Some(version) = scope.version() {
            for key in ["otel.scope.version", "otel.library.version"] {
                map.serialize_entry(key, version)?;
            }
        }
        let dropped = [
            (DROPPED_ATTRIBUTES, span.dropped_attributes()),
            ("otel.dropped_events_count", span.dropped_events()),
            ("otel.dropped_links_count", span.dropped_links()),
        ];
        for (key, count) in dropped.iter().filter(|(_, count)| *count > 0) {
            map.serialize_entry(key, &count.to_string())?;
        }
        map.end()
    }
}

/// A value as text; a list as the text of JSON.
struct TagValue<'a>(ValueView<'a>);

impl Serialize for TagValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ValueView::Str(text) => serializer.serialize_str(text),
            ValueView::Float(value) if !value.is_finite() => serializer.serialize_str(infinite(value)),
            ValueView::List(_) => serializer.serialize_str(&json(&JsonValue(self.0))),
            value => serializer.collect_str(&value),
        }
    }
}

/// A value as JSON.
struct JsonValue<'a>(ValueView<'a>);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ValueView::Bool(value) => serializer.serialize_bool(value),
            ValueView::Int(value) => serializer.serialize_i64(value),
            // JSON has no numbers for these.
            ValueView::Float(value) if !value.is_finite() => serializer.serialize_str(infinite(value)),
            ValueView::Float(value) => serializer.serialize_f64(value),
            ValueView::Str(value) => serializer.serialize_str(value),
            ValueView::List(_) => serializer.collect_seq(self.0.elements().map(JsonValue)),
        }
    }
}

/// As Protocol Buffers' JSON has it.
fn infinite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn json(value: &impl Serialize) -> String {
    // These values have no keys but text, and writing to memory does not fail.
    serde_json::to_string(value).unwrap_or_default()
}

struct Annotations<'a>(SpanView<'a>);

impl Annotations<'_> {
    fn is_empty(&self) -> bool {
        self.0.events().next().is_none()
    }
}

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for event in self.0.events() {
            list.serialize_element(&Annotation { timestamp: event.time() / 1000, value: annotation(event) })?;
        }
        list.end()
    }
}

#[derive(serde::Serialize)]
struct Annotation<'a> {
    timestamp: u64,
    value: std::borrow::Cow<'a, str>,
}

/// The name, or `"name":{"key":"value"}`.
fn annotation(event: EventView<'_>) -> std::borrow::Cow<'_, str> {
    struct Attributes<'a>(EventView<'a>);
    impl Serialize for Attributes<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for (key, value) in self.0.attributes() {
                map.serialize_entry(key, &JsonValue(value))?;
            }
            if self.0.dropped_attributes() > 0 {
                map.serialize_entry(DROPPED_ATTRIBUTES, &self.0.dropped_attributes())?;
            }
            map.end()
        }
    }
    if event.attributes().next().is_none() && event.dropped_attributes() == 0 {
        return event.name().into();
    }
    format!("{}:{}", json(&event.name()), json(&Attributes(event))).into()
}
