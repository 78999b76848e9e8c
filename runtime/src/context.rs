//! OpenTelemetry's current context, asked for so that it cannot panic: on a thread that is being torn down its
//! thread-local may be gone, and a panic there aborts the process.

use opentelemetry::Context;

thread_local! {
    /// Made after OpenTelemetry's thread-local, so that it goes before it.
    static SENTINEL: Sentinel = Sentinel {
        there: std::panic::catch_unwind(|| Context::map_current(|_| ())).is_ok(),
    };
}

struct Sentinel {
    there: bool,
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        // A thread-local without a destructor would never be gone.
    }
}

/// Whether this thread has a current context, or can have one.
#[inline]
pub(crate) fn is_there() -> bool {
    SENTINEL.try_with(|sentinel| sentinel.there).unwrap_or(false)
}

/// The current context; an empty one on a thread that is being torn down.
pub(crate) fn current() -> Context {
    if is_there() { Context::current() } else { Context::new() }
}
