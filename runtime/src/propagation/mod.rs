//! Takes the current trace across process boundaries: in the headers of a request, by default as W3C Trace Context
//! and W3C Baggage.

mod headers;
mod w3c;

use std::sync::RwLock;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

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

/// What was chosen; None: the defaults.
static CHOSEN: RwLock<Option<Vec<Propagator>>> = RwLock::new(None);

const DEFAULT: &[Propagator] = &[Propagator::TraceContext, Propagator::Baggage];

/// Writes the current trace into a carrier.
///
/// ```
/// let mut headers = std::collections::HashMap::<String, String>::new();
/// traced::propagation::inject(&mut headers);
/// ```
pub fn inject(carrier: &mut dyn Injector) {
    let context = Context::current();
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
    let mut context = Context::current();
    each(|propagator| context = propagator.extract_with_context(&context, carrier));
    context
}

/// Chooses the formats, for us and as OpenTelemetry's global propagator.
pub(crate) fn set_global(propagators: &[Propagator]) {
    *CHOSEN.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(propagators.to_vec());
    let made = propagators.iter().filter_map(|propagator| make(*propagator)).collect();
    opentelemetry::global::set_text_map_propagator(
        opentelemetry::propagation::TextMapCompositePropagator::new(made),
    );
}

fn each(mut work: impl FnMut(&dyn TextMapPropagator)) {
    let chosen = CHOSEN.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    for propagator in chosen.as_deref().unwrap_or(DEFAULT) {
        match propagator {
            Propagator::TraceContext => work(&TraceContext),
            Propagator::Baggage => {
                #[cfg(feature = "sdk")]
                work(&opentelemetry_sdk::propagation::BaggagePropagator::new());
            }
        }
    }
}

fn make(propagator: Propagator) -> Option<Box<dyn TextMapPropagator + Send + Sync>> {
    match propagator {
        Propagator::TraceContext => Some(Box::new(TraceContext)),
        #[cfg(feature = "sdk")]
        Propagator::Baggage => Some(Box::new(opentelemetry_sdk::propagation::BaggagePropagator::new())),
        #[cfg(not(feature = "sdk"))]
        Propagator::Baggage => None,
    }
}
