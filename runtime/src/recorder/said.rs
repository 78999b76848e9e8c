//! What a call says of its span, in OpenTelemetry's own form: for samplers and providers of the application's.

use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanKind, SpanRef};
use traced_core::{Fields, Kind, LinkTo, Value};

use crate::record::{self, Items, Limits, encode_attribute, wire};

/// The attribute that says how a span has failed.
pub(super) const ERROR_TYPE: &str = "error.type";

/// What a call says of its span, in OpenTelemetry's own form.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) name: Option<String>,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) links: Vec<Link>,
}

impl Said {
    /// Returns whether it says an `error.type`.
    pub(super) fn tell(self, span: &SpanRef<'_>) -> bool {
        let has_error_type = self.attributes.iter().any(|pair| pair.key.as_str() == ERROR_TYPE);
        if let Some(name) = self.name {
            span.update_name(name);
        }
        span.set_attributes(self.attributes);
        self.links.into_iter().for_each(|link| span.add_link(link.span_context, link.attributes));
        has_error_type
    }
}

impl Fields for Said {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.attributes.push(otel_pair(key, value));
    }

    fn name(&mut self, name: &str) {
        self.name = (!name.is_empty()).then(|| name.to_owned());
    }

    fn link(&mut self, to: &LinkTo<'_>) {
        self.links.push(Link::with_context(record::span_context(to)));
    }
}

/// A kind in OpenTelemetry's own form.
pub(crate) fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    }
}

/// An attribute in OpenTelemetry's own form.
pub(super) fn otel_pair(key: &str, value: Value<'_>) -> KeyValue {
    // By way of the record's form, so that a value is the same whichever way it takes.
    let encoded = encode_attribute(key, value, &Limits::default());
    let value = Items::new(&encoded, wire::span::ATTRIBUTE).next().map(|(_, value)| value.into());
    KeyValue::new(key.to_owned(), value.unwrap_or_else(|| opentelemetry::Value::from("")))
}
