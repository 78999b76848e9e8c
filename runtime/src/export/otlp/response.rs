//! Reads what receivers answer.

use std::time::Duration;

use super::send::Accepted;
use crate::record::wire::Fields;

/// `ExportTraceServiceResponse.partial_success`, and its fields.
const PARTIAL_SUCCESS: u32 = 1;
const REJECTED_SPANS: u32 = 1;
const ERROR_MESSAGE: u32 = 2;

/// `google.rpc.Status`: <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>.
const STATUS_MESSAGE: u32 = 2;
const STATUS_DETAILS: u32 = 3;

/// `google.protobuf.Any`.
const ANY_TYPE: u32 = 1;
const ANY_VALUE: u32 = 2;
const RETRY_INFO_NAME: &str = "google.rpc.RetryInfo";

/// `google.rpc.RetryInfo.retry_delay`, and the fields of `google.protobuf.Duration`.
const RETRY_DELAY: u32 = 1;
const SECONDS: u32 = 1;
const NANOS: u32 = 2;

/// That another attempt makes sense, and when.
#[derive(Debug, PartialEq)]
pub(super) struct RetryInfo {
    /// None where it is negative or impossible.
    pub(super) delay: Option<Duration>,
}

/// Reads an `ExportTraceServiceResponse`. Bytes that are none say nothing: all was accepted.
/// <https://opentelemetry.io/docs/specs/otlp/#partial-success>
pub(super) fn accepted(response: &[u8]) -> Accepted {
    let Some(partial) = Fields(response).first(PARTIAL_SUCCESS) else { return Accepted::default() };
    let fields = Fields(partial.bytes());
    let rejected = fields.first(REJECTED_SPANS).map_or(0, |rejected| rejected.number_value().cast_signed());
    Accepted {
        rejected: usize::try_from(rejected.max(0)).unwrap_or(usize::MAX),
        message: fields.first(ERROR_MESSAGE).map(|message| quotable(message.bytes())).unwrap_or_default(),
    }
}

/// The message of a `google.rpc.Status`.
pub(super) fn status_message(status: &[u8]) -> String {
    Fields(status).first(STATUS_MESSAGE).map(|message| quotable(message.bytes())).unwrap_or_default()
}

/// The `RetryInfo` in the details of a `google.rpc.Status`, if they hold one.
/// <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling>
pub(super) fn retry_info(status: &[u8]) -> Option<RetryInfo> {
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

/// Bytes that may be a text: nothing if they are none.
pub(super) fn quotable_text(bytes: &[u8]) -> String {
    let control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace();
    if bytes.iter().any(control) { String::new() } else { quotable(bytes) }
}

/// Somebody else's text, fit for a line of ours.
pub(super) fn quotable(text: &[u8]) -> String {
    const LONGEST: usize = 300;
    let text = String::from_utf8_lossy(text);
    let mut line = String::new();
    for (count, character) in text.trim().chars().enumerate() {
        if count == LONGEST {
            line.push('…');
            break;
        }
        line.push(if character.is_control() { ' ' } else { character });
    }
    line
}
