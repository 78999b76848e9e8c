//! Where code runs that nobody expects to run there: in a `Display`, in a destructor, at the end of a thread, in an
//! exporter.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, ContextGuard, KeyValue, global};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData, SpanExporter};
use traced::propagation::{extract_headers, inject_headers};
use traced::testing::{capture, use_global_provider};
use traced::{FutureExt as _, InstallError, traced};
use traced_tests::alone;

#[traced]
fn leaf() {}

/// A `Display` that is traced itself.
struct Traced;

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        leaf();
        global::tracer("third-party").in_span("theirs", |_| ());
        f.write_str("shown")
    }
}

impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Traced {}

#[test]
fn a_display_may_make_spans() {
    #[traced(fields(%value))]
    fn with_field(value: Traced) -> Result<(), Traced> {
        Err(value)
    }
    use_global_provider();
    let capture = capture();
    assert!(with_field(Traced).is_err());
    let tree = capture.tree();
    assert!(tree.contains("with_field value=shown error.type=interop::edges::Traced error: shown"), "{tree}");
    assert!(!traced::current().is_recording());
}

#[test]
fn a_value_of_a_context_may_make_spans_when_it_is_dropped() {
    struct Value;
    impl Drop for Value {
        fn drop(&mut self) {
            leaf();
        }
    }
    #[traced]
    fn ours() {
        let _attached = Context::current_with_value(Value).attach();
        inside();
    }
    #[traced]
    fn inside() {}
    let capture = capture();
    ours();
    assert_eq!(capture.spans().len(), 3, "{}", capture.tree());
    assert!(!traced::current().is_recording());
}

#[test]
fn a_guard_that_outlives_its_function_confuses_nobody() {
    #[traced]
    fn leaves_a_guard() -> ContextGuard {
        Context::current().attach()
    }
    #[traced]
    fn around() {
        let guard = leaves_a_guard();
        leaf();
        drop(guard);
        leaf();
    }
    let capture = capture();
    around();
    // As long as the guard is there, its context is current, and so its span is the parent.
    assert_eq!(capture.tree(), "around\n  leaves_a_guard\n    leaf\n  leaf\n");
    assert!(!traced::current().is_recording());
}

#[test]
fn baggage_goes_through_annotated_functions() {
    #[traced]
    async fn ours() -> HeaderMap {
        tokio::task::yield_now().await;
        let mut headers = HeaderMap::new();
        inject_headers(&mut headers);
        headers
    }
    let capture = capture();
    let _attached = Context::current_with_baggage([KeyValue::new("customer", "7")]).attach();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let elsewhere = ours().in_current_span();
    let sent = std::thread::spawn(move || runtime.block_on(elsewhere)).join().unwrap();
    assert_eq!(sent["baggage"], "customer=7");
    let received = extract_headers(&sent);
    assert_eq!(received.baggage().get("customer").map(ToString::to_string).as_deref(), Some("7"));
    assert_eq!(received.span().span_context().span_id(), capture.find("ours").unwrap().span_id);
}

/// Everything that can be called, at a time when OpenTelemetry's own thread-local is gone.
struct AtTheEndOfAThread;

impl Drop for AtTheEndOfAThread {
    fn drop(&mut self) {
        leaf();
        let span = traced::current();
        span.set("key", 1).event("event", [("n", 1)]).rename("name").status(traced::Status::Ok);
        span.error(&Traced);
        assert!(!span.is_recording());
        assert_eq!(span.trace_id(), None);
        let future = std::pin::pin!(async { leaf() }.in_current_span());
        let _ = future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    }
}

thread_local! {
    static LAST: RefCell<Option<AtTheEndOfAThread>> = const { RefCell::new(None) };
}

/// A thread with everything at its end.
fn thread() {
    let thread = std::thread::spawn(|| {
        // Made first, and so dropped last.
        LAST.set(Some(AtTheEndOfAThread));
        leaf();
    });
    thread.join().unwrap();
}

// A panic there ends the process.

#[test]
fn a_thread_may_call_us_when_it_is_being_torn_down() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        thread();
        let report = telemetry.shutdown(Duration::from_secs(10)).unwrap();
        assert!(report.exported >= 1, "{report}");
    });
}

#[test]
fn a_thread_may_call_us_when_it_is_being_torn_down_with_another_provider() {
    alone!({
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let _telemetry = traced::builder().provider(provider).install().unwrap();
        thread();
    });
}

/// An exporter that is annotated, and that uses OpenTelemetry.
#[derive(Debug)]
struct Annotated(std::sync::mpsc::Sender<usize>);

impl SpanExporter for Annotated {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        leaf();
        global::tracer("third-party").in_span("theirs", |_| ());
        tokio::spawn(async { leaf() }).await.unwrap();
        self.0.send(spans.len()).unwrap();
        Ok(())
    }
}

#[test]
fn an_exporter_does_not_feed_itself() {
    alone!({
        let (sender, exported) = std::sync::mpsc::channel();
        let telemetry = traced::builder().exporter(Annotated(sender)).install().unwrap();
        leaf();
        for _ in 0..3 {
            assert_eq!(telemetry.flush(Duration::from_secs(10)).unwrap().made, 1);
        }
        assert_eq!(telemetry.shutdown(Duration::from_secs(10)).unwrap().made, 1);
        assert_eq!(exported.iter().collect::<Vec<_>>(), [1]);
    });
}

#[test]
fn telemetry_can_be_installed_again_after_shutdown() {
    alone!({
        let kept = global::tracer("third-party");
        let installed: Vec<_> = (0..3)
            .map(|_| {
                let exporter = InMemorySpanExporter::default();
                let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
                let again = traced::builder().install().unwrap_err();
                assert!(matches!(again, InstallError::AlreadyInstalled), "{again}");
                leaf();
                global::tracer("third-party").in_span("theirs", |_| leaf());
                kept.in_span("through a tracer from before", |_| ());
                // Not `drop`: the exporter forgets everything when it is shut down.
                let _ = telemetry.flush(Duration::from_secs(10)).unwrap();
                let names = exporter.get_finished_spans().unwrap().into_iter().map(|span| span.name);
                let names = names.collect::<Vec<_>>();
                let report = telemetry.shutdown(Duration::from_secs(10)).unwrap();
                assert_eq!(report.made, names.len() as u64);
                leaf();
                names
            })
            .collect();
        assert_eq!(installed[1][..3], ["leaf", "leaf", "theirs"]);
        assert_eq!(installed[1][..3], installed[2][..3]);
    });
}

#[test]
fn deeper_than_opentelemetry_can_nest() {
    const DEPTH: usize = 70_000;
    #[traced]
    fn nested(left: usize) -> usize {
        if left == 0 { 0 } else { nested(left - 1) + 1 }
    }
    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).memory(1 << 28).install().unwrap();
        let deep = std::thread::Builder::new().stack_size(1 << 30).spawn(|| {
            assert_eq!(nested(DEPTH), DEPTH);
            assert!(!traced::current().is_recording());
        });
        deep.unwrap().join().unwrap();
        let report = telemetry.flush(Duration::from_secs(20)).unwrap();
        assert_eq!(report.exported, DEPTH as u64 + 1);
        let spans = exporter.get_finished_spans().unwrap();
        assert!(spans.iter().all(|span| span.span_context.trace_id() == spans[0].span_context.trace_id()));
    });
}
