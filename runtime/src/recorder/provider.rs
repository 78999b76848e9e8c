//! The tracer provider and the tracer of the OpenTelemetry API, so that spans of third parties come to us.

use opentelemetry::trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt};
use opentelemetry::{Context, InstrumentationScope};

use super::clock;
use super::local;
use super::span::Span;
use super::start::{Asked, Found, Make, Start};
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
        let begun = local::with(|local| {
            let parent_based = local.looks_unsettled()?;
            let mut found = None;
            Found::look(&mut found, parent_cx, parent_based);
            let found = found?;
            let mut start = Start::new(&found);
            let rule = local.parts()?.rule;
            if !start.is_plain(&found, &rule) && !start.looks_closer(rule, |show| show(parent_cx)) {
                return None;
            }
            let links = builder.links.take().unwrap_or_default();
            let attributes = builder.attributes.take().unwrap_or_default();
            let kind = builder.span_kind.clone().unwrap_or(SpanKind::Internal);
            let at = builder.start_time.map(clock::unix_nanos);
            let make = Make { origin: self.origin, kind: kind_number(&kind), at };
            let is_sampled = start.decide(&mut *local.parts()?);
            let own = match is_sampled {
                Some(true) => Some(start.record(&mut *local.parts()?, make, true).0),
                Some(false) => {
                    start.leave_out(&mut *local.parts()?);
                    None
                }
                None => {
                    let attributes = attributes.clone();
                    let asked = Asked { name: &builder.name, kind: &kind, links: &links, attributes };
                    start.ask(local, make, asked)?.0
                }
            };
            let Some(mut own) = own else { return Some(Span::silent(start.identity())) };
            let live = own.get();
            live.body.rename(&builder.name);
            // A sampler that was asked has given them back with its own.
            for pair in attributes.iter().filter(|_| is_sampled.is_some()) {
                live.body.key_value(pair);
            }
            for link in &links {
                live.body.link(&LinkTo::from(&link.span_context), &link.attributes);
            }
            for event in builder.events.iter().flatten() {
                let time = clock::unix_nanos(event.timestamp);
                let event = encode_event_with(&event.name, time, &live.body.limits(), &event.attributes);
                live.body.encoded_event(&event);
            }
            Some(Span::new(start.identity(), own.publish()))
        });
        begun.flatten().unwrap_or_else(|| Span::silent(passed_through(parent_cx)))
    }
}

/// The identity of a span that is not recorded: its parent's, so that children find their way.
fn passed_through(parent: &Context) -> SpanContext {
    let span = parent.span();
    span.span_context().clone()
}

/// The number of a kind in OTLP.
fn kind_number(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}
