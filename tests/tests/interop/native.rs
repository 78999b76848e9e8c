//! Spans of third parties, made through OpenTelemetry's own API, under annotated functions and over them.

use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::trace::{
    Event, FutureExt as _, Link, Span as _, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags,
    TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue, global};
use traced::testing::{capture, use_global_provider};
use traced::traced;

#[traced]
fn ours_inside() {}

#[traced]
fn ours_outside() {
    global::tracer("third-party").in_span("theirs", |_| ours_inside());
}

#[test]
fn synchronous_spans_nest_both_ways() {
    use_global_provider();
    let capture = capture();
    global::tracer("third-party").in_span("outermost", |_| ours_outside());
    assert_eq!(
        capture.tree(),
        "\
outermost
  ours_outside
    theirs
      ours_inside
"
    );
    assert_eq!(capture.find("theirs").unwrap().scope, "third-party");
    assert_eq!(capture.find("ours_inside").unwrap().scope, env!("CARGO_PKG_NAME"));
}

#[traced]
async fn ours_inside_async() {
    tokio::task::yield_now().await;
    global::tracer("third-party").in_span("theirs at the bottom", |_| ());
    tokio::task::yield_now().await;
}

#[traced]
async fn ours_outside_async() {
    tokio::task::yield_now().await;
    let tracer = global::tracer("third-party");
    let theirs = Context::current_with_span(tracer.start("theirs"));
    let inside = async {
        tokio::task::yield_now().await;
        ours_inside_async().await;
        tokio::task::yield_now().await;
    };
    inside.with_context(theirs).await;
    ours_inside_async().await;
}

const ASYNC_TREE: &str = "\
ours_outside_async
  theirs
    ours_inside_async
      theirs at the bottom
  ours_inside_async
    theirs at the bottom
";

#[tokio::test]
async fn spans_nest_both_ways_across_awaits() {
    use_global_provider();
    let capture = capture();
    ours_outside_async().await;
    assert_eq!(capture.tree(), ASYNC_TREE);
}

#[test]
fn spans_nest_both_ways_on_many_workers() {
    const TASKS: usize = 100;
    use_global_provider();
    let capture = capture();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| traced::spawn(ours_outside_async())).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(capture.tree(), ASYNC_TREE.repeat(TASKS));
}

#[test]
fn a_built_span_keeps_all_that_it_was_built_with() {
    use_global_provider();
    let capture = capture();
    let start = UNIX_EPOCH + Duration::from_secs(1_000);
    let linked =
        SpanContext::new(TraceId::from(7), SpanId::from(8), TraceFlags::SAMPLED, true, TraceState::default());
    let tracer = global::tracer("third-party");
    let mut span = tracer
        .span_builder("built")
        .with_kind(SpanKind::Producer)
        .with_start_time(start)
        .with_attributes([KeyValue::new("a", 1), KeyValue::new("b", "two")])
        .with_events(vec![Event::new("before", start, vec![KeyValue::new("in.event", true)], 0)])
        .with_links(vec![Link::new(linked, vec![KeyValue::new("in.link", 1.5)], 0)])
        .start(&tracer);
    span.end_with_timestamp(start + Duration::from_secs(2));
    assert_eq!(
        capture.tree(),
        "\
built [producer] a=1 b=two
  - before in.event=true
  ~ link in.link=1.5
"
    );
    let built = capture.find("built").unwrap();
    assert_eq!((built.start, built.end), (start, start + Duration::from_secs(2)));
    assert_eq!(built.event("before").unwrap().time, start);
    assert_eq!((built.links[0].trace_id, built.links[0].span_id), (TraceId::from(7), SpanId::from(8)));
}

#[test]
fn an_explicit_parent_counts_more_than_the_current_span() {
    #[traced]
    fn elsewhere(parent: &Context) {
        let tracer = global::tracer("third-party");
        tracer.start_with_context("theirs", parent).end();
    }
    use_global_provider();
    let capture = capture();
    let tracer = global::tracer("third-party");
    let parent = Context::current_with_span(tracer.start("parent"));
    elsewhere(&parent);
    parent.span().end();
    drop(parent);
    assert_eq!(
        capture.tree(),
        "\
parent
  theirs
elsewhere
"
    );
}

#[test]
fn a_suppressed_scope_records_nothing() {
    use_global_provider();
    let capture = capture();
    {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        ours_outside();
        assert!(!traced::current().is_recording());
    }
    assert_eq!(capture.tree(), "");
}

#[test]
fn a_tracer_may_be_kept() {
    use_global_provider();
    let tracer = global::tracer("third-party");
    // With nobody recording in this context, it records nothing.
    tracer.in_span("before", |cx| assert!(!cx.span().is_recording()));
    let first = capture();
    tracer.in_span("first", |cx| assert!(cx.span().is_recording()));
    assert_eq!(first.tree(), "first\n");
    drop(first);
    let second = capture();
    tracer.in_span("second", |_| ());
    assert_eq!(second.tree(), "second\n");
}
