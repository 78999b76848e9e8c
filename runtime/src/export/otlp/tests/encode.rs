//! Every span decodes to what was recorded, however the batch is cut.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::prelude::*;
use prost::Message as _;

use super::allocations::allocations_of;
use super::model::{From, Model, Status, in_order, model, record, request, resource};
use crate::export::otlp::encode::Encoder;
use crate::export::otlp::gzip::Gzip;

fn decode(bytes: &[u8]) -> ExportTraceServiceRequest {
    in_order(ExportTraceServiceRequest::decode(bytes).expect("decodes"))
}

fn encode_whole(encoder: &mut Encoder, models: &[Model]) -> bytes::Bytes {
    let batch = record(models);
    encoder.start(&batch);
    let request = encoder.encode(&batch, 0..batch.len(), usize::MAX);
    assert_eq!((request.spans, request.range), (models.len(), 0..models.len()));
    request.bytes
}

fn plain() -> Model {
    Model {
        from: From::Site,
        trace_id: 1,
        ids: (2, Some(3)),
        times: (4, 5),
        flags: (1, 2, false),
        name: None,
        attributes: vec![opentelemetry::KeyValue::new("key", "value")],
        events: Vec::new(),
        links: Vec::new(),
        status: Status::Unset,
        state: None,
        value_length: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_at_random_decode_to_what_was_recorded(models in proptest::collection::vec(model(), 1..10)) {
        let mut encoder = Encoder::new(&resource());
        let bytes = encode_whole(&mut encoder, &models);
        prop_assert_eq!(decode(&bytes), in_order(request(&models)));
        let prost = request(&models).encoded_len();
        prop_assert!(bytes.len() * 100 <= prost * 104, "{} bytes, of prost {prost}", bytes.len());
    }

    #[test]
    fn requests_under_a_limit_hold_every_span_once(
        models in proptest::collection::vec(model(), 1..16),
        limit in 100..40_000_usize,
        left_out in 0..20_usize,
    ) {
        let mut encoder = Encoder::new(&resource());
        let batch = record(&models);
        encoder.start(&batch);
        encoder.leave_out(left_out);
        let kept = |index: &usize| *index != left_out;
        let mut start = 0;
        while start < batch.len() {
            let cut = encoder.encode(&batch, start..batch.len(), limit);
            let part: Vec<Model> = cut.range.clone().filter(kept).map(|index| models[index].clone()).collect();
            prop_assert_eq!(cut.range.start, start);
            prop_assert!(cut.range.end > start, "every request takes something off");
            prop_assert_eq!(cut.spans, part.len());
            prop_assert!(cut.bytes.len() <= limit || cut.spans == 1, "{} bytes", cut.bytes.len());
            if cut.spans == 1 {
                let index = cut.range.clone().find(kept).unwrap();
                prop_assert_eq!(cut.bytes.len(), encoder.len_alone(index));
            }
            if cut.spans > 0 {
                prop_assert_eq!(decode(&cut.bytes), in_order(request(&part)));
            }
            start = cut.range.end;
            encoder.recycle(cut.bytes);
        }
    }
}

#[test]
fn ordinary_spans_take_as_many_bytes_as_prost_takes() {
    let mut models = vec![plain(); 40];
    models[3].from = From::Tracer;
    models[3].name = Some("n".repeat(200));
    models[4].status = Status::Error("e".repeat(128));
    models[5].events = vec![("event".into(), models[0].attributes.clone()); 3];
    let bytes = encode_whole(&mut Encoder::new(&resource()), &models);
    assert_eq!(decode(&bytes), in_order(request(&models)));
    assert_eq!(bytes.len(), request(&models).encoded_len());
}

#[test]
fn texts_at_the_edges_of_lengths_decode() {
    let mut encoder = Encoder::new(&resource());
    for len in [0, 1, 127, 128, 16_383, 16_384, (1 << 21) - 1, (1 << 21) + 1] {
        let mut one = plain();
        one.attributes = vec![opentelemetry::KeyValue::new("text", "x".repeat(len))];
        one.status = Status::Error("e".repeat(len));
        one.events = vec![("n".repeat(len), one.attributes.clone())];
        let models = [one, plain()];
        let bytes = encode_whole(&mut encoder, &models);
        assert!(decode(&bytes) == in_order(request(&models)), "{len}");
        assert_eq!(bytes.len(), request(&models).encoded_len() + if len == 0 { 2 } else { 0 }, "{len}");
        encoder.recycle(bytes);
    }
}

#[test]
fn a_batch_that_was_abandoned_leaves_nothing_in_the_next() {
    let mut encoder = Encoder::new(&resource());
    let mut others = vec![plain(); 5];
    others[0].from = From::Tracer;
    let abandoned = record(&others);
    encoder.start(&abandoned);
    encoder.leave_out(1);
    let _half = encoder.encode(&abandoned, 0..3, 500);
    let models = [plain(), plain()];
    let bytes = encode_whole(&mut encoder, &models);
    assert_eq!(decode(&bytes), in_order(request(&models)));
}

#[test]
fn encoding_allocates_for_a_request_and_not_for_a_span() {
    let (mut encoder, mut gzip) = (Encoder::new(&resource()), Gzip::new());
    let mut models = vec![plain(); 500];
    models[7].from = From::Tracer;
    let batch = record(&models);
    let mut request = || {
        encoder.start(&batch);
        let request = encoder.encode(&batch, 0..batch.len(), usize::MAX);
        let file = gzip.compress(&request.bytes).unwrap();
        encoder.recycle(request.bytes);
        gzip.recycle(file);
    };
    // The first one has no buffers yet.
    request();
    let ((), allocations) = allocations_of(request);
    // What `Bytes` need for sharing a buffer.
    assert!(allocations <= 2, "{allocations}");
}

#[test]
fn the_buffer_is_used_again() {
    let mut encoder = Encoder::new(&resource());
    let models = vec![plain(); 20];
    let first = encode_whole(&mut encoder, &models);
    let address = first.as_ptr();
    encoder.recycle(first);
    let second = encode_whole(&mut encoder, &models);
    assert_eq!(second.as_ptr(), address);
    // Not while somebody reads it.
    let still_read = second.clone();
    encoder.recycle(second);
    assert_ne!(encode_whole(&mut encoder, &models).as_ptr(), still_read.as_ptr());
}
