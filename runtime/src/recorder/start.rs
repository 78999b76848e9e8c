//! Begins a span: who is its parent, is it sampled, which ids has it.

use std::sync::Arc;

use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SamplingDecision;

use super::capture::{self, Sink};
use super::clock;
use super::failure::Heard;
use super::frames::Place;
use super::live::{Live, State};
use super::local::{Local, Parts};
use super::pool::{Own, SlotRef};
use super::sampling::Rule;
use super::span::Guest;
use crate::context::as_parent;
use crate::record::{Flags, Header, OriginId};

/// What a new span is made of, besides its parent.
#[derive(Clone, Copy)]
pub(crate) struct Make {
    pub(crate) origin: OriginId,
    /// By its number in OTLP.
    pub(crate) kind: u8,
    /// When it began, in nanoseconds since the Unix epoch; now, if None.
    pub(crate) at: Option<u64>,
}

/// What a sampler of the application's is told of a span, and what it says to that.
pub(crate) struct Asked<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a SpanKind,
    pub(crate) links: &'a [Link],
    /// What it adds comes back with the span.
    pub(crate) attributes: Vec<KeyValue>,
}

/// What a span finds in the context that it begins in.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    trace_id: u128,
    /// The parent's. Zero: there is none.
    span_id: u64,
    /// In one word, since it is written and read at once.
    flags: Flags,
    has_trace_state: bool,
}

/// A span that is about to begin: what it has of its parent, and then what it is.
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
    flags: Flags,
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

impl Found {
    /// Looks at a context. Left None: nothing is to be recorded in it, and what is current may stay.
    #[inline]
    pub(crate) fn look(found: &mut Option<Self>, context: &Context, parent_based: bool) {
        if context.is_telemetry_suppressed() {
            return;
        }
        let span = context.span();
        let ids = span.span_context();
        let is_valid = ids.is_valid();
        if parent_based && is_valid && !ids.is_sampled() {
            return;
        }
        let mut flags = Flags::new(ids.trace_flags().to_u8(), 0);
        flags.set_parent_remote(is_valid && ids.is_remote());
        *found = Some(Self {
            trace_id: u128::from_be_bytes(ids.trace_id().to_bytes()),
            span_id: if is_valid { u64::from_be_bytes(ids.span_id().to_bytes()) } else { 0 },
            flags,
            has_trace_state: *ids.trace_state() != TraceState::NONE,
        });
    }
}

impl Start {
    #[inline]
    pub(crate) fn new(found: &Found) -> Self {
        Self {
            trace_id: found.trace_id,
            parent_id: found.span_id,
            span_id: 0,
            flags: found.flags,
            rare: None,
        }
    }

    /// Whether nothing is to be found by [a closer look](Self::looks_closer).
    #[inline]
    pub(crate) fn is_plain(&self, found: &Found, rule: &Rule) -> bool {
        rule.exports && !found.has_trace_state && !rule.asks_for(self.is_root()) && !capture::active()
    }

    /// Looks closer at the context that `with` shows. False: nothing is to be recorded.
    #[cold]
    pub(crate) fn looks_closer(&mut self, rule: Rule, with: impl FnOnce(&mut dyn FnMut(&Context))) -> bool {
        with(&mut |context| self.rare = self.look_for_rare(context, rule));
        self.rare.is_some()
    }

    fn look_for_rare(&self, context: &Context, rule: Rule) -> Option<Box<Rare>> {
        let capture = if capture::active() {
            capture::of(context, (!self.is_root()).then_some(self.trace_id))
        } else {
            None
        };
        if !rule.exports && capture.is_none() {
            return None;
        }
        let trace_state = context.span().span_context().trace_state().clone();
        let whole = rule.asks_for(self.is_root()).then(|| as_parent(context));
        Some(Box::new(Rare { trace_state, capture, whole }))
    }

    #[inline]
    fn is_root(&self) -> bool {
        self.parent_id == 0
    }

