//! The SDK's own exporters, and badly behaved ones.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope, Key, KeyValue, Value};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use traced_core::CallSite;

use super::*;
use crate::record::{Body, Flags, Header, Limits, LinkTo, OriginId, Origins, encode_event_with};

fn resource() -> Resource {
    Resource::builder_empty().with_service_name("orders").build()
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("shop")
        .with_version("1.2.0")
        .with_schema_url("https://opentelemetry.io/schemas/1.42.0")
        .with_attributes([KeyValue::new("team", "checkout")])
        .build()
}

fn linked() -> SpanContext {
    let state = TraceState::from_key_value([("a", "1")]).unwrap();
    SpanContext::new(TraceId::from(5), SpanId::from(6), TraceFlags::SAMPLED, true, state)
}

/// One span with everything, then plain ones.
fn batch(spans: u64) -> Arc<Batch> {
    let (mut batch, mut origins) = (Batch::default(), Origins::default());
    for id in 1..=spans {
        let mut flags = Flags::new(3, if id == 1 { 3 } else { 1 });
        flags.set_own_name(true);
        flags.set_parent_remote(id == 1);
        let mut body = Body::default();
        body.reset(&Limits { attributes: 3, ..Limits::default() });
        body.rename("work");
        let mut state = TraceState::default();
        if id == 1 {
            body.key_value(&KeyValue::new("text", "x"));
            body.key_value(&KeyValue::new("ratio", 0.5));
            body.key_value(&KeyValue::new("list", Value::Array(Array::I64(vec![1, 2]))));
            body.key_value(&KeyValue::new("one too many", true));
            let pairs = [KeyValue::new("k", true)];
            body.encoded_event(&encode_event_with("event", 1_500_000_000, &body.limits(), &pairs));
            body.link(&LinkTo::from(&linked()), &[KeyValue::new("l", 1)]);
            body.status(&traced_core::Status::Error("declined"));
            state = TraceState::from_key_value([("vendor", "v")]).unwrap();
        }
        body.trace_state(&state.header());
        let body = body.finish(&mut flags);
        let header = Header {
            flags,
            trace_id: 7,
            span_id: id,
            parent_id: 9,
            start: 1_000_000_001,
            end: 2_000_000_002,
            origin: OriginId::of_scope(&scope()),
        };
        batch.push(header, body, &mut origins);
    }
    batch.into()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    output
}

async fn export(exporter: &mut dyn Exporter, spans: u64) -> Tally {
    let mut tally = Tally::default();
    exporter.export(&batch(spans), &mut tally).await;
    tally
}

#[test]
fn the_sdks_exporter_gets_all_of_a_span() {
    let memory = InMemorySpanExporter::default();
    run(async {
        let mut adapter = exporter(memory.clone(), &resource());
        assert_eq!(export(&mut *adapter, 2).await.exported, 2);
        let spans = memory.get_finished_spans().unwrap();
        let [span, plain] = &spans[..] else { panic!("{spans:?}") };
        let time = |nanos| std::time::SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
        let context = &span.span_context;
        assert_eq!((context.trace_id(), context.span_id()), (TraceId::from(7), SpanId::from(1)));
        assert_eq!((context.trace_flags(), context.is_remote()), (TraceFlags::new(3), false));
        assert_eq!(context.trace_state().header(), "vendor=v");
        assert_eq!((span.parent_span_id, span.parent_span_is_remote), (SpanId::from(9), true));
        assert_eq!((&*span.name, span.span_kind.clone()), ("work", SpanKind::Client));
        assert_eq!((span.start_time, span.end_time), (time(1_000_000_001), time(2_000_000_002)));
        assert_eq!(
            span.attributes,
            [
                KeyValue::new("text", "x"),
                KeyValue::new("ratio", 0.5),
                KeyValue::new("list", Value::Array(Array::I64(vec![1, 2]))),
            ]
        );
        assert_eq!(span.dropped_attributes_count, 1);
        assert_eq!((&*span.events[0].name, span.events[0].timestamp), ("event", time(1_500_000_000)));
        assert_eq!(span.events[0].attributes, [KeyValue::new("k", true)]);
        assert_eq!(span.links[0].span_context, linked());
        assert_eq!(span.links[0].attributes, [KeyValue::new("l", 1)]);
        assert_eq!(span.status, Status::error("declined"));
        assert_eq!(span.instrumentation_scope, scope());
        assert_eq!((plain.status.clone(), plain.parent_span_is_remote), (Status::Unset, false));
        assert_eq!(plain.span_context.trace_state(), &TraceState::default());
        adapter.flush().await;
        drop(adapter);
    });
    assert!(memory.is_shutdown_called());
}

static SITE: CallSite = CallSite::new("shop", "src/shop.rs", 42, || "shop::pay::here");

