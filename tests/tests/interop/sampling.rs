//! The application's samplers. What is installed is process-wide, so that each test has a process of its own.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId, TraceState, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SamplingDecision, SamplingResult, ShouldSample, SpanData,
};
use traced::propagation::{extract_headers, inject_headers};
use traced::{FutureExt as _, Telemetry, traced};
use traced_tests::alone;

/// What a sampler was asked, and how it answers.
#[derive(Clone, Debug)]
struct Asked {
    seen: Arc<Mutex<Vec<Seen>>>,
    decide: fn(&str) -> SamplingDecision,
}

#[derive(Clone, Debug, PartialEq)]
struct Seen {
    name: String,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    links: usize,
    has_parent: bool,
}

impl ShouldSample for Asked {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        _trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        self.seen.lock().unwrap().push(Seen {
            name: name.to_owned(),
            kind: kind.clone(),
            attributes: attributes.to_vec(),
            links: links.len(),
            has_parent: parent.is_some_and(|parent| parent.span().span_context().is_valid()),
        });
        SamplingResult {
            decision: (self.decide)(name),
            attributes: vec![KeyValue::new("sampler.rule", "by name")],
            trace_state: TraceState::from_key_value([("sampler", "1")]).unwrap(),
        }
    }
}

fn install(sampler: impl ShouldSample + 'static) -> (Telemetry, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    let telemetry = traced::builder().sampler(sampler).exporter(exporter.clone()).install().unwrap();
    (telemetry, exporter)
}

fn install_asked(decide: fn(&str) -> SamplingDecision) -> (Asked, Telemetry, InMemorySpanExporter) {
    let asked = Asked { seen: Arc::default(), decide };
    let (telemetry, exporter) = install(asked.clone());
    (asked, telemetry, exporter)
}

fn exported(telemetry: &Telemetry, exporter: &InMemorySpanExporter) -> Vec<SpanData> {
    let _ = telemetry.flush(Duration::from_secs(10)).unwrap();
    let mut spans = exporter.get_finished_spans().unwrap();
    spans.sort_by_key(|span| span.start_time);
    spans
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

fn outgoing() -> HeaderMap {
    let mut headers = HeaderMap::new();
    inject_headers(&mut headers);
    headers
}

fn flags(headers: &HeaderMap) -> String {
    headers["traceparent"].to_str().unwrap().rsplit('-').next().unwrap().to_owned()
}

#[traced(kind = Server, fields(order, text = "x"))]
fn outer(order: u32) -> HeaderMap {
    assert_eq!(order, 7);
    inner()
}

#[traced]
fn inner() -> HeaderMap {
    outgoing()
}

#[test]
fn a_custom_sampler_sees_name_kind_and_attributes_and_adds_its_own() {
    alone!({
        let (asked, telemetry, exporter) = install_asked(|_| SamplingDecision::RecordAndSample);
        let sent = outer(7);
        let tracer = global::tracer("third-party");
        let theirs = tracer
            .span_builder("theirs")
            .with_kind(SpanKind::Client)
            .with_attributes([KeyValue::new("a", 1)])
            .with_links(vec![Link::with_context(Context::current().span().span_context().clone())]);
        drop(theirs.start(&tracer));

        let seen = asked.seen.lock().unwrap().clone();
        let outer = &seen[0];
        assert_eq!((outer.name.as_str(), &outer.kind, outer.has_parent), ("outer", &SpanKind::Server, false));
        let shown: BTreeSet<_> =
            outer.attributes.iter().map(|pair| format!("{}={}", pair.key, pair.value)).collect();
        assert!(shown.contains("order=7") && shown.contains("text=x"), "{shown:?}");
        assert_eq!((seen[1].name.as_str(), seen[1].has_parent), ("inner", true));
        assert_eq!((seen[2].name.as_str(), &seen[2].kind), ("theirs", &SpanKind::Client));
        assert_eq!(seen[2].attributes, [KeyValue::new("a", 1)]);
        assert_eq!(seen.len(), 3, "once for each span");

        let spans = exported(&telemetry, &exporter);
        assert_eq!(names(&spans), ["outer", "inner", "theirs"]);
        for span in &spans {
            let rules = span.attributes.iter().filter(|pair| pair.key.as_str() == "sampler.rule");
            assert_eq!(rules.count(), 1, "{span:?}");
            assert_eq!(span.span_context.trace_state().header(), "sampler=1");
        }
        let order = spans[0].attributes.iter().filter(|pair| pair.key.as_str() == "order");
        assert_eq!(order.count(), 1, "shown to the sampler and recorded, but once");
        assert_eq!(sent["tracestate"], "sampler=1", "it goes on to the next process");
    });
}

#[test]
fn a_dropped_span_has_an_identity_and_its_children_decide_for_themselves() {
    #[traced]
    fn inside(outside: &str) -> String {
        let inside = traced::current().trace_id().unwrap().to_string();
        assert_eq!(inside, outside, "one trace, recorded or not");
        flags(&outgoing())
    }
    #[traced("outer")]
    fn outside() -> String {
        assert!(!traced::current().is_recording());
        assert_eq!(flags(&outgoing()), "00");
        inside(&traced::current().trace_id().unwrap().to_string())
    }
    alone!({
        let decide = |name: &str| match name {
            "outer" => SamplingDecision::Drop,
            _ => SamplingDecision::RecordAndSample,
        };
        let (asked, telemetry, exporter) = install_asked(decide);
        assert_eq!(outside(), "01");
        assert_eq!(names(&exported(&telemetry, &exporter)), ["inside"]);
        assert_eq!(asked.seen.lock().unwrap().len(), 2);
    });
}

#[test]
fn record_only_records_and_does_not_export() {
    #[traced]
    fn ours() -> String {
        assert!(traced::current().is_recording());
        Context::current().span().set_attribute(KeyValue::new("a", 1));
        global::tracer("third-party").in_span("theirs", |cx| assert!(cx.span().is_recording()));
        flags(&outgoing())
    }
    alone!({
        let (_, telemetry, exporter) = install_asked(|_| SamplingDecision::RecordOnly);
        assert_eq!(ours(), "00", "others must not take it for sampled");
        assert_eq!(names(&exported(&telemetry, &exporter)), [""; 0]);
        assert_eq!(telemetry.stats().made, 0);
    });
}

#[test]
fn children_of_an_unsampled_root_are_not_recorded_either() {
    alone!({
        let (telemetry, exporter) = install(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)));
        let sent = outer(7);
        assert_eq!(flags(&sent), "00");
        global::tracer("third-party").in_span("theirs", |cx| {
            assert!(!cx.span().is_recording());
            assert_eq!(flags(&inner()), "00");
            let here = cx.span().span_context().trace_id();
            assert_eq!(outgoing()["traceparent"].to_str().unwrap()[3..35], here.to_string());
        });
        assert_eq!(names(&exported(&telemetry, &exporter)), [""; 0]);
        assert_eq!(telemetry.stats().sampled_out, 2);
    });
}

