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
#[derive(Clone, Default)]
pub(crate) struct Reporter(Option<std::sync::Arc<dyn Fn(&Problem) + Send + Sync>>);

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}

impl Reporter {
    pub(crate) fn to(callback: std::sync::Arc<dyn Fn(&Problem) + Send + Sync>) -> Self {
        Self(Some(callback))
    }

    pub(crate) fn report(&self, problem: Problem) {
        if let Some(callback) = &self.0 {
            callback(&problem);
        }
        drop(problem);
    }
}

/// Something that is wrong with telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem(String);

impl Problem {
    pub(crate) fn setting(variable: &str, value: &str, why: &str, default: &str) -> Self {
        Self(format!("{variable}={value}: {why}; using {default}"))
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&FlushError> for Problem {
    fn from(error: &FlushError) -> Self {
        Self(format!("{error:?}"))
    }
}

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

impl std::fmt::Display for FlushError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not every span was exported")
    }
}

impl std::error::Error for FlushError {}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {}
