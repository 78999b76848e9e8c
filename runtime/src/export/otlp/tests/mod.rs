//! Real bytes, read by the schema's own decoder, over real connections.

mod allocations;
mod encode;
mod endpoint;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-grpc")]
mod grpc_sink;
mod gzip;
#[cfg(feature = "otlp-http")]
mod http;
#[cfg(feature = "otlp-http")]
mod http_sink;
#[cfg(all(feature = "otlp-http", feature = "otlp-grpc"))]
mod mixed_up;
mod model;
#[cfg(feature = "otlp-http")]
mod peer;
mod response;
#[cfg(feature = "otlp-grpc")]
mod retry_info;
#[cfg(feature = "otlp-http")]
mod speed;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::Resource;

use super::{Config, Protocol, exporter};
use crate::export::{Compression, Exporter, Tally};
use crate::record::{Batch, Body, Flags, Header, Limits, OriginId, Origins};

fn config(protocol: Protocol, endpoint: impl Into<String>) -> Config {
    Config {
        protocol,
        endpoint: endpoint.into(),
        headers: Vec::new(),
        timeout: Duration::from_secs(5),
        compression: Compression::None,
        max_request_bytes: 4 << 20,
        resource: Resource::builder_empty().with_service_name("shop").build(),
    }
}

fn build(config: Config) -> Box<dyn Exporter> {
    exporter(config).unwrap_or_else(|error| panic!("{error}"))
}

async fn export(exporter: &mut dyn Exporter, batch: &Arc<Batch>) -> Tally {
    let mut tally = Tally::default();
    exporter.export(batch, &mut tally).await;
    tally
}

/// Exported, failed, dropped.
fn counts(tally: &Tally) -> (usize, usize, usize) {
    (tally.exported, tally.failed, tally.dropped)
}

fn problem(tally: &Tally) -> &str {
    tally.problem.as_deref().unwrap_or("none")
}

/// Spans named `name 0`, `name 1` and so on, each with a text of that many bytes.
fn batch(name: &str, sizes: &[usize]) -> Arc<Batch> {
    let (mut batch, mut origins) = (Batch::default(), Origins::default());
    let origin = OriginId::of_scope(&opentelemetry::InstrumentationScope::builder("tests").build());
    let mut body = Body::default();
    for (index, size) in sizes.iter().enumerate() {
        body.reset(&Limits::default());
        body.rename(&format!("{name} {index}"));
        body.attribute("text", traced_core::Value::Str(&"x".repeat(*size)));
        let mut flags = Flags::new(1, 1);
        let body = body.finish(&mut flags);
        let header = Header {
            flags,
            trace_id: 7,
            span_id: index as u64 + 1,
            parent_id: 0,
            start: 1_700_000_000_000_000_000,
            end: 1_700_000_000_000_000_900,
            origin,
        };
        batch.push(header, body, &mut origins);
    }
    batch.into()
}

/// The names of the spans in a request, in order.
fn names(request: &ExportTraceServiceRequest) -> Vec<String> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).map(|span| span.name.clone()).collect()
}

fn expected_names(name: &str, indices: impl IntoIterator<Item = usize>) -> Vec<String> {
    indices.into_iter().map(|index| format!("{name} {index}")).collect()
}
