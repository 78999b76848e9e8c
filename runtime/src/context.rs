//! OpenTelemetry's current context, asked for so that it cannot panic: on a thread that is being torn down its
//! thread-local may be gone, and a panic there aborts the process.

use opentelemetry::Context;
use opentelemetry::trace::SpanContext;
#[cfg(feature = "sdk")]
use opentelemetry::trace::TraceContextExt as _;
use traced_core::{LinkTo, SpanId, SpanIds, TraceId};

thread_local! {
    /// Made after OpenTelemetry's thread-local, so that it goes before it.
    static SENTINEL: Sentinel = Sentinel {
        there: std::panic::catch_unwind(|| Context::map_current(|_| ())).is_ok(),
    };
}

struct Sentinel {
    there: bool,
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        // A thread-local without a destructor would never be gone.
    }
}

/// Whether this thread has a current context, or can have one.
#[inline]
pub(crate) fn is_there() -> bool {
    SENTINEL.try_with(|sentinel| sentinel.there).unwrap_or(false)
}

/// The current context; an empty one on a thread that is being torn down.
pub(crate) fn current() -> Context {
    if is_there() { Context::current() } else { Context::new() }
}

/// The same context, in which what begins has no parent.
#[cfg(feature = "sdk")]
pub(crate) fn without_span(context: &Context) -> Context {
    context.with_remote_span_context(SpanContext::NONE)
}

/// Tells the seam of a span, if it is one, to be linked to.
pub(crate) fn link_to(to: &SpanContext, tell: &mut dyn FnMut(&LinkTo<'_>)) {
    if !to.is_valid() {
        return;
    }
    let ids = SpanIds {
        trace_id: TraceId(to.trace_id().to_bytes()),
        span_id: SpanId(to.span_id().to_bytes()),
        sampled: to.is_sampled(),
        recording: false,
    };
    tell(&LinkTo::new(ids).remote(to.is_remote()).trace_state(&to.trace_state().header()));
}

/// The context of a new span, as samplers are to see it: the SDK's take one [without a span](without_span) for a parent
/// that is not sampled. A context cannot be taken apart: of such a one the baggage is what is kept.
#[cfg(feature = "sdk")]
pub(crate) fn as_parent(context: &Context) -> Context {
    use opentelemetry::baggage::{BaggageExt as _, KeyValueMetadata};
    if !context.has_active_span() || context.span().span_context().is_valid() {
        return context.clone();
    }
    let entries = context.baggage().into_iter();
    Context::new().with_baggage(
        entries.map(|(key, (value, metadata))| {
            KeyValueMetadata::new(key.clone(), value.clone(), metadata.clone())
        }),
    )
}
