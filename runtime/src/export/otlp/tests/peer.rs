//! What arrives is what arrives from opentelemetry-otlp for the same spans.

use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanContext, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::http_sink::{Reply, Sink};
use super::model::{in_order, model, record, resource};
use super::{Config, build, config, counts, export};
use crate::export::otlp::Protocol::HttpProtobuf;
use crate::record::{Items, SpanView, StatusView};

fn pairs(items: Items<'_>) -> Vec<KeyValue> {
    items.map(|(key, value)| KeyValue::new(key.to_owned(), opentelemetry::Value::from(value))).collect()
}

fn state(header: &str) -> TraceState {
    header.parse().unwrap()
}

/// The SDK's form of a span.
pub(super) fn span_data(view: &SpanView<'_>) -> SpanData {
    let mut events = SpanEvents::default();
    events.dropped_count = view.dropped_events();
    events.events = view
        .events()
        .map(|event| {
            let time = UNIX_EPOCH + Duration::from_nanos(event.time());
            let attributes = pairs(event.attributes());
            Event::new(event.name().to_owned(), time, attributes, event.dropped_attributes())
        })
        .collect();
    let mut links = SpanLinks::default();
    links.dropped_count = view.dropped_links();
    links.links = view
        .links()
        .map(|link| {
            let flags = TraceFlags::new(link.flags().to_le_bytes()[0]);
            let remote = link.flags() & 0x200 != 0;
            let context =
                SpanContext::new(link.trace_id(), link.span_id(), flags, remote, state(link.trace_state()));
            Link::new(context, pairs(link.attributes()), link.dropped_attributes())
        })
        .collect();
    let scope = &view.origin.scope;
    let mut builder =
        InstrumentationScope::builder(scope.name.clone()).with_attributes(scope.attributes.clone());
    if let Some(version) = &scope.version {
        builder = builder.with_version(version.clone());
    }
    if let Some(url) = &scope.schema_url {
        builder = builder.with_schema_url(url.clone());
    }
    let trace_state = state(view.trace_state());
    SpanData {
        span_context: SpanContext::new(
            view.trace_id(),
            view.span_id(),
            view.trace_flags(),
            false,
            trace_state,
        ),
        parent_span_id: view.parent_id(),
        parent_span_is_remote: view.header.flags.parent_remote(),
        span_kind: view.kind(),
        name: view.name().to_owned().into(),
        start_time: UNIX_EPOCH + Duration::from_nanos(view.header.start),
        end_time: UNIX_EPOCH + Duration::from_nanos(view.header.end),
        attributes: view
            .attributes()
            .map(|(key, value)| KeyValue::new(key.to_owned(), opentelemetry::Value::from(value)))
            .collect(),
        dropped_attributes_count: view.dropped_attributes(),
        events,
        links,
        status: match view.status() {
            StatusView::Unset => Status::Unset,
            StatusView::Ok => Status::Ok,
            StatusView::Error(description) => Status::error(description.to_owned()),
        },
        instrumentation_scope: builder.build(),
    }
}

/// Without what has no order, or two forms of one meaning.
fn normal(request: ExportTraceServiceRequest) -> ExportTraceServiceRequest {
    let mut request = in_order(request);
    for span in request
        .resource_spans
        .iter_mut()
        .flat_map(|resource| &mut resource.scope_spans)
        .flat_map(|scope| &mut scope.spans)
    {
        span.attributes.sort_by(|one, other| one.key.cmp(&other.key));
        // An Unset status may be there or not.
        span.status.get_or_insert_default();
    }
    request
}

#[tokio::test]
async fn both_exporters_say_the_same() {
    let sink = Sink::start(|_, _| Reply::ok()).await;
    let mut ours = build(Config { resource: resource(), ..config(HttpProtobuf, sink.endpoint()) });
    let mut theirs = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(reqwest::Client::new())
        .with_endpoint(sink.endpoint())
        .build()
        .unwrap();
    theirs.set_resource(&resource());

    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(model(), 12..40);
    let (mut our_bytes, mut their_bytes) = (0, 0);
    for _ in 0..24 {
        let models = strategy.new_tree(&mut runner).unwrap().current();
        let batch = record(&models);
        let tally = export(&mut *ours, &batch).await;
        assert_eq!(counts(&tally), (models.len(), 0, 0));
        theirs.export(batch.spans().map(|view| span_data(&view)).collect()).await.unwrap();
        let received = sink.received();
        let [.., one, other] = &received[..] else { panic!("two requests") };
        assert_eq!(normal(one.request()), normal(other.request()));
        our_bytes += one.body.len();
        their_bytes += other.body.len();
    }
    // Ours are a little more where keys and names are empty, which is left out of theirs; theirs where the
    // status is Unset, which is left out of ours.
    println!("{our_bytes} bytes, opentelemetry-otlp {their_bytes}");
    assert!(our_bytes * 1_000 <= their_bytes * 1_001);
}
