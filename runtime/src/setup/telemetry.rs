//! The guard that keeps telemetry running.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::filter::{Filter, FilterError};
use super::install::Place;
use crate::pipeline::{FlushError, Pipeline, Problem, Report, Reporter, Stats};
use crate::recorder::Installation;

/// Keeps telemetry running. Dropping it sends what is left and shuts telemetry down, within the
/// [deadline](super::Builder::deadline), and reports what could not be sent.
///
/// Hold it in `main`. `std::process::exit` drops nothing: [shut down](Self::shutdown) before.
///
/// Where there is nothing to send (`OTEL_SDK_DISABLED`, a [provider](super::Builder::provider) of your own),
/// everything here succeeds at once and counts nothing.
///
/// ```
/// fn main() -> Result<(), traced::InstallError> {
///     let _telemetry = traced::init()?;
///     // … the program …
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "telemetry ends where this is dropped: bind it to a variable in `main`, not to `_`"]
pub struct Telemetry {
    running: Mutex<Running>,
    pipeline: Option<Pipeline>,
    deadline: Duration,
    reporter: Reporter,
}

/// What a shutdown ends, each once: another installation may follow before this guard is dropped.
#[derive(Debug)]
struct Running {
    recorder: Option<Installation>,
    place: Option<Place>,
}

impl Telemetry {
    pub(super) fn new(
        recorder: Option<Installation>,
        pipeline: Option<Pipeline>,
        place: Place,
        deadline: Duration,
        reporter: Reporter,
    ) -> Self {
        Self { running: Mutex::new(Running { recorder, place: Some(place) }), pipeline, deadline, reporter }
    }

    /// Waits until every span that has ended by now is exported, or the time is over. May be called from
    /// anywhere, also inside of an async runtime; see [`flush_async`](Self::flush_async) for not blocking it.
    ///
    /// ```
    /// # let telemetry = traced::init()?;
    /// let report = telemetry.flush(std::time::Duration::from_secs(1))?;
    /// println!("{report:?}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If spans were not exported, or not in time.
    pub fn flush(&self, timeout: Duration) -> Result<Report, FlushError> {
        match &self.pipeline {
            Some(pipeline) => pipeline.flush(timeout),
            None => Ok(Report::default()),
        }
    }

    /// Exports what is left and ends telemetry, within the time. Spans that end later go nowhere. Afterwards
    /// another one may be installed.
    ///
    /// ```
    /// # let telemetry = traced::init()?;
    /// let report = telemetry.shutdown(std::time::Duration::from_secs(2))?;
    /// println!("{report:?}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If spans were not exported, or not in time. Called by an exporter or by the callback for problems, it
    /// fails and changes nothing.
    pub fn shutdown(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.check_thread()?;
        self.end(timeout)
    }

    fn end(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.stop_recording();
        let report = match &self.pipeline {
            Some(pipeline) => pipeline.shutdown(timeout),
            None => Ok(Report::default()),
        };
        self.leave();
        report
    }

    /// As [`flush`](Self::flush), without blocking the thread.
    ///
    /// ```
    /// # async fn example(telemetry: traced::Telemetry) -> Result<(), traced::FlushError> {
    /// telemetry.flush_async(std::time::Duration::from_secs(1)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If spans were not exported, or not in time.
    pub async fn flush_async(&self, timeout: Duration) -> Result<Report, FlushError> {
        match &self.pipeline {
            Some(pipeline) => pipeline.flush_async(timeout).await,
            None => Ok(Report::default()),
        }
    }

    /// As [`shutdown`](Self::shutdown), without blocking the thread. If the future is dropped before it is
    /// done, dropping the guard does the rest.
    ///
    /// ```
    /// # async fn example(telemetry: traced::Telemetry) -> Result<(), traced::FlushError> {
    /// telemetry.shutdown_async(std::time::Duration::from_secs(2)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If spans were not exported, or not in time. Called by an exporter or by the callback for problems, it
    /// fails and changes nothing.
    pub async fn shutdown_async(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.check_thread()?;
        self.stop_recording();
        let report = match &self.pipeline {
            Some(pipeline) => pipeline.shutdown_async(timeout).await,
            None => Ok(Report::default()),
        };
        self.leave();
        report
    }

    /// Sets another [filter](super::Builder::filter), from now on. An empty one lets everything be. After a shutdown nothing
    /// happens.
    ///
    /// ```
    /// # let telemetry = traced::init()?;
    /// telemetry.set_filter("info,my_crate::checkout=trace")?; // while somebody looks into it
    /// telemetry.set_filter("info")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it cannot be understood; then the one before stays.
    pub fn set_filter(&self, filter: &str) -> Result<(), FilterError> {
        let filter = Filter::parse(filter)?;
        let running = self.running();
        if running.recorder.is_some() {
            filter.set();
        }
        Ok(())
    }

    /// What has become of the spans so far.
    ///
    /// ```
    /// # let telemetry = traced::init()?;
    /// println!("{:?}", telemetry.stats());
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.pipeline.as_ref().map(Pipeline::stats).unwrap_or_default()
    }

    /// The pipeline's own thread cannot wait for the pipeline's end: whoever drops this elsewhere still can.
    fn check_thread(&self) -> Result<(), FlushError> {
        self.pipeline.as_ref().and_then(Pipeline::error_on_own_thread).map_or(Ok(()), Err)
    }

    /// First, so that what is recorded from now on does not count as lost.
    fn stop_recording(&self) {
        let mut running = self.running();
        if let Some(recorder) = running.recorder.take() {
            traced_core::filter::set(None);
            drop(running);
            recorder.uninstall();
        }
    }

    /// Last: nobody else is installed before this one has ended.
    fn leave(&self) {
        drop(self.running().place.take());
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if self.running().place.is_none() {
            return;
        }
        match self.end(self.deadline) {
            // The pipeline tells its losses itself, with their reasons.
            Err(lost) if !lost.is_told() => self.reporter.report(Problem::from(&lost)),
            _ => {}
        }
    }
}
