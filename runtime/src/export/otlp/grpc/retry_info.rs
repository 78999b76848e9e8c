//! When a receiver wants to be asked again.
//! Specification: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling>.

use std::time::Duration;

use crate::record::wire::Fields;

/// `google.rpc.Status.details`: <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>.
const STATUS_DETAILS: u32 = 3;

/// Field numbers of `google.protobuf.Any`.
const ANY_TYPE: u32 = 1;
const ANY_VALUE: u32 = 2;
const RETRY_INFO_NAME: &str = "google.rpc.RetryInfo";

/// `google.rpc.RetryInfo.retry_delay`, and the fields of `google.protobuf.Duration`.
const RETRY_DELAY: u32 = 1;
const SECONDS: u32 = 1;
const NANOS: u32 = 2;

/// That another attempt makes sense, and when.
#[derive(Debug, PartialEq)]
pub(in crate::export::otlp) struct RetryInfo {
    /// None where it is negative or impossible.
    pub(in crate::export::otlp) delay: Option<Duration>,
}

/// The `RetryInfo` in the details of a `google.rpc.Status`, if they hold one.
pub(in crate::export::otlp) fn read(status: &[u8]) -> Option<RetryInfo> {
    let mut details = Fields(status).filter(|field| field.number == STATUS_DETAILS);
    let info = details.find(|any| {
        let name = Fields(any.bytes()).first(ANY_TYPE).map_or("", |name| name.str());
        name.rsplit('/').next() == Some(RETRY_INFO_NAME)
    })?;
    let info = Fields(info.bytes()).first(ANY_VALUE).map_or(&[][..], |value| value.bytes());
    let delay = Fields(info).first(RETRY_DELAY).map_or(&[][..], |delay| delay.bytes());
    let number = |field| Fields(delay).first(field).map_or(0, |field| field.number_value());
    let nanos = u32::try_from(number(NANOS)).ok().filter(|nanos| *nanos < 1_000_000_000);
    let seconds = u64::try_from(number(SECONDS).cast_signed()).ok();
    Some(RetryInfo { delay: seconds.zip(nanos).map(|(seconds, nanos)| Duration::new(seconds, nanos)) })
}
