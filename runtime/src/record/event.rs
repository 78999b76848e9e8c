//! Events, in the bytes of OTLP's `Span`.

use opentelemetry::KeyValue;
use traced_core::recorder::Evaluate;
use traced_core::{Fields, Value};

use super::Limits;
use super::body::put_count;
use super::kept::Count;
use super::value::{Plain, Scratch, cut, put_plain};
use super::wire;

/// Encodes an event at `time`, in nanoseconds since the Unix epoch, with the attributes that `fields` tells. Values may
/// run the user's code while they print, which must not happen while a span is held: so it is done beforehand.
pub(crate) fn encode_event(name: &str, time: u64, limits: &Limits, fields: Evaluate<'_>) -> Vec<u8> {
    let mut event = Vec::new();
    put_event(&mut event, name, time, limits, |attributes| fields(attributes));
    event
}

/// Encodes an event with OpenTelemetry's attributes.
pub(crate) fn encode_event_with(name: &str, time: u64, limits: &Limits, pairs: &[KeyValue]) -> Vec<u8> {
    let mut event = Vec::new();
    put_event(&mut event, name, time, limits, |attributes| {
        for pair in pairs {
            attributes.otel(pair);
        }
    });
    event
}

/// Appends an event with the attributes that `tell` tells.
#[inline]
pub(super) fn put_event(
    out: &mut Vec<u8>,
    name: &str,
    time: u64,
    limits: &Limits,
    tell: impl FnOnce(&mut EventAttributes<'_>),
) {
    wire::put_message(out, wire::span::EVENT, |out| {
        wire::put_fixed64(out, wire::event::TIME, time);
        wire::put_bytes(out, wire::event::NAME, name.as_bytes());
        let mut attributes =
            EventAttributes { out, limits, count: Count::default(), scratch: Scratch::default() };
        tell(&mut attributes);
        let dropped = attributes.count.dropped;
        put_count(out, wire::event::DROPPED_ATTRIBUTES, dropped);
    });
}

/// Takes the attributes of an event.
pub(crate) struct EventAttributes<'a> {
    out: &'a mut Vec<u8>,
    limits: &'a Limits,
    count: Count,
    scratch: Scratch,
}

impl EventAttributes<'_> {
    /// As [`field`](Fields::field), of a text.
    pub(crate) fn text(&mut self, key: &str, text: &str) {
        if self.count.admit(self.limits.attributes_per_event) {
            put_text(self.out, key, cut(text, self.limits.value_length));
        }
    }

    fn otel(&mut self, pair: &KeyValue) {
        if self.count.admit(self.limits.attributes_per_event) {
            let value = self.scratch.plain_of_otel(&pair.value, self.limits.value_length);
            put_plain(self.out, wire::event::ATTRIBUTE, pair.key.as_str(), value);
        }
    }
}

impl Fields for EventAttributes<'_> {
    fn field(&mut self, key: &str, value: Value<'_>) {
        if self.count.admit(self.limits.attributes_per_event) {
            let value = self.scratch.plain(value, self.limits.value_length);
            put_plain(self.out, wire::event::ATTRIBUTE, key, value);
        }
    }

    fn str(&mut self, key: &str, value: &str) {
        self.text(key, value);
    }
}

/// Appends an attribute that is a text.
#[inline]
fn put_text(out: &mut Vec<u8>, key: &str, text: &str) {
    if key.len() + text.len() > 0x79 {
        return put_plain(out, wire::event::ATTRIBUTE, key, Plain::Str(text));
    }
    // All tags and lengths take a byte each.
    let (key_len, text_len) = (key.len().to_le_bytes()[0], text.len().to_le_bytes()[0]);
    out.reserve(8 + key.len() + text.len());
    out.extend_from_slice(&[0x1a, 6 + key_len + text_len, 0x0a, key_len]);
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(&[0x12, 2 + text_len, 0x0a, text_len]);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Body;
    use crate::record::Flags;

    /// An event with these texts, told in each way.
    fn told(limits: &Limits, texts: &[(&'static str, String)]) -> Vec<u8> {
        let event = encode_event("event", 7, limits, &mut |fields| {
            for (key, text) in texts {
                fields.field(key, Value::Str(text));
            }
        });
        let pairs: Vec<_> = texts.iter().map(|(key, text)| KeyValue::new(*key, text.clone())).collect();
        assert_eq!(encode_event_with("event", 7, limits, &pairs), event);
        let mut body = Body::default();
        body.reset(limits);
        body.event("event", 7, |attributes| {
            for (key, text) in texts {
                attributes.str(key, text);
            }
        });
        assert_eq!(body.finish(&mut Flags::default()), event);
        event
    }

    #[test]
    fn an_event_is_the_same_whichever_way_it_is_told() {
        for len in (0..130).chain(16_380..16_390) {
            told(&Limits::default(), &[("key", "x".repeat(len)), ("", String::new())]);
        }
    }

    #[test]
    fn the_limits_of_an_event_hold() {
        let limits = Limits { attributes_per_event: 2, value_length: Some(3), ..Limits::default() };
        let event = told(&limits, &[("one", "äöüß".into()), ("two", "2".into()), ("three", "3".into())]);
        let event = wire::Fields(wire::Fields(&event).next().unwrap().bytes());
        let kept: Vec<_> = event.clone().filter(|field| field.number == wire::event::ATTRIBUTE).collect();
        assert!(kept[0].bytes().ends_with("äöü".as_bytes()) && kept[1].bytes().ends_with(b"2"));
        let dropped = event.first(wire::event::DROPPED_ATTRIBUTES).unwrap().number_value();
        assert_eq!((kept.len(), dropped), (2, 1));
    }

    #[test]
    fn events_beyond_the_limit_are_counted() {
        let mut body = Body::default();
        body.reset(&Limits { events: 1, ..Limits::default() });
        for time in 0..3 {
            body.event("event", time, |_| {});
        }
        let written: Vec<_> = wire::Fields(body.finish(&mut Flags::default()))
            .map(|field| (field.number, field.number_value()))
            .collect();
        assert_eq!(written, [(wire::span::EVENT, 0), (wire::span::DROPPED_EVENTS, 2)]);
    }
}
