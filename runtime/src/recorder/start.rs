//! Begins a span: who is its parent, is it sampled, which ids has it.

use std::sync::Arc;

use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult};

use super::capture::{self, Sink};
use super::clock;
use super::installed::SamplerChoice;
use super::live::{Birth, Live, State};
use super::local::{Here, Local, Place};
use super::slot::Taken;
use super::span::Span;
use crate::record::OriginId;

/// What is asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) origin: OriginId,
    /// Asked only by a sampler of the application's.
    pub(crate) name: &'a dyn Fn() -> String,
    pub(crate) kind: SpanKind,
    /// Nanoseconds since the Unix epoch; now, if None.
    pub(crate) start: Option<u64>,
    pub(crate) links: &'a [Link],
}

/// The context that a new span begins in.
pub(crate) struct Around {
    parent: SpanContext,
    capture: Option<Arc<Sink>>,
    /// For a sampler of the application's.
    whole: Option<Context>,
}

/// What became of the wish.
pub(crate) enum Begun {
    /// It records: fill it in and publish it.
    Recording { taken: Taken, place: Place, context: SpanContext },
    /// It does not, but it has an identity that children and other processes must see.
    Unsampled(SpanContext),
}

impl Around {
    /// Looks at a context. None: nothing is to be recorded in it, and what is current may stay.
    #[inline]
    pub(crate) fn look(context: &Context, here: &Here) -> Option<Self> {
        if context.is_telemetry_suppressed() {
            return None;
        }
        let span = context.span();
        let parent = span.span_context();
        let installed = &*here.installed;
        if installed.parent_based && parent.is_valid() && !parent.is_sampled() {
            return None;
        }
        let capture = if capture::active() {
            capture::of(context, parent.is_valid().then(|| trace_id_of(parent)))
        } else {
            None
        };
        if installed.pipeline.is_none() && capture.is_none() {
            return None;
        }
        let whole = matches!(installed.sampler, Some(SamplerChoice::Custom(_))).then(|| context.clone());
        Some(Self { parent: parent.clone(), capture, whole })
    }

    /// The id of the parent; zero if there is none.
    pub(crate) fn parent_id(&self) -> u64 {
        u64::from_be_bytes(self.parent.span_id().to_bytes())
    }

    /// Decides, and begins the span.
    ///
    /// `attributes` are asked for by a sampler of the application's only; what it adds comes back with the span.
    #[inline]
    pub(crate) fn begin(
        self,
        local: &Local,
        here: &Here,
        place: Place,
        wanted: &Wanted<'_>,
        attributes: &mut dyn FnMut() -> Vec<KeyValue>,
    ) -> Begun {
        let is_root = !self.parent.is_valid();
        let trace_id = if is_root { local.trace_id() } else { trace_id_of(&self.parent) };
        let span_id = local.span_id();
        let mut given = Vec::new();
        let decided = self.decide(here, trace_id, wanted, &mut || {
            given = attributes();
            given.clone()
        });
        let (decision, added, trace_state) = match decided {
            Decided::Inherit => {
                (SamplingDecision::RecordAndSample, Vec::new(), self.parent.trace_state().clone())
            }
            Decided::By(result) => (result.decision, result.attributes, result.trace_state),
        };
        let sampled = decision == SamplingDecision::RecordAndSample;
        let trace_flags = self.parent.trace_flags().with_sampled(sampled);
        let context = SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            trace_flags,
            false,
            trace_state.clone(),
        );
        if decision == SamplingDecision::Drop {
            if is_root {
                here.sampled_out();
            }
            return Begun::Unsampled(context);
        }
        let began = clock::now();
        let offset = if place.offset == 0 { clock::offset(began) } else { place.offset };
        let birth = Birth {
            trace_id,
            span_id,
            parent_id: self.parent_id(),
            parent_remote: self.parent.is_remote(),
            trace_flags: trace_flags.to_u8(),
            kind: kind_number(&wanted.kind),
            origin: wanted.origin,
            start: wanted.start.unwrap_or_else(|| began.saturating_add(offset)),
        };
        if let Some(sink) = &self.capture {
            capture::claim(trace_id, sink);
        }
        let mut taken = local.take_slot();
        taken.with(|live| {
            live.header = (&birth).into();
            live.body.reset(here.installed.limits);
            live.trace_state = trace_state;
            live.offset = offset;
            live.state = State::Recording;
            live.sampled = sampled && here.installed.pipeline.is_some();
            live.parent = place.span;
            live.capture = self.capture;
            for pair in given.iter().chain(&added) {
                live.body.key_value(pair);
            }
        });
        Begun::Recording { taken, place: Place { span: None, span_id, offset }, context }
    }

    fn decide(
        &self,
        here: &Here,
        trace_id: u128,
        wanted: &Wanted<'_>,
        attributes: &mut dyn FnMut() -> Vec<KeyValue>,
    ) -> Decided {
        let installed = &*here.installed;
        if self.capture.is_some() && !self.parent.is_valid() {
            // A test sees its spans whatever the sampler is.
            return Decided::Inherit;
        }
        match &installed.sampler {
            None => Decided::Inherit,
            Some(_) if installed.parent_based && self.parent.is_sampled() => Decided::Inherit,
            Some(SamplerChoice::BuiltIn(sampler)) => {
                use opentelemetry_sdk::trace::ShouldSample as _;
                let parent = self
                    .parent
                    .is_valid()
                    .then(|| Context::new().with_remote_span_context(self.parent.clone()));
                Decided::By(sampler.should_sample(
                    parent.as_ref(),
                    TraceId::from(trace_id),
                    "",
                    &wanted.kind,
                    &[],
                    &[],
                ))
            }
            Some(SamplerChoice::Custom(sampler)) => Decided::By(sampler.should_sample(
                self.whole.as_ref(),
                TraceId::from(trace_id),
                &(wanted.name)(),
                &wanted.kind,
                &attributes(),
                wanted.links,
            )),
        }
    }
}

enum Decided {
    /// As the parent; a root is sampled.
    Inherit,
    By(SamplingResult),
}

impl Begun {
    /// Works on the span, if there is one.
    #[inline]
    pub(crate) fn with(&mut self, work: impl FnOnce(&mut Live)) {
        if let Self::Recording { taken, .. } = self {
            taken.with(work);
        }
    }

    /// Publishes the span and makes the context to be current in it, with `base`.
    #[inline]
    pub(crate) fn publish(self, base: impl FnOnce(Span) -> Context) -> (Context, Place) {
        match self {
            Self::Unsampled(context) => {
                let span_id = u64::from_be_bytes(context.span_id().to_bytes());
                (base(Span::silent(context)), Place { span_id, ..Place::NOWHERE })
            }
            Self::Recording { taken, place, context } => {
                let span = taken.publish();
                (base(Span::guest(context, span)), Place { span: Some(span), ..place })
            }
        }
    }
}

fn trace_id_of(context: &SpanContext) -> u128 {
    u128::from_be_bytes(context.trace_id().to_bytes())
}

/// The number of a kind in OTLP.
pub(crate) fn kind_number(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}
