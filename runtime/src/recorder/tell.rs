//! What a span of ours is told while it lives, and its outcome.

use traced_core::{CallSite, Change, Failure, Fields, Outcome, Status, Value};

use super::failure::{CANCELLED, Heard, Telling};
use super::guarded;
use super::live::Live;
use super::pool::SlotRef;
use crate::record::{self, Limits, encode_attribute, encode_event};

/// Records an outcome that is no success.
#[cold]
pub(super) fn record_outcome(span: SlotRef, now: u64, outcome: &Outcome<'_>) {
    match outcome {
        Outcome::Failure(failure) => {
            if let Some(before) = recording(span, |live| live.told_inside) {
                attributes_of(span, failure);
                tell(span, &Telling::of_error(failure, &before), now);
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

/// Spans around one that are told of its failure at most: beyond, it is told again.
pub(super) const MAX_AROUND: usize = 64;

/// Records an error or a panic, and lets the spans around know, which may be about to end with the same one: also those
/// around a block, which does not see what it passes on.
fn tell(span: SlotRef, telling: &Telling, now: u64) {
    let told = recording(span, |live| {
        telling.record(live, now.wrapping_add(live.offset));
        Some((live.parent?, telling.told(&live.told_inside)?))
    });
    let Some((parent, told)) = told.flatten() else { return };
    let mut next = Some(parent);
    for _ in 0..MAX_AROUND {
        let Some(span) = next else { break };
        next = span
            .with(|live| {
                live.told_inside.hear(told);
                live.parent
            })
            .flatten();
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
pub(super) fn change_own(span: SlotRef, change: Change<'_>) {
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
            let telling = Telling::of_error(&failure, &Heard::default());
            recording(span, |live| {
                telling.record(live, live.now());
                if let Some(told) = telling.told(&live.told_inside) {
                    live.told_inside.hear(told);
                }
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
pub(super) fn recording<R>(span: SlotRef, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
    span.with(|live| live.is_recording().then(|| work(live)))?
}
