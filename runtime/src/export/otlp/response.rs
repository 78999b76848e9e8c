//! Reads what receivers answer.

use super::send::Accepted;
use crate::record::wire::Fields;

/// `ExportTraceServiceResponse.partial_success`, and its fields.
const PARTIAL_SUCCESS: u32 = 1;
const REJECTED_SPANS: u32 = 1;
const ERROR_MESSAGE: u32 = 2;

/// Reads an `ExportTraceServiceResponse`. Bytes that are none say nothing: all was accepted.
/// <https://opentelemetry.io/docs/specs/otlp/#partial-success>
pub(super) fn accepted(response: &[u8]) -> Accepted {
    let Some(partial) = Fields(response).first(PARTIAL_SUCCESS) else { return Accepted::default() };
    let fields = Fields(partial.bytes());
    let rejected = fields.first(REJECTED_SPANS).map_or(0, |rejected| rejected.number_value().cast_signed());
    Accepted {
        rejected: usize::try_from(rejected.max(0)).unwrap_or(usize::MAX),
        message: fields.first(ERROR_MESSAGE).map(|message| quotable(message.bytes())).unwrap_or_default(),
        odd: String::new(),
    }
}

/// Whether these bytes are fields from first to last.
#[cfg(feature = "otlp-http")]
pub(super) fn is_message(bytes: &[u8]) -> bool {
    Fields(bytes).map(|field| field.whole.len()).sum::<usize>() == bytes.len()
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
