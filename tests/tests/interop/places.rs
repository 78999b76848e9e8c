//! `root`, `parent`, `links`, `follows_from` and computed names, with the real recorders.

use futures_util::{Stream, StreamExt as _};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use traced::testing::capture;
use traced::{Carry, traced};
use traced_tests::alone;

fn remote(trace_id: u128, span_id: u64, sampled: bool) -> SpanContext {
    let flags = TraceFlags::default().with_sampled(sampled);
    let state = TraceState::from_key_value([("vendor", "1")]).unwrap();
    SpanContext::new(TraceId::from(trace_id), SpanId::from(span_id), flags, true, state)
}

#[traced]
fn inner() {}

#[traced(root)]
fn root() {
    inner();
}

#[traced(root, ret)]
async fn root_later() -> Option<u8> {
    tokio::task::yield_now().await;
    inner();
    Some(1)
}

#[traced(parent = place)]
fn sync_in(place: impl traced::Place) -> Result<(), String> {
    inner();
    Err("broken".to_owned())
}

#[traced(parent = *place)]
async fn async_in(place: &Context) {
    tokio::task::yield_now().await;
    inner();
}

#[traced(parent = place)]
fn nothing_to_drop(place: &Context) {
    inner();
}

#[traced(parent = None)]
fn no_parent() {}

/// Runs a story in a span called `outer` and one called `other`, of which it is given the context.
#[traced]
fn outer(story: impl FnOnce(Context)) {
    let other = other();
    story(other);
}

#[traced]
fn other() -> Context {
    Context::current()
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}

/// Names and parents' names of what both recorders make of it.
fn recorded(story: fn(Context)) -> [Vec<(String, String)>; 2] {
    let capture = capture();
    outer(story);
    // What has no parent begins a trace of its own here.
    let ours = capture.spans().into_iter().map(|span| (span.name, span.span_id, span.parent_id));
    let ours = parents(&ours.collect::<Vec<_>>());
    drop(capture);
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let telemetry = traced::builder().provider(provider).install().unwrap();
    outer(story);
    let spans = exporter.get_finished_spans().unwrap().into_iter();
    drop(telemetry);
    let id = |span: SpanData| (span.name.into_owned(), span.span_context.span_id(), span.parent_span_id);
    [ours, parents(&spans.map(id).collect::<Vec<_>>())]
}

fn parents(spans: &[(String, SpanId, SpanId)]) -> Vec<(String, String)> {
    let name = |id: SpanId| match spans.iter().find(|span| span.1 == id) {
        Some(parent) => parent.0.clone(),
        None if id == SpanId::INVALID => "-".to_owned(),
        None => format!("remote {id}"),
    };
    spans.iter().map(|(own, _, parent)| (own.clone(), name(*parent))).collect()
}

fn assert_parents(story: fn(Context), expected: &[(&str, &str)]) {
    let mut all = vec![("other", "outer")];
    all.extend(expected);
    all.push(("outer", "-"));
    for (found, by) in recorded(story).iter().zip(["us", "a provider"]) {
        let found: Vec<_> = found.iter().map(|(name, parent)| (name.as_str(), parent.as_str())).collect();
        assert_eq!(found, all, "by {by}");
    }
}

#[test]
fn a_root_has_no_parent_and_is_one() {
    alone!({
        assert_parents(
            |_| {
                root();
                block_on(async {
                    root_later().await;
                });
                no_parent();
                inner();
            },
            &[
                ("inner", "root"),
                ("root", "-"),
                ("inner", "root_later"),
                ("root_later", "-"),
                ("no_parent", "-"),
                ("inner", "outer"),
            ],
        );
    });
}

#[test]
fn a_parent_is_wherever_it_is_said_to_be() {
    alone!({
        assert_parents(
            |other| {
                sync_in(other.clone()).unwrap_err();
                block_on(async_in(&other));
                nothing_to_drop(&other);
                let here = other.span().span_context().clone();
                sync_in(&here).unwrap_err();
                sync_in(remote(7, 8, true)).unwrap_err();
                sync_in(Some(std::sync::Arc::new(Carry::current()))).unwrap_err();
                sync_in(None::<Context>).unwrap_err();
                inner();
            },
            &[
                ("inner", "sync_in"),
                ("sync_in", "other"),
                ("inner", "async_in"),
                ("async_in", "other"),
                ("inner", "nothing_to_drop"),
                ("nothing_to_drop", "other"),
                ("inner", "sync_in"),
                ("sync_in", "other"),
                ("inner", "sync_in"),
                ("sync_in", "remote 0000000000000008"),
                ("inner", "sync_in"),
                ("sync_in", "outer"),
                ("inner", "sync_in"),
                ("sync_in", "outer"),
                ("inner", "outer"),
            ],
        );
    });
}