    /// Decides whether the span is sampled. None: the application's sampler is to be [asked](Self::ask).
    #[inline]
    pub(crate) fn decide(&mut self, parts: &mut Parts) -> Option<bool> {
        if self.is_root() {
            self.trace_id = parts.trace_id();
            if self.rare.as_ref().is_some_and(|rare| rare.capture.is_some()) {
                // A test sees its spans whatever the sampler is.
                return Some(true);
            }
        } else if parts.rule.parent_based {
            return Some(true);
        }
        parts.rule.decide(self.trace_id)
    }

    /// Gives it an identity that children and other processes must see, though it is not recorded. Returns its place.
    #[inline]
    pub(crate) fn leave_out(&mut self, parts: &mut Parts) -> Place {
        if self.is_root() {
            parts.sampled_out();
        }
        self.flags.set_sampled(false);
        self.span_id = parts.span_id();
        Place { span_id: self.span_id, ..Place::NOWHERE }
    }

    /// Begins it. Returns its place as well.
    #[expect(
        clippy::inline_always,
        reason = "a call, and what is handed over in memory, would be a tenth of it"
    )]
    #[inline(always)]
    pub(crate) fn record(&mut self, parts: &mut Parts, make: Make, is_sampled: bool) -> (Own, Place) {
        let parent = parts.frames.place_of(self.parent_id);
        let span_id = parts.span_id();
        self.span_id = span_id;
        self.flags.set_sampled(is_sampled);
        let began = clock::now();
        let offset = if parent.offset == 0 { clock::offset(began) } else { parent.offset };
        let mut own = parts.pool.take();
        let live = own.get();
        live.header = Header {
            flags: self.flags.with_kind(make.kind),
            trace_id: self.trace_id,
            span_id,
            parent_id: self.parent_id,
            start: make.at.unwrap_or_else(|| began.wrapping_add(offset)),
            end: 0,
            origin: make.origin,
        };
        live.body.reset(&parts.limits);
        live.offset = offset;
        live.state = State::Recording;
        live.sampled = is_sampled && parts.rule.exports;
        live.parent = parent.span;
        live.told_inside = Heard::default();
        if let Some(rare) = &mut self.rare {
            rare.record(live);
        }
        let place = Place { span: Some(own.place()), span_id, offset };
        (own, place)
    }

    /// Asks the application's sampler, and does as it says. One that panics is as good as none. None: it cannot begin, at
    /// the moment.
    #[cold]
    pub(crate) fn ask(
        &mut self,
        local: &Local,
        make: Make,
        mut asked: Asked<'_>,
    ) -> Option<(Option<Own>, Place)> {
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
            SamplingDecision::Drop => return Some((None, self.leave_out(&mut *local.parts()?))),
        };
        let (mut own, place) = self.record(&mut *local.parts()?, make, is_sampled);
        let body = &mut own.get().body;
        asked.attributes.iter().for_each(|pair| body.key_value(pair));
        Some((Some(own), place))
    }

    /// What others see of the span.
    #[inline]
    pub(crate) fn identity(&mut self) -> SpanContext {
        let trace_state = match &mut self.rare {
            None => TraceState::NONE,
            Some(rare) => std::mem::take(&mut rare.trace_state),
        };
        let (trace_id, span_id) = (TraceId::from(self.trace_id), SpanId::from(self.span_id));
        let flags = TraceFlags::new(self.flags.trace_flags());
        SpanContext::new(trace_id, span_id, flags, false, trace_state)
    }

    /// Makes the context that is to be current in the span, out of the one that is current now.
    #[inline]
    pub(crate) fn context(&mut self, span: Option<SlotRef>) -> Context {
        let identity = self.identity();
        match span {
            Some(span) => Context::current_with_span(Guest::new(identity, span)),
            // A context and nothing more, in one piece of memory instead of two.
            None => Context::map_current(|context| context.with_remote_span_context(identity)),
        }
    }
}

impl Rare {
    #[cold]
    fn record(&mut self, live: &mut Live) {
        live.body.trace_state(&self.trace_state.header());
        live.capture = self.capture.take().inspect(|sink| capture::claim(live.header.trace_id, sink));
    }
}
