//! Traces that come from other processes and go there.

use axum::http::HeaderMap;
use opentelemetry::trace::{SpanId, SpanKind, TraceContextExt as _, TraceId, Tracer as _};
use opentelemetry::{Context, global};
use traced::propagation::{extract_headers, inject_headers};
use traced::testing::{capture, use_global_provider};
use traced::{FutureExt as _, traced};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn incoming(trace: &str, flags: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", format!("00-{trace}-{PARENT}-{flags}").parse().unwrap());
    headers.insert("tracestate", "vendor=1".parse().unwrap());
    headers
}

fn outgoing() -> HeaderMap {
    let mut headers = HeaderMap::new();
    inject_headers(&mut headers);
    headers
}

#[traced(kind = Server)]
async fn serve() -> HeaderMap {
    tokio::task::yield_now().await;
    call().await
}

#[traced(kind = Client)]
async fn call() -> HeaderMap {
    tokio::task::yield_now().await;
    outgoing()
}

#[tokio::test]
async fn a_remote_parent_is_continued() {
    let capture = capture();
    let trace = "0af7651916cd43dd8448eb211c80319d";
    let sent = serve().in_context(extract_headers(&incoming(trace, "01"))).await;
    assert_eq!(capture.tree(), "serve [server]\n  call [client]\n");
    let (server, client) = (capture.find("serve").unwrap(), capture.find("call").unwrap());
    assert_eq!(server.trace_id, TraceId::from_hex(trace).unwrap());
    assert_eq!(server.parent_id, SpanId::from_hex(PARENT).unwrap());
    assert!(server.parent_is_remote);
    assert!(!client.parent_is_remote, "a local parent is not remote, although the trace came from elsewhere");
    assert_eq!((server.kind, client.kind), (SpanKind::Server, SpanKind::Client));
    assert_eq!((server.trace_state.as_str(), client.trace_state.as_str()), ("vendor=1", "vendor=1"));
    assert_eq!(sent["traceparent"], format!("00-{trace}-{}-01", client.span_id));
    assert_eq!(sent["tracestate"], "vendor=1");
}

#[tokio::test]
async fn an_unsampled_parent_passes_through() {
    use_global_provider();
    let capture = capture();
    let sent = serve().in_context(extract_headers(&incoming(TRACE, "00"))).await;
    assert_eq!(sent, incoming(TRACE, "00"), "its own id too: no span of ours is between");
    async {
        assert!(!traced::current().is_recording());
        assert_eq!(traced::current().trace_id().unwrap().to_string(), TRACE);
        global::tracer("third-party").in_span("theirs", |cx| {
            assert!(!cx.span().is_recording());
            assert_eq!(outgoing(), incoming(TRACE, "00"));
        });
    }
    .in_context(extract_headers(&incoming(TRACE, "00")))
    .await;
    assert_eq!(capture.tree(), "");
}

#[tokio::test]
async fn the_random_flag_is_passed_on() {
    let _capture = capture();
    let trace = "0af7651916cd43dd8448eb211c80319e";
    let sent = serve().in_context(extract_headers(&incoming(trace, "03"))).await;
    assert!(sent["traceparent"].to_str().unwrap().ends_with("-03"), "{sent:?}");
}

#[test]
fn headers_that_say_nothing_leave_the_current_trace() {
    #[traced]
    fn ours() {
        let here = Context::current().span().span_context().clone();
        let mut headers = HeaderMap::new();
        assert_eq!(*extract_headers(&headers).span().span_context(), here);
        headers.insert("traceparent", "nonsense".parse().unwrap());
        assert_eq!(*extract_headers(&headers).span().span_context(), here);
    }
    let _capture = capture();
    ours();
}

#[test]
fn nothing_is_injected_where_there_is_no_trace() {
    assert_eq!(outgoing(), HeaderMap::new());
}

#[test]
fn what_third_parties_make_current_is_injected() {
    use_global_provider();
    let capture = capture();
    let sent = global::tracer("third-party").in_span("theirs", |_| outgoing());
    let theirs = capture.find("theirs").unwrap();
    assert_eq!(sent["traceparent"], format!("00-{}-{}-01", theirs.trace_id, theirs.span_id));
}
