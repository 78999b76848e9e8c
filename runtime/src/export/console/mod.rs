//! Traces as trees in the terminal.

use opentelemetry_sdk::Resource;

use super::{BuildError, Exporter};

/// Writes to standard output.
pub(crate) fn exporter(_resource: &Resource) -> Result<Box<dyn Exporter>, BuildError> {
    Err(BuildError("not there yet".into()))
}
