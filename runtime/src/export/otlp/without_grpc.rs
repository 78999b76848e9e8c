//! In the place of gRPC where it is not compiled in.

use super::Config;
use super::send::Transport;
use crate::export::BuildError;

pub(super) fn transport(_config: &Config) -> Result<Box<dyn Transport>, BuildError> {
    Err(BuildError(
        "OTLP over gRPC is not compiled in: turn on the feature `otlp-grpc` of `traced`, or set \
         OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            .into(),
    ))
}
