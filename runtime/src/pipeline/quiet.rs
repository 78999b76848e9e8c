//! Keeps the pipeline from tracing itself.
//!
//! HTTP and gRPC clients open spans with `tracing` and OpenTelemetry; recorded, they would be exported, and
//! make further ones without end. So on the pipeline's threads telemetry is suppressed, and `tracing` has no
//! subscriber, for all their lives: clients have tasks of their own, so it does not do to wrap exporters.

use std::cell::RefCell;

use opentelemetry::Context;
use tracing::dispatcher::{DefaultGuard, Dispatch, set_default};

thread_local! {
    static QUIET: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// Makes this thread quiet until it ends.
pub(super) fn enter() {
    // Kept to the end without a place to keep it in: the guard may not be sent, nor dropped elsewhere.
    std::mem::forget(Context::enter_telemetry_suppressed_scope());
    QUIET.with(|quiet| *quiet.borrow_mut() = Some(set_default(&Dispatch::none())));
}

/// Calls it as if this thread were not quiet, for what people are to see.
pub(super) fn lifted<T>(f: impl FnOnce() -> T) -> T {
    let Some(guard) = QUIET.try_with(|quiet| quiet.borrow_mut().take()).ok().flatten() else { return f() };
    drop(guard);
    // Also if it panics.
    let _quiet_again = QuietAgain;
    let _context = Context::new().attach();
    f()
}

struct QuietAgain;

impl Drop for QuietAgain {
    fn drop(&mut self) {
        let guard = set_default(&Dispatch::none());
        let _ = QUIET.try_with(|quiet| *quiet.borrow_mut() = Some(guard));
    }
}
