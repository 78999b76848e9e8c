//! apollo-opentelemetry's `#[traced]`, above the OpenTelemetry SDK that it was made for.

use std::future::Future;
use std::io;

use apollo_opentelemetry::traced;
use kit::{Peer, RATIO, Sampling, Setup, To, Twice, refused, work};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

#[path = "../../../kit/drops.rs"]
mod drops;

struct Apollo;

impl Peer for Apollo {
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
        let delay = match setup.to {
            To::Drop => 0,
            To::Slow(millis) => millis,
            _ => panic!("measured with the SDK alone"),
        };
        let provider = builder.with_batch_exporter(drops::Drops(delay)).build();
        global::set_tracer_provider(provider.clone());
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
        above(work);
    }

    fn under_unsampled(work: impl FnOnce()) {
        let (trace, span) = (TraceId::from(1 << 100), SpanId::from(1 << 50));
        let parent = SpanContext::new(trace, span, TraceFlags::default(), true, TraceState::default());
        let _attached = Context::new().with_remote_span_context(parent).attach();
        work();
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

#[traced]
fn above(work: impl FnOnce()) {
    work();
}

#[traced]
fn plain() {
    work();
}

#[traced("attributes", "id" = id, "name" = name, "express" = express)]
fn attributes(id: i64, name: &str, express: bool) {
    work();
}

#[traced]
async fn yields() {
    Twice::default().await;
}

#[traced]
fn fails() -> io::Result<()> {
    Err(refused())
}

#[traced]
fn tree(depth: u32) {
    if depth > 1 {
        tree(depth - 1);
    }
}

fn main() {
    kit::main(&[("apollo", kit::measure::<Apollo>)]);
}
