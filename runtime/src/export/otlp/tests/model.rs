//! Spans at random: recorded as the recorder does, and in parallel as the schema's messages.

use std::sync::Arc;

use opentelemetry::trace::TraceState;
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1 as common;
use opentelemetry_proto::tonic::trace::v1 as proto;
use opentelemetry_sdk::Resource;
use proptest::prelude::*;
use traced_core::CallSite;

use crate::record::{Batch, Body, Flags, Header, Limits, LinkTo, OriginId, Origins, encode_event_with};

static SITE: CallSite =
    CallSite::of("shop", "1.2.3", "shop::cart", "src/cart.rs", 42, || "shop::cart::total::here");
static OTHER_SITE: CallSite =
    CallSite::of("shop", "1.2.3", "shop::pay", "src/pay.rs", 7, || "shop::pay::charge::here");

/// Where a span comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    Site,
    OtherSite,
    Tracer,
    BareTracer,
}

#[derive(Clone, Debug)]
pub(super) enum Status {
    Unset,
    Ok,
    Error(String),
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) from: From,
    pub(super) trace_id: u128,
    pub(super) ids: (u64, Option<u64>),
    pub(super) times: (u64, u64),
    pub(super) flags: (u8, u8, bool),
    pub(super) name: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) events: Vec<(String, Vec<KeyValue>)>,
    pub(super) links: Vec<(u128, bool, Vec<KeyValue>)>,
    pub(super) status: Status,
    pub(super) state: Option<String>,
    pub(super) value_length: Option<usize>,
}

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        8 => "[a-z]{1,12}",
        8 => any::<String>(),
        4 => "[a-zäß€😀]{1,40}",
        2 => prop_oneof![Just(126_usize), Just(127), Just(128), Just(129)].prop_map(|len| "y".repeat(len)),
        1 => prop_oneof![Just(16_383_usize), Just(16_384)].prop_map(|len| "z".repeat(len)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let float = prop_oneof![Just(0.0), Just(f64::INFINITY), Just(f64::MIN_POSITIVE), -1e9..1e9];
    let float_list = proptest::collection::vec(float.clone(), 0..4);
    prop_oneof![
        1 => any::<bool>().prop_map(Value::from),
        1 => prop_oneof![any::<i64>(), -200..200_i64, Just(i64::MIN)].prop_map(Value::from),
        1 => float.prop_map(Value::from),
        3 => text().prop_map(Value::from),
        1 => proptest::collection::vec(any::<bool>(), 0..4).prop_map(|list| Value::Array(Array::Bool(list))),
        1 => proptest::collection::vec(any::<i64>(), 0..40).prop_map(|list| Value::Array(Array::I64(list))),
        1 => float_list.prop_map(|list| Value::Array(Array::F64(list))),
        1 => proptest::collection::vec(text(), 0..4).prop_map(|list| {
            Value::Array(Array::String(list.into_iter().map(Into::into).collect()))
        }),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let key = prop_oneof![
        6 => "[a-z]{1,2}".prop_map(String::from),
        1 => Just("code.line.number".to_owned()),
        1 => Just("code.custom".to_owned()),
        2 => text(),
    ];
    proptest::collection::vec((key, value()).prop_map(|(key, value)| KeyValue::new(key, value)), 0..8)
}

pub(super) fn model() -> impl Strategy<Value = Model> {
    let from = prop_oneof![
        3 => Just(From::Site),
        1 => Just(From::OtherSite),
        2 => Just(From::Tracer),
        1 => Just(From::BareTracer)
    ];
    let header = (
        any::<u128>(),
        (1..u64::MAX, proptest::option::of(1..u64::MAX)),
        (1..u64::MAX, 1..u64::MAX),
        (any::<u8>(), 0..8_u8, any::<bool>()),
    );
    let body = (
        proptest::option::of(text()),
        attributes(),
        proptest::collection::vec((text(), attributes()), 0..6),
        proptest::collection::vec((any::<u128>(), any::<bool>(), attributes()), 0..5),
        prop_oneof![1 => Just(Status::Unset), 1 => Just(Status::Ok), 1 => text().prop_map(Status::Error)],
        proptest::option::of(Just("vendor=1,other=2".to_owned())),
        proptest::option::of(0..12_usize),
    );
    (from, header, body).prop_map(|(from, (trace_id, ids, times, flags), body)| {
        let (name, attributes, events, links, status, state, value_length) = body;
        Model {
            from,
            trace_id,
            ids,
            times,
            flags,
            name,
            attributes,
            events,
            links,
            status,
            state,
            value_length,
        }
    })
}

impl Model {
    /// Low, so that they are met.
    fn limits(&self) -> Limits {
        Limits {
            attributes: 6,
            events: 4,
            links: 3,
            attributes_per_event: 5,
            attributes_per_link: 4,
            value_length: self.value_length,
        }
    }

    pub(super) fn scope(&self) -> Option<InstrumentationScope> {
        match self.from {
            From::Site | From::OtherSite => None,
            From::BareTracer => Some(InstrumentationScope::default()),
            From::Tracer => Some(
                InstrumentationScope::builder("library")
                    .with_version("0.9")
                    .with_schema_url("https://example.com/scope")
                    .with_attributes([KeyValue::new("team", "blue")])
                    .build(),
            ),
        }
    }

    fn origin(&self) -> OriginId {
        match self.from {
            From::Site => OriginId::of_call_site(&SITE),
            From::OtherSite => OriginId::of_call_site(&OTHER_SITE),
            From::Tracer | From::BareTracer => OriginId::of_scope(&self.scope().unwrap_or_default()),
        }
    }

    fn trace_state(&self) -> TraceState {
        self.state.as_ref().map_or_else(TraceState::default, |state| state.parse().unwrap())
    }

    pub(super) fn record(&self, body: &mut Body, batch: &mut Batch, origins: &mut Origins) {
        body.reset(&self.limits());
        if let Some(name) = &self.name {
            body.rename(name);
        }
        self.attributes.iter().for_each(|pair| body.key_value(pair));
        for (name, attributes) in &self.events {
            body.encoded_event(&encode_event_with(name, 77, &body.limits(), attributes));
        }
        let trace_state = self.trace_state();
        for (trace_id, remote, attributes) in &self.links {
            let to = LinkTo {
                trace_id: *trace_id,
                span_id: 5,
                trace_flags: 1,
                remote: *remote,
                trace_state: Some(&trace_state),
            };
            body.link(&to, attributes);
        }
        match &self.status {
            Status::Unset => {}
            Status::Ok => body.status(&traced_core::Status::Ok),
            Status::Error(description) => body.status(&traced_core::Status::Error(description)),
        }
        let (trace_flags, kind, parent_remote) = self.flags;
        let mut flags = Flags::new(trace_flags, kind);
        flags.set_parent_remote(parent_remote);
        body.trace_state(&self.trace_state().header());
        let body = body.finish(&mut flags);
        let header = Header {
            flags,
            trace_id: self.trace_id,
            span_id: self.ids.0,
            parent_id: self.ids.1.unwrap_or(0),
            start: self.times.0,
            end: self.times.1,
            origin: self.origin(),
        };
        batch.push(header, body, origins);
    }

    pub(super) fn span(&self) -> proto::Span {
        let limits = self.limits();
        let mut own: Vec<common::KeyValue> = Vec::new();
        let mut dropped_attributes_count = 0;
        for pair in &self.attributes {
            let known = own.iter().position(|known| known.key == pair.key.as_str());
            if let Some(at) = known {
                own.remove(at);
            } else if own.len() == limits.attributes as usize {
                dropped_attributes_count += 1;
                continue;
            }
            own.push(key_value(pair, self.value_length));
        }
        let (name, constants) = match self.from {
            From::Site => ("total", constants("shop::cart::total", "src/cart.rs", 42)),
            From::OtherSite => ("charge", constants("shop::pay::charge", "src/pay.rs", 7)),
            From::Tracer | From::BareTracer => ("", Vec::new()),
        };
        let constants: Vec<_> =
            constants.into_iter().filter(|pair| own.iter().all(|known| known.key != pair.key)).collect();
        let cut = |pairs: &[KeyValue], limit: u32| -> Vec<common::KeyValue> {
            pairs.iter().take(limit as usize).map(|pair| key_value(pair, self.value_length)).collect()
        };
        let (trace_flags, kind, parent_remote) = self.flags;
        proto::Span {
            trace_id: self.trace_id.to_be_bytes().into(),
            span_id: self.ids.0.to_be_bytes().into(),
            trace_state: self.trace_state().header(),
            parent_span_id: self.ids.1.map_or_else(Vec::new, |id| id.to_be_bytes().into()),
            flags: u32::from(trace_flags) + 0x100 + if parent_remote { 0x200 } else { 0 },
            name: self.name.clone().unwrap_or_else(|| name.to_owned()),
            kind: if (1..=5).contains(&kind) { kind.into() } else { 1 },
            start_time_unix_nano: self.times.0,
            end_time_unix_nano: self.times.1,
            attributes: own.into_iter().chain(constants).collect(),
            dropped_attributes_count,
            events: self
                .events
                .iter()
                .take(limits.events as usize)
                .map(|(name, attributes)| proto::span::Event {
                    time_unix_nano: 77,
                    name: name.clone(),
                    attributes: cut(attributes, limits.attributes_per_event),
                    dropped_attributes_count: over(attributes, limits.attributes_per_event),
                })
                .collect(),
            dropped_events_count: over(&self.events, limits.events),
            links: self
                .links
                .iter()
                .take(limits.links as usize)
                .map(|(trace_id, remote, attributes)| proto::span::Link {
                    trace_id: trace_id.to_be_bytes().into(),
                    span_id: 5_u64.to_be_bytes().into(),
                    trace_state: self.trace_state().header(),
                    attributes: cut(attributes, limits.attributes_per_link),
                    dropped_attributes_count: over(attributes, limits.attributes_per_link),
                    flags: if *remote { 0x301 } else { 0x101 },
                })
                .collect(),
            dropped_links_count: over(&self.links, limits.links),
            status: match &self.status {
                Status::Unset => None,
                Status::Ok => Some(proto::Status { code: 1, message: String::new() }),
                Status::Error(description) => Some(proto::Status { code: 2, message: description.clone() }),
            },
        }
    }
}

pub(super) fn record(models: &[Model]) -> Arc<Batch> {
    let (mut batch, mut origins, mut body) = (Batch::default(), Origins::default(), Body::default());
    for model in models {
        model.record(&mut body, &mut batch, &mut origins);
    }
    batch.into()
}

pub(super) fn resource() -> Resource {
    Resource::builder_empty()
        .with_schema_url(
            [KeyValue::new("service.name", "shop"), KeyValue::new("empty", "")],
            "https://example.com/res",
        )
        .build()
}

/// What a request with these spans says.
pub(super) fn request(models: &[Model]) -> ExportTraceServiceRequest {
    let mut scope_spans: Vec<proto::ScopeSpans> = Vec::new();
    for model in models {
        let (scope, schema_url) = match model.scope() {
            None => (
                common::InstrumentationScope {
                    name: "shop".into(),
                    version: "1.2.3".into(),
                    ..Default::default()
                },
                String::new(),
            ),
            Some(scope) => (
                common::InstrumentationScope {
                    name: scope.name().into(),
                    version: scope.version().unwrap_or_default().into(),
                    attributes: scope.attributes().map(|pair| key_value(pair, None)).collect(),
                    dropped_attributes_count: 0,
                },
                scope.schema_url().unwrap_or_default().to_owned(),
            ),
        };
        match scope_spans.iter_mut().find(|known| known.scope.as_ref() == Some(&scope)) {
            Some(known) => known.spans.push(model.span()),
            None => {
                scope_spans.push(proto::ScopeSpans {
                    scope: Some(scope),
                    spans: vec![model.span()],
                    schema_url,
                });
            }
        }
    }
    let resource = resource();
    let attributes =
        resource.iter().map(|(key, value)| key_value(&KeyValue::new(key.clone(), value.clone()), None));
    ExportTraceServiceRequest {
        resource_spans: vec![proto::ResourceSpans {
            resource: Some(opentelemetry_proto::tonic::resource::v1::Resource {
                attributes: attributes.collect(),
                ..Default::default()
            }),
            scope_spans,
            schema_url: "https://example.com/res".into(),
        }],
    }
}

/// With what has no order of its own in one.
pub(super) fn in_order(mut request: ExportTraceServiceRequest) -> ExportTraceServiceRequest {
    for spans in &mut request.resource_spans {
        spans.scope_spans.sort_by_key(|spans| spans.scope.clone().unwrap_or_default().name);
        if let Some(resource) = &mut spans.resource {
            resource.attributes.sort_by(|one, other| one.key.cmp(&other.key));
        }
    }
    request
}

fn constants(function: &'static str, file: &'static str, line: i64) -> Vec<common::KeyValue> {
    [
        KeyValue::new("code.function.name", function),
        KeyValue::new("code.file.path", file),
        KeyValue::new("code.line.number", line),
    ]
    .iter()
    .map(|pair| key_value(pair, None))
    .collect()
}

fn over<T>(all: &[T], limit: u32) -> u32 {
    u32::try_from(all.len().saturating_sub(limit as usize)).unwrap()
}

fn key_value(pair: &KeyValue, limit: Option<usize>) -> common::KeyValue {
    let value = Some(any_value(&pair.value, limit));
    common::KeyValue { key: pair.key.as_str().into(), value, ..Default::default() }
}

fn any_value(value: &Value, limit: Option<usize>) -> common::AnyValue {
    use common::any_value::Value as Any;
    let string = |text: &str| Any::StringValue(text.chars().take(limit.unwrap_or(usize::MAX)).collect());
    let list = |values: Vec<Any>| {
        let values = values.into_iter().map(|value| common::AnyValue { value: Some(value) }).collect();
        Any::ArrayValue(common::ArrayValue { values })
    };
    let value = match value {
        Value::Bool(value) => Any::BoolValue(*value),
        Value::I64(value) => Any::IntValue(*value),
        Value::F64(value) => Any::DoubleValue(*value),
        Value::String(value) => string(value.as_str()),
        Value::Array(Array::Bool(values)) => {
            list(values.iter().map(|value| Any::BoolValue(*value)).collect())
        }
        Value::Array(Array::I64(values)) => list(values.iter().map(|value| Any::IntValue(*value)).collect()),
        Value::Array(Array::F64(values)) => {
            list(values.iter().map(|value| Any::DoubleValue(*value)).collect())
        }
        Value::Array(Array::String(values)) => {
            list(values.iter().map(|value| string(value.as_str())).collect())
        }
        _ => unreachable!("not generated"),
    };
    common::AnyValue { value: Some(value) }
}