/// Spans of a call site, one for each of these sets of attributes.
fn batch_of_site(own: &[&[KeyValue]], mut origins: Origins) -> Batch {
    let mut batch = Batch::default();
    for pairs in own {
        let mut body = Body::default();
        body.reset(&Limits::default());
        pairs.iter().for_each(|pair| body.key_value(pair));
        let mut flags = Flags::new(1, 1);
        let body = body.finish(&mut flags);
        let header = Header { flags, span_id: 1, origin: OriginId::of_call_site(&SITE), ..Header::default() };
        batch.push(header, body, &mut origins);
    }
    batch
}

#[test]
fn a_span_says_where_in_the_code_it_is_from() {
    let own = [KeyValue::new("id", 7), KeyValue::new("code.line.number", 43)];
    let batch = batch_of_site(&[&[], &own], Origins::default());
    let code = [
        KeyValue::new("code.function.name", "shop::pay"),
        KeyValue::new("code.file.path", "src/shop.rs"),
        KeyValue::new("code.line.number", 42),
    ];
    let [plain, replaced] = &data::spans(&batch)[..] else { panic!("two spans") };
    assert_eq!((&*plain.name, plain.attributes.as_slice()), ("pay", &code[..]));
    let [function, file, _] = code;
    let [id, line] = own;
    assert_eq!(replaced.attributes, [id, line, function, file]);
}

#[test]
fn a_span_does_not_say_where_it_is_from_if_that_is_not_wanted() {
    let own = [KeyValue::new("id", 7)];
    let spans = data::spans(&batch_of_site(&[&[], &own], Origins::new(false)));
    let [plain, other] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!((&*plain.name, plain.attributes.capacity()), ("pay", 0));
    assert_eq!(other.attributes, own);
}

#[test]
fn what_spans_have_in_common_is_not_copied() {
    let own = [KeyValue::new("id", 7), KeyValue::new("name", "x")];
    let spans = data::spans(&batch_of_site(&[&own, &own], Origins::default()));
    let [one, other] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(one.name.as_ptr(), other.name.as_ptr());
    assert_eq!(one.attributes.len(), one.attributes.capacity());
    for (one, other) in one.attributes.iter().zip(&other.attributes) {
        assert_eq!(one.key.as_str().as_ptr(), other.key.as_str().as_ptr(), "{}", one.key);
    }
    for spans in [&spans, &data::spans(&batch(2))] {
        let scopes = [&spans[0].instrumentation_scope, &spans[1].instrumentation_scope];
        let texts = |scope: &InstrumentationScope| {
            [Some(scope.name()), scope.version(), scope.schema_url()].map(|text| text.map(str::as_ptr))
        };
        assert_eq!(texts(scopes[0]), texts(scopes[1]));
    }
}

/// An exporter that does as the test says, and whose `{:?}` tells a secret.
struct Custom<F>(F, Arc<Seen>);

#[derive(Default)]
struct Seen {
    exports: AtomicUsize,
    at_once: AtomicUsize,
    flushed: AtomicBool,
    shut_down: AtomicBool,
    dropped_on: Mutex<Option<String>>,
    service: Mutex<Option<String>>,
}

/// Notes the end of an export, however it ends.
struct Leave<'a>(&'a Seen);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, SeqCst);
    }
}

impl<F> std::fmt::Debug for Custom<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization: secret")
    }
}

impl<F, R> SpanExporter for Custom<F>
where
    F: Fn(usize) -> R + Send + Sync,
    R: Future<Output = OTelSdkResult> + Send,
{
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        let number = self.1.exports.fetch_add(1, SeqCst);
        assert_eq!(self.1.at_once.fetch_add(1, SeqCst), 0, "called while it was busy");
        let _leave = Leave(&self.1);
        (self.0)(number).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.1.flushed.store(true, SeqCst);
        Err(OTelSdkError::Timeout(Duration::from_secs(3)))
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.1.shut_down.store(true, SeqCst);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let name = resource.get(&Key::from_static_str("service.name"));
        *self.1.service.lock().unwrap() = name.map(|name| name.to_string());
    }
}

impl<F> Drop for Custom<F> {
    fn drop(&mut self) {
        // As some HTTP clients do, which panics on a runtime's thread.
        drop(tokio::runtime::Builder::new_current_thread().build().unwrap());
        *self.1.dropped_on.lock().unwrap() = std::thread::current().name().map(str::to_owned);
    }
}

fn custom<F, R>(behave: F) -> (Box<dyn Exporter>, Arc<Seen>)
where
    F: Fn(usize) -> R + Send + Sync + 'static,
    R: Future<Output = OTelSdkResult> + Send,
{
    let seen = Arc::new(Seen::default());
    (exporter(Custom(behave, seen.clone()), &resource()), seen)
}

