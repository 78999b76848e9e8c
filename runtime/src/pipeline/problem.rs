//! What is wrong with telemetry, in words.

use std::fmt;

use super::report::{FlushError, count};

/// Something that is wrong with telemetry: spans were lost, or a setting cannot be used.
///
/// Shown by [`Display`](fmt::Display) in one line: which exporter, how many spans, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    pub(super) kind: Kind,
    pub(super) exporter: Option<String>,
    pub(super) spans: u64,
    pub(super) why: String,
    /// How many times it came up, since such problems are put together.
    pub(super) times: u64,
}

/// What is reported at a limited rate, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An exporter could not export.
    Failed,
    /// An exporter has something to say, or dropped spans.
    Exporter,
    /// An exporter is too slow.
    LaneFull,
    /// Threads found no memory.
    MemoryFull,
    /// Spans are larger than can be handled.
    TooLarge,
    /// Shutdown left spans behind.
    Shutdown,
    /// The pipeline itself failed.
    Pipeline,
    /// A setting cannot be used.
    Setting,
    /// A flush did not succeed.
    Flush,
}

impl Problem {
    pub(super) fn new(kind: Kind, exporter: Option<&str>, spans: u64, why: String) -> Self {
        Self { kind, exporter: exporter.map(str::to_owned), spans, why, times: 1 }
    }

    /// A setting cannot be used, and what is used in its place.
    pub(crate) fn setting(variable: &str, value: &str, why: &str, default: &str) -> Self {
        Self::new(Kind::Setting, None, 0, format!("{variable}={value}: {why}; using {default}"))
    }

    /// The exporter that has the problem, such as `otlp-grpc http://localhost:4317`.
    #[must_use]
    pub fn exporter(&self) -> Option<&str> {
        self.exporter.as_deref()
    }

    /// How many spans are lost by it.
    #[must_use]
    pub fn spans_lost(&self) -> u64 {
        self.spans
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(exporter) = &self.exporter {
            write!(f, "{exporter}: ")?;
        }
        if self.spans > 0 {
            write!(f, "{} lost: ", count(self.spans, "span"))?;
        }
        f.write_str(&self.why)?;
        if self.times > 1 {
            write!(f, " ({} times since last reported)", self.times)?;
        }
        Ok(())
    }
}

impl From<&FlushError> for Problem {
    fn from(error: &FlushError) -> Self {
        Self::new(Kind::Flush, None, 0, error.to_string())
    }
}