#[traced(parent = cx, fields(name))]
fn later_in(cx: &SpanContext, name: &str) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async { inner() })
}

#[traced(parent = cx)]
fn stream_in(cx: &SpanContext) -> impl Stream<Item = ()> + Unpin + use<> {
    futures_util::stream::iter([1]).map(|_| inner())
}

#[traced(parent = cx)]
async fn makes_in(cx: &SpanContext) -> impl Stream<Item = ()> + Unpin + use<> {
    inner();
    futures_util::stream::iter([1]).map(|_| inner())
}

#[traced(parent = cx)]
fn block_makes_in(cx: &SpanContext) -> impl Future<Output = impl Stream<Item = ()> + Unpin + use<>> + use<> {
    let items = [cx.trace_flags()];
    async move { futures_util::stream::iter(items).map(|_| inner()) }
}

#[traced(parent = cx)]
fn makes_now_in(cx: &SpanContext) -> Result<impl Stream<Item = ()> + Unpin + use<>, String> {
    inner();
    Ok(futures_util::stream::iter([1]).map(|_| inner()))
}

#[test]
fn what_makes_a_stream_has_a_place_too() {
    alone!({
        assert_parents(
            |other| {
                let other = other.span().span_context().clone();
                block_on(async {
                    makes_in(&other).await.next().await;
                    block_makes_in(&other).await.next().await;
                    makes_now_in(&other).unwrap().next().await;
                });
            },
            &[
                ("inner", "makes_in"),
                ("inner", "makes_in"),
                ("makes_in", "other"),
                ("inner", "block_makes_in"),
                ("block_makes_in", "other"),
                ("inner", "makes_now_in"),
                ("inner", "makes_now_in"),
                ("makes_now_in", "other"),
            ],
        );
    });
}

#[test]
fn what_begins_under_a_parent_that_is_not_sampled_is_not_recorded_either() {
    alone!({
        assert_parents(
            |_| {
                sync_in(remote(7, 8, false)).unwrap_err();
                block_on(async {
                    async_in(&Context::new().with_remote_span_context(remote(7, 8, false))).await;
                    later_in(&remote(7, 8, false), "not sampled").await;
                    stream_in(&remote(7, 8, false)).next().await;
                    makes_in(&remote(7, 8, false)).await.next().await;
                    block_makes_in(&remote(7, 8, false)).await.next().await;
                    makes_now_in(&remote(7, 8, false)).unwrap().next().await;
                });
                inner();
            },
            &[("inner", "outer")],
        );
    });
}

#[traced(parent = cx, name = name, fields(name))]
fn returned(cx: &Context, name: &str) -> impl Future<Output = ()> + use<> {
    std::future::ready(()).inspect_ready()
}

#[traced(leaf, parent = cx)]
fn returned_leaf(cx: &Context) -> impl Future<Output = ()> + use<> {
    std::future::ready(()).inspect_ready()
}

#[traced(root)]
fn boxed() -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async { inner() })
}

trait InspectReady: Future<Output = ()> + Sized {
    async fn inspect_ready(self) {
        self.await;
        inner();
    }
}

impl<F: Future<Output = ()>> InspectReady for F {}

#[test]
fn returned_futures_and_blocks_have_places_too() {
    alone!({
        assert_parents(
            |other| {
                let waits = returned(&other, "named later");
                block_on(async {
                    waits.await;
                    boxed().await;
                    returned_leaf(&other).await;
                    traced::span!("leaf"; leaf, parent = other).in_future(async { inner() }).await;
                    traced::span!("future"; parent = other).in_future(async { inner() }).await;
                });
                traced::span!("closure"; root).in_scope(inner);
                {
                    let _span = traced::span!("guard"; parent = &other).guard();
                    inner();
                }
                let handle =
                    traced::span!("handle"; parent = other, links = [other], level = "debug").start();
                handle.in_scope(inner);
                handle.end();
                inner();
            },
            &[
                ("inner", "named later"),
                ("named later", "other"),
                ("inner", "boxed"),
                ("boxed", "-"),
                ("inner", "returned_leaf"),
                ("returned_leaf", "other"),
                ("inner", "leaf"),
                ("leaf", "other"),
                ("inner", "future"),
                ("future", "other"),
                ("inner", "closure"),
                ("closure", "-"),
                ("inner", "guard"),
                ("guard", "other"),
                ("inner", "handle"),
                ("handle", "other"),
                ("inner", "outer"),
            ],
        );
    });
}

#[traced(name = format!("GET {route}"), links = [cause, Carry::current()], follows_from = causes)]
fn named(route: &str, cause: &Context, causes: &[SpanContext]) {}

#[traced(name = std::convert::identity(""))]
fn function_s_own() {}

