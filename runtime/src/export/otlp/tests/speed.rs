//! What encoding costs, beside opentelemetry-proto's transform and prost for the same spans. Read by `benches`:
//! `cargo run --release -- encoder` there.

use std::hint::black_box;
use std::time::{Duration, Instant, UNIX_EPOCH};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use prost::Message as _;

use super::allocations::allocations_of;
use super::model::{From, Model, Status, record, resource};
use super::peer::normal;
use crate::export::otlp::encode::Encoder;
use crate::record::Batch;

const SPANS: usize = 512;

const ROUNDS: usize = 200;

#[test]
#[ignore = "a measurement, for release builds"]
fn nanoseconds_and_bytes() {
    let attributes =
        vec![KeyValue::new("id", 42), KeyValue::new("name", "c-123456"), KeyValue::new("express", true)];
    let code = [
        KeyValue::new("code.function.name", "shop::cart::total"),
        KeyValue::new("code.file.path", "src/cart.rs"),
        KeyValue::new("code.line.number", 42),
    ];
    let with_code = [&attributes[..], &code].concat();
    measure("encoder", From::Site, &attributes, &with_code);
    // A tracer's spans have no place in the code.
    measure("encoder-lean", From::Tracer, &attributes, &attributes);
}

/// Prints lines: what was measured of whom, and a number, of a request with all spans.
fn measure(what: &str, from: From, recorded: &[KeyValue], all: &[KeyValue]) {
    let models: Vec<_> = (0..SPANS as u64).map(|number| model(from, number, recorded)).collect();
    let batch = record(&models);
    let theirs: Vec<_> = models.iter().map(|model| span_data(model, all)).collect();
    let mut encoder = Encoder::new(&resource());
    encoder.start(&batch);
    let request = encoder.encode(&batch, 0..SPANS, usize::MAX);
    let [one, other] = [&request.bytes[..], &by_prost(theirs.clone())].map(|bytes| {
        let request = ExportTraceServiceRequest::decode(bytes).unwrap();
        normal(request)
    });
    assert!(one == other, "they say the same");
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    let (mut ours, mut prost) = ((0, 0), (0, 0));
    for _ in 0..ROUNDS {
        let start = Instant::now();
        ours = allocations_of(|| encode(&mut encoder, &batch));
        our_times.push(start.elapsed().as_nanos());
        let spans = theirs.clone();
        let start = Instant::now();
        prost = allocations_of(|| black_box(by_prost(spans)).len());
        their_times.push(start.elapsed().as_nanos());
    }
    for (who, mut times, (bytes, allocations)) in [("ours", our_times, ours), ("prost", their_times, prost)] {
        times.sort_unstable();
        println!("{what} {who} ns {}", times[ROUNDS / 2]);
        println!("{what} {who} bytes {bytes}");
        println!("{what} {who} allocations {allocations}");
    }
}

fn model(from: From, number: u64, attributes: &[KeyValue]) -> Model {
    let start = 1_700_000_000_000_000_000 + number * 400;
    Model {
        from,
        trace_id: 1 << 100,
        ids: ((1 << 60) + number, Some(1 << 50)),
        times: (start, start + 200),
        flags: (1, 1, false),
        // The name of a call site is its function's.
        name: matches!(from, From::Tracer).then(|| "total".to_owned()),
        attributes: attributes.to_vec(),
        events: Vec::new(),
        links: Vec::new(),
        status: Status::Unset,
        state: None,
        value_length: None,
    }
}

/// The size of the request.
fn encode(encoder: &mut Encoder, batch: &Batch) -> usize {
    encoder.start(black_box(batch));
    let request = encoder.encode(batch, 0..batch.len(), usize::MAX);
    let size = request.bytes.len();
    encoder.recycle(black_box(request.bytes));
    size
}

fn by_prost(spans: Vec<SpanData>) -> Vec<u8> {
    let resource_spans = group_spans_by_resource_and_scope(spans, &(&resource()).into());
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// As who records with the SDK has it: names and keys are not copied.
fn span_data(model: &Model, attributes: &[KeyValue]) -> SpanData {
    let (id, parent) = model.ids;
    let [start_time, end_time] =
        [model.times.0, model.times.1].map(|time| UNIX_EPOCH + Duration::from_nanos(time));
    SpanData {
        span_context: SpanContext::new(
            model.trace_id.into(),
            id.into(),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "total".into(),
        start_time,
        end_time,
        attributes: attributes.to_vec(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: opentelemetry::trace::Status::Unset,
        instrumentation_scope: model
            .scope()
            .unwrap_or_else(|| InstrumentationScope::builder("shop").with_version("1.2.3").build()),
    }
}
