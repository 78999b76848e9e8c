//! What `slot` is made of. Its test puts another such module in this one's place, whose parts try every order.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use crossbeam_utils::Backoff;

/// The standard library's, with access by a closure.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(content: T) -> Self {
        Self(std::cell::UnsafeCell::new(content))
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, work: impl FnOnce(*mut T) -> R) -> R {
        work(self.0.get())
    }
}
