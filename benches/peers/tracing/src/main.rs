//! `tracing` with `tracing-opentelemetry`: with its defaults, and lean, without location and thread attributes.

use std::future::Future;
use std::io;

use kit::{Peer, RATIO, Sampling, Setup, To, Twice, refused, work};
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{info_span, instrument};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[path = "../../../kit/counted.rs"]
mod counted;
#[path = "../../../kit/drops.rs"]
mod drops;

use counted::Counted;

struct Tracing<const LEAN: bool>;

impl<const LEAN: bool> Peer for Tracing<LEAN> {
    type Guard = SdkTracerProvider;

    fn install(setup: &Setup) -> SdkTracerProvider {
        let builder = SdkTracerProvider::builder();
        let builder = match setup.sampling {
            Sampling::All => builder,
            Sampling::None => builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))),
            Sampling::Ratio => {
                builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(RATIO))))
            }
        };
        let builder = match &setup.to {
            To::Drop => builder.with_batch_exporter(drops::Drops(0)),
            To::Slow(millis) => builder.with_batch_exporter(drops::Drops(*millis)),
            To::Http(address) => {
                let exporter =
                    SpanExporter::builder().with_http().with_endpoint(format!("{address}/v1/traces"));
                builder.with_batch_exporter(Counted(exporter.build().expect("an exporter")))
            }
            To::Grpc(_) | To::HttpGzip(_) | To::GrpcGzip(_) => panic!("measured with the SDK alone"),
        };
        let provider = builder.build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
        let layer = layer.with_location(!LEAN).with_threads(!LEAN);
        tracing_subscriber::registry().with(layer).init();
        provider
    }

    fn exported(_: &SdkTracerProvider) -> u64 {
        drops::exported()
    }

    fn flush(provider: &SdkTracerProvider) {
        let _ = provider.force_flush();
    }

    fn shutdown(provider: &SdkTracerProvider) {
        let _ = provider.shutdown();
    }

    fn under_root(work: impl FnOnce()) {
        info_span!("above").in_scope(work);
    }

    fn under_unsampled(work: impl FnOnce()) {
        let (trace, span) = (TraceId::from(1 << 100), SpanId::from(1 << 50));
        let parent = SpanContext::new(trace, span, TraceFlags::default(), true, TraceState::default());
        let span = info_span!("above");
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
        span.in_scope(work);
    }

    fn plain() {
        plain();
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
        tree(depth);
    }
}

#[instrument]
fn plain() {
    work();
}

#[instrument]
fn attributes(id: i64, name: &str, express: bool) {
    work();
}

#[instrument]
async fn yields() {
    Twice::default().await;
}

#[instrument(err)]
fn fails() -> io::Result<()> {
    Err(refused())
}

#[instrument(skip_all)]
fn tree(depth: u32) {
    if depth > 1 {
        tree(depth - 1);
    }
}

fn main() {
    kit::main(&[
        ("tracing", kit::measure::<Tracing<false>>),
        ("tracing-lean", kit::measure::<Tracing<true>>),
    ]);
}
