//! Builds the body of a record: attributes, events, links and status, in the bytes of OTLP's `Span`.

use std::ops::Range;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, TraceState};
use traced_core::{Fields, Value};

use super::event::{EventAttributes, put_event};
use super::value::{Plain, Scratch, put_plain};
use super::wire;

/// How much one span may hold. Specification:
/// <https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attributes of a span; 128 by default.
    pub attributes: u32,
    /// Events of a span; 128 by default.
    pub events: u32,
    /// Links of a span; 128 by default.
    pub links: u32,
    /// Attributes of an event; 128 by default.
    pub attributes_per_event: u32,
    /// Attributes of a link; 128 by default.
    pub attributes_per_link: u32,
    /// Characters of a text value; unlimited by default.
    pub value_length: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attributes: 128,
            events: 128,
            links: 128,
            attributes_per_event: 128,
            attributes_per_link: 128,
            value_length: None,
        }
    }
}

/// The body of a span that has not ended. Reused from span to span, so that it allocates while it grows only.
#[derive(Debug, Default)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    limits: Limits,
    attributes: Kept,
    events: Count,
    links: Count,
    /// The code of the status; zero while it is Unset.
    status: u64,
    name: Option<String>,
    scratch: Scratch,
}

/// How many are kept, and how many were dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    kept: u32,
    pub(super) dropped: u32,
}

/// The attributes that are kept.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    count: Count,
    /// The [marks](mark_of) of their keys.
    marks: u64,
    /// One of them may replace one of the origin's.
    code: bool,
}

impl Count {
    /// Whether one more is kept under this limit.
    pub(super) fn admit(&mut self, limit: u32) -> bool {
        let room = self.kept < limit;
        *(if room { &mut self.kept } else { &mut self.dropped }) += 1;
        room
    }
}

/// What a link leads to.
pub(crate) struct LinkTo<'a> {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) trace_flags: u8,
    pub(crate) remote: bool,
    pub(crate) trace_state: Option<&'a TraceState>,
}

impl<'a> From<&'a SpanContext> for LinkTo<'a> {
    fn from(context: &'a SpanContext) -> Self {
        Self {
            trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(context.span_id().to_bytes()),
            trace_flags: context.trace_flags().to_u8(),
            remote: context.is_remote(),
            trace_state: Some(context.trace_state()),
        }
    }
}

impl Body {
    /// Makes it empty, for a span under these limits.
    #[inline]
    pub(crate) fn reset(&mut self, limits: &Limits) {
        self.trim();
        self.limits = *limits;
        self.attributes = Kept::default();
        self.events = Count::default();
        self.links = Count::default();
    }

    /// Gives back what the next span is not likely to need: one huge span must not keep its memory.
    #[inline]
    pub(crate) fn trim(&mut self) {
        const KEEP: usize = 4096;
        self.bytes.clear();
        self.bytes.shrink_to(KEEP);
        self.scratch.shrink(KEEP);
        self.status = 0;
        self.name = None;
    }

    /// Sets an attribute; a repeated key replaces.
    pub(crate) fn attribute(&mut self, key: &str, value: Value<'_>) {
        let value = self.scratch.plain(value, self.limits.value_length);
        attribute(&mut self.bytes, &mut self.attributes, &self.limits, key, value);
    }

    /// Sets an attribute of OpenTelemetry's; a repeated key replaces.
    pub(crate) fn key_value(&mut self, pair: &KeyValue) {
        let value = self.scratch.plain_of_otel(&pair.value, self.limits.value_length);
        attribute(&mut self.bytes, &mut self.attributes, &self.limits, pair.key.as_str(), value);
    }

    /// Sets an attribute that [`encode_attribute`] has encoded; a repeated key replaces.
    pub(crate) fn encoded_attribute(&mut self, key: &str, encoded: &[u8]) {
        if make_room(&mut self.bytes, &mut self.attributes, &self.limits, key) {
            self.bytes.extend_from_slice(encoded);
        }
    }

