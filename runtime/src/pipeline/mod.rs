//! From the threads that record to the exporters: one thread with a tokio runtime of its own.

use std::time::Duration;

use crate::export::{BuildError, MakeExporter};
use crate::record::Header;

/// How the pipeline batches and what it may hold.
#[derive(Clone)]
pub(crate) struct Config {
    /// Spans per batch at most (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`).
    pub(crate) batch_size: usize,
    /// How long a span waits for a batch at most (`OTEL_BSP_SCHEDULE_DELAY`).
    pub(crate) delay: Duration,
    /// How long one batch may take an exporter, retries included (`OTEL_BSP_EXPORT_TIMEOUT`).
    pub(crate) export_timeout: Duration,
    /// Spans that may wait for each exporter (`OTEL_BSP_MAX_QUEUE_SIZE`); the memory alone bounds them if None.
    pub(crate) queue_size: Option<usize>,
    /// Bytes that may be held for all threads and exporters together.
    pub(crate) memory: usize,
    pub(crate) reporter: Reporter,
}

/// Takes what is wrong to where people look. Rate-limited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporter;

/// Something that is wrong with telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {}

/// A running pipeline. Clones are the same pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {}

impl Pipeline {
    pub(crate) fn start(_config: Config, _exporters: Vec<MakeExporter>) -> Result<Self, BuildError> {
        Ok(Self {})
    }

    /// This thread's end of the queue.
    pub(crate) fn producer(&self) -> Producer {
        Producer {}
    }

    pub(crate) fn flush(&self, _timeout: Duration) -> Result<Report, FlushError> {
        Ok(Report {})
    }

    pub(crate) fn shutdown(&self, _timeout: Duration) -> Result<Report, FlushError> {
        Ok(Report {})
    }

    pub(crate) async fn flush_async(&self, _timeout: Duration) -> Result<Report, FlushError> {
        Ok(Report {})
    }

    pub(crate) async fn shutdown_async(&self, _timeout: Duration) -> Result<Report, FlushError> {
        Ok(Report {})
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {}
    }
}

/// One thread's end of the queue. Dropped when the thread ends; nothing in it is lost then.
#[derive(Debug)]
pub(crate) struct Producer {}

impl Producer {
    /// Takes a sampled span that has ended. Never blocks; drops and counts it if there is no memory left.
    pub(crate) fn push(&mut self, _header: Header, _body: &[u8]) {}

    /// Counts a root that the sampler left out.
    pub(crate) fn sampled_out(&mut self) {}
}

/// What has become of the spans.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {}

/// What has become of the spans of one exporter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterReport {}

/// A flush or a shutdown that did not bring every span to every exporter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlushError {}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {}
