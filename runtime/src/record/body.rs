//! Builds the body of a record: attributes, events, links and status, in the bytes of OTLP's `Span`.

use opentelemetry::KeyValue;
use traced_core::{Fields, Value};

use super::buffer::Buffer;
use super::event::{EventAttributes, put_event};
use super::kept::{Count, Kept};
use super::link::{LinkTo, put_link, span_context};
use super::short::{self, Short};
use super::value::{Plain, Scratch, cut, put_plain};
use super::wire;
use super::{Flags, Limits};

/// The memory that is kept for the next span, of each part of one.
const KEEP: usize = 4096;

/// The body of a span that has not ended. Reused from span to span, so that it allocates while it grows only.
#[derive(Debug, Default)]
pub(crate) struct Body {
    bytes: Buffer,
    limits: Limits,
    content: Content,
    name: Option<String>,
    scratch: Scratch,
}

/// What there is in the bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Content {
    attributes: Kept,
    events: Count,
    links: Count,
    /// The code of the status; zero while it is Unset.
    status: u64,
}

impl Body {
    /// Makes it empty, for a span under these limits. It is new, or was [finished](Self::finish), which took its name.
    #[inline]
    pub(crate) fn reset(&mut self, limits: &Limits) {
        self.bytes.clear();
        self.limits = *limits;
        self.content = Content::default();
    }

    /// Gives back what the next span is not likely to need: one huge span must not keep its memory.
    #[inline]
    pub(crate) fn trim(&mut self) {
        self.bytes.trim(KEEP);
    }

    /// Sets an attribute; a repeated key replaces.
    pub(crate) fn attribute(&mut self, key: &str, value: Value<'_>) {
        match value {
            Value::Bool(value) => return self.bool(key, value),
            Value::Float(value) => return self.float(key, value),
            Value::Str(value) => return self.str(key, value),
            Value::Int(value) => {
                if let Ok(value) = i64::try_from(value) {
                    return self.int(key, value);
                }
            }
            _ => {}
        }
        let value = self.scratch.plain(value, self.limits.value_length);
        set(&mut self.bytes, &mut self.content.attributes, &self.limits, key, value);
        self.scratch.trim(KEEP);
    }

    /// Sets an attribute of OpenTelemetry's; a repeated key replaces.
    pub(crate) fn key_value(&mut self, pair: &KeyValue) {
        let key = pair.key.as_str();
        match &pair.value {
            opentelemetry::Value::Bool(value) => self.bool(key, *value),
            opentelemetry::Value::I64(value) => self.int(key, *value),
            opentelemetry::Value::F64(value) => self.float(key, *value),
            opentelemetry::Value::String(value) => self.str(key, value.as_str()),
            value => {
                let value = self.scratch.plain_of_otel(value, self.limits.value_length);
                set(&mut self.bytes, &mut self.content.attributes, &self.limits, key, value);
                self.scratch.trim(KEEP);
            }
        }
    }

    /// Sets an attribute that [`encode_attribute`] has encoded; a repeated key replaces.
    pub(crate) fn encoded_attribute(&mut self, key: &str, encoded: &[u8]) {
        if self.content.attributes.admit(key, self.limits.attributes, &mut self.bytes) {
            self.bytes.append(|out| out.extend_from_slice(encoded));
        }
    }

