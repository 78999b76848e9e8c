//! What the queue is made of. Its test (`tests/tests/interleavings`) puts another such module in this one's place, whose
//! parts try every order.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, fence};
pub(super) use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

pub(super) use crossbeam_queue::{ArrayQueue, SegQueue};

/// The words of a chunk: a little less than it takes of the memory budget, for its own fields and the allocator's.
pub(super) const CHUNK_WORDS: usize = 500;
