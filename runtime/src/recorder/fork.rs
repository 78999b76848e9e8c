//! How often this process was forked since the recorder was there.

use std::sync::atomic::{AtomicU32, Ordering};

static FORKS: AtomicU32 = AtomicU32::new(0);

/// Differs between a process and one that was forked from it.
#[inline]
pub(crate) fn count() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Begins to count. Without it ids repeat in a forked process; there is no safe way to be told of a fork, and asking the
/// system for the process's id costs as much as a span.
#[cfg(unix)]
pub(crate) fn watch() {
    static WATCHED: std::sync::Once = std::sync::Once::new();

    extern "C" fn in_the_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    WATCHED.call_once(|| {
        // SAFETY: the handler is a function of the right type that lives as long as the process, unless the library it
        // is in is unloaded, which Rust's statics and thread-locals do not survive anyway. It does nothing but add to
        // an atomic, which is allowed in the child of a process with many threads.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
    });
}

/// Begins to count.
#[cfg(not(unix))]
pub(crate) fn watch() {}
