//! The formats that set-up has chosen.

use std::sync::{PoisonError, RwLock};

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::propagation::BaggagePropagator;

use super::{Propagator, TraceContext};

/// What was chosen; None: the defaults.
static CHOSEN: RwLock<Option<Vec<Propagator>>> = RwLock::new(None);

const DEFAULT: &[Propagator] = &[Propagator::TraceContext, Propagator::Baggage];

/// Chooses the formats, for us and as OpenTelemetry's global propagator.
pub(crate) fn set_global(propagators: &[Propagator]) {
    *CHOSEN.write().unwrap_or_else(PoisonError::into_inner) = Some(propagators.to_vec());
    let made = propagators.iter().map(|propagator| make(*propagator)).collect();
    opentelemetry::global::set_text_map_propagator(TextMapCompositePropagator::new(made));
}

pub(super) fn each(mut work: impl FnMut(&dyn TextMapPropagator)) {
    let chosen = CHOSEN.read().unwrap_or_else(PoisonError::into_inner);
    for propagator in chosen.as_deref().unwrap_or(DEFAULT) {
        work(&*make(*propagator));
    }
}

fn make(propagator: Propagator) -> Box<dyn TextMapPropagator + Send + Sync> {
    match propagator {
        Propagator::TraceContext => Box::new(TraceContext),
        Propagator::Baggage => Box::new(BaggagePropagator::new()),
    }
}
