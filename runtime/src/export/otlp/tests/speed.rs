//! What encoding costs: `cargo test --release --features otlp-http --lib otlp::tests::speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use opentelemetry::KeyValue;

use super::model::{From, Model, Status, record, request, resource};
use crate::export::otlp::encode::Encoder;

#[test]
#[ignore = "a measurement, for release builds"]
fn nanoseconds_per_span() {
    const ROUNDS: u32 = 400;
    let model = Model {
        from: From::Site,
        trace_id: 1 << 100,
        ids: (1 << 60, Some(1 << 50)),
        times: (1_700_000_000_000_000_000, 1_700_000_000_000_100_000),
        flags: (1, 1, false),
        name: None,
        attributes: vec![
            KeyValue::new("cart.id", "c-123456"),
            KeyValue::new("items", 3),
            KeyValue::new("express", true),
        ],
        events: Vec::new(),
        links: Vec::new(),
        status: Status::Unset,
        state: None,
        value_length: None,
    };
    let models = vec![model; 512];
    let batch = record(&models);
    let mut encoder = Encoder::new(&resource());
    let mut size = 0;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            encoder.start(black_box(&batch));
            let request = encoder.encode(&batch, 0..batch.len(), usize::MAX);
            size = request.bytes.len();
            encoder.recycle(black_box(request.bytes));
        }
        println!("{} ns per span", start.elapsed().as_nanos() / u128::from(ROUNDS) / 512);
    }
    let prost = prost::Message::encoded_len(&request(&models));
    println!("{} bytes per span; {size} in all, by prost {prost}", size / 512);
}
