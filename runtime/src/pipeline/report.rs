//! What users get to know of the spans' fate.

use std::fmt;
use std::time::Duration;

/// What has become of the spans since the start.
///
/// With several exporters, `exported`, `failed`, `dropped` and `queued` are those of the exporter that did
/// worst: the one that exported the fewest. For each exporter, and so here as well,
/// `made = exported + failed + dropped + queued`.
///
/// Without any exporter spans are not kept at all: `dropped` is `made`, and nobody is told of it as a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Sampled spans that have ended.
    pub made: u64,
    /// Spans whose receipt was acknowledged.
    pub exported: u64,
    /// Spans that were refused, or could not be sent.
    pub failed: u64,
    /// Spans that were given up before sending: no memory, too large, or after shutdown.
    pub dropped: u64,
    /// Spans on their way.
    pub queued: u64,
    /// Traces that the sampler left out.
    pub sampled_out: u64,
    /// Each exporter by itself.
    pub exporters: Vec<ExporterReport>,
}

/// What has become of the spans of one exporter since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterReport {
    /// What it is and where it sends, such as `otlp-grpc http://localhost:4317`.
    pub name: String,
    /// Spans whose receipt was acknowledged.
    pub exported: u64,
    /// Spans that were refused, or could not be sent.
    pub failed: u64,
    /// Spans that were given up before sending: no memory, too large, or after shutdown.
    pub dropped: u64,
    /// Spans on their way.
    pub queued: u64,
    /// What went wrong last.
    pub last_problem: Option<String>,
}

/// Counts since the start; see [`Report`] for what they mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Sampled spans that have ended.
    pub made: u64,
    /// Spans whose receipt was acknowledged.
    pub exported: u64,
    /// Spans that were refused, or could not be sent.
    pub failed: u64,
    /// Spans that were given up before sending.
    pub dropped: u64,
    /// Spans on their way.
    pub queued: u64,
    /// Traces that the sampler left out.
    pub sampled_out: u64,
}

impl Report {
    /// `dropped`: by threads, which is what is dropped if there is no exporter.
    pub(super) fn new(made: u64, sampled_out: u64, exporters: Vec<ExporterReport>, dropped: u64) -> Self {
        let worst = exporters.iter().min_by_key(|it| (it.exported, u64::MAX - it.failed)).cloned();
        let worst = worst.unwrap_or_else(|| ExporterReport { dropped, ..ExporterReport::default() });
        let ExporterReport { exported, failed, dropped, queued, .. } = worst;
        Self { made, exported, failed, dropped, queued, sampled_out, exporters }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, exported, failed, dropped, queued, sampled_out, exporters } = self;
        write!(f, "{}: {exported} exported", count(*made, "span"))?;
        for (number, what) in [(failed, "failed"), (dropped, "dropped"), (queued, "queued")] {
            if *number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        if *sampled_out > 0 {
            write!(f, "; {} left out by the sampler", count(*sampled_out, "trace"))?;
        }
        match &exporters[..] {
            [] => f.write_str("; no exporter"),
            [only] => write!(f, "; {}{}", only.name, Suffix(only.last_problem.as_deref())),
            several => several.iter().try_for_each(|exporter| write!(f, "; {exporter}")),
        }
    }
}

impl fmt::Display for ExporterReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, exported, failed, dropped, queued, last_problem } = self;
        write!(f, "{name}: {exported} exported")?;
        for (number, what) in [(failed, "failed"), (dropped, "dropped"), (queued, "queued")] {
            if *number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        write!(f, "{}", Suffix(last_problem.as_deref()))
    }
}

/// The last problem, in brackets.
struct Suffix<'a>(Option<&'a str>);

impl fmt::Display for Suffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |problem| write!(f, " (last problem: {problem})"))
    }
}

/// A number with what it counts.
pub(super) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

impl From<&Report> for Stats {
    fn from(report: &Report) -> Self {
        let &Report { made, exported, failed, dropped, queued, sampled_out, .. } = report;
        Self { made, exported, failed, dropped, queued, sampled_out }
    }
}

/// A flush or a shutdown that did not bring every span to every exporter, and how far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlushError {
    pub(super) cause: Cause,
    pub(super) report: Report,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The deadline passed.
    TimedOut(Duration),
    /// Spans were lost since the last flush.
    Lost { exporter: String, failed: u64, dropped: u64 },
    /// Shutdown has been.
    AfterShutdown,
    /// Called where it would wait for itself.
    OwnThread,
    /// Called in a forked process.
    Forked,
    /// The pipeline's thread has panicked.
    Gone,
}

impl FlushError {
    /// What has become of the spans.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether the time was over before everything was sent.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause, Cause::TimedOut(_))
    }

    /// Whether the pipeline has reported the losses, or will: not where its thread is not there, or hangs.
    pub(crate) fn is_told(&self) -> bool {
        match self.cause {
            Cause::Lost { .. } | Cause::AfterShutdown => true,
            Cause::TimedOut(_) => self.report.queued == 0,
            Cause::OwnThread | Cause::Forked | Cause::Gone => false,
        }
    }

    /// Whether there was nothing to flush any more, since telemetry had been shut down.
    #[must_use]
    pub fn is_after_shutdown(&self) -> bool {
        self.cause == Cause::AfterShutdown
    }
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::TimedOut(after) => write!(f, "not every span was exported within {after:?}"),
            Cause::Lost { exporter, failed, dropped } => {
                write!(
                    f,
                    "{exporter}: {} failed and {dropped} dropped since the last flush",
                    count(*failed, "span")
                )
            }
            Cause::AfterShutdown => f.write_str("telemetry has been shut down"),
            Cause::OwnThread => {
                f.write_str("called by an exporter or a callback, on the pipeline's own thread")
            }
            Cause::Forked => {
                f.write_str("this process was forked, and exports nothing: telemetry is to be set up in it")
            }
            Cause::Gone => f.write_str("the pipeline's thread has ended"),
        }?;
        write!(f, " ({})", self.report)
    }
}

impl std::error::Error for FlushError {}