#[test]
fn names_and_links_are_told_by_the_call() {
    let capture = capture();
    outer(|other| {
        named("/orders", &other, &[remote(7, 8, true), SpanContext::NONE, remote(9, 10, false)]);
        function_s_own();
    });
    let span = capture.find("GET /orders").unwrap();
    let outer = capture.find("outer").unwrap();
    let other = capture.find("other").unwrap();
    let links: Vec<_> = span.links.iter().map(|link| (link.trace_id, link.span_id)).collect();
    assert_eq!(
        links,
        [
            (outer.trace_id, other.span_id),
            (outer.trace_id, outer.span_id),
            (TraceId::from(7), SpanId::from(8)),
            (TraceId::from(9), SpanId::from(10)),
        ]
    );
    assert_eq!(span.attribute("code.function.name").unwrap().as_str(), "interop::places::named");
    assert!(capture.find("function_s_own").is_some());
}

#[test]
fn a_provider_is_told_names_and_links_too() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let _telemetry = traced::builder().provider(provider).install().unwrap();
        let cause = Context::new().with_remote_span_context(remote(7, 8, true));
        named("/orders", &cause, &[remote(9, 10, false)]);
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans[0].name, "GET /orders");
        let links: Vec<_> = spans[0].links.iter().map(|link| link.span_context.clone()).collect();
        assert_eq!(links, [remote(7, 8, true), remote(9, 10, false)]);
    });
}

#[test]
fn an_exporter_and_a_sampler_see_names_and_links() {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::{Link, SpanKind};
    use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

    #[derive(Clone, Debug)]
    struct ByName;
    impl ShouldSample for ByName {
        fn should_sample(
            &self,
            _: Option<&Context>,
            _: TraceId,
            name: &str,
            _: &SpanKind,
            _: &[KeyValue],
            links: &[Link],
        ) -> SamplingResult {
            let wanted = name == "GET /orders" && links.len() == 2;
            SamplingResult {
                decision: if wanted { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
                attributes: Vec::new(),
                trace_state: TraceState::NONE,
            }
        }
    }

    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).sampler(ByName).install().unwrap();
        let cause = Context::new().with_remote_span_context(remote(7, 8, true));
        named("/orders", &cause, &[remote(9, 10, false)]);
        named("/customers", &cause, &[remote(9, 10, false)]);
        let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.iter().map(|span| &*span.name).collect::<Vec<_>>(), ["GET /orders"]);
        let links: Vec<_> = spans[0].links.iter().map(|link| link.span_context.clone()).collect();
        assert_eq!(links, [remote(7, 8, true), remote(9, 10, false)]);
    });
}

#[test]
fn a_root_is_one_for_a_sampler_of_the_applications_too() {
    use opentelemetry::KeyValue;
    use opentelemetry::baggage::BaggageExt as _;
    use opentelemetry::trace::{Link, SpanKind};
    use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

    #[derive(Clone, Debug)]
    struct ByBaggage;
    impl ShouldSample for ByBaggage {
        fn should_sample(
            &self,
            parent: Option<&Context>,
            _: TraceId,
            _: &str,
            _: &SpanKind,
            _: &[KeyValue],
            _: &[Link],
        ) -> SamplingResult {
            let wanted = parent.is_some_and(|parent| parent.baggage().get("tenant").is_some());
            SamplingResult {
                decision: if wanted { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
                attributes: Vec::new(),
                trace_state: TraceState::NONE,
            }
        }
    }

    alone!({
        let exporter = InMemorySpanExporter::default();
        let sampler = Sampler::ParentBased(Box::new(ByBaggage));
        let telemetry = traced::builder().exporter(exporter.clone()).sampler(sampler).install().unwrap();
        let baggage = Context::current().with_baggage([KeyValue::new("tenant", "a")]);
        outer(|_| root());
        let _attached = baggage.attach();
        outer(|_| root());
        let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
        let spans = exporter.get_finished_spans().unwrap();
        let spans = spans.into_iter();
        let id = |span: SpanData| (span.name.into_owned(), span.span_context.span_id(), span.parent_span_id);
        let found = parents(&spans.map(id).collect::<Vec<_>>());
        let found: Vec<_> = found.iter().map(|(name, parent)| (name.as_str(), parent.as_str())).collect();
        assert_eq!(found, [("other", "outer"), ("inner", "root"), ("root", "-"), ("outer", "-")]);
    });
}

#[test]
fn nothing_is_evaluated_while_nobody_records() {
    fn evaluated<T>() -> T {
        unreachable!("nobody records")
    }
    #[traced(
        name = evaluated::<String>(),
        links = [evaluated::<Context>()],
        parent = evaluated::<Context>()
    )]
    fn unrecorded() -> u8 {
        1
    }
    alone!({
        assert_eq!(unrecorded(), 1);
        let span = traced::span!("a block", n = evaluated::<u8>(); parent = evaluated::<Context>());
        assert_eq!(span.in_scope(|| 1), 1);
    });
}
