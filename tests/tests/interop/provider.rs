//! An application with a tracer provider of its own gets the same spans through it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::pin::pin;
use std::task::Waker;

use futures_util::stream::{self, Stream, StreamExt as _};
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use traced::testing::{Span, SpanStatus, capture, use_global_provider};
use traced::{span, traced};
use traced_tests::alone;

#[derive(Debug)]
struct NoStock(&'static str);

impl std::fmt::Display for NoStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no {} left", self.0)
    }
}

impl std::error::Error for NoStock {}

struct Shop {
    rows: u32,
}

impl Shop {
    #[traced(kind = Client, fields(item, count = 3, gift = true, price = 9.5))]
    async fn reserve(&self, item: &'static str) -> Result<(), NoStock> {
        tokio::task::yield_now().await;
        self.look_up(item)
    }

    #[traced]
    fn look_up(&self, item: &'static str) -> Result<(), NoStock> {
        traced::current().set("rows", self.rows).event("cache miss", [("size", 42)]);
        Err(NoStock(item))
    }
}

#[traced("checkout")]
async fn check_out() {
    let _ = Shop { rows: 0 }.reserve("book").await;
    let tracer = global::tracer("third-party");
    let theirs = Context::current_with_span(tracer.start("theirs"));
    inner().with_context(theirs).await;
    cancelled();
    let _ = std::panic::catch_unwind(panics);
    told();
    let _ = (typed(), typed_late());
    crate::policy::story();
    traced::spawn(task()).await.unwrap();
    blocks().await;
}

async fn blocks() {
    let handle = span!("handle", n = 1; kind = Client).start();
    handle.set("more", [1, 2]).event("moved", [("to", "a thread")]);
    let handle = std::thread::spawn(move || {
        handle.in_scope(told);
        handle
    });
    let handle = handle.join().unwrap();
    handle.error(&NoStock("pen")).rename("handle, renamed");
    handle.status(traced::Status::Ok);
    handle.end();
    span!("block").in_scope(told);
    span!("future", of = "a block").in_future(inner()).await;
    let failing = stream::iter([Ok(1), Err(NoStock("pen"))]).inspect(|_| told());
    assert_eq!(rows(failing).count().await, 2);
}

#[traced]
fn rows(
    stream: impl Stream<Item = Result<u8, NoStock>> + Send,
) -> impl Stream<Item = Result<u8, NoStock>> + Send {
    stream
}

#[traced(fields(late = Empty))]
async fn inner() {
    tokio::task::yield_now().await;
    traced::record!(late = u64::MAX);
    traced::current().rename("inner, renamed");
    Context::current().span().set_attribute(KeyValue::new("set.by", "a third party"));
}

#[traced(kind = Producer)]
async fn task() {
    tokio::task::yield_now().await;
}

#[traced]
async fn never_ends() {
    struct CleansUp;
    impl Drop for CleansUp {
        fn drop(&mut self) {
            told();
        }
    }
    let _cleans_up = CleansUp;
    std::future::pending::<()>().await;
}

fn cancelled() {
    let mut future = pin!(never_ends());
    assert!(future.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())).is_pending());
}

#[traced]
fn panics() {
    panic!("expected");
}

#[traced(fields(error.type = "mine"))]
fn typed() -> Result<(), NoStock> {
    Err(NoStock("a type"))
}

#[traced]
fn typed_late() -> Result<(), NoStock> {
    traced::current().set("error.type", "mine");
    Err(NoStock("a type"))
}

#[traced(ret, fields(late = Empty))]
fn told() {
    traced::record!(late = 3);
    let span = traced::current();
    span.status(traced::Status::Ok);
    span.status(traced::Status::Error("too late"));
    span.link(&Context::current());
    span.event::<i64>("plain", []);
    span.set("list", vec!["a", "b"]);
}

/// Many traces on many workers.
fn story() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        for _ in 0..3 {
            traced::spawn(check_out()).await.unwrap();
        }
    });
}

/// A span as both recorders know it.
struct Node {
    id: SpanId,
    parent: SpanId,
    start: std::time::SystemTime,
    name: String,
    kind: SpanKind,
    scope: String,
    attributes: Vec<KeyValue>,
    events: Vec<(String, Vec<KeyValue>)>,
    links: usize,
    status: SpanStatus,
}

impl From<Span> for Node {
    fn from(span: Span) -> Self {
        Self {
            id: span.span_id,
            parent: span.parent_id,
            start: span.start,
            name: span.name,
            kind: span.kind,
            scope: span.scope,
            attributes: span.attributes,
            events: span.events.into_iter().map(|event| (event.name, event.attributes)).collect(),
            links: span.links.len(),
            status: span.status,
        }
    }
}

impl From<SpanData> for Node {
    fn from(span: SpanData) -> Self {
        Self {
            id: span.span_context.span_id(),
            parent: span.parent_span_id,
            start: span.start_time,
            name: span.name.into_owned(),
            kind: span.span_kind,
            scope: span.instrumentation_scope.name().to_owned(),
            attributes: span.attributes,
            events: span
                .events
                .iter()
                .map(|event| (event.name.to_string(), event.attributes.clone()))
                .collect(),
            links: span.links.len(),
            status: match span.status {
                Status::Unset => SpanStatus::Unset,
                Status::Ok => SpanStatus::Ok,
                Status::Error { description } => SpanStatus::Error(description.into_owned()),
            },
        }
    }
}

