//! Distributed tracing in two lines: [`#[traced]`](macro@traced) on a function, and `traced::init()` in `main`.
//!
//! ```
//! use traced::traced;
//!
//! #[traced(fields(order.id = id))]
//! fn place_order(id: u32, price: &str) -> Result<u32, std::num::ParseIntError> {
//!     traced::current().event("stock checked", [("left", 3)]);
//!     price.parse() // an `Err` is recorded without asking
//! }
//!
//! # #[cfg(feature = "sdk")]
//! fn main() -> Result<(), traced::InstallError> {
//!     let _telemetry = traced::init()?; // from OTEL_*; flushed when it is dropped
//!     let _ = place_order(7, "12 euros");
//!     Ok(())
//! }
//! # #[cfg(not(feature = "sdk"))]
//! # fn main() { let _ = place_order(7, "12 euros"); }
//! ```
//!
//! A span per call: how long it took and how it ended, by a value, an `Err`, a panic, or a future that was dropped. The
//! spans of a request are one trace across tasks, threads and services, on
//! [OpenTelemetry](https://opentelemetry.io): a third party's OpenTelemetry code nests under annotated functions and
//! over them.
//!
//! **A library** that annotates its functions depends on this crate with its default features, which are none: it gets
//! the attribute and [`current()`], no OpenTelemetry version, and 1-2 ns a call while nobody records. **A program**
//! turns on what it sends spans with: `otlp-http`, `otlp-grpc`, `zipkin`, `console`.
//!
//! | feature | what it brings |
//! |---|---|
//! | – | [`#[traced]`](macro@traced), [`span!`], [`record!`], [`current()`], [`FutureExt::in_current_span`], [`Redacted`], [`at_most`] |
//! | `otel` | OpenTelemetry's `Context`, `propagation`, its API as `traced::opentelemetry` |
//! | `sdk` | `init`, `builder`, `.exporter(..)` for any `SpanExporter`; implied by those below except `tokio` and `stream` |
//! | `otlp-http` (or `otlp`), `otlp-grpc` | OTLP as http/protobuf, and over gRPC |
//! | `zipkin` | Zipkin v2 JSON |
//! | `console` | traces as trees in the terminal |
//! | `tokio` | `spawn` |
//! | `stream` | spans around streams: functions that return one, `NewSpan::in_stream`, `StreamExt` |
//! | `testing` | `testing::capture` |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "otel")]
mod context;
mod current;
#[cfg(feature = "sdk")]
mod export;
mod late;
#[cfg(feature = "sdk")]
mod pipeline;
mod place;
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
mod span;
#[cfg(feature = "stream")]
mod stream;
mod task;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(traced_off)]
pub use traced_macros::off as traced;
#[cfg(not(traced_off))]
pub use traced_macros::traced;
pub use traced_macros::{SpanError, span};

pub use current::{Current, current};
#[cfg(feature = "sdk")]
pub use export::{BuildError, Compression};
#[cfg(feature = "otel")]
pub use opentelemetry;
#[cfg(feature = "sdk")]
pub use pipeline::{ExporterReport, FlushError, Problem, Report, Stats};
pub use place::Place;
#[cfg(feature = "sdk")]
pub use record::Limits;
#[cfg(feature = "sdk")]
pub use setup::{Batch, Builder, FilterError, InstallError, Telemetry, builder, init};
pub use span::{FutureSpan, NewSpan, OpenSpan, SpanGuard};
#[cfg(feature = "stream")]
pub use stream::{AroundEachPoll, InSpanStream, SpannedStream, StreamSpan};
#[cfg(feature = "stream")]
pub use task::StreamExt;
#[cfg(feature = "tokio")]
pub use task::spawn;
pub use task::{FutureExt, InSpan};
pub use traced_core::{
    AtMost, AttributeValue, Carry, Fields, Kind, Redacted, SpanError, SpanId, Status, TraceId, at_most,
};

/// What generated code names. Not for users: it may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::place::{link, parent};
    pub use traced_core::*;
    pub use traced_macros::__record;

    pub use crate::span::NewSpan;
    #[cfg(feature = "stream")]
    pub use crate::stream::{
        Stream, later as stream_later, made as stream_made, made_inferred as stream_made_inferred,
    };
}
