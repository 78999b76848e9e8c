//! Distributed tracing in two lines: `#[traced]` on a function, and `traced::init()` in `main`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod current;
#[cfg(feature = "sdk")]
mod export;
#[cfg(feature = "sdk")]
mod pipeline;
#[cfg(feature = "otel")]
pub mod propagation;
#[cfg(feature = "sdk")]
#[cfg_attr(
    not(all(
        feature = "console",
        feature = "otlp-grpc",
        feature = "otlp-http",
        feature = "testing",
        feature = "zipkin"
    )),
    allow(dead_code, unused_imports, reason = "every exporter, and a test's capture, reads its own part")
)]
mod record;
#[cfg(feature = "sdk")]
#[cfg_attr(not(feature = "testing"), allow(dead_code, unused_imports, reason = "captures are a test's"))]
mod recorder;
#[cfg(feature = "sdk")]
mod setup;
mod task;
#[cfg(feature = "testing")]
pub mod testing;

pub use traced_macros::traced;

pub use current::{Current, current};
#[cfg(feature = "sdk")]
pub use export::BuildError;
#[cfg(feature = "otel")]
pub use opentelemetry;
#[cfg(feature = "sdk")]
pub use pipeline::{ExporterReport, FlushError, Problem, Report, Stats};
#[cfg(feature = "sdk")]
pub use record::Limits;
#[cfg(feature = "sdk")]
pub use setup::{Batch, Builder, InstallError, Telemetry, builder, init};
#[cfg(feature = "tokio")]
pub use task::spawn;
pub use task::{FutureExt, InSpan};
pub use traced_core::{AttributeValue, Kind, SpanId, Status, TraceId};

/// What generated code names. Not for users: it may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use traced_core::*;
}
