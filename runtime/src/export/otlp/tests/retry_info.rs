//! When receivers want to be asked again.

use std::time::Duration;

use crate::export::otlp::grpc::retry_info::{RetryInfo, read};
use crate::record::wire;

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
fn a_delay_is_read_unless_it_is_none() {
    let delay_of = |seconds, nanos| read(&status_with_retry_info(seconds, nanos));
    assert_eq!(delay_of(2, 500_000_000), Some(RetryInfo { delay: Some(Duration::from_millis(2_500)) }));
    assert_eq!(delay_of(-2, 0), Some(RetryInfo { delay: None }));
    assert_eq!(delay_of(0, -5), Some(RetryInfo { delay: None }));
    assert_eq!(delay_of(0, i32::MAX), Some(RetryInfo { delay: None }));
    assert_eq!(read(b""), None);
}

#[test]
fn details_cut_anywhere_are_read_without_panic() {
    let status = status_with_retry_info(70, 999);
    for cut in 0..status.len() {
        assert!(read(&status[..cut]).is_none());
        let mut wrong = status.clone();
        wrong[cut] ^= 0xff;
        let _ = read(&wrong);
    }
}
