//! fastrace with its OpenTelemetry reporter. Children of a trace are sent when it reports: every second, and every 10 ms
//! where they are not sent anywhere, so that what was made can be waited for, and a batch is not everything.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use fastrace::collector::Config;
use fastrace::local::LocalSpan;
use fastrace::prelude::{SpanContext, SpanId, TraceId};
use fastrace::{Event, Span, trace};
use fastrace_opentelemetry::OpenTelemetryReporter;
use kit::{Peer, RATIO, Sampling, Setup, To, Twice, refused, work};
use opentelemetry::InstrumentationScope;
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter;

#[path = "../../../kit/counted.rs"]
mod counted;
#[path = "../../../kit/drops.rs"]
mod drops;

use counted::Counted;

struct Fastrace;

/// Its users decide for themselves.
static SAMPLING: OnceLock<Sampling> = OnceLock::new();

fn decide() -> bool {
    match SAMPLING.get() {
        Some(Sampling::All) | None => true,
        Some(Sampling::None) => false,
        Some(Sampling::Ratio) => rand::random::<f64>() < RATIO,
    }
}

impl Peer for Fastrace {
    type Guard = ();

    fn install(setup: &Setup) {
        let _ = SAMPLING.set(setup.sampling);
        match &setup.to {
            To::Drop => report_to(drops::Drops(0), often()),
            To::Slow(millis) => report_to(drops::Drops(*millis), often()),
            To::Http(address) => {
                let exporter =
                    OtlpExporter::builder().with_http().with_endpoint(format!("{address}/v1/traces"));
                report_to(Counted(exporter.build().expect("an exporter")), Config::default());
            }
            To::Grpc(_) | To::HttpGzip(_) | To::GrpcGzip(_) => panic!("measured with the SDK alone"),
        }
    }

    fn exported((): &()) -> u64 {
        drops::exported()
    }

    fn flush((): &()) {
        fastrace::flush();
    }

    fn shutdown((): &()) {
        fastrace::flush();
    }

    fn under_root(work: impl FnOnce()) {
        let root = Span::root("above", SpanContext::random());
        let _current = root.set_local_parent();
        work();
    }

    fn under_unsampled(work: impl FnOnce()) {
        let parent = SpanContext::new(TraceId(1 << 100), SpanId(1 << 50)).sampled(false);
        let root = Span::root("above", parent);
        let _current = root.set_local_parent();
        work();
    }

    fn plain() {
        plain();
    }

    fn root() {
        let root = Span::root("plain", SpanContext::random().sampled(decide()));
        let _current = root.set_local_parent();
        work();
    }

    fn attributes(id: i64, name: &str, express: bool) {
        attributes(id, name, express);
    }

    fn yields() -> impl Future<Output = ()> {
        yields()
    }

    fn fails() -> io::Result<()> {
        fails()
    }

    fn tree(depth: u32) {
        let root = Span::root("tree", SpanContext::random());
        let _current = root.set_local_parent();
        tree(depth - 1);
    }
}

fn often() -> Config {
    Config::default().report_interval(Duration::from_millis(10))
}

fn report_to(exporter: impl SpanExporter + 'static, config: Config) {
    let scope = InstrumentationScope::builder("bench").build();
    let resource = Cow::Owned(Resource::builder().build());
    let reporter = OpenTelemetryReporter::new(exporter, resource, scope);
    fastrace::set_reporter(reporter, config);
}

#[trace]
fn plain() {
    work();
}

#[trace(properties = { "id": "{id}", "name": "{name}", "express": "{express}" })]
fn attributes(id: i64, name: &str, express: bool) {
    work();
}

#[trace]
async fn yields() {
    Twice::default().await;
}

#[trace]
fn fails() -> io::Result<()> {
    let result = Err(refused());
    if let Err(error) = &result {
        let message = error.to_string();
        LocalSpan::add_event(
            Event::new("exception").with_property(|| ("exception.message", message.clone())),
        );
        LocalSpan::add_properties(|| {
            [("span.status_code", "error".to_owned()), ("span.status_description", message)]
        });
    }
    result
}

#[trace]
fn tree(depth: u32) {
    if depth > 1 {
        tree(depth - 1);
    }
}

fn main() {
    kit::main(&[("fastrace", kit::measure::<Fastrace>)]);
}
