//! In the place of HTTP where it is not compiled in.

use super::Config;
use super::send::Transport;
use crate::export::BuildError;

pub(super) fn transport(_config: &Config) -> Result<Box<dyn Transport>, BuildError> {
    Err(BuildError(
        "OTLP over HTTP is not compiled in: turn on the feature `otlp-http` of `traced`, or set \
         OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
            .into(),
    ))
}