/// The spans as text with all that must be the same: all but ids, times, and in which order attributes were set.
fn tree(spans: impl IntoIterator<Item = impl Into<Node>>) -> String {
    let mut nodes: Vec<Node> = spans.into_iter().map(Into::into).collect();
    nodes.sort_by_key(|node| node.start);
    let mut children = HashMap::<SpanId, Vec<&Node>>::new();
    for node in &nodes {
        children.entry(node.parent).or_default().push(node);
    }
    let mut text = String::new();
    write_children(&mut text, &children, SpanId::INVALID, 0);
    assert_eq!(text.lines().filter(|line| line.contains(" in ")).count(), nodes.len(), "no orphans: {text}");
    text
}

fn write_children(text: &mut String, children: &HashMap<SpanId, Vec<&Node>>, parent: SpanId, depth: usize) {
    for node in children.get(&parent).into_iter().flatten() {
        let indent = "  ".repeat(depth);
        let Node { name, kind, scope, links, status, .. } = node;
        writeln!(text, "{indent}{name} {kind:?} in {scope}, {links} links, {status:?}").unwrap();
        write_attributes(text, &indent, &node.attributes);
        for (event, attributes) in &node.events {
            writeln!(text, "{indent}- {event}").unwrap();
            write_attributes(text, &indent, attributes);
        }
        write_children(text, children, node.id, depth + 1);
    }
}

fn write_attributes(text: &mut String, indent: &str, attributes: &[KeyValue]) {
    let mut lines: Vec<_> =
        attributes.iter().map(|pair| format!("{indent}  . {} = {:?}\n", pair.key, pair.value)).collect();
    lines.sort();
    text.extend(lines);
}

/// What our own recorder makes of it.
fn recorded_by_us() -> String {
    let capture = capture();
    use_global_provider();
    story();
    assert!(!Context::current().span().span_context().is_valid());
    let tree = tree(capture.spans());
    for expected in [
        "checkout Internal in traced-tests",
        "    Shop::look_up Internal",
        ". code.function.name = String(Owned(\"interop::provider::Shop::look_up\"))",
        "- cancelled",
        "- exception",
        ". exception.message = String(Owned(\"no book left\"))",
        ". error.type = String(Owned(\"panic\"))",
        "theirs Internal in third-party",
        "    inner, renamed Internal",
        "told Internal in traced-tests, 1 links, Ok",
        "handle, renamed Client in traced-tests, 0 links, Ok",
        "rows Internal in traced-tests, 0 links, Error(\"no pen left\")",
        ". stream.items = I64(2)",
    ] {
        assert!(tree.contains(expected), "{expected}: {tree}");
    }
    tree
}

fn sdk() -> (SdkTracerProvider, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    (SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build(), exporter)
}

/// How values are held, borrowed or owned, is nothing that anybody sees.
fn normal(tree: &str) -> String {
    tree.replace("Owned(", "(").replace("Static(", "(").replace("RefCounted(", "(")
}

#[test]
fn a_provider_of_the_applications_gets_the_same_spans() {
    alone!({
        let ours = recorded_by_us();
        let (provider, exporter) = sdk();
        global::set_tracer_provider(provider.clone());
        let telemetry = traced::builder().provider(provider).install().unwrap();
        story();
        assert_eq!(normal(&tree(exporter.get_finished_spans().unwrap())), normal(&ours));
        drop(telemetry);
        exporter.reset();
        story();
        let rest = exporter.get_finished_spans().unwrap();
        assert_eq!(rest.len(), 3, "only those of the third party");
    });
}

#[test]
fn the_global_provider_gets_the_same_spans() {
    alone!({
        let ours = recorded_by_us();
        let (provider, exporter) = sdk();
        global::set_tracer_provider(provider);
        let _telemetry = traced::builder().global_provider().install().unwrap();
        story();
        assert_eq!(normal(&tree(exporter.get_finished_spans().unwrap())), normal(&ours));
    });
}

#[test]
fn a_provider_is_told_when_a_span_began_and_ended() {
    alone!({
        let (provider, exporter) = sdk();
        let _telemetry = traced::builder().provider(provider).install().unwrap();
        let at = |seconds| std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        span!("waited").start_at(at(1)).end_at(at(3));
        let span = &exporter.get_finished_spans().unwrap()[0];
        assert_eq!((span.start_time, span.end_time), (at(1), at(3)));
    });
}

#[test]
fn a_provider_that_is_replaced_is_followed() {
    alone!({
        let (first, in_first) = sdk();
        let (second, in_second) = sdk();
        // Kept: its exporter forgets everything when it is shut down.
        global::set_tracer_provider(first.clone());
        let _telemetry = traced::builder().global_provider().install().unwrap();
        told();
        global::set_tracer_provider(second);
        told();
        let count = |exporter: &InMemorySpanExporter| exporter.get_finished_spans().unwrap().len();
        assert_eq!((count(&in_first), count(&in_second)), (1, 1));
        drop(first);
    });
}

#[test]
fn an_exporter_of_the_applications_gets_the_same_spans() {
    alone!({
        let ours = recorded_by_us();
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        story();
        let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(normal(&tree(exporter.get_finished_spans().unwrap())), normal(&ours));
    });
}

#[test]
fn a_remote_parent_is_continued_through_a_provider() {
    alone!({
        let (provider, exporter) = sdk();
        let _telemetry = traced::builder().provider(provider).install().unwrap();
        let remote = SpanContext::new(
            7_u128.into(),
            8_u64.into(),
            opentelemetry::TraceFlags::SAMPLED,
            true,
            opentelemetry::trace::TraceState::default(),
        );
        let _attached = Context::new().with_remote_span_context(remote).attach();
        told();
        let span = &exporter.get_finished_spans().unwrap()[0];
        assert_eq!((span.parent_span_id, span.parent_span_is_remote), (SpanId::from(8), true));
    });
}
