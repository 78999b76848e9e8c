//! From code and environment to a running pipeline, and its guard.

mod batch;
mod builder;
mod destinations;
mod env;
mod error;
mod exporters;
mod filter;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod headers;
mod install;
mod limits;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod otlp;
mod propagators;
mod redact;
mod resource;
mod sampler;
mod telemetry;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "zipkin"))]
mod url;
#[cfg(feature = "zipkin")]
mod zipkin;

pub use batch::Batch;
pub use builder::{Builder, builder};
pub use error::InstallError;
pub use filter::FilterError;
pub use install::init;
pub use telemetry::Telemetry;

#[cfg(test)]
mod testing;
