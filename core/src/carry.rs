//! "Where I am", to be taken to another task or thread.

use std::any::Any;

use crate::cell;
use crate::recorder::{Attached, Recorder};
use crate::span::{Around, Ends, Scope};

/// The current span and all that belongs to it, to be made current elsewhere.
///
/// ```
/// let here = traced_core::Carry::current();
/// std::thread::spawn(move || here.in_scope(|| { /* spans made here are children of `here` */ }));
/// ```
#[derive(Default)]
pub struct Carry {
    carried: Option<(&'static dyn Recorder, Box<dyn Any + Send + Sync>)>,
}

impl Carry {
    /// Where this thread is now.
    #[must_use]
    pub fn current() -> Self {
        Self { carried: cell::recorder().and_then(|recorder| Some((recorder, recorder.carry()?))) }
    }

    /// Makes it current on this thread until the guard is dropped.
    pub fn attach(&self) -> CarryGuard {
        CarryGuard { attached: Scope::attach(self) }
    }

    /// Runs `f` there.
    pub fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _there = self.attach();
        f()
    }

    /// Runs a future there: current while it is polled and while it is dropped.
    pub fn in_future<F: Future>(self, future: F) -> InCarried<F> {
        Around::new(future, self)
    }
}

impl std::fmt::Debug for Carry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carry").field("something", &self.carried.is_some()).finish()
    }
}

/// A future that runs where a [`Carry`] was taken.
pub type InCarried<F> = Around<F, Carry>;

impl Scope for Carry {
    fn attach(&self) -> Option<(&'static dyn Recorder, Attached)> {
        let (recorder, carried) = self.carried.as_ref()?;
        Some((*recorder, recorder.attach_carried(&**carried)))
    }

    fn abandoned(&mut self, _panicked: bool) {}
}

impl<T> Ends<T> for Carry {
    fn ended(&mut self, _output: &T) {}
}

/// Keeps a [`Carry`] current on this thread.
#[derive(Debug)]
#[must_use = "what was carried stays current until this is dropped"]
pub struct CarryGuard {
    attached: Option<(&'static dyn Recorder, Attached)>,
}

impl Drop for CarryGuard {
    fn drop(&mut self) {
        if let Some((recorder, attached)) = self.attached.take() {
            recorder.detach(attached);
        }
    }
}
