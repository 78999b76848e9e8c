//! Every interleaving of threads that push, wake the pipeline and end, with a pipeline that reads, sleeps and shuts
//! down: the pipeline's own files on `loom`'s model of memory.
//!
//! Loom tries all values that a relaxed load may see, and all orders of what threads do in which one of them is
//! interrupted three times at most.

mod model;
mod record;

#[path = "../../../runtime/src/pipeline"]
#[allow(dead_code, reason = "what is not modelled calls the rest")]
mod pipeline {
    mod bell;
    mod budget;
    mod chunk;
    mod queue;
    mod reader;

    #[path = "../../../tests/tests/interleavings/models.rs"]
    mod models;
    use crate::model as sync;
}
