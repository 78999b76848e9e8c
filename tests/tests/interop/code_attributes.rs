//! Whether spans say where in the code they are from.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use traced::traced;
use traced_tests::alone;
use traced_tests::sink::Sink;

#[traced(fields(id = 7))]
fn located() {}

const CODE: [&str; 3] = ["code.function.name", "code.file.path", "code.line.number"];

/// The keys that its span has.
fn expected(code: bool) -> Vec<&'static str> {
    ["id"].into_iter().chain(CODE.into_iter().filter(|_| code)).collect()
}

fn keys(attributes: &[KeyValue]) -> Vec<&str> {
    attributes.iter().map(|pair| pair.key.as_str()).collect()
}

#[test]
fn exporters_get_it_unless_it_is_not_wanted() {
    alone!({
        for code in [true, false] {
            let (sink, exporter) = (Sink::http(), InMemorySpanExporter::default());
            let builder = traced::builder().otlp_http(sink.url()).exporter(exporter.clone());
            let builder = if code { builder } else { builder.code_attributes(false) };
            let telemetry = builder.install().unwrap();
            located();
            let _ = telemetry.flush(Duration::from_secs(10)).unwrap();
            assert_eq!(keys(&exporter.get_finished_spans().unwrap()[0].attributes), expected(code));
            let received = &sink.spans()[0];
            let received: Vec<_> = received.attributes.iter().map(|pair| pair.key.as_str()).collect();
            assert_eq!(received, expected(code));
        }
    });
}

#[test]
fn a_provider_gets_it_unless_it_is_not_wanted() {
    alone!({
        for code in [true, false] {
            let exporter = InMemorySpanExporter::default();
            let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
            let builder = traced::builder().provider(provider).code_attributes(code);
            let _telemetry = builder.install().unwrap();
            located();
            let spans = exporter.get_finished_spans().unwrap();
            let (mut got, mut expected) = (keys(&spans[0].attributes), expected(code));
            got.sort_unstable();
            expected.sort_unstable();
            assert_eq!(got, expected);
        }
    });
}
