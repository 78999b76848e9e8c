//! What a program of `ui/pass` records.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs it, and compares the spans that it makes.
#[track_caller]
pub fn assert_spans(run: impl FnOnce(), tree: &str) {
    let capture = traced::testing::capture();
    run();
    let recorded = capture.tree();
    assert!(recorded == tree, "recorded:\n{recorded}\nexpected:\n{tree}");
}

/// What a future comes to, without a runtime.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}
