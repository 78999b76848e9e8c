//! Tools that read a program and run nothing of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Clippy, rustdoc and the editors': what they say is about what is written.
const READERS: [&str; 4] = ["clippy-driver", "rustdoc", "rust-analyzer", "rust-analyzer-proc-macro-srv"];

/// Whether it is one of them that expands the attribute, and not the compiler.
pub(crate) fn is_running() -> bool {
    static IS_RUNNING: OnceLock<bool> = OnceLock::new();
    *IS_RUNNING.get_or_init(|| {
        // By either name: the file may be a wrapper's, and not each system tells a library the arguments.
        let called = std::env::args_os().next();
        let file = std::env::current_exe().ok().map(PathBuf::into_os_string);
        called.into_iter().chain(file).any(|program| is_reader(&program))
    })
}

fn is_reader(program: &OsStr) -> bool {
    Path::new(program).file_stem().is_some_and(|name| READERS.iter().any(|reader| name == *reader))
}
