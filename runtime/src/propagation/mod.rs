//! Takes the current trace across process boundaries: in the headers of a request, by default as W3C Trace Context
//! and W3C Baggage.

#[cfg(feature = "sdk")]
mod chosen;
mod headers;
mod w3c;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector};

use chosen::each;

#[cfg(feature = "sdk")]
pub(crate) use chosen::set_global;
pub use headers::{extract_headers, inject_headers};
pub use w3c::TraceContext;

/// A format in which a trace is taken across a process boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Propagator {
    /// `traceparent` and `tracestate`: <https://www.w3.org/TR/trace-context-2/>.
    TraceContext,
    /// `baggage`: <https://www.w3.org/TR/baggage/>. Needs the feature `sdk`.
    Baggage,
}

/// Writes the current trace into a carrier.
///
/// ```
/// let mut headers = std::collections::HashMap::<String, String>::new();
/// traced::propagation::inject(&mut headers);
/// ```
pub fn inject(carrier: &mut dyn Injector) {
    let context = crate::context::current();
    each(|propagator| propagator.inject_context(&context, carrier));
}

/// The current context with the trace that a carrier brought. Without one, or with one that is malformed, the trace
/// is the current context's.
///
/// ```
/// use opentelemetry::trace::TraceContextExt as _;
///
/// let headers = std::collections::HashMap::from([(
///     "traceparent".to_owned(),
///     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
/// )]);
/// let context = traced::propagation::extract(&headers);
/// assert!(context.span().span_context().is_remote());
/// ```
#[must_use]
pub fn extract(carrier: &dyn Extractor) -> Context {
    let mut context = crate::context::current();
    each(|propagator| context = propagator.extract_with_context(&context, carrier));
    context
}

/// Without the SDK nothing is chosen, and its reader of baggage is not there.
#[cfg(not(feature = "sdk"))]
mod chosen {
    use opentelemetry::propagation::TextMapPropagator;

    pub(super) fn each(mut work: impl FnMut(&dyn TextMapPropagator)) {
        work(&super::TraceContext);
    }
}