    /// Adds an event at `time`, in nanoseconds since the Unix epoch, with the attributes that `tell` tells, which
    /// run nobody else's code when they print.
    #[inline]
    pub(crate) fn event(&mut self, name: &str, time: u64, tell: impl FnOnce(&mut EventAttributes<'_>)) {
        if self.events.admit(self.limits.events) {
            put_event(&mut self.bytes, name, time, &self.limits, tell);
        }
    }

    /// Adds an event that `encode_event` or `encode_event_with` has encoded.
    pub(crate) fn encoded_event(&mut self, encoded: &[u8]) {
        if self.events.admit(self.limits.events) {
            self.bytes.extend_from_slice(encoded);
        }
    }

    /// Adds a link.
    pub(crate) fn link(&mut self, to: &LinkTo<'_>, attributes: &[KeyValue]) {
        if !self.links.admit(self.limits.links) {
            return;
        }
        let (scratch, limits) = (&mut self.scratch, &self.limits);
        wire::put_message(&mut self.bytes, wire::span::LINK, |out| {
            wire::put_bytes(out, wire::link::TRACE_ID, &to.trace_id.to_be_bytes());
            wire::put_bytes(out, wire::link::SPAN_ID, &to.span_id.to_be_bytes());
            let state = to.trace_state.map(TraceState::header).unwrap_or_default();
            if !state.is_empty() {
                wire::put_bytes(out, wire::link::TRACE_STATE, state.as_bytes());
            }
            let mut count = Count::default();
            for pair in attributes {
                if count.admit(limits.attributes_per_link) {
                    let value = scratch.plain_of_otel(&pair.value, limits.value_length);
                    put_plain(out, wire::link::ATTRIBUTE, pair.key.as_str(), value);
                }
            }
            put_count(out, wire::link::DROPPED_ATTRIBUTES, count.dropped);
            wire::put_fixed32(out, wire::link::FLAGS, wire_flags(to.trace_flags, to.remote));
        });
    }

    /// Sets the status, in the order that the specification gives: Ok is final, Unset is ignored, and a later
    /// error replaces an earlier one.
    /// <https://opentelemetry.io/docs/specs/otel/trace/api/#set-status>
    pub(crate) fn status(&mut self, status: &traced_core::Status<'_>) {
        let (code, description) = match status {
            traced_core::Status::Ok => (wire::status::OK, ""),
            traced_core::Status::Error(description) => (wire::status::ERROR, *description),
            _ => return,
        };
        if self.status == wire::status::OK {
            return;
        }
        if self.status != 0
            && let Some(at) = find(&self.bytes, |field| field.number == wire::span::STATUS)
        {
            self.bytes.drain(at);
        }
        self.status = code;
        wire::put_message(&mut self.bytes, wire::span::STATUS, |out| {
            if !description.is_empty() {
                wire::put_bytes(out, wire::status::MESSAGE, description.as_bytes());
            }
            wire::put_uint(out, wire::status::CODE, code);
        });
    }

    /// How much it may hold.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Gives the span a name of its own.
    pub(crate) fn rename(&mut self, name: &str) {
        self.name = Some(name.to_owned());
    }

    /// The name that the span was given.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether an attribute may replace one of the origin's.
    pub(crate) fn own_code(&self) -> bool {
        self.attributes.code
    }

    /// Whether an attribute with this key is set.
    pub(crate) fn has_attribute(&self, key: &str) -> bool {
        self.attributes.marks & mark_of(key) != 0 && find_attribute(&self.bytes, key).is_some()
    }

    /// Notes the trace state that the span is in, once.
    pub(crate) fn trace_state(&mut self, header: &str) {
        if !header.is_empty() {
            wire::put_bytes(&mut self.bytes, wire::span::TRACE_STATE, header.as_bytes());
        }
    }

    /// Appends what is kept aside until the end, and shows the whole body.
    #[inline]
    pub(crate) fn finish(&mut self) -> &[u8] {
        let out = &mut self.bytes;
        if let Some(name) = &self.name {
            wire::put_bytes(out, wire::span::NAME, name.as_bytes());
        }
        put_count(out, wire::span::DROPPED_ATTRIBUTES, self.attributes.count.dropped);
        put_count(out, wire::span::DROPPED_EVENTS, self.events.dropped);
        put_count(out, wire::span::DROPPED_LINKS, self.links.dropped);
        out
    }
}

impl Fields for Body {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.attribute(key, value);
    }
}

