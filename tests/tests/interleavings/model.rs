//! What `pipeline/sync.rs` has, of loom's.

use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, fence};
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};

/// Two spans.
pub(crate) const CHUNK_WORDS: usize = 16;

#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    is_set: AtomicBool,
    lock: Mutex<()>,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is written once, under the lock and before it is said to be set; only then is it read.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self { is_set: AtomicBool::new(false), lock: Mutex::new(()), value: UnsafeCell::new(None) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: nothing is written any more once it is set.
        self.is_set.load(Ordering::Acquire).then(|| unsafe { (*self.value.get()).as_ref() }).flatten()
    }

    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        let _lock = self.lock.lock().unwrap();
        if self.is_set.load(Ordering::Relaxed) {
            return Err(value);
        }
        // SAFETY: nobody reads before it is set, and who else would write waits for the lock.
        unsafe { *self.value.get() = Some(value) };
        self.is_set.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let _ = self.set(make());
        self.get().unwrap()
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.is_set.store(false, Ordering::Relaxed);
        self.value.get_mut().take()
    }
}

#[derive(Debug)]
pub(crate) struct ArrayQueue<T> {
    items: Mutex<VecDeque<T>>,
    capacity: usize,
}

impl<T> ArrayQueue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { items: Mutex::new(VecDeque::new()), capacity }
    }

    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut items = self.items.lock().unwrap();
        if items.len() == self.capacity {
            return Err(item);
        }
        items.push_back(item);
        Ok(())
    }

    pub(crate) fn pop(&self) -> Option<T> {
        self.items.lock().unwrap().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.lock().unwrap().len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }
}

#[derive(Debug)]
pub(crate) struct SegQueue<T>(ArrayQueue<T>);

impl<T> Default for SegQueue<T> {
    fn default() -> Self {
        Self(ArrayQueue::new(usize::MAX))
    }
}

impl<T> SegQueue<T> {
    pub(crate) fn push(&self, item: T) {
        let _ = self.0.push(item);
    }

    pub(crate) fn pop(&self) -> Option<T> {
        self.0.pop()
    }
}
