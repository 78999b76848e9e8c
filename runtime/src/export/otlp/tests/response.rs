//! Answers, whole and cut.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;

use crate::export::otlp::response::{
    RetryInfo, accepted, quotable, quotable_text, retry_info, status_message,
};
use crate::export::otlp::send::Accepted;
use crate::record::wire;

fn partial(rejected_spans: i64, error_message: &str) -> Vec<u8> {
    let partial = ExportTracePartialSuccess { rejected_spans, error_message: error_message.into() };
    ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec()
}

/// A `google.rpc.Status` with a `RetryInfo` among its details.
pub(super) fn status_with_retry_info(seconds: i64, nanos: i32) -> Vec<u8> {
    let any = |out: &mut Vec<u8>, name: &str, value: &[u8]| {
        wire::put_message(out, 3, |out| {
            wire::put_bytes(out, 1, format!("type.googleapis.com/google.rpc.{name}").as_bytes());
            wire::put_bytes(out, 2, value);
        });
    };
    let mut info = Vec::new();
    wire::put_message(&mut info, 1, |out| {
        wire::put_uint(out, 1, seconds.cast_unsigned());
        wire::put_uint(out, 2, i64::from(nanos).cast_unsigned());
    });
    let mut status = Vec::new();
    wire::put_uint(&mut status, 1, 8);
    wire::put_bytes(&mut status, 2, b"slow down");
    any(&mut status, "Help", b"");
    any(&mut status, "RetryInfo", &info);
    status
}

#[test]
fn partial_success_is_read() {
    let read = |rejected, message| accepted(&partial(rejected, message));
    assert_eq!(read(3, "bad ids"), Accepted { rejected: 3, message: "bad ids".into() });
    assert_eq!(read(0, ""), Accepted::default());
    assert_eq!(read(-1, "odd"), Accepted { rejected: 0, message: "odd".into() });
    assert_eq!(accepted(b""), Accepted::default());
    assert_eq!(accepted(b"<html>"), Accepted::default());
}

#[test]
fn a_delay_is_read_unless_it_is_none() {
    let read = |seconds, nanos| retry_info(&status_with_retry_info(seconds, nanos));
    assert_eq!(read(2, 500_000_000), Some(RetryInfo { delay: Some(Duration::from_millis(2_500)) }));
    assert_eq!(read(-2, 0), Some(RetryInfo { delay: None }));
    assert_eq!(read(0, -5), Some(RetryInfo { delay: None }));
    assert_eq!(read(0, i32::MAX), Some(RetryInfo { delay: None }));
    assert_eq!(retry_info(b""), None);
    assert_eq!(status_message(&status_with_retry_info(1, 0)), "slow down");
}

#[test]
fn answers_cut_anywhere_are_read_without_panic() {
    let answers =
        [partial(300, "bad ids"), partial(i64::MIN, &"m".repeat(200)), status_with_retry_info(70, 999)];
    for answer in answers {
        for cut in 0..answer.len() {
            let part = &answer[..cut];
            let (read, _, _) = (accepted(part), status_message(part), retry_info(part));
            assert!(read.rejected <= 300 && read.message.len() <= 303, "{read:?}");
            // And with one byte wrong.
            let mut wrong = answer.clone();
            wrong[cut] ^= 0xff;
            let _ = (accepted(&wrong), status_message(&wrong), retry_info(&wrong));
        }
    }
}

#[test]
fn what_others_write_fits_on_a_line() {
    assert_eq!(quotable(b" a\nb\x1b[1m\xff "), "a b [1m\u{fffd}");
    assert_eq!(quotable("é".repeat(1000).as_bytes()).chars().count(), 301);
    assert_eq!(quotable_text(b"<p>\r\n gone"), "<p>   gone");
    assert_eq!(quotable_text(b"\x0a\x03\x08\x01"), "");
}
