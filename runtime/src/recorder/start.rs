//! Begins a span: who is its parent, is it sampled, which ids has it.

use std::sync::Arc;

use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample as _};

use super::capture::{self, Sink};
use super::clock;
use super::installed::SamplerChoice;
use super::live::{Live, State};
use super::local::{Here, Local, Place};
use super::slot::Taken;
use super::span::Span;
use crate::record::{Flags, Header, OriginId};

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
        match self.decide(local, here, trace_id, wanted, attributes) {
            None => self.record(local, here, place, wanted, trace_id, true),
            Some(Decision { sampled: Sampled::No, trace_state, .. }) => {
                if is_root {
                    here.sampled_out();
                }
                let trace_flags = self.parent.trace_flags().with_sampled(false);
                let span_id = SpanId::from(local.span_id());
                let trace_id = TraceId::from(trace_id);
                Begun::Unsampled(SpanContext::new(trace_id, span_id, trace_flags, false, trace_state))
            }
            Some(Decision { sampled, attributes, trace_state }) => {
                let parent = &self.parent;
                let (trace, span) = (parent.trace_id(), parent.span_id());
                let parent =
                    SpanContext::new(trace, span, parent.trace_flags(), parent.is_remote(), trace_state);
                let around = Self { parent, ..self };
                let sampled = sampled == Sampled::Yes;
                let mut begun = around.record(local, here, place, wanted, trace_id, sampled);
                begun.with(|live| attributes.iter().for_each(|pair| live.body.key_value(pair)));
                begun
            }
        }
    }

    /// Begins the span, with the parent's trace state.
    #[inline]
    fn record(
        self,
        local: &Local,
        here: &Here,
        place: Place,
        wanted: &Wanted<'_>,
        trace_id: u128,
        sampled: bool,
    ) -> Begun {
        let parent_id = self.parent_id();
        let Self { parent, capture, .. } = self;
        if let Some(sink) = &capture {
            capture::claim(trace_id, sink);
        }
        let span_id = local.span_id();
        let began = clock::now();
        let offset = if place.span.is_some() { place.offset } else { clock::offset(began) };
        let trace_flags = parent.trace_flags().with_sampled(sampled);
        let mut flags = Flags::new(trace_flags.to_u8(), kind_number(&wanted.kind));
        flags.set_parent_remote(parent.is_remote());
        let trace_state = parent.trace_state();
        let mut taken = local.take_slot();
        taken.with(|live| {
            live.header = Header {
                flags,
                trace_id,
                span_id,
                parent_id,
                start: wanted.start.unwrap_or_else(|| began.wrapping_add(offset)),
                end: 0,
                origin: wanted.origin,
            };
            live.body.reset(&here.installed.limits);
            if *trace_state != TraceState::NONE {
                live.body.trace_state(&trace_state.header());
            }
            live.offset = offset;
            live.state = State::Recording;
            live.sampled = sampled && here.installed.pipeline.is_some();
            live.parent = place.span;
            live.capture = capture;
        });
        let context = SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            trace_flags,
            false,
            trace_state.clone(),
        );
        Begun::Recording { taken, place: Place { span: None, span_id, offset }, context }
    }

    /// None: as the parent; a root is sampled.
    #[inline]
    fn decide(
        &self,
        local: &Local,
        here: &Here,
        trace_id: u128,
        wanted: &Wanted<'_>,
        attributes: &mut dyn FnMut() -> Vec<KeyValue>,
    ) -> Option<Decision> {
        let installed = &*here.installed;
        let sampler = installed.sampler.as_ref()?;
        if installed.parent_based && self.parent.is_sampled() {
            return None;
        }
        if self.capture.is_some() && !self.parent.is_valid() {
            // A test sees its spans whatever the sampler is.
            return None;
        }
        self.ask(local, sampler, trace_id, wanted, attributes)
    }

    /// Asks a sampler. One of the application's that panics is as good as none.
    fn ask(
        &self,
        local: &Local,
        sampler: &SamplerChoice,
        trace_id: u128,
        wanted: &Wanted<'_>,
        attributes: &mut dyn FnMut() -> Vec<KeyValue>,
    ) -> Option<Decision> {
        let trace_id = TraceId::from(trace_id);
        match sampler {
            SamplerChoice::BuiltIn(sampler) => {
                let parent = self
                    .parent
                    .is_valid()
                    .then(|| Context::new().with_remote_span_context(self.parent.clone()));
                Some(sampler.should_sample(parent.as_ref(), trace_id, "", &wanted.kind, &[], &[]).into())
            }
            SamplerChoice::Custom(sampler) => {
                let mut given = attributes();
                let whole = self.whole.as_ref();
                let name = (wanted.name)();
                let result = local.asking(|| {
                    sampler.should_sample(whole, trace_id, &name, &wanted.kind, &given, wanted.links)
                })?;
                let mut decision = Decision::from(result);
                given.append(&mut decision.attributes);
                Some(Decision { attributes: given, ..decision })
            }
        }
    }
}

/// What a sampler decided.
struct Decision {
    sampled: Sampled,
    /// What the span was given, and what the sampler adds.
    attributes: Vec<KeyValue>,
    trace_state: TraceState,
}

#[derive(PartialEq, Eq)]
enum Sampled {
    Yes,
    No,
    /// Recorded, and not exported.
    Recorded,
}

impl From<SamplingResult> for Decision {
    fn from(SamplingResult { decision, attributes, trace_state }: SamplingResult) -> Self {
        let sampled = match decision {
            SamplingDecision::RecordAndSample => Sampled::Yes,
            SamplingDecision::RecordOnly => Sampled::Recorded,
            SamplingDecision::Drop => Sampled::No,
        };
        Self { sampled, attributes, trace_state }
    }
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
