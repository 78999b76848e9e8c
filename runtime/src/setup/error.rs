//! Why telemetry could not be set up.

use std::fmt;

use crate::export::BuildError;
use crate::recorder::InstallFailed;

/// Telemetry could not be set up. What is wrong in the environment is never a reason: it is reported
/// ([`Builder::report_to`](super::Builder::report_to)), and the default is taken; an exporter that this build
/// lacks, or that would need TLS, is left out.
///
/// ```
/// let first = traced::builder().exporter(Nowhere).install()?;
/// let second = traced::builder().exporter(Nowhere).install();
/// assert!(matches!(second, Err(traced::InstallError::AlreadyInstalled)));
/// # use opentelemetry_sdk::{error::OTelSdkResult, trace::{SpanData, SpanExporter}};
/// # #[derive(Debug)]
/// # struct Nowhere;
/// # impl SpanExporter for Nowhere {
/// #     async fn export(&self, _spans: Vec<SpanData>) -> OTelSdkResult { Ok(()) }
/// # }
/// # Ok::<(), traced::InstallError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallError {
    /// The guard of an earlier installation is still alive.
    AlreadyInstalled,
    /// More different recorders than a process has places for have been installed.
    TooMany,
    /// A setting given in code cannot be used.
    #[non_exhaustive]
    Setting {
        /// The builder's method.
        setting: &'static str,
        /// The value given, without credentials.
        value: String,
        /// What is wrong with it, and what is accepted.
        why: String,
    },
    /// Settings given in code contradict each other.
    #[non_exhaustive]
    Conflict {
        /// The builder's method that makes the other ones useless.
        setting: &'static str,
        /// The builder's methods that would have no effect.
        useless: Vec<&'static str>,
    },
    /// An exporter could not be made, or the pipeline not started.
    Exporter(BuildError),
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => f.write_str(
                "telemetry is already installed in this process: keep the one `Telemetry`, \
                 or shut it down before installing another",
            ),
            Self::TooMany => f.write_str(
                "too many different recorders have been installed in this process: install once, \
                 and keep the `Telemetry`",
            ),
            Self::Setting { setting, value, why } => write!(f, "`{setting}` was given `{value}`: {why}"),
            Self::Conflict { setting, useless } => write!(
                f,
                "`{setting}` hands spans to a provider with settings of its own, so that `{}` would have no \
                 effect: remove one or the other",
                useless.join("`, `")
            ),
            Self::Exporter(_) => f.write_str(
                "an exporter could not be made: correct its settings in code or environment, or take another",
            ),
        }
    }
}

impl std::error::Error for InstallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Exporter(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InstallFailed> for InstallError {
    fn from(failed: InstallFailed) -> Self {
        match failed {
            InstallFailed::AlreadyInstalled => Self::AlreadyInstalled,
            InstallFailed::TooMany => Self::TooMany,
        }
    }
}

impl From<BuildError> for InstallError {
    fn from(error: BuildError) -> Self {
        Self::Exporter(error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::InstallError;
    use crate::export::BuildError;

    #[test]
    fn errors_name_the_thing_the_value_and_what_to_do() {
        let setting =
            InstallError::Setting { setting: "memory", value: "1".into(), why: "64 KiB or more".into() };
        assert_eq!(setting.to_string(), "`memory` was given `1`: 64 KiB or more");
        let conflict = InstallError::Conflict { setting: "provider", useless: vec!["otlp", "sampler"] };
        assert!(conflict.to_string().contains("`otlp`, `sampler`"), "{conflict}");
        assert!(InstallError::AlreadyInstalled.to_string().contains("already installed"));
    }

    #[test]
    fn the_source_of_an_exporters_error_is_the_exporters() {
        let error = InstallError::from(BuildError("no TLS".into()));
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no TLS"));
        assert!(InstallError::TooMany.source().is_none());
    }
}
