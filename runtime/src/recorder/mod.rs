//! Records spans: the seam's recorder, and the tracer provider of the OpenTelemetry API.

use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use crate::pipeline::Pipeline;
use crate::record::Limits;

/// What the recorder needs.
pub(crate) struct Settings {
    pub(crate) sampler: SamplerChoice,
    pub(crate) limits: Limits,
    pub(crate) pipeline: Pipeline,
}

/// Who decides what is sampled.
pub(crate) enum SamplerChoice {
    BuiltIn(Sampler),
    Custom(Box<dyn ShouldSample>),
}

/// A recorder in charge.
#[derive(Debug)]
pub(crate) struct Installation;

impl Installation {
    pub(crate) fn uninstall(&self) {}
}

/// Nothing was installed.
#[derive(Debug)]
pub(crate) enum InstallFailed {
    AlreadyInstalled,
    TooMany,
}

/// Ours.
pub(crate) fn install(_settings: Settings) -> Result<Installation, InstallFailed> {
    Ok(Installation)
}

/// Somebody else's provider.
pub(crate) fn install_through<P>(_provider: P) -> Result<Installation, InstallFailed>
where
    P: TracerProvider + Send + Sync + 'static,
    P::Tracer: Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
{
    Ok(Installation)
}

/// The global provider.
pub(crate) fn install_through_global() -> Result<Installation, InstallFailed> {
    Ok(Installation)
}
