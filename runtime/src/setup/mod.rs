//! From the environment and the builder to a running pipeline.

/// Keeps telemetry running.
#[derive(Debug)]
pub struct Telemetry {}

/// Sets telemetry up.
#[derive(Debug, Default)]
pub struct Builder {}

/// Telemetry could not be set up.
#[derive(Debug)]
#[non_exhaustive]
pub struct InstallError {}

/// Sets telemetry up from the environment.
pub fn init() -> Result<Telemetry, InstallError> {
    builder().install()
}

/// Sets telemetry up.
#[must_use]
pub fn builder() -> Builder {
    Builder {}
}

impl Builder {
    /// Starts it.
    pub fn install(self) -> Result<Telemetry, InstallError> {
        Ok(Telemetry {})
    }
}
