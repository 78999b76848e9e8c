//! The tracer provider and the tracer of the OpenTelemetry API, so that spans of third parties come to us.

use opentelemetry::trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt};
use opentelemetry::{Context, InstrumentationScope};

use super::clock;
use super::local;
use super::span::Span;
use super::start::{Around, Begun, Wanted};
use crate::record::{LinkTo, OriginId, encode_event_with};

/// The provider. It records for whoever is installed when a span begins, so a tracer may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provider;

/// A tracer of one scope.
#[derive(Clone, Debug)]
pub(crate) struct Tracer {
    origin: OriginId,
}

impl opentelemetry::trace::TracerProvider for Provider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        Tracer { origin: OriginId::of_scope(&scope) }
    }
}

impl opentelemetry::trace::Tracer for Tracer {
    type Span = Span;

    fn build_with_context(&self, mut builder: SpanBuilder, parent_cx: &Context) -> Span {
        let passed_through = || Span::silent(passed_through(parent_cx));
        let begun = local::with(|local| {
            let here = local.here()?;
            let around = Around::look(parent_cx, &here)?;
            let place = local.place_of(around.parent_id());
            let links = builder.links.take().unwrap_or_default();
            let kind = builder.span_kind.clone().unwrap_or(SpanKind::Internal);
            let wanted = Wanted {
                origin: self.origin,
                name: &|| builder.name.to_string(),
                kind,
                start: builder.start_time.map(clock::unix_nanos),
                links: &links,
            };
            // The sampler sees the attributes and they are set once, whichever way they come back.
            let attributes = builder.attributes.take().unwrap_or_default();
            let mut begun = around.begin(local, &here, place, &wanted, &mut || attributes.clone());
            begun.with(|live| {
                live.body.rename(&builder.name);
                for pair in &attributes {
                    live.body.key_value(pair);
                }
                for link in &links {
                    live.body.link(&LinkTo::from(&link.span_context), &link.attributes);
                }
                for event in builder.events.iter().flatten() {
                    let time = clock::unix_nanos(event.timestamp);
                    let event =
                        encode_event_with(&event.name, time, &here.installed.limits, &event.attributes);
                    live.body.encoded_event(&event);
                }
            });
            Some(begun)
        });
        match begun.flatten() {
            None => passed_through(),
            Some(Begun::Unsampled(context)) => Span::silent(context),
            Some(Begun::Recording { taken, context, .. }) => Span::owner(context, taken.publish()),
        }
    }
}

/// The identity of a span that is not recorded: its parent's, so that children find their way.
fn passed_through(parent: &Context) -> SpanContext {
    let span = parent.span();
    span.span_context().clone()
}