    /// Sets an attribute with a short value: in few instructions, if all else is usual too.
    #[inline]
    fn set_short<'a>(&mut self, key: &str, value: impl Short<'a>) {
        let (kept, limit) = (&mut self.content.attributes, self.limits.attributes);
        let is_set = short::is_key(key)
            && self.bytes.put(|room| {
                kept.admit_new(key, limit).then(|| short::put(room, wire::span::ATTRIBUTE, key, value))
            });
        if !is_set {
            self.set_unusual(key, value);
        }
    }

    #[cold]
    fn set_unusual<'a>(&mut self, key: &str, value: impl Short<'a>) {
        if !short::is_key(key) {
            return set(&mut self.bytes, &mut self.content.attributes, &self.limits, key, value.into());
        }
        if self.content.attributes.admit(key, self.limits.attributes, &mut self.bytes) {
            self.bytes.make_room::<{ short::ROOM }>();
            self.bytes.put(|room| Some(short::put(room, wire::span::ATTRIBUTE, key, value)));
        }
    }

    #[cold]
    fn set_long(&mut self, key: &str, text: &str) {
        let text = cut(text, self.limits.value_length);
        set(&mut self.bytes, &mut self.content.attributes, &self.limits, key, Plain::Str(text));
    }

    /// Adds an event at `time`, in nanoseconds since the Unix epoch, with the attributes that `tell` tells, which
    /// run nobody else's code when they print.
    #[inline]
    pub(crate) fn event(&mut self, name: &str, time: u64, tell: impl FnOnce(&mut EventAttributes<'_>)) {
        if self.content.events.admit(self.limits.events) {
            let limits = &self.limits;
            self.bytes.append(|out| put_event(out, name, time, limits, tell));
        }
    }

    /// Adds an event that `encode_event` or `encode_event_with` has encoded.
    pub(crate) fn encoded_event(&mut self, encoded: &[u8]) {
        if self.content.events.admit(self.limits.events) {
            self.bytes.append(|out| out.extend_from_slice(encoded));
        }
    }

    /// Adds a link.
    pub(crate) fn link(&mut self, to: &LinkTo<'_>, attributes: &[KeyValue]) {
        if self.content.links.admit(self.limits.links) {
            let (scratch, limits) = (&mut self.scratch, &self.limits);
            self.bytes.append(|out| put_link(out, to, attributes, limits, scratch));
            self.scratch.trim(KEEP);
        }
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
        if self.content.status == wire::status::OK {
            return;
        }
        if self.content.status != 0
            && let Some(at) = wire::find(self.bytes.bytes(), |field| field.number == wire::span::STATUS)
        {
            self.bytes.remove(at);
        }
        self.content.status = code;
        self.bytes.append(|out| {
            wire::put_message(out, wire::span::STATUS, |out| {
                if !description.is_empty() {
                    wire::put_bytes(out, wire::status::MESSAGE, description.as_bytes());
                }
                wire::put_uint(out, wire::status::CODE, code);
            });
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

    /// Whether an attribute with this key is set.
    pub(crate) fn has_attribute(&self, key: &str) -> bool {
        self.content.attributes.find(key, self.bytes.bytes()).is_some()
    }

    /// Notes the trace state that the span is in, once.
    pub(crate) fn trace_state(&mut self, header: &str) {
        if !header.is_empty() {
            self.bytes.append(|out| wire::put_bytes(out, wire::span::TRACE_STATE, header.as_bytes()));
        }
    }

    /// Appends what is kept aside until the end, says so in the flags, and shows the whole body.
    #[inline]
    pub(crate) fn finish(&mut self, flags: &mut Flags) -> &[u8] {
        let Content { attributes, events, links, .. } = &self.content;
        let dropped = attributes.count.dropped | events.dropped | links.dropped;
        if self.name.is_some() || attributes.code || dropped != 0 {
            self.append_rest(flags);
        }
        self.bytes.bytes()
    }

    #[cold]
    fn append_rest(&mut self, flags: &mut Flags) {
        let (name, content) = (self.name.take(), &self.content);
        flags.set_own_name(name.is_some());
        flags.set_own_code(content.attributes.code);
        self.bytes.append(|out| {
            if let Some(name) = &name {
                wire::put_bytes(out, wire::span::NAME, name.as_bytes());
            }
            put_count(out, wire::span::DROPPED_ATTRIBUTES, content.attributes.count.dropped);
            put_count(out, wire::span::DROPPED_EVENTS, content.events.dropped);
            put_count(out, wire::span::DROPPED_LINKS, content.links.dropped);
        });
    }
}

impl Fields for Body {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.attribute(key, value);
    }

    fn name(&mut self, name: &str) {
        if !name.is_empty() {
            self.rename(name);
        }
    }

    fn link(&mut self, to: &traced_core::LinkTo<'_>) {
        let to = span_context(to);
        Body::link(self, &LinkTo::from(&to), &[]);
    }

    fn bool(&mut self, key: &str, value: bool) {
        self.set_short(key, value);
    }

    fn int(&mut self, key: &str, value: i64) {
        self.set_short(key, value);
    }

    fn float(&mut self, key: &str, value: f64) {
        self.set_short(key, value);
    }

    fn str(&mut self, key: &str, value: &str) {
        // Never more characters than bytes.
        let within_limit = self.limits.value_length.is_none_or(|limit| value.len() <= limit);
        if within_limit && short::is_text(value) {
            self.set_short(key, value);
        } else {
            self.set_long(key, value);
        }
    }
}

/// Sets an attribute; a repeated key replaces.
fn set(bytes: &mut Buffer, kept: &mut Kept, limits: &Limits, key: &str, value: Plain<'_>) {
    if kept.admit(key, limits.attributes, bytes) {
        bytes.append(|out| put_plain(out, wire::span::ATTRIBUTE, key, value));
    }
}

/// Encodes an attribute of a span. Values may run the user's code while they print, which must not happen while
/// a span is held: so it is done beforehand.
pub(crate) fn encode_attribute(key: &str, value: Value<'_>, limits: &Limits) -> Vec<u8> {
    let mut out = Vec::new();
    put_plain(&mut out, wire::span::ATTRIBUTE, key, Scratch::default().plain(value, limits.value_length));
    out
}

pub(super) fn put_count(out: &mut Vec<u8>, field: u32, count: u32) {
    if count > 0 {
        wire::put_uint(out, field, count.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::encode_event;

    #[test]
    fn a_huge_span_does_not_keep_its_memory() {
        let huge = "x".repeat(1 << 20);
        let mut body = Body::default();
        body.reset(&Limits::default());
        body.attribute("text", Value::Str(&huge));
        body.attribute("printed", Value::Display(&huge));
        body.status(&traced_core::Status::Error(&huge));
        body.rename(&huge);
        assert!(body.finish(&mut Flags::default()).len() > 4 << 20);
        body.trim();
        assert!(body.bytes.capacity() < 1 << 16, "{}", body.bytes.capacity());
        assert!(body.scratch.capacity() < 1 << 16, "{}", body.scratch.capacity());
        assert!(body.name.is_none());
    }

    #[test]
    fn attributes_of_any_length_follow_each_other() {
        let text = "x".repeat(80);
        let limits = [None, Some(5)].map(|value_length| Limits {
            value_length,
            attributes: 1000,
            ..Limits::default()
        });
        let mut body = Body::default();
        for (limits, len) in limits.iter().flat_map(|limits| (0..text.len()).map(move |len| (limits, len))) {
            body.reset(limits);
            let event = encode_event("event", 1, limits, &mut |_| {});
            body.encoded_event(&event);
            let mut expected = event;
            for (key, value) in
                [("first", 1), ("a key of twenty letters", len), (&text[..len], 1), ("d", len)]
            {
                body.attribute(key, Value::Str(&text[..value]));
                let value = cut(&text[..value], limits.value_length);
                put_plain(&mut expected, wire::span::ATTRIBUTE, key, Plain::Str(value));
            }
            assert_eq!(body.finish(&mut Flags::default()), expected, "{len}");
        }
    }

    #[test]
    fn nothing_is_left_of_the_span_before() {
        let finish = |body: &mut Body| {
            let mut flags = Flags::default();
            let numbers: Vec<_> = wire::Fields(body.finish(&mut flags)).map(|it| it.number).collect();
            (numbers, flags.own_name(), flags.own_code())
        };
        let mut body = Body::default();
        body.reset(&Limits { attributes: 1, ..Limits::default() });
        body.attribute("code.file.path", Value::Str("a"));
        body.attribute("b", Value::Int(1));
        body.status(&traced_core::Status::Ok);
        body.rename("name");
        let all =
            [wire::span::ATTRIBUTE, wire::span::STATUS, wire::span::NAME, wire::span::DROPPED_ATTRIBUTES];
        assert_eq!(finish(&mut body), (all.to_vec(), true, true));
        body.reset(&Limits::default());
        assert_eq!(finish(&mut body), (Vec::new(), false, false));
        body.attribute("code.file.path", Value::Bool(true));
        assert_eq!(finish(&mut body), (vec![wire::span::ATTRIBUTE], false, true));
        body.reset(&Limits { attributes: 0, ..Limits::default() });
        body.attribute("a", Value::Bool(true));
        assert_eq!(finish(&mut body), (vec![wire::span::DROPPED_ATTRIBUTES], false, false));
    }

    #[test]
    fn a_repeated_key_replaces_whatever_its_mark() {
        let mut body = Body::default();
        body.reset(&Limits { attributes: 71, ..Limits::default() });
        // More keys than there are marks, so that some share one.
        for round in 0..2 {
            for key in 0..70 {
                body.attribute(&format!("key{key}"), Value::Int(round));
            }
        }
        let count = body.content.attributes.count;
        assert_eq!((count.kept, count.dropped), (70, 0));
        let written = wire::Fields(body.finish(&mut Flags::default()))
            .filter(|field| field.number == wire::span::ATTRIBUTE);
        assert_eq!(written.count(), 70);
    }
}