/// The flags of a span or a link in OTLP: the trace flags, and whether what they came from is remote.
pub(crate) fn wire_flags(trace_flags: u8, remote: bool) -> u32 {
    u32::from(trace_flags) | wire::HAS_IS_REMOTE | if remote { wire::IS_REMOTE } else { 0 }
}

/// Encodes an attribute of a span. Values may run the user's code while they print, which must not happen while
/// a span is held: so it is done beforehand.
pub(crate) fn encode_attribute(key: &str, value: Value<'_>, limits: &Limits) -> Vec<u8> {
    let mut out = Vec::new();
    put_plain(&mut out, wire::span::ATTRIBUTE, key, Scratch::default().plain(value, limits.value_length));
    out
}

#[inline]
fn attribute(bytes: &mut Vec<u8>, kept: &mut Kept, limits: &Limits, key: &str, value: Plain<'_>) {
    if make_room(bytes, kept, limits, key) {
        put_plain(bytes, wire::span::ATTRIBUTE, key, value);
    }
}

/// Makes room for an attribute: takes the one with the same key out, or counts one more if the limit allows it.
#[inline]
fn make_room(bytes: &mut Vec<u8>, kept: &mut Kept, limits: &Limits, key: &str) -> bool {
    let mark = mark_of(key);
    if kept.marks & mark != 0
        && let Some(at) = find_attribute(bytes, key)
    {
        bytes.drain(at);
    } else if !kept.count.admit(limits.attributes) {
        return false;
    }
    kept.marks |= mark;
    kept.code |= key.starts_with("code.");
    true
}

/// One bit for a key, the same for the same key: keys are looked for among those that share it.
#[inline]
fn mark_of(key: &str) -> u64 {
    let ends = match key.as_bytes() {
        [] => 0,
        [first, .., last] => first.wrapping_mul(7) ^ last,
        [only] => *only,
    };
    1 << ((usize::from(ends) ^ key.len().wrapping_mul(11)) & 63)
}

/// Where the attribute with this key is, with its tag.
fn find_attribute(bytes: &[u8], key: &str) -> Option<Range<usize>> {
    find(bytes, |field| {
        field.number == wire::span::ATTRIBUTE
            && wire::Fields(field.bytes()).next().is_some_and(|first| first.bytes() == key.as_bytes())
    })
}

/// Where the first of these fields is, with its tag.
fn find(bytes: &[u8], is_it: impl Fn(&wire::Field<'_>) -> bool) -> Option<Range<usize>> {
    let mut at = 0;
    for field in wire::Fields(bytes) {
        let end = at + field.whole.len();
        if is_it(&field) {
            return Some(at..end);
        }
        at = end;
    }
    None
}

pub(super) fn put_count(out: &mut Vec<u8>, field: u32, count: u32) {
    if count > 0 {
        wire::put_uint(out, field, count.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_span_does_not_keep_its_memory() {
        let huge = "x".repeat(1 << 20);
        let mut body = Body::default();
        body.reset(&Limits::default());
        body.attribute("text", Value::Str(&huge));
        body.attribute("printed", Value::Display(&huge));
        body.status(&traced_core::Status::Error(&huge));
        body.rename(&huge);
        assert!(body.finish().len() > 4 << 20);
        body.trim();
        assert!(body.bytes.capacity() < 1 << 16, "{}", body.bytes.capacity());
        assert!(body.scratch.capacity() < 1 << 16, "{}", body.scratch.capacity());
        assert!(body.name().is_none() && body.status == 0);
    }

    #[test]
    fn a_repeated_key_replaces_whatever_its_mark() {
        let mut body = Body::default();
        body.reset(&Limits { attributes: 70, ..Limits::default() });
        // More keys than there are marks, so that some share one.
        for round in 0..2 {
            for key in 0..70 {
                body.attribute(&format!("key{key}"), Value::Int(round));
            }
        }
        assert_eq!((body.attributes.count.kept, body.attributes.count.dropped), (70, 0));
        let written = wire::Fields(body.finish()).filter(|field| field.number == wire::span::ATTRIBUTE);
        assert_eq!(written.count(), 70);
    }
}