#[test]
fn a_parent_based_sampler_follows_the_remote_parent() {
    #[traced]
    async fn serve() -> HeaderMap {
        tokio::task::yield_now().await;
        outgoing()
    }
    alone!({
        let (telemetry, exporter) = install(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (incoming, count) in [("01", 1), ("00", 0)] {
            exporter.reset();
            let mut headers = HeaderMap::new();
            let parent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{incoming}");
            headers.insert("traceparent", parent.parse().unwrap());
            let sent = runtime.block_on(serve().in_context(extract_headers(&headers)));
            assert_eq!(flags(&sent), incoming);
            assert_eq!(exported(&telemetry, &exporter).len(), count);
        }
    });
}

#[test]
fn a_ratio_takes_about_its_share_of_traces_and_whole_ones() {
    alone!({
        const TRACES: usize = 10_000;
        let (telemetry, exporter) = install(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(0.25))));
        for _ in 0..TRACES {
            outer(7);
        }
        let spans = exported(&telemetry, &exporter);
        let outers = spans.iter().filter(|span| span.name == "outer").count();
        assert_eq!(spans.len(), 2 * outers, "whole traces");
        // Twenty standard deviations.
        assert!(outers.abs_diff(TRACES / 4) < 900, "{outers}");
        assert_eq!(telemetry.stats().sampled_out, (TRACES - outers) as u64);
    });
}

#[test]
fn always_on_records_below_an_unsampled_remote_parent() {
    alone!({
        let (telemetry, exporter) = install(Sampler::AlwaysOn);
        let mut headers = HeaderMap::new();
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        headers.insert("traceparent", parent.parse().unwrap());
        let remote = extract_headers(&headers);
        let _attached = remote.attach();
        assert_eq!(flags(&inner()), "01");
        let spans = exported(&telemetry, &exporter);
        assert_eq!(names(&spans), ["inner"]);
        assert!(spans[0].parent_span_is_remote);
    });
}
