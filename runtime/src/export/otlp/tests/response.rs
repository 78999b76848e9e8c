//! Answers, whole and cut.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;

use crate::export::otlp::response::{accepted, quotable};
use crate::export::otlp::send::Accepted;

fn partial(rejected_spans: i64, error_message: &str) -> Vec<u8> {
    let partial = ExportTracePartialSuccess { rejected_spans, error_message: error_message.into() };
    ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec()
}

#[test]
fn partial_success_is_read() {
    let read = |rejected, message| accepted(&partial(rejected, message));
    assert_eq!(
        read(3, "bad ids"),
        Accepted { rejected: 3, message: "bad ids".into(), ..Accepted::default() }
    );
    assert_eq!(read(0, ""), Accepted::default());
    assert_eq!(read(-1, "odd"), Accepted { message: "odd".into(), ..Accepted::default() });
    assert_eq!(accepted(b""), Accepted::default());
    assert_eq!(accepted(b"<html>"), Accepted::default());
}

#[test]
fn answers_cut_anywhere_are_read_without_panic() {
    for answer in [partial(300, "bad ids"), partial(i64::MIN, &"m".repeat(200))] {
        for cut in 0..answer.len() {
            let read = accepted(&answer[..cut]);
            assert!(read.rejected <= 300 && read.message.len() <= 303, "{read:?}");
            // And with one byte wrong.
            let mut wrong = answer.clone();
            wrong[cut] ^= 0xff;
            let _ = accepted(&wrong);
        }
    }
}

#[test]
fn what_others_write_fits_on_a_line() {
    assert_eq!(quotable(b" a\nb\x1b[1m\xff "), "a b [1m\u{fffd}");
    assert_eq!(quotable("é".repeat(1000).as_bytes()).chars().count(), 301);
}
