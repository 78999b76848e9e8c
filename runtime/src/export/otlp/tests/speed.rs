//! What encoding costs, beside opentelemetry-proto's transform and prost for the same spans. Read by `benches`:
//! `cargo run --release -- encoder` there.

use std::hint::black_box;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;

use super::allocations::allocations_of;
use super::model::{From, Model, Status, record, resource};
use super::peer::span_data;
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
    // As who records with the SDK has them: names and keys are not copied.
    let theirs: Vec<_> = batch
        .spans()
        .map(|view| SpanData { name: "total".into(), attributes: all.to_vec(), ..span_data(&view) })
        .collect();
    let mut encoder = Encoder::new(&resource());
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    let (mut ours, mut prost) = ((0, 0), (0, 0));
    for _ in 0..ROUNDS {
        let start = Instant::now();
        ours = allocations_of(|| encode(&mut encoder, &batch));
        our_times.push(start.elapsed().as_nanos());
        let spans = theirs.clone();
        let start = Instant::now();
        prost = allocations_of(|| by_prost(spans));
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

fn by_prost(spans: Vec<SpanData>) -> usize {
    let resource_spans = group_spans_by_resource_and_scope(spans, &(&resource()).into());
    black_box(ExportTraceServiceRequest { resource_spans }.encode_to_vec()).len()
}
