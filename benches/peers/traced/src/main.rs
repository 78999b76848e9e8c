//! `traced`: with its defaults, and lean, without code attributes.

use std::future::Future;
use std::io;
use std::time::Duration;

use kit::{Peer, RATIO, Sampling, Setup, To, Twice, refused, work};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::Sampler;
use traced::{Compression, Telemetry, traced};

#[path = "../../../kit/drops.rs"]
mod drops;

struct Ours<const LEAN: bool>;

const LONG: Duration = Duration::from_secs(5);

impl<const LEAN: bool> Peer for Ours<LEAN> {
    type Guard = Telemetry;

    fn install(setup: &Setup) -> Telemetry {
        let builder = traced::builder().service("bench").code_attributes(!LEAN).report_to(|_| ());
        let builder = match setup.sampling {
            Sampling::All => builder,
            Sampling::None => builder.sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))),
            Sampling::Ratio => {
                builder.sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(RATIO))))
            }
        };
        let builder = match &setup.to {
            To::Drop => builder.exporter(drops::Drops(0)),
            To::Slow(millis) => builder.exporter(drops::Drops(*millis)),
            To::Http(address) => builder.otlp_http(address),
            To::HttpGzip(address) => builder.otlp_http(address).compression(Compression::Gzip),
            To::Grpc(address) => builder.otlp_grpc(address),
            To::GrpcGzip(address) => builder.otlp_grpc(address).compression(Compression::Gzip),
        };
        builder.install().expect("telemetry")
    }

    fn exported(guard: &Telemetry) -> u64 {
        guard.stats().exported
    }

    fn flush(guard: &Telemetry) {
        let _ = guard.flush(LONG);
    }

    fn shutdown(guard: &Telemetry) {
        let _ = guard.shutdown(LONG);
    }

    fn lost(guard: &Telemetry) -> Option<u64> {
        let stats = guard.stats();
        // By its own exporter: what `stats` says has been exported is to be true as well.
        Some((stats.failed + stats.dropped).max(stats.made - drops::exported()))
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

    fn leaf() {
        leaf();
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

#[traced(leaf)]
fn leaf() {
    work();
}

#[traced(fields(id, name, express))]
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
    kit::main(&[("traced", kit::measure::<Ours<false>>), ("traced-lean", kit::measure::<Ours<true>>)]);
}
