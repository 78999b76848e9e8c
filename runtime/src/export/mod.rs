//! Where batches of records go: OTLP, Zipkin, the console, or any `SpanExporter` of the user's.

pub(crate) mod adapter;
#[cfg(feature = "console")]
pub(crate) mod console;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
#[cfg_attr(
    not(all(feature = "otlp-http", feature = "otlp-grpc")),
    allow(dead_code, reason = "the two transports share what each uses a part of")
)]
pub(crate) mod otlp;
#[cfg(feature = "zipkin")]
pub(crate) mod zipkin;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::record::Batch;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes an exporter. Called on the pipeline's thread, inside its tokio runtime.
pub(crate) type MakeExporter = Box<dyn FnOnce() -> Result<Box<dyn Exporter>, BuildError> + Send>;

/// Sends batches somewhere. Driven by the pipeline, one batch at a time, on the pipeline's own runtime.
pub(crate) trait Exporter: Send {
    /// What reports call it, such as `otlp-grpc http://localhost:4317`. Never contains credentials.
    fn name(&self) -> String;

    /// Sends a batch, counting in `tally` as it goes, so that what has been acknowledged stays counted when
    /// the pipeline drops the future at a deadline. Spans that are in no count by then have failed.
    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()>;

    /// Sends or shows what it still holds. Called at each flush and at shutdown.
    fn flush(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// How often [`tick`](Self::tick) is to be called, and spans are to be handed over at the latest.
    fn tick_interval(&self) -> Option<Duration> {
        None
    }

    /// Does what is due by time.
    fn tick(&mut self) {}
}

/// What became of the spans of a batch.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Acknowledged by the receiver.
    pub(crate) exported: usize,
    /// Refused by the receiver, or not sent after all retries.
    pub(crate) failed: usize,
    /// Given up before sending: too large by themselves.
    pub(crate) dropped: usize,
    /// What went wrong last, for people: the address, the value seen, what to do.
    pub(crate) problem: Option<String>,
}

/// How requests over OTLP are compressed: see `Builder::compression`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all: the least work.
    None,
    /// By gzip: about a tenth of the bytes.
    Gzip,
}

/// An exporter could not be made from its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError(pub(crate) String);

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}
