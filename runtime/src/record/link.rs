//! Links between spans.

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use super::Limits;
use super::body::put_count;
use super::kept::Count;
use super::value::{Scratch, put_plain};
use super::wire;

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

/// Appends a link.
pub(super) fn put_link(
    out: &mut Vec<u8>,
    to: &LinkTo<'_>,
    attributes: &[KeyValue],
    limits: &Limits,
    scratch: &mut Scratch,
) {
    wire::put_message(out, wire::span::LINK, |out| {
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

/// What the seam says of a link, in OpenTelemetry's own form.
pub(crate) fn span_context(to: &traced_core::LinkTo<'_>) -> SpanContext {
    let ids = &to.ids;
    let flags = TraceFlags::default().with_sampled(ids.sampled);
    let (trace_id, span_id) = (TraceId::from_bytes(ids.trace_id.0), SpanId::from_bytes(ids.span_id.0));
    // What a vendor has written wrong is left out.
    let state = to.trace_state.parse().unwrap_or_default();
    SpanContext::new(trace_id, span_id, flags, to.is_remote, state)
}

/// The flags of a span or a link in OTLP: the trace flags, and whether what they came from is remote.
pub(crate) fn wire_flags(trace_flags: u8, remote: bool) -> u32 {
    u32::from(trace_flags) | wire::HAS_IS_REMOTE | if remote { wire::IS_REMOTE } else { 0 }
}