#[test]
fn an_error_is_a_failure_with_its_text_and_no_secrets() {
    run(async {
        let (mut adapter, seen) =
            custom(|_| async { Err(OTelSdkError::InternalFailure("no such host".to_owned())) });
        assert_eq!(seen.service.lock().unwrap().as_deref(), Some("orders"));
        let tally = export(&mut *adapter, 3).await;
        assert_eq!((tally.exported, tally.failed), (0, 3));
        let problem = tally.problem.unwrap();
        assert!(problem.contains("Custom: ") && problem.contains("no such host"), "{problem}");
        assert!(!problem.contains("secret") && !adapter.name().contains("secret"));
        adapter.flush().await;
        assert!(seen.flushed.load(SeqCst));
        drop(adapter);
        assert!(seen.shut_down.load(SeqCst));
        assert_eq!(seen.dropped_on.lock().unwrap().as_deref(), Some("traced-shutdown"));
    });
}

#[test]
fn a_failed_flush_is_said_with_the_next_export() {
    run(async {
        let (mut adapter, _seen) = custom(|_| async { Ok(()) });
        adapter.flush().await;
        let tally = export(&mut *adapter, 1).await;
        assert_eq!(tally.exported, 1);
        assert!(tally.problem.unwrap().contains("flushing failed: "));
    });
}

#[test]
fn a_panic_is_a_failure_and_the_next_export_goes_on() {
    run(async {
        let (mut adapter, _seen) = custom(|number| async move {
            assert!(number != 1, "at once");
            tokio::task::yield_now().await;
            assert!(number != 2, "later");
            Ok(())
        });
        assert_eq!(export(&mut *adapter, 1).await.exported, 1);
        for text in ["panicked: at once", "panicked: later"] {
            let tally = export(&mut *adapter, 1).await;
            assert_eq!((tally.exported, tally.failed), (0, 1));
            assert!(tally.problem.unwrap().ends_with(text));
        }
        assert_eq!(export(&mut *adapter, 1).await.exported, 1);
    });
}

#[test]
fn an_exporter_may_need_a_reactor_or_block_and_holds_nobody_up() {
    run(async {
        let (mut adapter, _seen) = custom(|_| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            std::thread::sleep(Duration::from_millis(200));
            // What a blocking HTTP client does at every request, and a runtime's own thread forbids.
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            drop(runtime);
            Ok(())
        });
        let others = tokio::spawn(async {
            let begun = Instant::now();
            tokio::time::sleep(Duration::from_millis(40)).await;
            begun.elapsed()
        });
        let tally = export(&mut *adapter, 1).await;
        let others = others.await.unwrap();
        assert_eq!(tally.exported, 1, "{tally:?}");
        assert!(others < Duration::from_millis(180), "{others:?}");
    });
}

#[test]
fn an_export_that_is_given_up_ends_before_the_next_begins() {
    run(async {
        let (mut adapter, seen) = custom(|number| async move {
            if number == 0 {
                std::future::pending::<()>().await;
            }
            if number == 1 {
                std::thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        });
        for _ in 0..2 {
            let given_up = tokio::time::timeout(Duration::from_millis(50), export(&mut *adapter, 1)).await;
            assert!(given_up.is_err());
        }
        // `export` of the exporter itself fails if it is called while it is busy.
        let tally = export(&mut *adapter, 1).await;
        assert_eq!((tally.exported, tally.problem), (1, None));
        assert_eq!((seen.exports.load(SeqCst), seen.at_once.load(SeqCst)), (3, 0));
    });
}

#[test]
fn no_telemetry_is_made_of_an_export() {
    run(async {
        let (mut adapter, _seen) = custom(|_| async {
            assert!(opentelemetry::Context::current().is_telemetry_suppressed());
            Ok(())
        });
        assert_eq!(export(&mut *adapter, 1).await.problem, None);
    });
}

#[test]
fn the_otlp_exporter_with_its_default_client_works() {
    use opentelemetry_otlp::WithExportConfig as _;
    use prost::Message as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let sink = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while stream.read_line(&mut line).unwrap() > 2 {
            let header = line.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        body
    });
    let otlp =
        opentelemetry_otlp::SpanExporter::builder().with_http().with_endpoint(endpoint).build().unwrap();
    let tally = run(async {
        let mut adapter = exporter(otlp, &resource());
        let tally = export(&mut *adapter, 2).await;
        adapter.flush().await;
        tally
    });
    assert_eq!((tally.exported, tally.problem), (2, None));
    let body = sink.join().unwrap();
    let request = opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest::decode(&*body);
    let spans = request.unwrap().resource_spans.remove(0);
    assert_eq!(spans.resource.unwrap().attributes[0].key, "service.name");
    let scope = &spans.scope_spans[0];
    assert_eq!(scope.scope.as_ref().unwrap().name, "shop");
    assert_eq!((scope.spans.len(), scope.spans[0].name.as_str(), scope.spans[0].links.len()), (2, "work", 1));
}
