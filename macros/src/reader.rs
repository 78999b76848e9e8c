//! Tools that read a program and run nothing of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use syn::Signature;

use crate::body::{Body, Work};
use crate::types::Returns;

/// Clippy, rustdoc and the editors': what they say is about what is written.
const READERS: [&str; 4] = ["clippy-driver", "rustdoc", "rust-analyzer", "rust-analyzer-proc-macro-srv"];

/// What such a tool is shown of a function besides what is written.
pub(crate) struct Read {
    /// What would be judged.
    pub(crate) judged: Returns,
    /// Nobody is to tell the user to make it so.
    pub(crate) may_be_const: bool,
}

impl Read {
    /// None for the compiler, and where what is judged (`asks`) has no type that can be written.
    pub(crate) fn of(signature: &Signature, body: &Body, of_trait: bool, asks: bool) -> Option<Self> {
        // What a trait declares is not `const`. Of some methods Clippy knows the whole body by heart; and a function that
        // only asks for bounds has none.
        const KNOWN: [&str; 2] = ["clone", "partial_cmp"];
        let is_known = signature.receiver().is_some() && KNOWN.iter().any(|name| signature.ident == name);
        let is_empty = body.statements.is_empty() && signature.generics.type_params().next().is_some();
        let is_future = matches!(body.work, Work::Async(_) | Work::Future(_));
        let may_be_const = !(is_future || of_trait || is_known || is_empty);
        let judged = body.judged(&signature.output);
        (is_running() && (judged.complete || !asks)).then_some(Self { judged, may_be_const })
    }
}

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
