//! OpenTelemetry by hand: with a tracer that is kept, and with one that is asked for by each call.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::sync::LazyLock;

use kit::{Peer, RATIO, Sampling, Setup, To, Twice, refused, work};
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Compression, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, TracerProviderBuilder};
use tokio::runtime::Runtime;

#[path = "../../../kit/counted.rs"]
mod counted;
#[path = "../../../kit/drops.rs"]
mod drops;

use counted::Counted;

/// Where a call's tracer is from.
trait Source: 'static {
    fn with<R>(work: impl FnOnce(&BoxedTracer) -> R) -> R;
}

struct Cached;

struct Global;

impl Source for Cached {
    fn with<R>(work: impl FnOnce(&BoxedTracer) -> R) -> R {
        static TRACER: LazyLock<BoxedTracer> = LazyLock::new(|| global::tracer("bench"));
        work(&TRACER)
    }
}

impl Source for Global {
    fn with<R>(work: impl FnOnce(&BoxedTracer) -> R) -> R {
        work(&global::tracer("bench"))
    }
}

struct ByHand<S>(PhantomData<S>);

struct Guard {
    provider: SdkTracerProvider,
    /// Of the gRPC client.
    _runtime: Option<Runtime>,
}

impl<S: Source> Peer for ByHand<S> {
    type Guard = Guard;

    fn install(setup: &Setup) -> Guard {
        let builder = SdkTracerProvider::builder();
        let builder = match setup.sampling {
            Sampling::All => builder,
            Sampling::None => builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))),
            Sampling::Ratio => {
                builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(RATIO))))
            }
        };
        let (builder, runtime) = exporter(builder, &setup.to);
        let provider = builder.build();
        global::set_tracer_provider(provider.clone());
        Guard { provider, _runtime: runtime }
    }

    fn exported(_: &Guard) -> u64 {
        drops::exported()
    }

    fn flush(guard: &Guard) {
        let _ = guard.provider.force_flush();
    }

    fn shutdown(guard: &Guard) {
        let _ = guard.provider.shutdown();
    }

    fn under_root(work: impl FnOnce()) {
        S::with(|tracer| tracer.in_span("above", |_| work()));
    }

    fn under_unsampled(work: impl FnOnce()) {
        let (trace, span) = (TraceId::from(1 << 100), SpanId::from(1 << 50));
        let parent = SpanContext::new(trace, span, TraceFlags::default(), true, TraceState::default());
        let _attached = Context::new().with_remote_span_context(parent).attach();
        work();
    }

    fn plain() {
        S::with(|tracer| tracer.in_span("plain", |_| work()));
    }

    fn attributes(id: i64, name: &str, express: bool) {
        S::with(|tracer| {
            let attributes = [
                KeyValue::new("id", id),
                KeyValue::new("name", name.to_owned()),
                KeyValue::new("express", express),
            ];
            let span = tracer.span_builder("attributes").with_attributes(attributes).start(tracer);
            let _active = opentelemetry::trace::mark_span_as_active(span);
            work();
        });
    }

    fn yields() -> impl Future<Output = ()> {
        let span = S::with(|tracer| tracer.start("yields"));
        Twice::default().with_context(Context::current_with_span(span))
    }

    fn fails() -> io::Result<()> {
        S::with(|tracer| {
            tracer.in_span("fails", |context| {
                let result = Err(refused());
                if let Err(error) = &result {
                    context.span().record_error(error);
                    context.span().set_status(Status::error(error.to_string()));
                }
                result
            })
        })
    }

    fn tree(depth: u32) {
        S::with(|tracer| {
            tracer.in_span("tree", |_| {
                if depth > 1 {
                    Self::tree(depth - 1);
                }
            });
        });
    }
}

fn exporter(builder: TracerProviderBuilder, to: &To) -> (TracerProviderBuilder, Option<Runtime>) {
    match to {
        To::Drop => (builder.with_batch_exporter(drops::Drops(0)), None),
        To::Slow(millis) => (builder.with_batch_exporter(drops::Drops(*millis)), None),
        To::Http(address) => {
            let exporter = SpanExporter::builder().with_http().with_endpoint(format!("{address}/v1/traces"));
            (builder.with_batch_exporter(Counted(exporter.build().expect("an exporter"))), None)
        }
        To::HttpGzip(address) => {
            let exporter = SpanExporter::builder().with_http().with_compression(Compression::Gzip);
            let exporter = exporter.with_endpoint(format!("{address}/v1/traces"));
            (builder.with_batch_exporter(Counted(exporter.build().expect("an exporter"))), None)
        }
        To::GrpcGzip(_) => panic!("measured over HTTP alone"),
        To::Grpc(address) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            let runtime = runtime.expect("a runtime");
            let entered = runtime.enter();
            let exporter = SpanExporter::builder().with_tonic().with_endpoint(address).build();
            drop(entered);
            (builder.with_batch_exporter(Counted(exporter.expect("an exporter"))), Some(runtime))
        }
    }
}

fn main() {
    kit::main(&[("otel", kit::measure::<ByHand<Cached>>), ("otel-global", kit::measure::<ByHand<Global>>)]);
}
