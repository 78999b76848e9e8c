//! What tells the outcome of a future, or of an item of a stream: a closure, or nothing.
//!
//! Not a function pointer that tells nothing: a type that mentions the output has to live no longer than that does.

use crate::outcome::Outcome;
use crate::own::Own;

/// Tells how a future ended.
pub trait OfOutput<T> {
    #[doc(hidden)]
    fn outcome(self, output: &T, own: Own) -> Outcome<'_>;
}

/// Tells what an item of a stream is.
pub trait OfItem<T> {
    #[doc(hidden)]
    fn outcome<'r>(&self, item: &'r T) -> Outcome<'r>;
}

/// Nothing is told of what is returned.
#[derive(Clone, Copy, Debug)]
pub struct Untold;

impl<T, O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>> OfOutput<T> for O {
    #[inline]
    fn outcome(self, output: &T, own: Own) -> Outcome<'_> {
        self(output, own)
    }
}

impl<T> OfOutput<T> for Untold {
    #[inline]
    fn outcome(self, _: &T, _: Own) -> Outcome<'_> {
        Outcome::Success
    }
}

impl<T, O: for<'r> Fn(&'r T) -> Outcome<'r>> OfItem<T> for O {
    #[inline]
    fn outcome<'r>(&self, item: &'r T) -> Outcome<'r> {
        self(item)
    }
}

impl<T> OfItem<T> for Untold {
    #[inline]
    fn outcome<'r>(&self, _: &'r T) -> Outcome<'r> {
        Outcome::Success
    }
}
