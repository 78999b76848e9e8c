//! Begins a span: who is its parent, is it sampled, which ids has it.

use std::sync::Arc;

use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SamplingDecision;

use super::capture::{self, Sink};
use super::clock;
use super::live::State;
use super::local::{Local, Place};
use super::pool::{SlotRef, Taken};
use super::sampling::{Decide, Rule};
use super::span::Span;
use crate::context::as_parent;
use crate::record::{Flags, Header, OriginId};

/// What a new span is made of, besides its parent.
#[derive(Clone, Copy)]
pub(crate) struct Make {
    pub(crate) origin: OriginId,
    /// By its number in OTLP.
    pub(crate) kind: u8,
}

/// What a sampler of the application's is told of a span, and what it says to that.
pub(crate) struct Asked<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a SpanKind,
    pub(crate) links: &'a [Link],
    /// What it adds comes back with the span.
    pub(crate) attributes: Vec<KeyValue>,
}

/// A span that is about to begin: what it takes from the context that it begins in, and then what it is.
///
/// It stays where it is and is worked on by reference, because copying it right after its parts were written stalls the
/// processor for longer than all the rest takes.
pub(crate) struct Start {
    /// The parent's, until there is one of its own.
    trace_id: u128,
    /// Zero: none, the span is a root.
    parent_id: u64,
    /// Zero until it has begun.
    span_id: u64,
    /// What makes the clock's time the Unix epoch's.
    offset: u64,
    /// When it began, in nanoseconds since the Unix epoch; now, if None.
    at: Option<u64>,
    flags: TraceFlags,
    parent_is_remote: bool,
    /// There is somebody to export to.
    exports: bool,
    rare: Option<Box<Rare>>,
}

/// What few parents have.
#[derive(Default)]
struct Rare {
    trace_state: TraceState,
    capture: Option<Arc<Sink>>,
    /// For a sampler of the application's.
    whole: Option<Context>,
}

impl Start {
    /// Looks at a context. Left None: nothing is to be recorded in it, and what is current may stay.
    #[inline]
    pub(crate) fn look(start: &mut Option<Self>, context: &Context, rule: Rule) {
        if context.is_telemetry_suppressed() {
            return;
        }
        let span = context.span();
        let ids = span.span_context();
        let is_root = !ids.is_valid();
        if rule.parent_based && !is_root && !ids.is_sampled() {
            return;
        }
        let captured = capture::active();
        if !(rule.exports || captured) {
            return;
        }
        let new = start.insert(Self {
            trace_id: u128::from_be_bytes(ids.trace_id().to_bytes()),
            parent_id: if is_root { 0 } else { u64::from_be_bytes(ids.span_id().to_bytes()) },
            span_id: 0,
            offset: 0,
            at: None,
            flags: ids.trace_flags(),
            parent_is_remote: !is_root && ids.is_remote(),
            exports: rule.exports,
            rare: None,
        });
        if captured || rule.asks_for(is_root) || *ids.trace_state() != TraceState::NONE {
            let is_recorded = new.look_closer(context, rule);
            if !is_recorded {
                *start = None;
            }
        }
    }

    #[cold]
    fn look_closer(&mut self, context: &Context, rule: Rule) -> bool {
        let capture = if capture::active() {
            capture::of(context, (!self.is_root()).then_some(self.trace_id))
        } else {
            None
        };
        if !rule.exports && capture.is_none() {
            return false;
        }
        let trace_state = context.span().span_context().trace_state().clone();
        let whole = rule.asks_for(self.is_root()).then(|| as_parent(context));
        self.rare = Some(Box::new(Rare { trace_state, capture, whole }));
        true
    }

    /// Says when it began, in nanoseconds since the Unix epoch; else it begins now.
    #[inline]
    pub(crate) fn begins_at(&mut self, at: Option<u64>) {
        self.at = at;
    }

    #[inline]
    fn is_root(&self) -> bool {
        self.parent_id == 0
    }

    /// Decides whether the span is sampled. None: the application's sampler is to be [asked](Self::ask).
    #[inline]
    pub(crate) fn decide(&mut self, local: &Local, rule: Rule) -> Option<bool> {
        if self.is_root() {
            self.trace_id = local.trace_id();
            if self.rare.as_ref().is_some_and(|rare| rare.capture.is_some()) {
                // A test sees its spans whatever the sampler is.
                return Some(true);
            }
        } else if rule.parent_based {
            return Some(true);
        }
        match rule.decide {
            Decide::Always => Some(true),
            Decide::Never => Some(false),
            Decide::Below(bound) => Some(Decide::is_below(self.trace_id, bound)),
            Decide::Ask => None,
        }
    }

