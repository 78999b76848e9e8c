//! From the threads that record to the exporters: one thread with a tokio runtime of its own.
//!
//! ```text
//!  threads                  the pipeline's thread
//!  Producer ─▶ chunks ─▶ Reader ─▶ Drain ─▶ batches ─▶ Lane ─▶ Driver ─▶ Exporter
//!              ▲   one memory Budget for all of it   │   (one for each exporter, side by side)
//!              └──────── read chunks go round ───────┘
//! ```

mod account;
mod bell;
mod budget;
mod chunk;
mod control;
mod drain;
mod guarded;
mod handle;
mod lane;
mod pace;
mod problem;
mod queue;
mod quiet;
mod reader;
mod report;
mod reporter;
mod sync;
#[cfg(test)]
mod tests;
mod thread;
mod worker;

use std::time::Duration;

pub(crate) use handle::Pipeline;
pub use problem::Problem;
pub(crate) use queue::Producer;
pub use report::{ExporterReport, FlushError, Report, Stats};
pub(crate) use reporter::Reporter;

/// How the pipeline batches and what it may hold.
#[derive(Clone, Debug)]
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
    /// Whether spans of annotated functions say where in the code they are from.
    pub(crate) code_attributes: bool,
    pub(crate) reporter: Reporter,
}

impl Config {
    /// Without what could not work: a batch larger than the queue, or a delay that never sleeps.
    fn sound(mut self) -> Self {
        const LEAST_DELAY: Duration = Duration::from_millis(1);
        const LONGEST: Duration = Duration::from_secs(24 * 3600);
        self.queue_size = self.queue_size.map(|size| size.max(1));
        self.batch_size = self.batch_size.clamp(1, self.queue_size.unwrap_or(usize::MAX));
        self.delay = self.delay.clamp(LEAST_DELAY, LONGEST);
        self.export_timeout = self.export_timeout.min(LONGEST);
        self
    }
}
