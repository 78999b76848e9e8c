//! Being told when this process is forked.

use super::installed;

/// Begins to watch. Without it ids repeat in a forked process; there is no safe way to be told of a fork, and asking the
/// system for the process's id costs as much as a span.
#[cfg(unix)]
pub(crate) fn watch() {
    static WATCHED: std::sync::Once = std::sync::Once::new();

    extern "C" fn in_the_child() {
        installed::forked();
    }

    WATCHED.call_once(|| {
        // SAFETY: the handler is a function of the right type that lives as long as the process, unless the library it
        // is in is unloaded, which Rust's statics and thread-locals do not survive anyway. It does nothing but add to
        // an atomic, which is allowed in the child of a process with many threads.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
    });
}

/// Begins to watch.
#[cfg(not(unix))]
pub(crate) fn watch() {}