    /// Begins the span. None: it is not recorded, but it has an identity that children and other processes must see.
    #[inline]
    pub(crate) fn begin(&mut self, local: &Local, make: Make, is_sampled: bool) -> Option<Taken> {
        if is_sampled {
            return Some(self.record(local, make, true));
        }
        self.leave_out(local);
        None
    }

    #[inline]
    fn leave_out(&mut self, local: &Local) {
        if self.is_root() {
            local.sampled_out();
        }
        self.flags = self.flags.with_sampled(false);
        self.span_id = local.span_id();
    }

    #[inline]
    fn record(&mut self, local: &Local, make: Make, is_sampled: bool) -> Taken {
        let place = local.place_of(self.parent_id);
        self.span_id = local.span_id();
        self.flags = self.flags.with_sampled(is_sampled);
        let began = clock::now();
        self.offset = if place.offset == 0 { clock::offset(began) } else { place.offset };
        let mut flags = Flags::new(self.flags.to_u8(), make.kind);
        flags.set_parent_remote(self.parent_is_remote);
        let mut taken = local.take_slot();
        taken.with(|live| {
            live.header = Header {
                flags,
                trace_id: self.trace_id,
                span_id: self.span_id,
                parent_id: self.parent_id,
                start: self.at.unwrap_or_else(|| began.wrapping_add(self.offset)),
                end: 0,
                origin: make.origin,
            };
            local.reset(&mut live.body);
            live.offset = self.offset;
            live.state = State::Recording;
            live.sampled = is_sampled && self.exports;
            live.parent = place.span;
            if let Some(rare) = &mut self.rare {
                live.body.trace_state(&rare.trace_state.header());
                live.capture = rare.capture.take().inspect(|sink| capture::claim(self.trace_id, sink));
            }
        });
        taken
    }

    /// Asks the application's sampler, and does as it says. One that panics is as good as none.
    #[cold]
    pub(crate) fn ask(&mut self, local: &Local, make: Make, mut asked: Asked<'_>) -> Option<Taken> {
        let whole = self.rare.as_mut().and_then(|rare| rare.whole.take());
        let said = local.installed().and_then(|installed| {
            let sampler = installed.sampler.as_ref()?.sampler();
            let id = TraceId::from(self.trace_id);
            let Asked { name, kind, links, attributes } = &asked;
            local.asking(|| sampler.should_sample(whole.as_ref(), id, name, kind, attributes, links))
        });
        let mut decision = SamplingDecision::RecordAndSample;
        if let Some(said) = said {
            decision = said.decision;
            asked.attributes.extend(said.attributes);
            self.rare.get_or_insert_default().trace_state = said.trace_state;
        }
        let is_sampled = match decision {
            SamplingDecision::RecordAndSample => true,
            SamplingDecision::RecordOnly => false,
            SamplingDecision::Drop => {
                self.leave_out(local);
                return None;
            }
        };
        let mut taken = self.record(local, make, is_sampled);
        taken.with(|live| asked.attributes.iter().for_each(|pair| live.body.key_value(pair)));
        Some(taken)
    }

    /// What others see of the span.
    #[inline]
    pub(crate) fn identity(&mut self) -> SpanContext {
        let trace_state = match &mut self.rare {
            None => TraceState::NONE,
            Some(rare) => std::mem::take(&mut rare.trace_state),
        };
        let (trace_id, span_id) = (TraceId::from(self.trace_id), SpanId::from(self.span_id));
        SpanContext::new(trace_id, span_id, self.flags, false, trace_state)
    }

    /// Makes the context that is to be current in the span, out of the one that is current now.
    #[inline]
    pub(crate) fn context(&mut self, span: Option<SlotRef>) -> Context {
        let identity = self.identity();
        match span {
            Some(span) => Context::current_with_span(Span::guest(identity, span)),
            // A context and nothing more, in one piece of memory instead of two.
            None => Context::map_current(|context| context.with_remote_span_context(identity)),
        }
    }

    /// Where it is found again, while it is current.
    #[inline]
    pub(crate) fn place(&self, span: Option<SlotRef>) -> Place {
        Place { span, span_id: self.span_id, offset: self.offset }
    }
}
