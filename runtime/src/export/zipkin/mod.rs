//! Zipkin v2 JSON, for Zipkin servers, which do not take OTLP.
//!
//! `model` maps spans to Zipkin's, `remote` finds out whom a client called, `send` posts them.
//! Specification: <https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/>, and
//! <https://zipkin.io/zipkin-api/#/default/post_spans>.

mod model;
mod remote;
mod send;
#[cfg(test)]
mod tests;

use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::{BuildError, Exporter};

/// Where to send.
pub(crate) struct Config {
    /// The whole URL: `http://localhost:9411/api/v2/spans`.
    pub(crate) endpoint: String,
    /// Of one attempt.
    pub(crate) timeout: Duration,
    pub(crate) resource: Resource,
}

/// To be called inside the pipeline's runtime.
pub(crate) fn exporter(config: Config) -> Result<Box<dyn Exporter>, BuildError> {
    Ok(Box::new(send::Zipkin::new(config)?))
}
