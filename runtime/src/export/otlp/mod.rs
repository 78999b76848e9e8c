//! OTLP, encoded straight from the records into bytes.
//! Specification: <https://opentelemetry.io/docs/specs/otlp/>.

mod encode;
mod endpoint;
#[cfg_attr(not(feature = "otlp-grpc"), path = "without_grpc.rs")]
mod grpc;
mod gzip;
mod headers;
#[cfg_attr(not(feature = "otlp-http"), path = "without_http.rs")]
mod http;
mod response;
mod retry;
mod scopes;
mod send;
#[cfg(test)]
mod tests;

use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::{BuildError, Compression, Exporter};

/// The form that the specification recommends, behind the name of the product:
/// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#user-agent>.
const USER_AGENT: &str =
    concat!("traced/", env!("CARGO_PKG_VERSION"), " OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// How requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

/// Where to send, and how.
pub(crate) struct Config {
    pub(crate) protocol: Protocol,
    /// For http/protobuf the whole URL (`http://localhost:4318/v1/traces`); for gRPC the server's
    /// (`http://localhost:4317`).
    pub(crate) endpoint: String,
    /// Never logged.
    pub(crate) headers: Vec<(String, String)>,
    /// Of one attempt; zero: without a limit.
    pub(crate) timeout: Duration,
    pub(crate) compression: Compression,
    /// A request holds no more bytes than this, before it is compressed.
    pub(crate) max_request_bytes: usize,
    pub(crate) resource: Resource,
}

impl std::fmt::Debug for Config {
    // By hand: endpoints may hold credentials, and headers do.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("protocol", &self.protocol)
            .field("endpoint", &endpoint::without_credentials(&self.endpoint))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("timeout", &self.timeout)
            .field("compression", &self.compression)
            .field("max_request_bytes", &self.max_request_bytes)
            .finish_non_exhaustive()
    }
}

/// To be called inside the pipeline's runtime.
pub(crate) fn exporter(config: Config) -> Result<Box<dyn Exporter>, BuildError> {
    let transport = match config.protocol {
        Protocol::Grpc => grpc::transport(&config)?,
        Protocol::HttpProtobuf => http::transport(&config)?,
    };
    Ok(Box::new(send::Sender::new(transport, config)))
}
